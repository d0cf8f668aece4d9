// Tests of the picture of features.

import { decode } from "fast-png";
import { expect, test } from "vitest";
import { tileFeatures } from "../../examples/support/picture.js";

/** Reads a pixel of the picture. */
function reader(png: Uint8Array) {
  const { width, height, channels, depth, data } = decode(png);
  expect([channels, depth]).toEqual([1, 8]);
  return { width, height, at: (x: number, y: number) => data[y * width + x] };
}

test.each([
  [1, 1, 1],
  [2, 2, 1],
  [3, 2, 2],
  [25, 5, 5],
  [26, 6, 5],
  [30, 6, 5],
  [31, 6, 6],
])("%i units fill a grid of %i x %i", (hidden, columns, rows) => {
  const picture = reader(tileFeatures(new Float64Array(64 * hidden), { hidden, scale: 2 }));
  expect([picture.width, picture.height]).toEqual([(9 * columns + 1) * 2, (9 * rows + 1) * 2]);
});

test("each unit is drawn in its own contrast, its pixels row by row, gaps black", () => {
  // Two units, patches of 2 x 2; the columns of the weights are the units.
  const weights = Float64Array.of(1, 0, -1, 1e-3, 0.5, 0, 0, -1e-3);
  const { width, height, at } = reader(tileFeatures(weights, { hidden: 2, size: 2, scale: 3 }));
  expect([width, height]).toEqual([21, 12]);
  // The first tile begins at (3, 3), the second at (12, 3); a patch pixel is 3 x 3.
  expect([at(3, 3), at(6, 3), at(3, 6), at(6, 6)]).toEqual([255, 0, 191, 128]);
  expect([at(12, 3), at(15, 3), at(12, 6), at(15, 6)]).toEqual([128, 255, 128, 0]);
  expect([at(5, 5), at(8, 8)]).toEqual([255, 128]);
  expect([at(0, 0), at(2, 2), at(9, 4), at(20, 11)]).toEqual([0, 0, 0, 0]);
});

test("float32 weights, and a unit without weights", () => {
  const { at } = reader(tileFeatures(new Float32Array(4), { hidden: 1, size: 2, scale: 1 }));
  expect(at(1, 1)).toBe(128);
});

test("wrong sizes and diverged weights are errors", () => {
  expect(() => tileFeatures(new Float64Array(63), { hidden: 1 })).toThrow("tileFeatures: 63 weights, expected 64 x 1");
  expect(() => tileFeatures(new Float64Array(0), { hidden: 0 })).toThrow(RangeError);
  expect(() => tileFeatures(new Float64Array(64).fill(Number.NaN), { hidden: 1 })).toThrow(
    "tileFeatures: weight 0 of unit 0 is NaN",
  );
});
