// PNG to grey image. Knows nothing of files or patches.

import { type DecodedPng, decode } from "fast-png";
import { DataError, messageOf } from "./errors.js";
import { type GreyImage, luma } from "./images.js";

/**
 * Decodes a PNG of any bit depth: grey as it is, colours (direct or from a palette) to luma
 * 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601, of the stored, gamma-coded values). Transparency is ignored.
 *
 * @param name the file's name in error messages
 * @throws {DataError} if it is truncated, damaged or not a PNG (every checksum is verified), or interlaced with less than
 *   8 bits
 */
export function decodeGrey(bytes: Uint8Array, name: string): GreyImage {
  // Bit depth and interlacing, at fixed places of the header. The decoder takes such samples for whole bytes.
  if (bytes[28] === 1 && (bytes[24] ?? 8) < 8) {
    throw new DataError(
      `${name}: an interlaced PNG of ${bytes[24]} bits is not supported: save it without interlacing`,
    );
  }
  let png: DecodedPng;
  try {
    png = decode(bytes, { checkCrc: true });
  } catch (error) {
    // Past the end, the decoder fails with a RangeError about typed arrays, which would tell a user nothing.
    const root = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const reason = root instanceof RangeError ? "it ends too early, or a size in it is wrong" : messageOf(root);
    throw new DataError(`${name}: truncated or damaged PNG: ${reason}`, { cause: error });
  }
  const { width, height, channels, depth, palette } = png;
  if (width === 0 || height === 0) throw new DataError(`${name}: a PNG of ${width} x ${height} pixels`);
  const samples = depth < 8 ? unpack(png) : png.data;
  const white = 2 ** depth - 1;
  const at = (i: number): number => samples[i] as number;
  const pixels = new Float64Array(width * height);
  for (let i = 0; i < pixels.length; i++) {
    if (palette !== undefined) {
      const colour = palette[at(i)];
      if (colour === undefined) throw new DataError(`${name}: damaged PNG: colour ${at(i)} is not in its palette`);
      pixels[i] = luma(colour[0] ?? 0, colour[1] ?? 0, colour[2] ?? 0) / 255;
    } else if (channels >= 3) {
      pixels[i] = luma(at(i * channels), at(i * channels + 1), at(i * channels + 2)) / white;
    } else {
      pixels[i] = at(i * channels) / white;
    }
  }
  return { width, height, pixels, name };
}

/** Samples of 1, 2 or 4 bits, which come packed into bytes with every row starting on a new byte. */
function unpack({ width, height, depth, data }: DecodedPng): Uint8Array {
  const bytesPerRow = Math.ceil((width * depth) / 8);
  const samples = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let col = 0; col < width; col++) {
      const bit = col * depth;
      const byte = data[row * bytesPerRow + (bit >> 3)] as number;
      samples[row * width + col] = (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
    }
  }
  return samples;
}
