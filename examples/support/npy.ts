// NumPy's .npy format, written as version 1.0, read up to 3.0. Knows nothing of files or of what the numbers mean.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

import { DataError } from "./errors.js";

export type NpyData =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

export interface NpyArray {
  /** Row-major (C order). */
  readonly data: NpyData;
  readonly shape: readonly number[];
}

const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59); // "\x93NUMPY"

/** Readers of values in the machine's byte order, which is little-endian except on s390x and AIX; by kind and bytes of a value. */
const READERS: Readonly<Record<string, (buffer: ArrayBuffer) => NpyData>> = {
  f8: (buffer) => new Float64Array(buffer),
  f4: (buffer) => new Float32Array(buffer),
  f2: (buffer) => Float32Array.from(new Uint16Array(buffer), half),
  i4: (buffer) => new Int32Array(buffer),
  u4: (buffer) => new Uint32Array(buffer),
  i2: (buffer) => new Int16Array(buffer),
  u2: (buffer) => new Uint16Array(buffer),
  i1: (buffer) => new Int8Array(buffer),
  u1: (buffer) => new Uint8Array(buffer),
  b1: (buffer) => new Uint8Array(buffer),
  // NumPy's default integer. A float64 holds it exactly up to 2^53.
  i8: (buffer) => Float64Array.from(new BigInt64Array(buffer), Number),
  u8: (buffer) => Float64Array.from(new BigUint64Array(buffer), Number),
};

/** A float16 by its bits. */
function half(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, (bits & 1023) / 1024];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15));
}

/** Whether the bytes begin as a .npy file does. */
export function isNpy(bytes: Uint8Array): boolean {
  return bytes.length >= MAGIC.length && MAGIC.every((byte, i) => bytes[i] === byte);
}

/**
 * The bytes of a .npy file that numpy.load reads: the dtype is that of the typed array.
 *
 * @throws {RangeError} if the shape does not fit the number of values
 */
export function encodeNpy({ data, shape }: NpyArray): Uint8Array {
  if (product(shape) !== data.length) {
    throw new RangeError(`encodeNpy: shape [${shape.join(", ")}] does not fit ${data.length} values`);
  }
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dictionary = `{'descr': '${descriptorOf(data)}', 'fortran_order': False, 'shape': (${tuple}), }`;
  // Magic, version, length and dictionary together fill a multiple of 64 bytes, so that the data is aligned.
  const start = Math.ceil((dictionary.length + 11) / 64) * 64;
  const bytes = new Uint8Array(start + data.byteLength);
  bytes.set(MAGIC);
  bytes.set([1, 0, (start - 10) & 0xff, (start - 10) >> 8], 6);
  bytes.set(new TextEncoder().encode(`${dictionary.padEnd(start - 11)}\n`), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return bytes;
}

/**
 * Reads a .npy file: float16 to float64, (u)int8 to (u)int64 and bool, of either byte order, in C or Fortran order, any shape.
 *
 * @param name the file's name in error messages
 * @returns the values in C order; float16 as float32, 64-bit integers as float64, bool as 0 and 1
 * @throws {DataError} if the header is damaged, the dtype another, or the data too short
 */
export function decodeNpy(bytes: Uint8Array, name: string): NpyArray {
  const fail = (reason: string): never => {
    throw new DataError(`${name}: ${reason}`);
  };
  if (!isNpy(bytes)) fail("not a .npy file");
  const version = bytes[6] ?? 1;
  if (version < 1 || version > 3) fail(`.npy version ${version} is not supported: 1 to 3 are`);
  const { text, start } = header(bytes) ?? fail("truncated .npy header");
  // A Python dictionary, with quotes of either kind; Python 2 wrote sizes as 10L.
  const descriptor = /(['"])descr\1\s*:\s*(['"])(.*?)\2/.exec(text)?.[3];
  const order = /(['"])fortran_order\1\s*:\s*(True|False)\b/.exec(text)?.[2];
  const sizes = /(['"])shape\1\s*:\s*\(([\d,\sL]*)\)/.exec(text)?.[2];
  if (order === undefined || sizes === undefined) return fail("damaged .npy header");
  const [, endian, dtype = ""] = /^([<>|=]?)([a-z]\d+)$/.exec(descriptor ?? "") ?? [];
  const read = READERS[dtype];
  if (read === undefined) {
    // Structured dtypes have a list, not a string, as descriptor.
    const given = descriptor === undefined ? "structured" : `"${descriptor}"`;
    return fail(`the .npy dtype ${given} is not supported: use float16 to float64, integers or bool`);
  }
  const shape = (sizes.match(/\d+/g) ?? []).map(Number);
  const width = Number(dtype.slice(1));
  const needed = product(shape) * width;
  if (bytes.length - start < needed) {
    fail(`truncated: ${bytes.length - start} bytes of data, shape (${sizes.trim()}) of ${descriptor} needs ${needed}`);
  }
  // A copy, because a typed array must start at a multiple of its element size; not slice(), which a Buffer has as a view.
  const copy = new Uint8Array(bytes.subarray(start, start + needed));
  if (endian === ">") for (let at = 0; at < needed; at += width) copy.subarray(at, at + width).reverse();
  const data = read(copy.buffer);
  return { shape, data: order === "True" ? toRowMajor(data, shape) : data };
}

function header(bytes: Uint8Array): { readonly text: string; readonly start: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Version 1 has a 16-bit header length, versions 2 and 3 a 32-bit one.
  const textStart = bytes[6] === 1 ? 10 : 12;
  if (bytes.length < textStart) return undefined;
  const start = textStart + (bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (bytes.length < start) return undefined;
  return { text: new TextDecoder().decode(bytes.subarray(textStart, start)), start };
}

function descriptorOf(data: NpyData): string {
  if (data instanceof Float64Array) return "<f8";
  if (data instanceof Float32Array) return "<f4";
  if (data instanceof Int32Array) return "<i4";
  if (data instanceof Uint32Array) return "<u4";
  if (data instanceof Int16Array) return "<i2";
  if (data instanceof Uint16Array) return "<u2";
  if (data instanceof Int8Array) return "|i1";
  return "|u1";
}

/** Column-major to row-major: walks the target in order with a counter per axis, the first axis running fastest in data. */
function toRowMajor(data: NpyData, shape: readonly number[]): NpyData {
  const result = data.slice();
  const strides = shape.map((_, axis) => product(shape.slice(0, axis)));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [i, stride] = [(index[axis] as number) + 1, strides[axis] as number];
      from += stride;
      index[axis] = i;
      if (i < (shape[axis] as number)) break;
      from -= i * stride;
      index[axis] = 0;
    }
  }
  return result;
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}
