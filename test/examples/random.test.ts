// Tests of the seeded random numbers.

import { expect, test } from "vitest";
import { createRandom, randomInteger } from "../../examples/support/random.js";

test("equal seeds give equal numbers, other seeds other ones", () => {
  const draw = (seed: number) => Array.from({ length: 5 }, createRandom(seed));
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test("numbers are uniform in [0, 1)", () => {
  const random = createRandom(7);
  const values = Array.from({ length: 100_000 }, random);
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
  const bins = Array.from({ length: 10 }, (_, bin) => values.filter((value) => Math.floor(10 * value) === bin).length);
  // Standard deviation of a bin: sqrt(100000 * 0.1 * 0.9) = 95.
  for (const bin of bins) expect(Math.abs(bin - 10_000)).toBeLessThan(500);
});

test("integers reach both ends", () => {
  const random = createRandom(7);
  const seen = new Set(Array.from({ length: 200 }, () => randomInteger(random, 3)));
  expect([...seen].sort()).toEqual([0, 1, 2]);
});
