// Random tensors: known answers of the generator, bits that depend on the seed and the place alone, moments, ranges.
import { describe, expect, test } from "vitest";
import { random, scope, type Tensor } from "../../src/index.js";
import { expectSameBits, hashOf } from "../support/bits.js";
import { boxMuller, philox, uniforms32, uniforms64, wordsOf } from "../support/philox.js";
import { randomNumbers as tolerances } from "../tolerances.js";

const SEEDS = [0, 1, 12345, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];
/** Around vectors (4 or 2), blocks of words (16, 8, 4) and threads' grains (64). */
const SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 63, 64, 65, 127, 1000];

describe("Philox", () => {
  test("is the one of Random123: its known answers", () => {
    const ones = 0xffffffff;
    expect(philox([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    expect(philox([ones, ones, ones, ones], [ones, ones])).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
    expect(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
      0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
    ]);
  });

  test("gives uniform float32 elements, bit for bit", () => {
    for (const seed of SEEDS) {
      using x = random.uniform([1000], { seed });
      expect(Array.from(x.data)).toEqual(uniforms32(wordsOf(seed, 0, 1000)));
    }
  });

  test("gives uniform float64 elements, bit for bit", () => {
    for (const seed of SEEDS) {
      using x = random.uniform([1000], { seed, dtype: "float64" });
      expect(Array.from(x.data)).toEqual(uniforms64(wordsOf(seed, 0, 2000)));
    }
  });

  test("gives normal elements by Box and Muller's transform", () => {
    for (const seed of SEEDS) {
      using x = random.normal([500], { seed });
      using y = random.normal([500], { seed, dtype: "float64" });
      const words = wordsOf(seed, 1, 2000);
      // Half a block are radii, the other half angles: 8 elements of 16 words in float32, 4 in float64.
      const expected = (uniforms: readonly number[], half: number): number[] =>
        Array.from({ length: 500 }, (_, i) => {
          const at = Math.floor(i / half) * 2 * half + (i % half);
          return boxMuller(uniforms[at]!, uniforms[at + half]!);
        });
      const distance = (actual: ArrayLike<number>, reference: readonly number[]): number =>
        reference.reduce((most, r, i) => Math.max(most, Math.abs(r - actual[i]!)), 0);
      expect(distance(x.data, expected(uniforms32(words), 8))).toBeLessThan(tolerances.float32);
      expect(distance(y.data, expected(uniforms64(words), 4))).toBeLessThan(tolerances.float64);
    }
  });
});

type Generate = (
  shape: readonly number[],
  seed: number,
  dtype: "float32" | "float64",
) => Tensor<readonly number[], "float32" | "float64">;

const GENERATORS: Readonly<Record<string, Generate>> = {
  uniform: (shape, seed, dtype) => random.uniform(shape, { seed, dtype }),
  normal: (shape, seed, dtype) => random.normal(shape, { seed, dtype }),
};

describe.each(Object.entries(GENERATORS))("%s", (_, generate) => {
  for (const dtype of ["float32", "float64"] as const) {
    test(`${dtype}: the same seed gives the same bits, another one others`, () => {
      using first = generate([100], 7, dtype);
      using again = generate([100], 7, dtype);
      expectSameBits(again.data, first.data);
      for (const seed of [6, 8, 7 + 2 ** 32, 7 * 2 ** 32]) {
        using other = generate([100], seed, dtype);
        const same = other.data.filter((x, i) => x === first.data[i]);
        expect(same.length).toBeLessThanOrEqual(1);
      }
    });

    test(`${dtype}: a shorter tensor is the beginning of a longer one, in any shape`, () => {
      using longest = generate([2, 10, 100], 3, dtype);
      for (const size of SIZES) {
        using x = generate([size], 3, dtype);
        expectSameBits(x.data, longest.data.subarray(0, size));
      }
    });
  }
});

function moments(data: ArrayLike<number>): { mean: number; deviation: number; skew: number; kurtosis: number } {
  const values = Array.from(data);
  const average = (f: (x: number) => number): number => values.reduce((sum, x) => sum + f(x), 0) / values.length;
  const mean = average((x) => x);
  const deviation = Math.sqrt(average((x) => (x - mean) ** 2));
  const standard = (power: number): number => average((x) => ((x - mean) / deviation) ** power);
  return { mean, deviation, skew: standard(3), kurtosis: standard(4) };
}

const COUNT = 100_000;
/** Five standard errors: one seed in a million fails, and the seeds here are fixed. */
const SIGMAS = 5;

function expectMoments(data: ArrayLike<number>, mean: number, deviation: number, kurtosis: number): void {
  const found = moments(data);
  const root = Math.sqrt(data.length);
  expect(Math.abs(found.mean - mean)).toBeLessThan((SIGMAS * deviation) / root);
  expect(Math.abs(found.deviation / deviation - 1)).toBeLessThan((SIGMAS * Math.sqrt((kurtosis - 1) / 4)) / root);
  expect(Math.abs(found.skew)).toBeLessThan((SIGMAS * Math.sqrt(6)) / root);
  expect(Math.abs(found.kurtosis - kurtosis)).toBeLessThan((SIGMAS * Math.sqrt(24)) / root);
}

describe("distributions", () => {
  for (const dtype of ["float32", "float64"] as const) {
    test(`uniform ${dtype}: on [0, 1), evenly`, () => {
      using x = random.uniform([COUNT], { seed: 11, dtype });
      expectMoments(x.data, 0.5, Math.sqrt(1 / 12), 1.8);
      expect(Math.min(...x.data.subarray(0, 50_000))).toBeGreaterThanOrEqual(0);
      expect(Math.max(...x.data.subarray(0, 50_000))).toBeLessThan(1);
      const bins = new Array<number>(100).fill(0);
      for (const value of x.data) bins[Math.floor(value * 100)]!++;
      const chiSquare = bins.reduce((sum, n) => sum + (n - COUNT / 100) ** 2 / (COUNT / 100), 0);
      expect(chiSquare).toBeLessThan(99 + SIGMAS * Math.sqrt(2 * 99));
      expect(chiSquare).toBeGreaterThan(99 - SIGMAS * Math.sqrt(2 * 99));
    });

    test(`uniform ${dtype}: never reaches high, and keeps every draw that does not round to it`, () => {
      const round = dtype === "float32" ? Math.fround : (v: number): number => v;
      const count = 1 << (dtype === "float32" ? 18 : 12);
      using unit = random.uniform([count], { seed: 12, dtype });
      for (const [low, high, below] of [
        [1000, 1001, dtype === "float32" ? 1001 - 2 ** -14 : 1001 - 2 ** -43],
        [-1001, -1000, dtype === "float32" ? -1000 - 2 ** -14 : -1000 - 2 ** -43],
        [2 ** 53, 2 ** 53 + 2, dtype === "float32" ? 2 ** 53 : 2 ** 53],
        [0, dtype === "float32" ? 2 ** -149 : 2 ** -1074, 0],
        [dtype === "float32" ? -(2 ** -149) : -(2 ** -1074), 0, dtype === "float32" ? -(2 ** -149) : -(2 ** -1074)],
        [-1, 0, dtype === "float32" ? -(2 ** -149) : -(2 ** -1074)],
        [7, 7, 7],
      ] as const) {
        using x = random.uniform([count], { seed: 12, dtype, low, high });
        const expected = unit.data.map((u) => {
          const draw = round(low + round(round(high - low) * u));
          return draw < round(high) ? draw : below;
        });
        expectSameBits(x.data, expected);
      }
    });

    test(`uniform ${dtype}: between bounds`, () => {
      using x = random.uniform([COUNT], { seed: 12, dtype, low: -3, high: 5 });
      expectMoments(x.data, 1, 8 * Math.sqrt(1 / 12), 1.8);
      expect(x.data.every((value) => value >= -3 && value < 5)).toBe(true);
    });

    test(`normal ${dtype}`, () => {
      using x = random.normal([COUNT], { seed: 13, dtype });
      expectMoments(x.data, 0, 1, 3);
      const beyond = (limit: number): number => x.data.filter((value) => Math.abs(value) > limit).length / COUNT;
      expect(beyond(1)).toBeCloseTo(0.3173, 2);
      expect(beyond(2)).toBeCloseTo(0.0455, 2);
      expect(beyond(4)).toBeLessThan(0.0003);
      // Neighbours have nothing to do with each other.
      const values = Array.from(x.data);
      const product = values.reduce((sum, value, i) => (i === 0 ? 0 : sum + value * values[i - 1]!), 0) / COUNT;
      expect(Math.abs(product)).toBeLessThan(SIGMAS / Math.sqrt(COUNT));
    });

    test(`normal ${dtype}: with a mean and a deviation`, () => {
      using x = random.normal([COUNT], { seed: 14, dtype, mean: 10, deviation: 0.5 });
      expectMoments(x.data, 10, 0.5, 3);
    });

    test(`glorot ${dtype}: uniform on +-sqrt(6 / (in + out))`, () => {
      using x = random.glorot([300, 200], { seed: 15, dtype });
      const r = Math.sqrt(6 / 500);
      expect(x.data.every((value) => Math.abs(value) <= Math.fround(r))).toBe(true);
      expectMoments(x.data, 0, r / Math.sqrt(3), 1.8);
    });

    test(`he ${dtype}: normal with the deviation sqrt(2 / in)`, () => {
      using x = random.he([300, 200], { seed: 16, dtype });
      expectMoments(x.data, 0, Math.sqrt(2 / 300), 3);
    });
  }

  test("fans of a kernel with a receptive field count its positions", () => {
    using x = random.glorot([3, 3, 20, 30], { seed: 1 });
    const r = Math.sqrt(6 / (9 * 20 + 9 * 30));
    const most = x.data.reduce((m, value) => Math.max(m, Math.abs(value)), 0);
    expect(most).toBeLessThanOrEqual(Math.fround(r));
    expect(most).toBeGreaterThan(0.99 * r);
    using y = random.he([3, 3, 20, 30], { seed: 1 });
    expectMoments(y.data, 0, Math.sqrt(2 / 180), 3);
  });

  test("have the given shape and dtype; the default is float32", () => {
    scope(() => {
      expect(random.uniform([], { seed: 1 }).shape).toEqual([]);
      expect(random.normal([0, 3], { seed: 1 }).size).toBe(0);
      expect(random.he([2, 3], { seed: 1 })).toMatchObject({ shape: [2, 3], dtype: "float32" });
      expect(random.glorot([2, 3], { seed: 1, dtype: "float64" })).toMatchObject({ shape: [2, 3], dtype: "float64" });
    });
  });
});

test("a uniform range that overflows is refused, at any size", () => {
  for (const [dtype, most] of [
    ["float32", 3e38],
    ["float64", 1e308],
  ] as const) {
    for (const shape of [[2], [0]]) {
      expect(() => random.uniform(shape, { seed: 1, dtype, low: -most, high: most })).toThrow(
        /^random.uniform: high - low must be in \[0, .*\), got /,
      );
    }
  }
});

test("weights without inputs are empty", () => {
  using a = random.glorot([0, 0], { seed: 1 });
  using b = random.he([0, 3], { seed: 1 });
  expect([a.size, b.size]).toEqual([0, 0]);
});

test("bits never change: seeded runs can be repeated with later versions", () => {
  scope(() => {
    const hashes = (["float32", "float64"] as const).flatMap((dtype) =>
      [
        random.uniform([1000], { seed: 42, dtype }),
        random.uniform([1000], { seed: 42, dtype, low: -2, high: 3 }),
        random.normal([1000], { seed: 42, dtype }),
        random.glorot([20, 50], { seed: 42, dtype }),
        random.he([20, 50], { seed: 42, dtype }),
      ].map(({ data }) => hashOf(data)),
    );
    expect(hashes).toMatchInlineSnapshot(`
      [
        "ad355c35fc4664fb",
        "4c96e94a22d662d5",
        "490a950ea628733b",
        "5473480f09f2b3f3",
        "979f359e4c8c02fd",
        "5f0df76b9f6f8563",
        "8547cbfc14614899",
        "f571d5a7e42d1dcf",
        "1ca4ae9faa4bc0de",
        "4acde2bf1a0af6e8",
      ]
    `);
  });
});
