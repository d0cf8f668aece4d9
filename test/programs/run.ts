// So many random programs, from a seed. Must not know what is in them.
import fc from "fast-check";
import { memory } from "simdgrad";
import { expect } from "vitest";
import { draws } from "./draw.js";
import { programOf } from "./generate.js";
import { judge, newTally, type Tally } from "./judge.js";

/** The seed that all runs have, unless SEED names another one. */
const SEED = 20240607;

/** Judges so many programs; nothing of them may stay. */
export function judgePrograms(numRuns: number): Tally {
  const tally = newTally();
  const { tensors, bytes } = memory();
  const seed = Number(process.env["SEED"] ?? SEED);
  fc.assert(
    fc.property(draws, (one) => judge(programOf(one), tally)),
    { seed, numRuns },
  );
  console.log(JSON.stringify(tally));
  expect(memory()).toMatchObject({ tensors, bytes });
  console.log(JSON.stringify(tally));
  return tally;
}
