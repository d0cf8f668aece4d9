// Loads images or finished patches from PNG, CSV and .npy files. Knows nothing of sampling, normalisation or training.

import { hasPngSignature } from "fast-png";
import { isText, parseTable, type Table } from "./csv.js";
import { combine, type DataSet, PATCH_PIXELS } from "./dataset.js";
import { DataError } from "./errors.js";
import { readBytes } from "./file.js";
import { type GreyImage, luma } from "./images.js";
import { decodeNpy, isNpy } from "./npy.js";
import { decodeGrey } from "./png.js";

/**
 * Loads files and joins them into one data set. The content decides the format, not the name:
 *
 * - PNG: one image;
 * - CSV or two-dimensional .npy with 64 columns, or 65 (the last a class, an integer, not used): a finished 8x8 patch per
 *   row, values as they stand;
 * - CSV or two-dimensional .npy of any other width: one image;
 * - three-dimensional .npy: a stack of images [count x height x width];
 * - .npy with a last axis of 1, 3 or 4 more, the colours: the same in colour, made grey; transparency is ignored.
 *
 * Images from CSV and .npy come in any unit: values within 0..1 stay, within 0..255 are divided by 255, within 0..65535
 * by 65535, others mapped linearly from lowest .. highest (of the file) to 0..1.
 *
 * @throws {DataError} naming file and place: unreadable, empty, damaged, not finite numbers, or kinds mixed
 */
export function loadDataSet(paths: readonly string[]): DataSet {
  return combine(paths.map((path) => ({ name: path, data: loadFile(path) })));
}

/** Formats that are likely to be tried, by their first bytes. */
const FORMATS: readonly (readonly [said: string, ...start: number[]])[] = [
  ["a JPEG: save it as PNG", 0xff, 0xd8, 0xff],
  ["a .zip or .npz archive: save one of its arrays as .npy", 0x50, 0x4b, 3, 4],
];

function loadFile(path: string): DataSet {
  const bytes = readBytes(path);
  if (hasPngSignature(bytes)) return { kind: "images", images: [decodeGrey(bytes, path)] };
  if (isNpy(bytes)) return fromNpy(bytes, path);
  if (!isText(bytes)) {
    const format = FORMATS.find(([, ...start]) => start.every((byte, i) => bytes[i] === byte))?.[0];
    throw new DataError(`${path}: ${format ?? "not a PNG, CSV or .npy file"}`);
  }
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

/** Sizes of a last axis that holds grey, or red, green and blue, or these and transparency. */
const COLOURS: readonly number[] = [1, 3, 4];

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

  // No image is so narrow that it could be meant: a patch would not fit.
  const last = shape.length > 2 ? (shape.at(-1) as number) : 0;
  const channels = COLOURS.includes(last) ? last : 1;
  const sizes = channels === last ? shape.slice(0, -1) : shape;
  const [first, second, third] = sizes;
  if (first === undefined || second === undefined || sizes.length > 3) {
    throw new DataError(`${name}: shape (${shape.join(", ")}), expected an image (2-D) or a stack of images (3-D)`);
  }
  if (values.length === 0) throw new DataError(`${name}: no values, its shape is (${shape.join(", ")})`);
  if (shape.length === 2) {
    return fromTable({ rows: first, cols: second, values, place: (row, col) => place(row * second + col) }, name);
  }
  const [count, height, width] = third === undefined ? [1, first, second] : [first, second, third];
  return { kind: "images", images: stack(values, count, height, width, name, channels) };
}

/** Images out of [count x height x width x channels] values of any unit. */
function stack(
  values: Float64Array,
  count: number,
  height: number,
  width: number,
  name: string,
  channels = 1,
): GreyImage[] {
  const pixels = toGrey(values, channels);
  const area = height * width;
  return Array.from({ length: count }, (_, i) => ({
    width,
    height,
    pixels: pixels.subarray(i * area, (i + 1) * area),
    name: count === 1 ? name : `${name}[${i}]`,
  }));
}

/** Pixels in 0..1. */
function toGrey(values: Float64Array, channels: number): Float64Array {
  if (channels === 1) return toUnitRange(values);
  const colours = toUnitRange(channels === 3 ? values : values.filter((_, i) => i % 4 !== 3));
  return Float64Array.from({ length: colours.length / 3 }, (_, i) =>
    luma(colours[3 * i] as number, colours[3 * i + 1] as number, colours[3 * i + 2] as number),
  );
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
