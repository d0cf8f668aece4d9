// Reads a file whole, with errors a user understands. Knows nothing of what is in it.

import { readFileSync } from "node:fs";
import { DataError, messageOf } from "./errors.js";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EISDIR: "is a directory, expected a file",
  EACCES: "no permission to read it",
  EPERM: "no permission to read it",
};

/** @throws {DataError} naming the file, if it cannot be read or is empty */
export function readBytes(path: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new DataError(`${path}: ${REASONS[codeOf(error)] ?? messageOf(error)}`, { cause: error });
  }
  if (bytes.length === 0) throw new DataError(`${path}: the file is empty`);
  return bytes;
}

/** The operating system's code of an error ("ENOENT"), or "". */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
