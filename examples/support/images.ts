// Grey images, and a generator of synthetic ones (dead leaves). Knows nothing of files, patches or training.

import { createRandom, type Random } from "./random.js";

/** One grey image: `pixels` holds height x width values in 0 (black) .. 1 (white), row by row from the top. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Float64Array;
  /** What error messages call it: usually its file. */
  readonly name: string;
}

/** The grey of a colour (ITU-R BT.601, of gamma-coded values). In thousandths, so that a grey (r = g = b) of whole numbers stays as it is. */
export function luma(red: number, green: number, blue: number): number {
  return (299 * red + 587 * green + 114 * blue) / 1000;
}

export interface DeadLeavesOptions {
  /** Width and height of every image in pixels, a positive integer. */
  readonly size?: number;
  /** How many images. */
  readonly count?: number;
  readonly seed?: number;
}

/** Radii in pixels: small enough that most 8x8 patches meet an edge, large enough that most edges look straight. */
const SMALLEST_RADIUS = 4;
const LARGEST_RADIUS = 128;

/** The width in pixels over which a leaf's edge fades, similar to a lens and a sensor. */
const EDGE_WIDTH = 1.5;

/** How many leaves lie over a pixel on average; e^-12 of the pixels stay bare, less than two in 512 x 512. */
const COVERAGE = 12;

/**
 * Dead leaves: discs that fall on one another at random, each hiding what lies below (Lee, Mumford and Huang 2001).
 * With radii distributed as r^-3 the images have the scale invariance and the occlusion edges of photographs, so a
 * sparse autoencoder learns oriented edges from them, without any download.
 *
 * Every disc has a grey level uniform in 0.15 .. 0.85 and a linear shading of at most +-0.15 from centre to rim.
 * Equal options give equal pixels on every engine: beyond + - * / it uses the square root only, which is exact.
 *
 * @throws {RangeError} if size or count is not a positive integer
 */
export function deadLeaves({ size = 512, count = 10, seed = 1 }: DeadLeavesOptions = {}): GreyImage[] {
  for (const [name, value] of Object.entries({ size, count })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`deadLeaves: ${name} must be a positive integer, got ${value}`);
    }
  }
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, index) => ({
    width: size,
    height: size,
    pixels: fallenLeaves(size, random),
    name: `dead leaves ${index + 1}`,
  }));
}

function fallenLeaves(size: number, random: Random): Float64Array {
  const pixels = new Float64Array(size * size).fill(0.5);
  // The mean area of a disc with radius density ~ r^-3 on [a, b] is 2 pi ln(b/a) / (a^-2 - b^-2).
  const [low, high] = [LARGEST_RADIUS ** -2, SMALLEST_RADIUS ** -2];
  const meanArea = (2 * Math.PI * Math.log(LARGEST_RADIUS / SMALLEST_RADIUS)) / (high - low);
  const leaves = Math.ceil((COVERAGE * size * size) / meanArea);
  for (let leaf = 0; leaf < leaves; leaf++) {
    const radius = 1 / Math.sqrt(low + random() * (high - low));
    paint(pixels, size, {
      radius,
      // A centre may lie outside, so that the borders are covered like the middle.
      x: random() * (size + 2 * radius) - radius,
      y: random() * (size + 2 * radius) - radius,
      grey: 0.15 + 0.7 * random(),
      // At most 0.1 per axis at the rim, so at most 0.1 * sqrt(2) < 0.15 along the diagonal: within 0..1.
      slopeX: (0.2 * random() - 0.1) / (radius + EDGE_WIDTH),
      slopeY: (0.2 * random() - 0.1) / (radius + EDGE_WIDTH),
    });
  }
  return pixels;
}

interface Leaf {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly grey: number;
  readonly slopeX: number;
  readonly slopeY: number;
}

function paint(pixels: Float64Array, size: number, { x, y, radius, grey, slopeX, slopeY }: Leaf): void {
  const outer = radius + EDGE_WIDTH / 2;
  const inner = radius - EDGE_WIDTH / 2;
  for (let row = Math.max(0, Math.ceil(y - outer)); row <= Math.min(size - 1, Math.floor(y + outer)); row++) {
    const dy = row - y;
    const reach = Math.sqrt(Math.max(0, outer * outer - dy * dy));
    const solid = inner * inner - dy * dy;
    const last = Math.min(size - 1, Math.floor(x + reach));
    for (let col = Math.max(0, Math.ceil(x - reach)); col <= last; col++) {
      const dx = col - x;
      const shade = grey + slopeX * dx + slopeY * dy;
      const at = row * size + col;
      if (dx * dx <= solid) {
        pixels[at] = shade;
      } else {
        const opacity = Math.max(0, (outer - Math.sqrt(dx * dx + dy * dy)) / EDGE_WIDTH);
        const below = pixels[at] as number;
        pixels[at] = below + opacity * (shade - below);
      }
    }
  }
}
