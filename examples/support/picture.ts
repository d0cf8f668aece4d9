// Draws what each hidden unit looks for, as a PNG. Knows nothing of files or training.

import { encode } from "fast-png";

export interface TileOptions {
  /** How many hidden units: the columns of the weights. */
  readonly hidden: number;
  /** Width and height of an input patch: the weights have size^2 rows. */
  readonly size?: number;
  /** Width and height, in pixels of the picture, of one pixel of a patch. */
  readonly scale?: number;
}

/** Between tiles and around them: one patch pixel. */
const GAP = 1;

/**
 * A picture with a tile per hidden unit j: the input of norm 1 that activates it most,
 *
 *   x_i = W_ij / sqrt(sum_i W_ij^2),
 *
 * each with its own contrast: grey 0.5 is weight 0, and the largest |x_i| black or white. The tiles fill a grid of
 * ceil(sqrt(hidden)) columns, row by row, on black; a unit without weights is plain grey.
 *
 * @param weights [size^2 x hidden], as the encoder of an autoencoder has them
 * @returns an 8-bit grey PNG; every pixel enlarged `scale` times, not smoothed
 * @throws {RangeError} if the weights are not size^2 * hidden finite numbers
 */
export function tileFeatures(
  weights: Float64Array | Float32Array,
  { hidden, size = 8, scale = 12 }: TileOptions,
): Uint8Array {
  const inputs = size * size;
  if (hidden < 1 || weights.length !== inputs * hidden) {
    throw new RangeError(`tileFeatures: ${weights.length} weights, expected ${inputs} x ${hidden}`);
  }
  const columns = Math.ceil(Math.sqrt(hidden));
  const pitch = size + GAP;
  const width = (columns * pitch + GAP) * scale;
  const height = (Math.ceil(hidden / columns) * pitch + GAP) * scale;
  const data = new Uint8Array(width * height);
  for (let unit = 0; unit < hidden; unit++) {
    const tile = greyTile(weights, unit, hidden, inputs);
    const left = ((unit % columns) * pitch + GAP) * scale;
    const top = (Math.floor(unit / columns) * pitch + GAP) * scale;
    for (let y = 0; y < size * scale; y++) {
      for (let x = 0; x < size * scale; x++) {
        const pixel = Math.floor(y / scale) * size + Math.floor(x / scale);
        data[(top + y) * width + left + x] = tile[pixel] as number;
      }
    }
  }
  return encode({ width, height, data, depth: 8, channels: 1 });
}

/** One unit's weights as greys 0..255. The norm is not divided by: it cancels when the largest becomes black or white. */
function greyTile(weights: Float64Array | Float32Array, unit: number, hidden: number, inputs: number): Uint8Array {
  const weight = (i: number): number => weights[i * hidden + unit] as number;
  let largest = 0;
  for (let i = 0; i < inputs; i++) {
    if (!Number.isFinite(weight(i))) throw new RangeError(`tileFeatures: weight ${i} of unit ${unit} is ${weight(i)}`);
    largest = Math.max(largest, Math.abs(weight(i)));
  }
  const contrast = largest === 0 ? 1 : largest;
  return Uint8Array.from({ length: inputs }, (_, i) => Math.round(127.5 + (127.5 * weight(i)) / contrast));
}
