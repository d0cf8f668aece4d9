// Comparing tensors bit for bit. Must not know any op.
import { createHash } from "node:crypto";
import { expect } from "vitest";

/** The bytes of a typed array as whole numbers, in which NaNs and signed zeros differ. */
export function bitsOf({ buffer, byteOffset, byteLength }: ArrayBufferView): number[] {
  return Array.from(new Uint32Array(buffer.slice(byteOffset, byteOffset + byteLength)));
}

export function expectSameBits(actual: ArrayBufferView, expected: ArrayBufferView): void {
  // One cheap comparison first: an array's own is slow for long ones.
  const [a, b] = [actual, expected].map((x) => Buffer.from(x.buffer, x.byteOffset, x.byteLength)) as [Buffer, Buffer];
  if (!a.equals(b)) expect(bitsOf(actual)).toEqual(bitsOf(expected));
}

/** A short name for the bits of a typed array, for golden values. */
export function hashOf({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return createHash("sha256")
    .update(Buffer.from(buffer, byteOffset, byteLength))
    .digest("hex")
    .slice(0, 16);
}
