// Which calls of a compiled function share a program, which arguments it takes, and its warning after too many traces.
import { describe, expect, test, vi } from "vitest";
import * as sg from "../../src/index.js";
import { using } from "../support/compiled.js";
import { expectNoLeak } from "../support/memory.js";

const row = (...values: number[]): sg.Tensor<[number]> => sg.tensor(values, [values.length]);

describe("signatures", () => {
  test("each structure, shape, dtype and other value is traced once", () => {
    const f = vi.fn((x: sg.Tensor<readonly number[], sg.DType>, k: number) => sg.mul(x as sg.AnyTensor, k));
    using(sg.compile(f), (step) => {
      for (let i = 0; i < 3; i++) {
        step(row(1, 2), 2);
        step(row(1, 2, 3), 2);
        step(row(1, 2), 3);
        step(sg.ones([2], "float64"), 2);
      }
      expect(f).toHaveBeenCalledTimes(4);
    });
  });

  /** What is said where a function of so many arguments is called with each of these lists. */
  function warningsOf(f: (...args: never[]) => unknown, calls: readonly (readonly unknown[])[]): string[] {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    using(sg.compile(f as (...args: unknown[]) => unknown), (step) => {
      for (const args of calls) step(...args);
    });
    const said = warn.mock.calls.map(([text]) => String(text));
    warn.mockRestore();
    return said;
  }

  const many = <T>(make: (k: number) => T): T[] => Array.from({ length: 40 }, (_, k) => make(k));

  test("many signatures give one warning, which names the function and the change", () => {
    function scaled(x: sg.Tensor<[number]>, k: number) {
      return sg.mul(x, k);
    }
    const numbers = warningsOf(
      scaled,
      many((k) => [row(1), k]),
    );
    expect(numbers).toHaveLength(1);
    expect(numbers[0]).toMatch(
      /scaled was traced 17 times.*argument 1 is 16 instead of 15.*pass numbers that change as tensors/,
    );
  });

  test.each([
    ["shapes", (k: number) => [{ x: sg.zeros([k]) }], "argument 0.x is float32 [16] instead of float32 [15]"],
    ["dtypes", (k: number) => [k, [sg.zeros([1], k % 2 ? "int32" : "float64")]], "argument 0 is 16 instead of 15"],
    ["lengths", (k: number) => [1, new Array(k).fill(0)], "argument 1 is an array of 16 instead of an array of 15"],
    ["keys", (k: number) => [{ [`k${k}`]: 1, z: 2 }], "argument 0 is {k16, z} instead of {k15, z}"],
    ["functions", () => [() => 1], "argument 0 is another function"],
    ["texts", (k: number) => [[{ mode: `m${k}` }]], "argument 0[0].mode is m16 instead of m15"],
  ] as [string, (k: number) => unknown[], string][])("that names %s", (_, args, expected) => {
    const [said] = warningsOf((() => sg.zeros([1])) as never, many(args));
    expect(said).toContain(expected);
    expect(said).toMatch(/^compile: \(\) => .*zeros\(\[1\]\) was traced/);
  });

  test("the last one found again among others", () => {
    using(
      sg.compile((x: sg.Tensor<[number]>) => sg.sum(x)),
      (step) => {
        expect([1, 2, 3, 1, 2, 3].map((n) => step(sg.ones([n])).item())).toEqual([1, 2, 3, 1, 2, 3]);
      },
    );
  });
});

describe("arguments that are neither tensors nor plain values", () => {
  class Layer {
    w = row(1, 2);
  }
  test.each([
    ["a class", new Layer(), "a Layer"],
    ["a Map", new Map([["k", 1]]), "a Map"],
    ["a Set", new Set([1]), "a Set"],
    ["a Date", new Date(0), "a Date"],
    ["a typed array", new Float32Array(2), "a Float32Array; make it a tensor with tensor(...)"],
    ["an object that inherits", Object.create({ k: 1 }), "an Object"],
  ])("%s could change unseen and is refused", (_, value, what) => {
    const f = vi.fn((x: sg.Tensor<[number]>) => sg.neg(x));
    const step = sg.compile(f as (x: sg.Tensor<[number]>, o?: unknown) => sg.Tensor<[number]>);
    sg.scope(() => {
      const x = row(1, 2);
      const refused = (): unknown => expectNoLeak(() => step(x, { list: [value] }));
      expect(refused).toThrow(TypeError);
      expect(refused).toThrow(`compile: argument 1.list[0] is ${what}; `);
      expect(refused).toThrow(/arguments must be tensors, numbers.*arrays and plain objects/);
      expect(f).not.toHaveBeenCalled();
      expect(step(x).toArray()).toEqual([-1, -2]);
      expect(refused).toThrow(TypeError);
    });
    step.dispose();
  });

  test("plain values belong to the signature: functions and symbols by identity", () => {
    const f = vi.fn((x: sg.Tensor<[number]>, ...rest: unknown[]) => (rest.length ? sg.neg(x) : x));
    using(sg.compile(f), (step) => {
      const values = [Math.sin, Symbol.iterator, "a", 1n, true, null, undefined, NaN, -0, 0];
      for (const value of [...values, ...values]) step(row(1), value);
      expect(f).toHaveBeenCalledTimes(values.length);
    });
  });
});
