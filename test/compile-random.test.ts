// Compiled and eager agree, bit for bit, on random programs: 300 of them, 10,000 in the slow suite.
import fc from "fast-check";
import { expect, test } from "vitest";
import * as sg from "../src/index.js";
import { settings } from "./support/arbitraries.js";
import { expectNoLeak } from "./support/memory.js";
import { type Any, argumentsOf, functionOf, randomProgram } from "./support/programs.js";

const RUNS = process.env["SLOW"] ? 10_000 : 300;

function bits(x: sg.AnyTensor): number[] {
  const { data } = x;
  return Array.from(new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4));
}

/** The bits of both, NaNs taken as one. */
function expectSame(actual: Any, expected: Any): void {
  expect(actual.shape).toEqual(expected.shape);
  const [a, b] = [bits(actual), bits(expected)];
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) expect(Array.from(actual.data)).toEqual(Array.from(expected.data));
  }
}

test(`${RUNS} random programs`, { timeout: 1_200_000 }, () => {
  expectNoLeak(() => {
    fc.assert(
      fc.property(randomProgram, (program) => {
        const f = functionOf(program);
        const compiled = sg.compile((inputs: Any[]) => f(inputs));
        sg.scope(() => {
          const [eager, traced] = [argumentsOf(program), argumentsOf(program)];
          for (let run = 0; run < 2; run++) {
            const expected = f(eager);
            const actual = compiled(traced);
            expect(actual.written).toBe(traced[3]);
            actual.values.forEach((value, i) => expectSame(value, expected.values[i]!));
            eager.forEach((value, i) => expectSame(traced[i]!, value));
          }
        });
        compiled.dispose();
      }),
      settings(RUNS),
    );
  });
});
