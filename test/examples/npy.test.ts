// Tests of reading and writing .npy and .npz.

import { expect, test } from "vitest";
import { DataError } from "../../examples/support/errors.js";
import { decodeNpy, encodeNpy, isNpy, type NpyData } from "../../examples/support/npy.js";
import { decodeNpz, encodeNpz } from "../../examples/support/npz.js";

/** A .npy file by hand, as NumPy writes it, so that the decoder is not only tested on files of our own encoder. */
function npy(descr: string, order: "True" | "False", shape: string, data: ArrayBuffer, version = 1): Uint8Array {
  const text = `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
  const length = version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  const head = [0x93, ...Buffer.from("NUMPY"), version, 0, ...length, ...Buffer.from(text)];
  return Uint8Array.from([...head, ...new Uint8Array(data)]);
}

const TYPES = [Float64Array, Float32Array, Int32Array, Uint32Array, Int16Array, Uint16Array, Int8Array, Uint8Array];

test.each(TYPES.map((type) => [type.name, type] as const))("%s comes back as it was", (_, type) => {
  const data: NpyData = type.of(1, 2, 3, 100, 5, 6);
  for (const shape of [[6], [2, 3], [1, 2, 3], [6, 1]]) {
    expect(decodeNpy(encodeNpy({ data, shape }), "a.npy")).toEqual({ data, shape });
  }
});

test("scalars and empty arrays", () => {
  expect(decodeNpy(encodeNpy({ data: Float64Array.of(7), shape: [] }), "a").data).toEqual(Float64Array.of(7));
  expect(decodeNpy(encodeNpy({ data: new Float64Array(0), shape: [0, 3] }), "a").shape).toEqual([0, 3]);
});

test("the bytes are those NumPy writes", () => {
  // numpy.save of numpy.array([[1.0], [2.0]])
  const bytes = encodeNpy({ data: Float64Array.of(1, 2), shape: [2, 1] });
  const header = `\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }`;
  expect(Buffer.from(bytes.subarray(0, 128)).toString("latin1")).toBe(`${header.padEnd(127)}\n`);
  expect(bytes.length).toBe(144);
  expect(isNpy(bytes)).toBe(true);
});

test("a view into a larger buffer is written as the view", () => {
  const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
  expect(decodeNpy(encodeNpy({ data, shape: [2] }), "a").data).toEqual(Float32Array.of(1, 2));
});

test("a Node Buffer, which may share its memory with others, is read", () => {
  const bytes = encodeNpy({ data: Float64Array.of(1, 2), shape: [2] });
  expect(decodeNpy(Buffer.concat([bytes]), "a").data).toEqual(Float64Array.of(1, 2));
});

test("Fortran order is turned into C order", () => {
  const columns = Float64Array.of(1, 4, 2, 5, 3, 6);
  expect(decodeNpy(npy("'<f8'", "True", "(2, 3)", columns.buffer), "a").data).toEqual(
    Float64Array.of(1, 2, 3, 4, 5, 6),
  );
  // [2, 2, 2], entry [i, j, k] = 4i + 2j + k.
  const cube = Float64Array.of(0, 4, 2, 6, 1, 5, 3, 7);
  expect(decodeNpy(npy("'<f8'", "True", "(2, 2, 2)", cube.buffer), "a").data).toEqual(
    Float64Array.of(0, 1, 2, 3, 4, 5, 6, 7),
  );
});

test("64-bit integers and bool", () => {
  const data = BigInt64Array.of(-3n, 2n ** 53n).buffer;
  expect(decodeNpy(npy("'<i8'", "False", "(2,)", data), "a").data).toEqual(Float64Array.of(-3, 2 ** 53));
  expect(decodeNpy(npy("'|b1'", "False", "(2,)", Uint8Array.of(1, 0).buffer), "a").data).toEqual(Uint8Array.of(1, 0));
});

test("version 2 headers", () => {
  const file = npy("'<f4'", "False", "(1,)", Float32Array.of(5).buffer, 2);
  expect(decodeNpy(file, "a").data).toEqual(Float32Array.of(5));
});

test.each([
  ["'<c16'", "(1,)", 16, /the \.npy dtype "<c16" is not supported/],
  ["'<f3'", "(1,)", 3, /"<f3" is not supported/],
  ["'|O'", "(1,)", 8, /"\|O" is not supported/],
  ["[('x', '<f8')]", "(1,)", 8, /dtype structured is not supported/],
  ["'<f8'", "(3,)", 16, /truncated: 16 bytes of data, shape \(3,\) of <f8 needs 24/],
  ["'<f8'", "(-1,)", 16, /damaged \.npy header/],
])("dtype %s, shape %s is an error", (descr, shape, length, message) => {
  const file = npy(descr, "False", shape, new ArrayBuffer(length));
  expect(() => decodeNpy(file, "a.npy")).toThrow(DataError);
  expect(() => decodeNpy(file, "a.npy")).toThrow(message);
});

test("a version that NumPy does not know is an error", () => {
  const file = npy("'<f4'", "False", "(1,)", new ArrayBuffer(4), 4);
  expect(() => decodeNpy(file, "a.npy")).toThrow(new DataError("a.npy: .npy version 4 is not supported: 1 to 3 are"));
});

test("truncated anywhere, or no .npy at all, it is an error", () => {
  const bytes = encodeNpy({ data: Float64Array.of(1, 2), shape: [2] });
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeNpy(bytes.subarray(0, length), "a.npy"), `${length} bytes`).toThrow(DataError);
  }
});

test("a shape that does not fit is refused", () => {
  expect(() => encodeNpy({ data: Float64Array.of(1, 2), shape: [3] })).toThrow(RangeError);
});

test("an .npz holds arrays by name, and equal arrays give equal bytes", () => {
  const arrays = {
    w1: { data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] },
    b1: { data: Float32Array.of(7), shape: [1] },
  };
  const bytes = encodeNpz(arrays);
  expect(decodeNpz(bytes, "m.npz")).toEqual(arrays);
  expect(encodeNpz(arrays)).toEqual(bytes);
});

test("a damaged .npz is an error that names the file", () => {
  expect(() => decodeNpz(Uint8Array.of(1, 2, 3), "m.npz")).toThrow(/^m\.npz: not a readable \.npz/);
  expect(() => decodeNpz(Uint8Array.of(1, 2, 3), "m.npz")).toThrow(DataError);
});
