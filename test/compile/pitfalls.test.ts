// Forbidden actions of a compiled function and their errors, during the trace and at each call.
import { describe, expect, test } from "vitest";
import * as sg from "../../src/index.js";
import { using } from "../support/compiled.js";
import { expectNoLeak } from "../support/memory.js";

const row = (...values: number[]): sg.Tensor<[number]> => sg.tensor(values, [values.length]);

describe("pitfalls are errors at trace time that say what to do", () => {
  const traced = (f: (x: sg.Tensor<[number]>) => unknown): (() => unknown) => {
    const step = sg.compile(f);
    return () => expectNoLeak(() => step(x));
  };
  const x = row(1, 2);
  const outside = row(5, 6);

  test.each([
    ["data", (y: sg.Tensor<[number]>) => y.data[0]],
    ["toArray", (y: sg.Tensor<[number]>) => y.toArray()],
    ["item", (y: sg.Tensor<[number]>) => sg.sum(y).item() > 0],
  ] as const)("reading %s", (_, f) => {
    expect(traced(f as never)).toThrow(sg.TraceError);
    expect(traced(f as never)).toThrow(/where\(\).*return the tensor/);
  });

  test("promises", () => {
    expect(traced(async (y) => sg.neg(y))).toThrow(/promise/);
  });

  test("results in a Map or an object of a class", () => {
    expect(traced((y) => ({ all: new Map([["z", sg.neg(y)]]) }))).toThrow("compile: result.all hides tensors in a Map");
    expect(traced((y) => Object.assign(new Error(), { y }))).toThrow("hides tensors in an Error");
    expect(traced(() => new Map([["z", outside]]))).not.toThrow();
  });

  test("a tensor that was disposed", () => {
    const step = traced((y) => {
      const z = sg.neg(y);
      z.dispose();
      return sg.add(z, 1);
    });
    expect(step).toThrow(sg.DisposedError);
  });

  test("a tensor from an earlier trace", () => {
    let kept: sg.Tensor<[number]> | undefined;
    const step = sg.compile((y: sg.Tensor<[number]>, k: number) => {
      const z = kept === undefined ? y : sg.add(y, kept);
      if (k === 0) kept = sg.neg(y);
      return z;
    });
    step(x, 0);
    expect(() => step(x, 1)).toThrow(sg.DisposedError);
    step.dispose();
  });

  test("writing into a tensor from outside", () => {
    expect(traced((y) => sg.neg(y, { out: outside }))).toThrow(/outside.*pass it as an argument/);
    expect(outside.toArray()).toEqual([5, 6]);
  });

  test("wrong shapes, as without compile", () => {
    expect(traced((y) => sg.add(y, sg.ones([3]) as never))).toThrow(/add: shapes \[2\] and \[3\] do not broadcast/);
  });
});

describe("random tensors", () => {
  const draws = {
    uniform: () => sg.random.uniform([2], { seed: 1 }),
    normal: () => sg.random.normal([2], { seed: 1 }),
    glorot: () => sg.random.glorot([2, 1], { seed: 1 }),
    he: () => sg.random.he([2, 1], { seed: 1 }),
  };
  test.each(Object.entries(draws))("random.%s would be drawn once for all runs and is refused", (name, draw) => {
    const mask = (x: sg.Tensor<[number]>): sg.AnyTensor => sg.mul(x, sg.reshape(draw(), [2]) as never);
    const within = (x: sg.Tensor<[number]>): sg.AnyTensor => sg.grad((y: typeof x) => sg.sum(mask(y) as never))(x);
    const inner = sg.compile(mask);
    const functions = [mask, within, (x: sg.Tensor<[number]>) => inner(x), (x: never) => sg.scope(() => mask(x))];
    sg.scope(() => {
      const x = row(1, 2);
      for (const f of functions) {
        const step = sg.compile(f as typeof mask);
        const run = (): unknown => expectNoLeak(() => step(x));
        expect(run).toThrow(sg.TraceError);
        expect(run).toThrow(new RegExp(`random\\.${name}: .*draw outside and pass the tensor`));
        step.dispose();
      }
      // Outside, and in functions that are not compiled, nothing has changed.
      expect((within(x) as sg.AnyTensor).toArray()).toEqual(sg.reshape(draw(), [2]).toArray());
    });
    inner.dispose();
  });
});

describe("a tensor from outside that was disposed", () => {
  type Row = sg.Tensor<[number]>;
  const uses: [string, (x: Row, k: Row) => sg.AnyTensor][] = [
    ["an op", (x, k) => sg.add(x, k)],
    ["a view", (x, k) => sg.add(x, sg.reshape(k, [2]))],
    ["stopGradient", (x, k) => sg.add(x, sg.stopGradient(k))],
    ["a gradient", (x, k) => sg.grad((y: Row) => sg.sum(sg.mul(sg.add(y, x), k)))(k)],
    ["the result", (_, k) => k],
    ["a scope", (x, k) => sg.scope(() => sg.add(x, sg.neg(k)))],
  ];
  test.each(uses)("is refused at the next call, as without compile: %s", (_, use) => {
    sg.scope(() => {
      let k = row(3, 4);
      const x = row(1, 2);
      const step = sg.compile((y: Row) => use(y, k));
      const first = step(x).toArray();
      const bytes = sg.memory().bytes;
      k.dispose();
      expect(sg.memory().bytes).toBeLessThan(bytes);
      for (let i = 0; i < 2; i++) expect(() => expectNoLeak(() => step(x))).toThrow(sg.DisposedError);
      // Another tensor in its place is another constant.
      k = row(3, 4);
      expect(step(x).toArray()).toEqual(first);
      k = row(30, 40);
      expect(step(x).toArray()).toEqual(first);
      step.dispose();
    });
  });

  test("each handle on the same bytes is for itself", () => {
    sg.scope(() => {
      const k = row(3, 4);
      const view = sg.reshape(k, [2]);
      const step = sg.compile((x: Row) => sg.add(x, view));
      const x = row(1, 2);
      step(x);
      k.dispose();
      expect(step(x).toArray()).toEqual([4, 6]);
      view.dispose();
      expect(() => step(x)).toThrow(sg.DisposedError);
      step.dispose();
    });
  });

  test("tensors that the function makes stay", () => {
    using(
      sg.compile((x: Row) => sg.add(x, sg.tensor([10, 20], [2]))),
      (step) => {
        for (let i = 0; i < 3; i++) expect(step(row(1, 2)).toArray()).toEqual([11, 22]);
      },
    );
  });

  test("a call that traces again disposes the results of the previous program", () => {
    sg.scope(() => {
      let k = row(1, 1);
      const step = sg.compile((x: Row) => sg.add(x, k) as Row);
      const first = step(row(1, 2));
      k.dispose();
      k = row(10, 10);
      // The old result is also an argument.
      const second = step(first);
      expect(second.toArray()).toEqual([12, 13]);
      expect(first.isDisposed).toBe(true);
      step.dispose();
      expect(second.isDisposed).toBe(true);
    });
  });
});

test("a first call that fails leaves no program behind", () => {
  sg.scope(() => {
    const step = sg.compile((x: sg.Tensor<[number]>, y: sg.Tensor<[number]>) => [sg.mul(x, 2), sg.exp(y)], {
      donate: 0,
    });
    const x = row(1, 2);
    for (let i = 0; i < 2; i++) expect(() => expectNoLeak(() => step(x, x))).toThrow(sg.AliasError);
    expect(x.toArray()).toEqual([1, 2]);
    step(x, row(0, 0));
    expect(x.toArray()).toEqual([2, 4]);
    step.dispose();
  });
});
