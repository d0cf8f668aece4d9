// NumPy's .npz: a zip of .npy files. Knows nothing of files on disk or of what the arrays mean.

import { unzipSync, zipSync } from "fflate";
import { DataError, messageOf } from "./errors.js";
import { decodeNpy, encodeNpy, type NpyArray } from "./npy.js";

/** The bytes of a compressed .npz file that numpy.load reads; equal arrays give equal bytes. */
export function encodeNpz(arrays: Readonly<Record<string, NpyArray>>): Uint8Array {
  const files = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)] as const);
  // The zip format wants a date: a fixed one, the oldest it has.
  return zipSync(Object.fromEntries(files), { level: 6, mtime: new Date(1980, 0, 1) });
}

/**
 * @param name the file's name in error messages
 * @throws {DataError} if it is not a readable zip, or an array in it not a readable .npy
 */
export function decodeNpz(bytes: Uint8Array, name: string): Record<string, NpyArray> {
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes);
  } catch (error) {
    throw new DataError(`${name}: not a readable .npz: ${messageOf(error)}`, { cause: error });
  }
  const arrays = Object.entries(files).map(
    ([file, content]) => [file.replace(/\.npy$/, ""), decodeNpy(content, `${name}/${file}`)] as const,
  );
  return Object.fromEntries(arrays);
}
