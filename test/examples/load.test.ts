// Tests of loading data files: formats told apart by content, kinds, units, errors that name the place.

import { chmodSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encode } from "fast-png";
import { describe, expect, test } from "vitest";
import { loadDigits } from "../../examples/support/digits.js";
import { DataError } from "../../examples/support/errors.js";
import { loadDataSet } from "../../examples/support/load.js";
import { encodeNpy } from "../../examples/support/npy.js";
import { temporaryDirectory, temporaryFile } from "./temporary.js";

const row = (length: number, value = 1): string => new Array(length).fill(value).join(",");

/** The only image of a file. */
function loadImage(path: string) {
  const data = loadDataSet([path]);
  if (data.kind !== "images") throw new Error("expected images");
  expect(data.images.length).toBe(1);
  return data.images[0];
}

test("a PNG is an image, whatever its name", () => {
  const png = encode({ width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 255) });
  const path = temporaryFile("photo.dat", png);
  expect(loadImage(path)).toEqual({ width: 2, height: 1, pixels: Float64Array.of(0, 1), name: path });
});

test.each([
  ["0,0.5,1", [0, 0.5, 1]],
  ["0,51,102", [0, 0.2, 0.4]],
  ["0,13107,256", [0, 0.2, 256 / 65535]],
  ["-1,1,3", [0, 0.5, 1]],
  ["-1,-1,-1", [0, 0, 0]],
  ["-1e308,0,1e308", [0, 0.5, 1]],
])("a matrix in CSV is an image of any unit: %s", (text, pixels) => {
  const image = loadImage(temporaryFile("x.csv", `${text}\n`));
  expect(image).toMatchObject({ width: 3, height: 1, pixels: Float64Array.from(pixels) });
});

test("rows of 64 numbers are patches, as they stand", () => {
  const data = loadDataSet([temporaryFile("x.csv", `${row(64, 300)}\n${row(64, -2)}\n`)]);
  expect(data).toMatchObject({ kind: "patches", rows: 2, cols: 64 });
  expect(data.kind === "patches" && [data.values[63], data.values[64]]).toEqual([300, -2]);
});

test("rows of 64 numbers and a class are patches without the class", () => {
  const path = temporaryFile("x.csv", `${row(64, 3)},9\n${row(64, 4)},8\n`);
  const data = loadDataSet([path]);
  expect(data.kind === "patches" && data.values).toEqual(
    Float64Array.from({ length: 128 }, (_, i) => (i < 64 ? 3 : 4)),
  );
});

test("65 columns without a class are an error", () => {
  const path = temporaryFile("x.csv", `${row(65)}\n${row(64)},0.5\n`);
  expect(() => loadDataSet([path])).toThrow(`${path}:2, column 65: 0.5 is not a class`);
});

test(".npy: a matrix is an image, a stack several, 64 columns are patches", () => {
  const image = temporaryFile("i.npy", encodeNpy({ data: Uint8Array.of(0, 51, 102, 255, 0, 0), shape: [2, 3] }));
  expect(loadImage(image)).toMatchObject({ width: 3, height: 2, pixels: Float64Array.of(0, 0.2, 0.4, 1, 0, 0) });

  const stack = temporaryFile("s.npy", encodeNpy({ data: Float32Array.of(0, 1, 0.5, 0.25), shape: [2, 1, 2] }));
  expect(loadDataSet([stack])).toEqual({
    kind: "images",
    images: [
      { width: 2, height: 1, pixels: Float64Array.of(0, 1), name: `${stack}[0]` },
      { width: 2, height: 1, pixels: Float64Array.of(0.5, 0.25), name: `${stack}[1]` },
    ],
  });

  const rows = temporaryFile("r.npy", encodeNpy({ data: new Float64Array(192), shape: [3, 64] }));
  expect(loadDataSet([rows])).toMatchObject({ kind: "patches", rows: 3 });
});

describe(".npy with colours last is grey", () => {
  const load = (data: Uint8Array | Float32Array, shape: number[]) => {
    const set = loadDataSet([temporaryFile("c.npy", encodeNpy({ data, shape }))]);
    if (set.kind !== "images") throw new Error("expected images");
    return set.images.map(({ width, height, pixels }) => [width, height, ...pixels]);
  };

  test.each([
    ["red, green and blue", [255, 0, 0, 0, 255, 0, 0, 0, 255, 51, 51, 51], [2, 2, 3]],
    ["transparency, ignored", [255, 0, 0, 9, 0, 255, 0, 9, 0, 0, 255, 9, 51, 51, 51, 0], [2, 2, 4]],
  ])("%s", (_, data, shape) => {
    const [[width, height, ...pixels] = []] = load(Uint8Array.from(data), shape);
    expect([width, height]).toEqual([2, 2]);
    for (const [i, grey] of [0.299, 0.587, 0.114, 0.2].entries()) expect(pixels[i]).toBeCloseTo(grey, 12);
  });

  test("one channel", () => {
    expect(load(Float32Array.of(0, 0.5, 1), [1, 3, 1])).toEqual([[3, 1, 0, 0.5, 1]]);
  });

  test("several images", () => {
    expect(load(Uint8Array.of(0, 0, 0, 255, 255, 255), [2, 1, 1, 3])).toEqual([
      [1, 1, 0],
      [1, 1, 1],
    ]);
  });

  test("other axes are an error", () => {
    expect(() => load(new Uint8Array(80), [2, 2, 2, 10])).toThrow(/shape \(2, 2, 2, 10\), expected an image/);
    expect(() => load(new Uint8Array(24), [2, 2, 2, 1, 3])).toThrow(/expected an image/);
  });
});

test(".npy: not finite, of other dimensions or empty, it is an error", () => {
  const nan = temporaryFile("n.npy", encodeNpy({ data: Float64Array.of(0, 1, 2, Number.NaN), shape: [1, 2, 2] }));
  expect(() => loadDataSet([nan])).toThrow(new DataError(`${nan}[0, 1, 1]: NaN is not a finite number`));
  const flat = temporaryFile("f.npy", encodeNpy({ data: Float64Array.of(0, 1), shape: [2] }));
  expect(() => loadDataSet([flat])).toThrow(`${flat}: shape (2), expected an image (2-D) or a stack of images (3-D)`);
  const none = temporaryFile("e.npy", encodeNpy({ data: new Float64Array(0), shape: [0, 64] }));
  expect(() => loadDataSet([none])).toThrow(new DataError(`${none}: no values, its shape is (0, 64)`));
});

test("several files of one kind are joined, mixed kinds refused", () => {
  const patches = temporaryFile("p.csv", `${row(64)}\n`);
  const image = temporaryFile("i.csv", "1,2\n");
  expect(loadDataSet([patches, patches])).toMatchObject({ kind: "patches", rows: 2 });
  expect(loadDataSet([image, image])).toMatchObject({ kind: "images", images: [{ width: 2 }, { width: 2 }] });
  expect(() => loadDataSet([image, patches])).toThrow(
    new DataError(`${image} holds images, ${patches} holds patches: give files of one kind`),
  );
});

describe("files that cannot be read are errors that name them", () => {
  test("missing", () => {
    const path = join(temporaryDirectory(), "none.png");
    expect(() => loadDataSet([path])).toThrow(new DataError(`${path}: no such file`));
  });

  test("a directory", () => {
    const path = temporaryDirectory();
    expect(() => loadDataSet([path])).toThrow(new DataError(`${path}: is a directory, expected a file`));
  });

  test("empty", () => {
    const path = temporaryFile("empty.csv", "");
    expect(() => loadDataSet([path])).toThrow(new DataError(`${path}: the file is empty`));
  });

  // The superuser may read everything.
  test.skipIf(process.getuid?.() === 0 || process.platform === "win32")("no permission", () => {
    const path = temporaryFile("secret.csv", "1,2\n");
    chmodSync(path, 0o000);
    expect(() => loadDataSet([path])).toThrow(new DataError(`${path}: no permission to read it`));
  });

  test.each([
    ["photo.jpg", [0xff, 0xd8, 0xff, 0xe0, 0, 16], "a JPEG: save it as PNG"],
    ["a.npz", [0x50, 0x4b, 3, 4, 20, 0], "a .zip or .npz archive: save one of its arrays as .npy"],
    ["a.gif", [0x47, 0x49, 0x46, 0], "not a PNG, CSV or .npy file"],
  ])("another format: %s", (name, bytes, message) => {
    const path = temporaryFile(name, Uint8Array.from(bytes));
    expect(() => loadDataSet([path])).toThrow(new DataError(`${path}: ${message}`));
  });

  test("text", () => {
    const path = temporaryFile("letter.txt", "Dear reader\nhow are you\n");
    expect(() => loadDataSet([path])).toThrow(`${path}:2, column 1: "how" is not a number`);
  });
});

describe("digits", () => {
  test("pixels and labels", () => {
    const path = temporaryFile("d.csv", `${row(64, 16)},7\n${row(64, 0)},0\n`);
    const { rows, images, labels } = loadDigits(path);
    expect([rows, images.length, images[63], images[64]]).toEqual([2, 128, 16, 0]);
    expect(labels).toEqual(Int32Array.of(7, 0));
  });

  test.each([
    [`${row(64)}\n`, ": 64 columns, expected 65 (64 pixels and a class)"],
    [`${row(65)}\n${row(64)},10\n`, ":2, column 65: 10 is not a digit 0..9"],
    [`${row(64)},1.5\n`, ":1, column 65: 1.5 is not a digit 0..9"],
    [`17,${row(64)}\n`, ":1, column 1: 17 is not a pixel in 0..16"],
    [`${row(65)}\n${row(63)}\n`, ":2: 63 values, expected 65"],
  ])("bad rows are errors (%#)", (text, message) => {
    const path = temporaryFile("d.csv", text);
    expect(() => loadDigits(path)).toThrow(new DataError(path + message));
  });
});

const shared = fileURLToPath(new URL("../../../shared/data/", import.meta.url));

describe.skipIf(!existsSync(shared))("real data, where it is present", () => {
  test("digits", () => {
    const { rows, labels } = loadDigits(join(shared, "digits", "train.csv"));
    expect(rows).toBe(3823);
    expect(new Set(labels).size).toBe(10);
    const both = loadDataSet(["train.csv", "test.csv"].map((name) => join(shared, "digits", name)));
    expect(both).toMatchObject({ kind: "patches", rows: 5620 });
  });

  test("photographs", () => {
    const names = readdirSync(join(shared, "photos")).filter((name) => name.endsWith(".png"));
    const data = loadDataSet(names.map((name) => join(shared, "photos", name)));
    if (data.kind !== "images") throw new Error("expected images");
    for (const { width, height, pixels } of data.images) {
      expect([width, height]).toEqual([512, 512]);
      expect(pixels.reduce((a, b) => Math.max(a, b))).toBeGreaterThan(0.5);
    }
  });
});
