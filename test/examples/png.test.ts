// Tests of reading PNGs as grey images.

import { encode } from "fast-png";
import { expect, test } from "vitest";
import { DataError } from "../../examples/support/errors.js";
import { decodeGrey } from "../../examples/support/png.js";

test("8-bit grey", () => {
  const image = decodeGrey(encode({ width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 51) }), "a.png");
  expect(image).toEqual({ width: 2, height: 1, pixels: Float64Array.of(0, 0.2), name: "a.png" });
});

test("16-bit grey", () => {
  const data = Uint16Array.of(65535, 13107);
  expect(decodeGrey(encode({ width: 1, height: 2, channels: 1, depth: 16, data }), "a").pixels).toEqual(
    Float64Array.of(1, 0.2),
  );
});

test("colours become luma, grey colours stay, alpha is ignored", () => {
  const rgb = Uint8Array.of(255, 0, 0, 51, 51, 51);
  const [red, grey] = decodeGrey(encode({ width: 2, height: 1, channels: 3, data: rgb }), "a").pixels;
  expect(red).toBeCloseTo(0.299, 15);
  expect(grey).toBe(0.2);
  const rgba = Uint8Array.of(0, 255, 0, 7);
  expect(decodeGrey(encode({ width: 1, height: 1, channels: 4, data: rgba }), "a").pixels[0]).toBeCloseTo(0.587, 15);
  const greyAlpha = Uint8Array.of(51, 7, 102, 0);
  expect(decodeGrey(encode({ width: 2, height: 1, channels: 2, data: greyAlpha }), "a").pixels).toEqual(
    Float64Array.of(0.2, 0.4),
  );
});

const palette = [
  [0, 0, 0],
  [0, 0, 255],
  [255, 255, 255],
];

test("a palette of 8 bits", () => {
  const png = encode({ width: 3, height: 1, channels: 1, depth: 8, palette, data: Uint8Array.of(2, 1, 0) });
  expect(decodeGrey(png, "a").pixels).toEqual(Float64Array.of(1, 0.114, 0));
});

test("a palette of 2 bits, rows padded to whole bytes", () => {
  // Five pixels of two bits take two bytes a row.
  const data = Uint8Array.of(0b10_01_00_01, 0b10_000000, 0b00_00_00_00, 0b01_000000);
  const png = encode({ width: 5, height: 2, channels: 1, depth: 2, palette, data });
  expect(decodeGrey(png, "a").pixels).toEqual(Float64Array.of(1, 0.114, 0, 0.114, 1, 0, 0, 0, 0, 0.114));
});

test("1-bit grey", () => {
  const png = encode({ width: 3, height: 1, channels: 1, depth: 1, data: Uint8Array.of(0b101_00000) });
  expect(decodeGrey(png, "a").pixels).toEqual(Float64Array.of(1, 0, 1));
});

test("a colour outside the palette is an error", () => {
  const png = encode({ width: 1, height: 1, channels: 1, depth: 8, palette, data: Uint8Array.of(9) });
  expect(() => decodeGrey(png, "a.png")).toThrow(new DataError("a.png: damaged PNG: colour 9 is not in its palette"));
});

test("truncated anywhere, it is an error that names the file", () => {
  const png = encode({ width: 9, height: 9, channels: 1, data: new Uint8Array(81).map((_, i) => i) });
  for (let length = 8; length < png.length; length++) {
    expect(() => decodeGrey(png.slice(0, length), "cut.png"), `${length} bytes`).toThrow(DataError);
  }
  expect(() => decodeGrey(png.slice(0, 40), "cut.png")).toThrow(
    /^cut\.png: truncated or damaged PNG: it ends too early/,
  );
});

test("a flipped bit fails the checksum", () => {
  const png = encode({ width: 9, height: 9, channels: 1, data: new Uint8Array(81) });
  png[45] = (png[45] as number) ^ 1;
  expect(() => decodeGrey(png, "a.png")).toThrow(DataError);
});

test("interlaced: 8 bits are read, less are refused", () => {
  const image = { width: 9, height: 5, channels: 1 };
  const data = new Uint8Array(45).map((_, i) => i);
  const interlaced = encode({ ...image, data }, { interlace: "Adam7" });
  expect(decodeGrey(interlaced, "a").pixels).toEqual(Float64Array.from(data, (value) => value / 255));
  const bits = encode({ ...image, depth: 1, data: new Uint8Array(10) });
  bits[28] = 1;
  expect(() => decodeGrey(bits, "a.png")).toThrow(/^a\.png: an interlaced PNG of 1 bits is not supported/);
});
