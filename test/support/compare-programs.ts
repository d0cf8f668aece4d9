// Random programs run both ways, eager and compiled, twice each, and compared bit for bit. Must not know how compile works.
import fc from "fast-check";
import { expect } from "vitest";
import * as sg from "../../src/index.js";
import { settings } from "./arbitraries.js";
import { expectNoLeak } from "./memory.js";
import { type Any, argumentsOf, functionOf, type RandomProgram, randomProgram } from "./programs.js";

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

function compare(program: RandomProgram): void {
  const f = functionOf(program);
  const compiled = sg.compile((inputs: Any[]) => f(inputs));
  sg.scope(() => {
    const [eager, traced] = [argumentsOf(program), argumentsOf(program)];
    for (let run = 0; run < 2; run++) {
      const expected = f(eager);
      const actual = compiled(traced);
      expect(actual.written).toBe(traced[3]);
      for (const [i, value] of actual.values.entries()) expectSame(value, expected.values[i]!);
      for (const [i, value] of eager.entries()) expectSame(traced[i]!, value);
    }
  });
  compiled.dispose();
}

/** So many random programs, each in its own scope; nothing of them may stay. */
export function compareRandomPrograms(runs: number): void {
  expectNoLeak(() => fc.assert(fc.property(randomProgram, compare), settings<[RandomProgram]>(runs)));
}
