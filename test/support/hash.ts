// Names for bits, in any engine and without a test runner. Must not know any op.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A short name for the bits of a typed array, for golden values. */
export function hashOf(x: ArrayBufferView): string {
  return bytesToHex(sha256(bytesOf(x))).slice(0, 16);
}
