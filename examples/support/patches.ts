// Small square patches cut from images, and their normalisation. Knows nothing of files or training.

import { DataError } from "./errors.js";
import type { GreyImage } from "./images.js";
import { createRandom, randomInteger } from "./random.js";

export interface SampleOptions {
  /** How many patches. */
  readonly count: number;
  /** Width and height of a patch in pixels. */
  readonly size?: number;
  readonly seed?: number;
}

/**
 * Cuts `count` patches out of the images: for each an image, uniformly at random, and in it a position, uniformly at
 * random among all that lie wholly inside. Patches may overlap.
 *
 * @returns [count x size^2], one patch per row, its pixels row by row
 * @throws {DataError} if there is no image, or one is smaller than a patch
 */
export function samplePatches(
  images: readonly GreyImage[],
  { count, size = 8, seed = 1 }: SampleOptions,
): Float64Array {
  if (images.length === 0) throw new DataError("no images to take patches from");
  for (const { name, width, height } of images) {
    if (width < size || height < size) {
      throw new DataError(`${name}: ${width} x ${height} pixels, smaller than a patch (${size} x ${size})`);
    }
  }
  const random = createRandom(seed);
  const patches = new Float64Array(count * size * size);
  for (let patch = 0; patch < count; patch++) {
    const { width, height, pixels } = images[randomInteger(random, images.length)] as GreyImage;
    const top = randomInteger(random, height - size + 1);
    const left = randomInteger(random, width - size + 1);
    for (let row = 0; row < size; row++) {
      const start = (top + row) * width + left;
      patches.set(pixels.subarray(start, start + size), (patch * size + row) * size);
    }
  }
  return patches;
}

/**
 * Normalises patches as the UFLDL sparse autoencoder exercise does (`normalizeData`), for a network with sigmoid outputs:
 *
 * 1. p = x - mean(x), with each patch's own mean: how bright a patch is does not matter;
 * 2. s = 3 std(p), one number for the whole data: the standard deviation of all rows * cols values, with n - 1;
 * 3. p = min(max(p, -s), s) / s: in -1 .. 1, the few values beyond three standard deviations cut off;
 * 4. p = 0.4 (p + 1) + 0.1: in 0.1 .. 0.9, where the sigmoid is not saturated.
 *
 * The unit of the input does not matter: 0..1, 0..16 and 0..255 give the same result.
 *
 * @param x [rows x cols], one patch per row; left as it is
 * @returns [rows x cols], a new array
 * @throws {DataError} if every patch is a single grey, so that s is 0
 * @throws {RangeError} if x has not rows * cols values
 */
export function normalisePatches(x: Float64Array, rows: number, cols: number): Float64Array {
  if (x.length !== rows * cols) {
    throw new RangeError(`normalisePatches: ${x.length} values, expected ${rows} x ${cols}`);
  }
  const p = new Float64Array(x.length);
  let largest = 0;
  let sumOfSquares = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * cols;
    let sum = 0;
    for (let i = start; i < start + cols; i++) sum += x[i] as number;
    const mean = sum / cols;
    for (let i = start; i < start + cols; i++) {
      const difference = (x[i] as number) - mean;
      p[i] = difference;
      sumOfSquares += difference * difference;
      largest = Math.max(largest, Math.abs(x[i] as number));
    }
  }
  // The mean of p is 0 up to rounding, so its variance is the mean square.
  const std = Math.sqrt(sumOfSquares / (x.length - 1));
  // Patches of one grey leave differences of rounding size; amplified to +-1 they would look like data.
  if (!(std > largest * 1e-12)) throw new DataError("every patch is a single grey: there is nothing to learn from");
  const s = 3 * std;
  for (let i = 0; i < p.length; i++) p[i] = 0.4 * (Math.min(Math.max(p[i] as number, -s), s) / s + 1) + 0.1;
  return p;
}
