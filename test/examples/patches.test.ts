// Tests of sampling patches and of their normalisation.

import { expect, test } from "vitest";
import { combine, type DataSet, takePatches } from "../../examples/support/dataset.js";
import { DataError } from "../../examples/support/errors.js";
import { deadLeaves, type GreyImage } from "../../examples/support/images.js";
import { normalisePatches, samplePatches } from "../../examples/support/patches.js";

/** Every pixel encodes its place: 100 * row + column, plus an offset for each image. */
function ruler(width: number, height: number, offset = 0): GreyImage {
  const pixels = Float64Array.from({ length: width * height }, (_, i) => {
    return offset + 100 * Math.floor(i / width) + (i % width);
  });
  return { width, height, pixels, name: "ruler" };
}

test("a patch is a contiguous square of one image", () => {
  const patches = samplePatches([ruler(12, 9), ruler(8, 8, 10_000)], { count: 300, seed: 3 });
  const corners = new Set<number>();
  for (let patch = 0; patch < 300; patch++) {
    const corner = patches[patch * 64] as number;
    corners.add(corner);
    const expected = Float64Array.from({ length: 64 }, (_, i) => corner + 100 * Math.floor(i / 8) + (i % 8));
    expect(patches.subarray(patch * 64, (patch + 1) * 64)).toEqual(expected);
  }
  // 5 x 2 positions in the first image, a single one in the second; all are met.
  expect(corners.size).toBe(11);
});

test("the seed decides the positions", () => {
  const images = [ruler(50, 50)];
  const sample = (seed: number) => samplePatches(images, { count: 5, size: 3, seed });
  expect(sample(1)).toEqual(sample(1));
  expect(sample(1)).not.toEqual(sample(2));
  expect(sample(1).length).toBe(45);
});

test("images too small, or none, are errors", () => {
  expect(() => samplePatches([ruler(7, 20)], { count: 1 })).toThrow(
    new DataError("ruler: 7 x 20 pixels, smaller than a patch (8 x 8)"),
  );
  expect(() => samplePatches([], { count: 1 })).toThrow(DataError);
});

test("normalising follows the exercise's four steps", () => {
  // One row (0, 1): differences -0.5 and 0.5. Three more rows flat. n - 1 = 7, so std = sqrt(0.5 / 7).
  const x = Float64Array.of(0, 1, 5, 5, 5, 5, 2, 2);
  const s = 3 * Math.sqrt(0.5 / 7);
  const result = normalisePatches(x, 4, 2);
  const expected = [0.4 * (1 - 0.5 / s) + 0.1, 0.4 * (1 + 0.5 / s) + 0.1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5];
  expected.forEach((value, i) => {
    expect(result[i]).toBeCloseTo(value, 14);
  });
  expect(x).toEqual(Float64Array.of(0, 1, 5, 5, 5, 5, 2, 2));
});

test("normalised values fill 0.1 .. 0.9, whatever the unit", () => {
  const x = samplePatches(deadLeaves({ size: 128, count: 2 }), { count: 1000 });
  const result = normalisePatches(x, 1000, 64);
  expect(result.reduce((a, b) => Math.min(a, b))).toBeCloseTo(0.1, 14);
  expect(result.reduce((a, b) => Math.max(a, b))).toBeCloseTo(0.9, 14);
  expect(
    normalisePatches(
      x.map((value) => 256 * value),
      1000,
      64,
    ),
  ).toEqual(result);
});

test("patches of a single grey each cannot be normalised", () => {
  expect(() => normalisePatches(new Float64Array(128).fill(0.1), 2, 64)).toThrow(DataError);
  expect(() => normalisePatches(new Float64Array(0), 0, 64)).toThrow(DataError);
  expect(() => normalisePatches(new Float64Array(5), 1, 64)).toThrow(RangeError);
});

const numbered = (rows: number, from = 0): DataSet => ({
  kind: "patches",
  rows,
  cols: 64,
  values: Float64Array.from({ length: rows * 64 }, (_, i) => from + Math.floor(i / 64)),
});
const firstOfRows = (values: Float64Array) => Array.from({ length: values.length / 64 }, (_, row) => values[row * 64]);

test("of finished patches, different ones are taken in random order", () => {
  const { rows, values } = takePatches(numbered(50), { count: 20, seed: 2 });
  expect([rows, values.length]).toEqual([20, 1280]);
  expect(new Set(firstOfRows(values)).size).toBe(20);
  expect(firstOfRows(values)).not.toEqual([...firstOfRows(values)].sort((a = 0, b = 0) => a - b));
});

test("if there are fewer finished patches than asked for, all are taken", () => {
  const { rows, values } = takePatches(numbered(3), { count: 20 });
  expect(rows).toBe(3);
  expect(firstOfRows(values)).toEqual([0, 1, 2]);
});

test("from images, as many patches as asked for", () => {
  const { rows, values } = takePatches({ kind: "images", images: [ruler(8, 8)] }, { count: 20 });
  expect([rows, values.length]).toEqual([20, 1280]);
});

test("data sets of one kind are joined in order, kinds are not mixed", () => {
  const images: DataSet = { kind: "images", images: [ruler(8, 8)] };
  const joined = combine([
    { name: "a", data: numbered(2) },
    { name: "b", data: numbered(1, 7) },
  ]);
  expect(joined.kind === "patches" && firstOfRows(joined.values)).toEqual([0, 1, 7]);
  const both = combine([
    { name: "a", data: images },
    { name: "b", data: images },
  ]);
  expect(both.kind === "images" && both.images.length).toBe(2);
  const mixed = [
    { name: "a.png", data: images },
    { name: "b.csv", data: numbered(1) },
  ];
  expect(() => combine(mixed)).toThrow(
    new DataError("a.png holds images, b.csv holds patches: give files of one kind"),
  );
  expect(() => combine([])).toThrow(DataError);
});
