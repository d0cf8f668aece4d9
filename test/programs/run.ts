// Runs many random programs from a seed. Must not know their contents.
import fc from "fast-check";
import { memory } from "simdgrad";
import { expect } from "vitest";
import { draws } from "./draw.js";
import { programOf } from "./generate.js";
import { judge, newTally } from "./judge.js";

/** The seed of all runs, unless SEED names another one. */
const SEED = 20240607;

/** Judges many programs. None may leave memory behind, and most must run to their end, or errors would hide faults. */
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
  // Most of them read the tensor that they would write.
  expect(over).toBeGreaterThan(0.1 * numRuns);
}
