// What --data can hold: images to cut patches from, or finished 8x8 patches. Knows nothing of file formats.

import { DataError } from "./errors.js";
import type { GreyImage } from "./images.js";
import { samplePatches } from "./patches.js";
import { createRandom, randomInteger } from "./random.js";

/** The pixels of one 8x8 patch. */
export const PATCH_PIXELS = 64;

/** Images of any size, pixels in 0..1. */
export interface ImageSet {
  readonly kind: "images";
  readonly images: readonly GreyImage[];
}

/** Finished patches: `values` is [rows x 64], in whatever unit the file has. */
export interface PatchSet {
  readonly kind: "patches";
  readonly rows: number;
  readonly cols: typeof PATCH_PIXELS;
  readonly values: Float64Array;
}

export type DataSet = ImageSet | PatchSet;

/**
 * Joins the data sets of several files.
 *
 * @throws {DataError} if there is none, or images and finished patches are mixed
 */
export function combine(parts: readonly { readonly name: string; readonly data: DataSet }[]): DataSet {
  const first = parts[0];
  if (first === undefined) throw new DataError("no data files given");
  const odd = parts.find(({ data }) => data.kind !== first.data.kind);
  if (odd !== undefined) {
    throw new DataError(
      `${first.name} holds ${first.data.kind}, ${odd.name} holds ${odd.data.kind}: give files of one kind`,
    );
  }
  const images = parts.flatMap(({ data }) => (data.kind === "images" ? data.images : []));
  if (first.data.kind === "images") return { kind: "images", images };

  const patches = parts.flatMap(({ data }) => (data.kind === "patches" ? [data] : []));
  const rows = patches.reduce((sum, part) => sum + part.rows, 0);
  const values = new Float64Array(rows * PATCH_PIXELS);
  let at = 0;
  for (const part of patches) {
    values.set(part.values, at);
    at += part.values.length;
  }
  return { kind: "patches", rows, cols: PATCH_PIXELS, values };
}

/**
 * Training examples: `count` patches cut from images at random positions; or of finished patches `count` different ones
 * in random order. There may be fewer finished patches than asked for: then all of them, in the order of the files, so
 * compare `rows` with what was asked for.
 *
 * @returns values [rows x 64], rows <= count
 * @throws {DataError} as samplePatches does
 */
export function takePatches(
  data: DataSet,
  { count, seed = 1 }: { readonly count: number; readonly seed?: number },
): { readonly rows: number; readonly values: Float64Array } {
  if (data.kind === "images") return { rows: count, values: samplePatches(data.images, { count, size: 8, seed }) };
  if (count >= data.rows) return { rows: data.rows, values: data.values };

  const random = createRandom(seed);
  const order = Int32Array.from({ length: data.rows }, (_, row) => row);
  const values = new Float64Array(count * PATCH_PIXELS);
  for (let row = 0; row < count; row++) {
    // Fisher-Yates, stopped after `count` steps.
    const other = row + randomInteger(random, data.rows - row);
    const chosen = order[other] as number;
    order[other] = order[row] as number;
    values.set(data.values.subarray(chosen * PATCH_PIXELS, (chosen + 1) * PATCH_PIXELS), row * PATCH_PIXELS);
  }
  return { rows: count, values };
}
