// Loads images or finished patches from PNG, CSV and .npy files. Knows nothing of sampling, normalisation or training.

import { hasPngSignature } from "fast-png";
import { parseTable, type Table } from "./csv.js";
import { combine, type DataSet, PATCH_PIXELS } from "./dataset.js";
import { DataError } from "./errors.js";
import { readBytes } from "./file.js";
import type { GreyImage } from "./images.js";
import { decodeNpy, isNpy } from "./npy.js";
import { decodeGrey } from "./png.js";

/**
 * Loads files and joins them into one data set. The content decides the format, not the name:
 *
 * - PNG: one image;
 * - CSV or two-dimensional .npy with 64 columns, or 65 (the last a class, an integer, not used): a finished 8x8 patch per
 *   row, values as they stand;
 * - CSV or two-dimensional .npy of any other width: one image;
 * - three-dimensional .npy: a stack of images [count x height x width].
 *
 * Images from CSV and .npy come in any unit: values within 0..1 stay, within 0..255 are divided by 255, within 0..65535
 * by 65535, others mapped linearly from lowest .. highest (of the file) to 0..1.
 *
 * @throws {DataError} naming file and place: unreadable, empty, damaged, not finite numbers, or kinds mixed
 */
export function loadDataSet(paths: readonly string[]): DataSet {
  return combine(paths.map((path) => ({ name: path, data: loadFile(path) })));
}

function loadFile(path: string): DataSet {
  const bytes = readBytes(path);
  if (hasPngSignature(bytes)) return { kind: "images", images: [decodeGrey(bytes, path)] };
  if (isNpy(bytes)) return fromNpy(bytes, path);
  // Text has no zero bytes; nearly every binary format has one early on.
  if (bytes.subarray(0, 4096).includes(0)) throw new DataError(`${path}: not a PNG, CSV or .npy file`);
  return fromTable(parseTable(bytes, path), path);
}

function fromTable({ rows, cols, values, place }: Table, name: string): DataSet {
  if (cols === PATCH_PIXELS) return { kind: "patches", rows, cols: PATCH_PIXELS, values };
  if (cols === PATCH_PIXELS + 1) return { kind: "patches", rows, cols: PATCH_PIXELS, values: withoutClass() };
  return { kind: "images", images: stack(values, 1, rows, cols, name) };

  function withoutClass(): Float64Array {
    const pixels = new Float64Array(rows * PATCH_PIXELS);
    for (let row = 0; row < rows; row++) {
      const label = values[row * cols + PATCH_PIXELS] as number;
      if (!Number.isInteger(label)) {
        throw new DataError(
          `${place(row, PATCH_PIXELS)}: ${label} is not a class (a table of 65 columns is read as 64 pixels and a class)`,
        );
      }
      pixels.set(values.subarray(row * cols, row * cols + PATCH_PIXELS), row * PATCH_PIXELS);
    }
    return pixels;
  }
}

function fromNpy(bytes: Uint8Array, name: string): DataSet {
  const { shape, data } = decodeNpy(bytes, name);
  const values = Float64Array.from(data);
  const place = (index: number): string => {
    const position = shape.map((size, axis) => {
      const stride = shape.slice(axis + 1).reduce((product, other) => product * other, 1);
      return Math.floor(index / stride) % size;
    });
    return `${name}[${position.join(", ")}]`;
  };
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new DataError(`${place(bad)}: ${values[bad]} is not a finite number`);

  const [first, second, third] = shape;
  if (first === undefined || second === undefined || shape.length > 3) {
    throw new DataError(`${name}: shape (${shape.join(", ")}), expected an image (2-D) or a stack of images (3-D)`);
  }
  if (values.length === 0) throw new DataError(`${name}: no values, its shape is (${shape.join(", ")})`);
  if (third !== undefined) return { kind: "images", images: stack(values, first, second, third, name) };
  return fromTable({ rows: first, cols: second, values, place: (row, col) => place(row * second + col) }, name);
}

/** Images out of [count x height x width] values of any unit. */
function stack(values: Float64Array, count: number, height: number, width: number, name: string): GreyImage[] {
  const pixels = toUnitRange(values);
  const area = height * width;
  return Array.from({ length: count }, (_, i) => ({
    width,
    height,
    pixels: pixels.subarray(i * area, (i + 1) * area),
    name: count === 1 ? name : `${name}[${i}]`,
  }));
}

function toUnitRange(values: Float64Array): Float64Array {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  const white = lowest < 0 ? undefined : [1, 255, 65535].find((full) => highest <= full);
  if (white !== undefined) return values.map((value) => value / white);
  // Halved first, because the difference of two finite numbers may be infinite; a single grey becomes black.
  const range = highest / 2 - lowest / 2;
  return range === 0 ? values.map(() => 0) : values.map((value) => (value / 2 - lowest / 2) / range);
}
