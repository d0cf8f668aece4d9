// Comparing tensors bit for bit, in any engine. Must not know any op.
import { expect } from "vitest";
import { bytesOf } from "./hash.js";

export { hashOf } from "./hash.js";

/** The bytes of a typed array as whole numbers, in which NaNs and signed zeros differ. */
export function bitsOf({ buffer, byteOffset, byteLength }: ArrayBufferView): number[] {
  return Array.from(new Uint32Array(buffer.slice(byteOffset, byteOffset + byteLength)));
}

export function expectSameBits(actual: ArrayBufferView, expected: ArrayBufferView): void {
  // One cheap comparison first: an array's own is slow for long ones.
  const [a, b] = [bytesOf(actual), bytesOf(expected)];
  const same = a.length === b.length && a.every((byte, i) => byte === b[i]);
  if (!same) expect(bitsOf(actual)).toEqual(bitsOf(expected));
}
