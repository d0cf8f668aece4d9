// Decoding the kernels' bytes. Knows nothing of what they are.
import { host } from "../host.js";

/** What `scripts/inline.mjs` added to every byte. */
const SHIFT = 43;

/**
 * Bytes from a text of one character each. Such a text is smaller than base64, 25 KB for 40 with gzip, as its bytes stay whole, and Node
 * turns it into bytes in 0.1 ms, where a loop over its characters takes 2 to 11 until it is compiled.
 *
 * Not base64, either, because of what Node's decoder does: after one call of it, by `atob` or `Buffer`, all kernels of the process run
 * at 0.87 of their speed on a Xeon of 2019 (likely because its AVX2 code leaves the upper halves of the vector registers in
 * use). Latin-1 is copied as it lies. (An AMD EPYC runs 256 x 256 products at 43.5 GFLOP/s after either.)
 */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const encoding = host.document?.characterSet;
  // wasm's second byte. Else the page says of no encoding, and UTF-8 was read by the one that it has then, a byte a character.
  if (encoding && text.charCodeAt(1) !== 97 + SHIFT) {
    const characters = new TextDecoder(encoding).decode(Uint8Array.from({ length: 256 }, (_, byte) => byte));
    text = new TextDecoder().decode(Uint8Array.from(text, (character) => characters.indexOf(character)));
  }
  const shifted = host.Buffer?.from?.(text, "latin1");
  if (shifted) return new Uint8Array(shifted.buffer, shifted.byteOffset, text.length).map((byte) => byte - SHIFT);
  // Not by `from` with a function, which takes four times as long until it is compiled.
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i) - SHIFT;
  return bytes;
}
