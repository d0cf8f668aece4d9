// What compiling takes as programs grow: counts of code that runs and bytes that are planned, never times. Node only.
import "../support/effort.js";
import { describe, expect, test } from "vitest";
import { chainGradient, recurrentArguments, recurrentLoss } from "../../bench/unrolled.js";
import * as sg from "../../src/index.js";
import { blocksRun } from "../support/effort.js";

/** Of a recurrent network. */
const SIZES = { examples: 2, inputs: 3, units: 4 };

type Any = sg.Tensor<readonly number[]>;

/** What it takes to trace, fuse, plan and link a function, and the arena that it is given. */
function compiling<Args extends readonly unknown[]>(
  f: (...args: Args) => unknown,
  ...args: Args
): { blocks: number; bytes: number; steps: number } {
  const program = sg.compile(f);
  const blocks = blocksRun(() => void program.explain(...args));
  const { arenaBytes, steps } = program.explain(...args);
  program.dispose();
  return { blocks, bytes: arenaBytes, steps: steps.length };
}

describe("a program of twice the length takes twice the work", () => {
  const chain = (length: number) => compiling(chainGradient(length), sg.ones([16]) as Any);
  const recurrent = (steps: number) =>
    compiling(sg.valueAndGrad(recurrentLoss("inputs")), ...recurrentArguments(steps, SIZES));
  /** A value from the start that each step reads again, and totals that each step adds to. */
  const totals = (steps: number) =>
    compiling(
      (x: Any) => {
        const scaled = sg.mul(x, 0.5);
        let y: Any = x;
        let total = sg.sum(x) as Any;
        for (let i = 0; i < steps; i++) {
          y = sg.add(scaled, sg.matmul(y, y)) as Any;
          total = sg.add(total, sg.sum(sg.square(y))) as Any;
        }
        return total;
      },
      sg.ones([4, 4]) as Any,
    );

  test.each([
    ["a chain's gradient", chain, 200, 1600],
    ["a recurrent network's gradient", recurrent, 15, 480],
    ["totals over many steps", totals, 150, 1200],
  ] as const)("%s", (_, compileOf, short, long) => {
    compileOf(2);
    const [once, most] = [compileOf(short), compileOf(long)];
    expect(once.blocks).toBeGreaterThan(100_000);
    // At most 2.1 times as much for twice the length. Engines count up to a tenth more or less.
    expect(most.blocks / once.blocks).toBeLessThan(1.1 * 2.1 ** Math.log2(long / short));
    expect(most.bytes / once.bytes).toBeLessThan(1.1 * (long / short));
    expect(most.steps / once.steps).toBeLessThan(1.1 * (long / short));
  });
});

test("a program may be deeper than the stack", () => {
  const length = 12_000;
  // The first op is one unit with the last, which has to wait for all others.
  const program = sg.compile((x: Any) => {
    const first = sg.neg(x);
    let y = x;
    for (let i = 0; i < length; i++) y = sg.transpose(y) as Any;
    return sg.add(first, y);
  });
  const { steps } = program.explain(sg.ones([2, 2]) as Any);
  expect(steps.length).toBe(length + 1);
  expect(steps.at(-1)!.ops).toEqual(["neg", "add"]);
  program.dispose();
});
