// Bytes as text, and names in wasm. Knows formats, never the package.

const ESCAPES = new Map([
  [0x00, "\\0"],
  [0x0a, "\\n"],
  [0x0d, "\\r"],
  [0x22, '\\"'],
  [0x5c, "\\\\"],
]);
const isDigit = (byte) => byte >= 0x30 && byte <= 0x39;

/** Added to every byte: then most of what kernels consist of is ASCII, one byte in UTF-8. `src/runtime/load/text-bytes.ts` takes it away. */
const SHIFT = 43;

/** A JavaScript literal of a text with a character for each byte: with gzip 3 % more than the bytes; 7 % if they were not shifted. */
export function asLiteral(bytes) {
  const shifted = Uint8Array.from(bytes, (byte) => byte + SHIFT);
  const characters = Array.from(shifted, (byte, i) =>
    // "\0" before a digit would be octal.
    byte === 0 && isDigit(shifted[i + 1]) ? "\\x00" : (ESCAPES.get(byte) ?? String.fromCharCode(byte)),
  );
  return `"${characters.join("")}"`;
}

/** A custom section to append to a wasm binary. */
export function customSection(name, text) {
  const payload = [...leb128(name.length), ...Buffer.from(name + text)];
  return Buffer.from([0, ...leb128(payload.length), ...payload]);
}

function leb128(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb128(value >> 7)];
}
