// compile() for its users: structures in and out, lifetimes of results, donation, errors, explain and profile.
// Whether it computes the right thing for any program is programs.test.ts.
import { describe, expect, test } from "vitest";
import * as sg from "../../src/index.js";
import { hashOf } from "../support/bits.js";
import { using } from "../support/compiled.js";
import { inNode } from "../support/engine.js";
import { expectNoLeak } from "../support/memory.js";

const row = (...values: number[]): sg.Tensor<[number]> => sg.tensor(values, [values.length]);

describe("structures", () => {
  test("nested arguments and results keep their form, other values pass through", () => {
    const f = (p: { w: sg.Tensor<[number]>; deep: [sg.Tensor<[number]>, number] }, k: number) => ({
      sum: sg.add(p.w, p.deep[0]),
      list: [sg.mul(p.w, k), "text", null] as const,
      same: p.w,
    });
    using(sg.compile(f), (step) => {
      const w = row(1, 2);
      const result = step({ w, deep: [row(10, 20), 7] }, 3);
      expect(result.sum.toArray()).toEqual([11, 22]);
      expect(result.list[0].toArray()).toEqual([3, 6]);
      expect(result.list.slice(1)).toEqual(["text", null]);
      expect(result.same).toBe(w);
    });
  });

  test("the types are those of the function", () => {
    const step = sg.compile((x: sg.Tensor<[2, 3]>, w: sg.Tensor<[3, 4]>) => sg.matmul(x, w));
    const y: sg.Tensor<[2, 4]> = step(sg.ones([2, 3]), sg.ones([3, 4]));
    expect(y.shape).toEqual([2, 4]);
    // @ts-expect-error the second argument must be a tensor of another shape
    if (y.size === 0) step(sg.ones([2, 3]), sg.ones([4, 3]));
    step.dispose();
  });

  test("a tensor returned twice comes back in two tensors of their own", () => {
    const f = (x: sg.Tensor<[number]>) => {
      const y = sg.neg(x);
      return [y, y, sg.reshape(y, [2, 1])] as const;
    };
    using(sg.compile(f), (step) => {
      const [a, b, c] = step(row(1, 2));
      expect([a.toArray(), b.toArray(), c.toArray()]).toEqual([
        [-1, -2],
        [-1, -2],
        [[-1], [-2]],
      ]);
      expect(new Set([a, b, c].map(({ data }) => data.byteOffset)).size).toBe(3);
    });
  });

  test("empty tensors, scalars and functions without arguments", () => {
    using(
      sg.compile((x: sg.AnyTensor) => [sg.sum(x), sg.neg(x)] as const),
      (step) => {
        const [total, negated] = step(sg.zeros([0, 3]));
        expect(total.item()).toBe(0);
        expect(negated.shape).toEqual([0, 3]);
      },
    );
    const k = row(1, 2);
    using(
      sg.compile(() => sg.mul(k, 2)),
      (step) => {
        expect(step().toArray()).toEqual([2, 4]);
        expect(step.explain().steps).toHaveLength(1);
      },
    );
  });
});

describe("results belong to the program", () => {
  test("the next call disposes them; a clone lasts", () => {
    using(
      sg.compile((x: sg.Tensor<[number]>) => sg.neg(x)),
      (step) => {
        const first = step(row(1));
        const kept = first.clone();
        const second = step(row(2));
        expect(() => first.data).toThrow(sg.DisposedError);
        expect([kept.item(), second.item()]).toEqual([-1, -2]);
      },
    );
  });

  test("they may be passed in again", () => {
    const f = (x: sg.Tensor<[number]>) => sg.mul(sg.sum(x), x) as sg.Tensor<[number]>;
    using(sg.compile(f), (step) => {
      let x = row(0.5, 1);
      let expected = x;
      for (let i = 0; i < 5; i++) {
        x = step(x);
        expected = f(expected);
        expect(x.toArray()).toEqual(expected.toArray());
      }
    });
  });

  test("into writes them where the caller says", () => {
    using(
      sg.compile((x: sg.Tensor<[number]>) => ({ y: sg.neg(x), x })),
      (step) => {
        const x = row(1, 2);
        const out = { y: sg.zeros([2]) as sg.Tensor<[number]>, x: sg.zeros([2]) as sg.Tensor<[number]> };
        expect(step.into(out, x)).toBe(out);
        expect([out.y.toArray(), out.x.toArray()]).toEqual([
          [-1, -2],
          [1, 2],
        ]);
        expect(() => step.into({ y: x, x: out.x }, x)).toThrow(sg.AliasError);
        expect(() => step.into({ y: sg.zeros([3]), x }, x)).toThrow(sg.ShapeError);
        expect(() => step.into({ y: sg.zeros([2], "float64") as never, x }, x)).toThrow(sg.DTypeError);
        expect(step(x).y.toArray()).toEqual([-1, -2]);
      },
    );
  });

  test("all memory comes back with dispose, and the step can be used again", () => {
    expectNoLeak(() =>
      sg.scope(() => {
        const constant = row(1, 2, 3);
        const step = sg.compile((x: sg.Tensor<[number]>) => sg.exp(sg.add(sg.matmul(x, x), constant)));
        step(row(1, 2, 3)).dispose();
        step.dispose();
        step(row(1, 2, 3));
        step.dispose();
      }),
    );
  });
});

describe("donated arguments", () => {
  test("are written in place and come back as the same tensors", () => {
    const update = (p: { a: sg.Tensor<[number]>; b: sg.Tensor<[number]> }, g: sg.Tensor<[number]>) =>
      [{ a: sg.sub(p.a, g), b: sg.mul(p.b, 2) }, sg.sum(g)] as const;
    using(sg.compile(update, { donate: 0 }), (step) => {
      const p = { a: row(1, 2), b: row(3, 4) };
      for (let i = 0; i < 2; i++) {
        const [q, total] = step(p, row(1, 1));
        expect([q.a, q.b]).toEqual([p.a, p.b]);
        expect(q.a).toBe(p.a);
        expect(total.item()).toBe(2);
      }
      expect([p.a.toArray(), p.b.toArray()]).toEqual([
        [-1, 0],
        [12, 16],
      ]);
    });
  });

  test("may change places", () => {
    using(
      sg.compile((a: sg.Tensor<[number]>, b: sg.Tensor<[number]>) => [b, sg.add(a, b)] as const, { donate: [0, 1] }),
      (step) => {
        const [a, b] = [row(1), row(10)];
        const [x, y] = step(a, b);
        expect([x.item(), y.item()]).toEqual([10, 11]);
      },
    );
    const swap = (a: sg.Tensor<[number]>, b: sg.Tensor<[number]>): void => {
      const before = sg.mul(a, 1);
      sg.mul(b, 1, { out: a });
      sg.mul(before, 1, { out: b });
    };
    using(sg.compile(swap), (step) => {
      const [a, b] = [row(1), row(10)];
      step(a, b);
      expect([a.item(), b.item()]).toEqual([10, 1]);
      step(a, b);
      expect([a.item(), b.item()]).toEqual([1, 10]);
    });
  });

  test("a value that is read after it was overwritten is not lost", () => {
    // The new p is needed by a product that also reads the old one.
    const f = (p: sg.Tensor<[2, 2]>) => [sg.mul(p, 2), sg.matmul(p, p)] as const;
    using(sg.compile(f, { donate: 0 }), (step) => {
      const p = sg.tensor([
        [1, 2],
        [3, 4],
      ]) as unknown as sg.Tensor<[2, 2]>;
      const [, square] = step(p);
      expect(p.toArray()).toEqual([
        [2, 4],
        [6, 8],
      ]);
      expect(square.toArray()).toEqual([
        [7, 10],
        [15, 22],
      ]);
    });
  });

  test("a tensor that is written can't be passed twice", () => {
    const step = sg.compile((p: sg.Tensor<[number]>, x: sg.Tensor<[number]>) => sg.sub(p, x), { donate: 0 });
    using(step, () => {
      const p = row(1, 2);
      expect(() => step(p, p)).toThrow(sg.AliasError);
      expect(() => step(p, p)).toThrow(/donated/);
      const captured = sg.compile((q: sg.Tensor<[number]>) => sg.sub(q, p), { donate: 0 });
      expect(() => captured(p)).toThrow(/used by the function from outside/);
      expect(captured(row(1, 2)).toArray()).toEqual([0, 0]);
      captured.dispose();
      // As it stands, the gradient is of what was written: 0. Nothing reads p in the program.
      const inner = sg.compile((q: sg.Tensor<[number]>) => {
        const slope = sg.grad((x: sg.Tensor<[number]>) => {
          sg.mul(row(5, 6), 1, { out: q });
          return sg.sum(x);
        })(p);
        return [slope, q] as const;
      });
      expect(() => inner(p)).toThrow(/used by the function from outside/);
      inner.dispose();
      expect(p.toArray()).toEqual([1, 2]);
      step(p, row(1, 1));
      expect(p.toArray()).toEqual([0, 1]);
    });
    expect(() => sg.compile((x: sg.Tensor<[number]>) => sg.neg(x), { donate: 1 })(row(1))).toThrow(RangeError);
  });
});

describe("at each call", () => {
  test("each call reads tensors from outside again", () => {
    const scale = row(2, 3);
    using(
      sg.compile((x: sg.Tensor<[number]>) => sg.mul(x, scale)),
      (step) => {
        const x = row(1, 1);
        expect(step(x).toArray()).toEqual([2, 3]);
        scale.data[0] = 7;
        expect(step(x).toArray()).toEqual([7, 3]);
      },
    );
  });

  test("disposed arguments and labels out of range are refused", () => {
    using(
      sg.compile((logits: sg.Tensor<[2, 3]>, labels: sg.Tensor<[number], "int32">) =>
        sg.softmaxCrossEntropy(logits, labels),
      ),
      (step) => {
        const logits = sg.zeros([2, 3]);
        const labels = (...values: number[]): sg.Tensor<[number], "int32"> =>
          sg.tensor(Int32Array.from(values), [2], "int32");
        expect(step(logits, labels(0, 2)).item()).toBeCloseTo(Math.log(3), 6);
        expect(() => step(logits, labels(0, 3))).toThrow(sg.ShapeError);
        const gone = sg.zeros([2, 3]);
        gone.dispose();
        expect(() => step(gone, labels(0, 1))).toThrow(sg.DisposedError);
      },
    );
  });

  test("within a gradient or another compiled function it is as if it were not compiled", () => {
    const inner = sg.compile((x: sg.Tensor<[number]>) => sg.square(x));
    expect(
      sg
        .grad((x: sg.Tensor<[number]>) => sg.sum(inner(x)))(row(1, 2))
        .toArray(),
    ).toEqual([2, 4]);
    using(
      sg.compile((x: sg.Tensor<[number]>) => sg.neg(inner(x))),
      (step) => {
        expect(step(row(1, 2)).toArray()).toEqual([-1, -4]);
      },
    );
    inner.dispose();
  });

  test("memory may grow between calls and while tracing", () => {
    using(
      sg.compile((x: sg.Tensor<[number]>) => sg.add(sg.exp(x), x)),
      (step) => {
        const x = row(0, 1);
        const first = step(x).toArray();
        for (let i = 0; i < 3; i++) {
          sg.zeros([sg.memory().reserved / 4]).dispose();
          expect(step(x).toArray()).toEqual(first);
        }
      },
    );
  });

  test.runIf(inNode)("a steady state allocates nothing, in wasm or on the heap", () => {
    const optimizer = sg.optim.adam({ learningRate: 0.01 });
    const loss = (p: { w: sg.Tensor<[3, 2]>; b: sg.Tensor<[2]> }, x: sg.Tensor<[4, 3]>) =>
      sg.mean(sg.square(sg.sigmoid(sg.linear(x, p.w, p.b))));
    const params = { w: sg.random.normal([3, 2], { seed: 1 }), b: sg.zeros([2]) };
    const state = optimizer.init(params);
    const x = sg.random.normal([4, 3], { seed: 2 });
    const step = sg.compile(
      (p: typeof params, s: typeof state, x: sg.Tensor<[4, 3]>) => {
        const [value, gradients] = sg.valueAndGrad(loss)(p, x);
        return [optimizer.update(p, gradients, s), value] as const;
      },
      { donate: [0, 1] },
    );
    const heap: number[] = [];
    step(params, state, x);
    const before = sg.memory();
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 25_000; i++) step(params, state, x);
      (globalThis as { gc?: () => void }).gc?.();
      heap.push(process.memoryUsage().heapUsed);
    }
    expect(sg.memory()).toEqual(before);
    // Without a forced collection the heap breathes; 10^5 steps that leaked 100 bytes each would add 10 MB.
    expect(Math.min(...heap.slice(2)) - Math.min(...heap.slice(0, 2))).toBeLessThan(8e6);
    step.dispose();
  });
});

describe("a program explains itself", () => {
  const model = (p: { w1: sg.Tensor<[64, 25]>; b1: sg.Tensor<[25]> }, x: sg.Tensor<[100, 64]>) =>
    sg.valueAndGrad((p: { w1: sg.Tensor<[64, 25]>; b1: sg.Tensor<[25]> }, x: sg.Tensor<[100, 64]>) =>
      sg.sum(sg.square(sg.sigmoid(sg.linear(x, p.w1, p.b1)))),
    )(p, x);
  const params = { w1: sg.random.glorot([64, 25], { seed: 1 }), b1: sg.zeros([25]) };
  const x = sg.random.normal([100, 64], { seed: 2 });

  test("as data and as a table", () => {
    using(sg.compile(model), (step) => {
      expect(() => step.explain()).toThrow(/call the function first/);
      const { steps, arenaBytes, liveBytes, resultBytes } = step.explain(params, x);
      expect(steps[0]).toMatchObject({ shape: [100, 25], dtype: "float32", instructions: 1 });
      expect(steps[0]!.ops.slice(0, 3)).toEqual(["linear", "sigmoid", "square"]);
      expect(steps[0]!.flops).toBeGreaterThan(2 * 100 * 64 * 25);
      expect(arenaBytes).toBeLessThanOrEqual(1.3 * liveBytes);
      expect(resultBytes).toBe(4 + 4 * (64 * 25 + 25));
      expect(String(step.explain())).toMatch(/linear \+ sigmoid[\s\S]*arena \d/);
    });
  });

  test("with times, step by step", () => {
    using(sg.compile(model), (step) => {
      const profile = step.profile(params, x);
      expect(profile.steps.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
      expect(String(profile)).toMatch(/GFLOP\/s/);
    });
  });

  test("as a picture of the graph", () => {
    using(sg.compile(model), (step) => {
      const dot = step.toDot(params, x);
      expect(dot).toMatch(/^digraph program \{/);
      expect(dot).toMatch(/subgraph cluster0/);
      expect(dot.match(/->/g)!.length).toBeGreaterThan(5);
    });
  });
});

test("a whole training run has the same bits, eager and compiled", () => {
  const optimizer = sg.optim.adamW({ learningRate: 0.01 });
  type Net = { w: sg.Tensor<[number, number]>; b: sg.Tensor<[number]> }[];
  const net = (): Net =>
    [5, 16, 3].slice(1).map((out, i) => ({ w: sg.random.he([[5, 16][i]!, out], { seed: i }), b: sg.zeros([out]) }));
  const loss = (p: Net, x: sg.Tensor<[number, number]>, y: sg.Tensor<[number], "int32">) =>
    sg.softmaxCrossEntropy(
      p.reduce((h, { w, b }, i) => (i === 0 ? sg.relu(sg.linear(h, w, b)) : sg.linear(h, w, b)), x),
      y,
    );
  const train = (
    p: Net,
    s: ReturnType<typeof optimizer.init<Net>>,
    x: sg.Tensor<[number, number]>,
    y: sg.Tensor<[number], "int32">,
  ) => {
    const [value, gradients] = sg.valueAndGrad(loss)(p, x, y);
    const [next, state] = optimizer.update(p, gradients, s, { donate: true });
    return [value, next, state] as const;
  };
  const run = (step: typeof train): string => {
    const p = net();
    const s = optimizer.init(p);
    const x = sg.random.normal([20, 5], { seed: 9 });
    const y = sg.tensor(Int32Array.from({ length: 20 }, (_, i) => i % 3));
    for (let i = 0; i < 50; i++) sg.scope(() => void step(p, s, x, y));
    return hashOf(new Float32Array(p.flatMap(({ w, b }) => [...w.data, ...b.data])));
  };
  const compiled = sg.compile(train);
  expect(run(compiled as never)).toBe(run(train));
  compiled.dispose();
});
