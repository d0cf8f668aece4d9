// The same training has the same bits in every engine, eager and compiled, on one thread and on two.
import { afterAll, describe, expect, test } from "vitest";
import { init } from "../../src/index.js";
import { TRAINED, trainAnew } from "../support/training.js";

afterAll(() => init({ threads: 1 }));

// Where there can be no second thread, the second round is on one again.
describe.each([1, 2])("a training run, asked for on %i threads,", (threads) => {
  test.each(["eager", "compiled"] as const)("has the bits that are checked in, %s", async (how) => {
    await init({ threads });
    const { losses, bits } = trainAnew(how);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 10);
    expect(bits).toBe(TRAINED);
  });
});
