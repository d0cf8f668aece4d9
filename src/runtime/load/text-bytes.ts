// Decodes a binary from a text. Must not know what the bytes mean.
import { host } from "../host.js";

/** `scripts/inline.mjs` added this to every byte. */
const SHIFT = 43;

/**
 * Bytes from a text with one character for each byte. With gzip such a text has 25 KB, base64 has 40 KB. Node decodes it as Latin-1 in
 * 0.1 ms; a loop over its characters takes 2 to 11 ms until it is compiled.
 *
 * Base64 has another fault. After one call of Node's decoder, by `atob` or `Buffer`, all kernels of the process run at 0.87 of their
 * speed on a Xeon of 2019, probably because its AVX2 code leaves the upper halves of the vector registers in use. (An AMD EPYC runs
 * 256 x 256 products at 43.5 GFLOP/s after either decoder.)
 */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const encoding = host.document?.characterSet;
  // The second byte of wasm is 97. Otherwise the page named no encoding, and each byte of the UTF-8 became a character of the default one.
  if (encoding && text.charCodeAt(1) !== 97 + SHIFT) {
    const characters = new TextDecoder(encoding).decode(Uint8Array.from({ length: 256 }, (_, byte) => byte));
    text = new TextDecoder().decode(Uint8Array.from(text, (character) => characters.indexOf(character)));
  }
  const shifted = host.Buffer?.from?.(text, "latin1");
  if (shifted) return new Uint8Array(shifted.buffer, shifted.byteOffset, text.length).map((byte) => byte - SHIFT);
  // `Uint8Array.from` with a function takes four times as long until it is compiled.
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i) - SHIFT;
  return bytes;
}
