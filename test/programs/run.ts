// So many random programs, from a seed. Must not know what is in them.
import fc from "fast-check";
import { memory } from "simdgrad";
import { expect } from "vitest";
import { draws } from "./draw.js";
import { programOf } from "./generate.js";
import { judge, newTally } from "./judge.js";

/** The seed of all runs, unless SEED names another one. */
const SEED = 20240607;

/** Judges so many programs, of which nothing may stay; most must run to their end, or the errors would hide what is wrong. */
export function judgePrograms(numRuns: number, seed = Number(globalThis.process?.env["SEED"] ?? SEED)): void {
  const tally = newTally();
  const { tensors, bytes } = memory();
  fc.assert(
    fc.property(draws, (one) => judge(programOf(one), tally)),
    { seed, numRuns },
  );
  expect(memory()).toMatchObject({ tensors, bytes });
  expect(tally.programs).toBe(numRuns);
  expect(tally.judged).toBeGreaterThan(0.9 * numRuns);
  const { over, ...others } = tally.finished;
  for (const finished of Object.values(others)) expect(finished).toBeGreaterThan(0.6 * numRuns);
  // Most of them read what they would write.
  expect(over).toBeGreaterThan(0.1 * numRuns);
}
