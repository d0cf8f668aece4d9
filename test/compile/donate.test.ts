// The result that replaces a donated tensor: its next value, in any order of results. Ambiguous programs are refused.
import { expect, test } from "vitest";
import * as sg from "../../src/index.js";
import { expectNoLeak } from "../support/memory.js";

type Row = sg.Tensor<[2]>;
const row = (a: number, b: number): Row => sg.tensor([a, b]);

/** A tensor's numbers with float32's rounding taken away. */
const numbers = (x: sg.AnyTensor): number[] => Array.from(x.data, (value) => Number(value.toPrecision(6)));

const slope = (w: Row): [sg.Tensor<[]>, Row] => sg.valueAndGrad((x: Row) => sg.sum(sg.square(x)))(w);

/** Runs a step some times, its results ignored, on the same tensors. */
function repeat(step: { (...args: never[]): unknown; dispose(): void }, times: number, ...args: unknown[]): void {
  for (let i = 0; i < times; i++) step(...(args as never[]));
  step.dispose();
}

const optimizers = {
  sgd: sg.optim.sgd({ learningRate: 0.1 }),
  momentum: sg.optim.momentum({ learningRate: 0.1 }),
  adam: sg.optim.adam({ learningRate: 0.1 }),
} as const;

test.each(Object.entries(optimizers))(
  "%s: parameters and state become what update returns for them",
  (_, optimizer) => {
    type State = sg.optim.OptimizerState<Row>;
    const orders = [
      (g: Row, w2: Row, s2: State, v: unknown) => ({ v, g, w2, s2 }),
      (g: Row, w2: Row, s2: State, v: unknown) => [g, [s2], { a: [w2] }, v],
      (g: Row, w2: Row, s2: State, v: unknown) => [s2, w2, w2, g, v],
      (g: Row, w2: Row, s2: State) => [w2, sg.mul(w2, 2), s2, sg.square(g)],
    ];
    sg.scope(() => {
      let [w, s] = [row(1, 2), optimizer.init(row(1, 2))];
      for (let i = 0; i < 3; i++) [w, s] = optimizer.update(w, slope(w)[1], s);
      for (const order of orders) {
        // A helper function updates. Its place in the code does not matter.
        const advance = (p: Row, before: State): unknown => {
          const [v, g] = slope(p);
          const [next, after] = optimizer.update(p, g, before);
          return order(g, next, after, v);
        };
        const [p, state] = [row(1, 2), optimizer.init(row(1, 2))];
        repeat(
          sg.compile((p: Row, before: State) => advance(p, before), { donate: [0, 1] }),
          3,
          p,
          state,
        );
        expect(p.toArray()).toEqual(w.toArray());
        for (const part of Object.keys(s)) expect(state[part]!.toArray()).toEqual(s[part]!.toArray());
      }
    });
  },
);

test("the last of several updates counts, and each network keeps to its own", () => {
  const { sgd } = optimizers;
  const step = sg.compile(
    (a: Row, b: Row) => {
      const once = sgd.update(a, row(1, 1), {})[0];
      const [other] = sgd.update(b, a, {});
      return { other, once, twice: sgd.update(once, row(1, 1), {})[0] };
    },
    { donate: [0, 1] },
  );
  const [a, b] = [row(1, 2), row(3, 4)];
  step(a, b);
  step.dispose();
  expect([numbers(a), numbers(b)]).toEqual([
    [0.8, 1.8],
    [2.9, 3.8],
  ]);
});

test("without an optimizer: the result at the argument's own place", () => {
  type P = { w: Row; b: Row };
  const step = sg.compile(
    (p: P, moment: P) => {
      const m = { w: sg.add(moment.w, p.w), b: sg.add(moment.b, p.b) };
      return [{ b: sg.sub(p.b, m.b), w: sg.sub(p.w, m.w) }, m, sg.neg(p.w)] as const;
    },
    { donate: [0, 1] },
  );
  const [p, m] = [
    { w: row(1, 2), b: row(3, 4) },
    { w: row(10, 20), b: row(30, 40) },
  ];
  const [q, n, other] = step(p, m);
  expect([q.w, q.b, n.w, n.b].map((x) => [p.w, p.b, m.w, m.b].indexOf(x))).toEqual([0, 1, 2, 3]);
  expect([p.w, p.b, m.w, m.b, other].map(numbers)).toEqual([
    [-10, -20],
    [-30, -40],
    [11, 22],
    [33, 44],
    [-1, -2],
  ]);
  step.dispose();
});

test("the only result that fits, at any place", () => {
  const w = row(1, 2);
  repeat(
    sg.compile((p: Row) => ({ loss: sg.sum(p), deep: [sg.mul(p, 2)] }), { donate: 0 }),
    2,
    w,
  );
  expect(w.toArray()).toEqual([4, 8]);
});

test("results whose names end like the argument's", () => {
  type P = { layers: { w: Row }[]; w: Row };
  const step = sg.compile(
    (p: P) => ({
      gradients: { first: sg.neg(p.w) },
      next: { w: sg.add(p.w, 1), layers: p.layers.map(({ w }) => ({ w: sg.mul(w, 2) })) },
    }),
    { donate: 0 },
  );
  const p = { layers: [{ w: row(1, 2) }, { w: row(3, 4) }], w: row(5, 6) };
  const { next } = step(p);
  expect([next.w, next.layers[0]!.w, next.layers[1]!.w]).toEqual([p.w, p.layers[0]!.w, p.layers[1]!.w]);
  expect([p.w, ...p.layers.map(({ w }) => w)].map(numbers)).toEqual([
    [6, 7],
    [2, 4],
    [6, 8],
  ]);
  step.dispose();
});

test("nothing is written where no result fits", () => {
  const w = row(1, 2);
  repeat(
    sg.compile((p: Row) => sg.sum(p), { donate: 0 }),
    2,
    w,
  );
  expect(w.toArray()).toEqual([1, 2]);
});

test.each([
  ["before the new value", (g: Row, w2: Row) => [g, w2]],
  ["behind it", (g: Row, w2: Row) => [w2, g]],
  ["under the tensor's name", (g: Row, w2: Row) => ({ w: g, next: { w: w2 } })],
])("a gradient never takes a donated tensor over: %s", (_, order) => {
  const byHand = (w: Row): unknown => {
    const [, g] = slope(w);
    return order(g, sg.sub(w, sg.mul(g, 0.1)));
  };
  const w = row(1, 2);
  repeat(sg.compile(byHand as (w: Row) => Row[], { donate: 0 }), 2, w);
  expect(numbers(w)).toEqual([0.64, 1.28]);

  const alone = row(1, 2);
  repeat(
    sg.compile((x: Row) => slope(x), { donate: 0 }),
    2,
    alone,
  );
  expect(numbers(alone)).toEqual([1, 2]);
});

test.each([
  ["a gradient and a new value by hand", (w: Row) => ({ g: sg.mul(w, 2), w2: sg.mul(w, 0.8) }), [0]],
  ["a gradient in the place of a new value that is a constant", (w: Row) => [sg.zeros([2]), sg.mul(w, 2)], [0]],
  ["twins whose results stand crosswise", (a: Row, b: Row) => [sg.neg(b), sg.exp(a)], [0, 1]],
  ["two that one result fits", (a: Row, b: Row) => ({ c: sg.add(a, b) }), [0, 1]],
  [
    "names that end alike",
    (p: { w: Row }, q: { w: Row }) => ({ p: { w: sg.neg(p.w) }, q: { w: sg.exp(q.w) } }),
    [0, 1],
  ],
] as [string, (...args: unknown[]) => unknown, number[]][])("refused: %s", (_, f, donate) => {
  sg.scope(() => {
    const isNamed = donate.length === 2 && f.toString().includes("p.w");
    const tensors = [row(1, 2), row(3, 4)];
    const args = isNamed ? tensors.map((w) => ({ w })) : tensors.slice(0, donate.length);
    const step = sg.compile(f, { donate });
    for (let i = 0; i < 2; i++) {
      expect(() => expectNoLeak(() => step(...args))).toThrow(sg.AliasError);
      expect(() => step(...args)).toThrow(/argument 0.*result.*in the arguments' order, or write them with out/);
    }
    expect(tensors.map(numbers)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    step.dispose();
  });
});

test("the error names the argument and every result that fits", () => {
  const step = sg.compile((p: { w: Row }) => ({ g: sg.mul(p.w, 2), list: [sg.neg(p.w)] }), { donate: 0 });
  expect(() => step({ w: row(1, 2) })).toThrow("argument 0.w may become result.g or result.list[0]");
});

test("old values that are needed are read before they are written over", () => {
  const rotate = sg.compile((a: Row, b: Row, c: Row) => [sg.add(b, a), sg.add(c, b), sg.add(a, c)], {
    donate: [0, 1, 2],
  });
  const [a, b, c] = [row(1, 10), row(2, 20), row(3, 30)];
  rotate(a, b, c);
  expect([a, b, c].map(numbers)).toEqual([
    [3, 30],
    [5, 50],
    [4, 40],
  ]);
  rotate.dispose();
  // A chain of values that only move on, and one that closes a circle through products.
  const fibonacci = sg.compile((x: Row, y: Row) => [y.clone(), sg.add(x, y)], { donate: [0, 1] });
  const [x, y] = [row(1, 1), row(1, 2)];
  repeat(fibonacci, 5, x, y);
  expect([x, y].map(numbers)).toEqual([
    [8, 13],
    [13, 21],
  ]);
  type Square = sg.Tensor<[2, 2]>;
  const [m, n]: Square[] = [
    sg.tensor([
      [1, 1],
      [1, 0],
    ]),
    sg.tensor([
      [2, 0],
      [0, 3],
    ]),
  ]; // prettier-ignore
  const products = sg.compile((p: Square, q: Square) => [sg.matmul(p, q), sg.matmul(q, p)] as const, {
    donate: [0, 1],
  });
  products(m!, n!);
  expect([m!.toArray(), n!.toArray()]).toEqual([
    [
      [2, 3],
      [2, 0],
    ],
    [
      [2, 2],
      [3, 0],
    ],
  ]);
  products.dispose();
});

test("arguments that come back crosswise, or in the place of another, are its next values", () => {
  type Many = (...rows: Row[]) => unknown;
  const cases: readonly [Many, number[][], number[][]][] = [
    [
      (a, b) => [b, a],
      [
        [1, 2],
        [3, 4],
      ],
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      (a, b, c) => [b, c, a],
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
      [
        [3, 3],
        [1, 1],
        [2, 2],
      ],
    ],
    [
      (a, b) => [b, sg.add(a!, b!)],
      [
        [1, 0],
        [2, 0],
      ],
      [
        [3, 0],
        [5, 0],
      ],
    ],
    [
      (online, target) => [sg.add(online!, 1), online, target],
      [
        [1, 2],
        [5, 5],
      ],
      [
        [3, 4],
        [2, 3],
      ],
    ],
    [(a) => [a, sg.neg(a!)], [[1, 2]], [[1, 2]]],
    [
      (a, b) => ({ b, sum: sg.sum(a!), a }),
      [
        [1, 2],
        [3, 4],
      ],
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ];
  for (const [f, before, after] of cases) {
    const tensors = before.map(([p, q]) => row(p!, q!));
    repeat(sg.compile(f as never, { donate: tensors.map((_, i) => i) }), 2, ...tensors);
    expect(tensors.map(numbers)).toEqual(after);
  }
});

test("fields of a state that move on", () => {
  const s = { prev: row(1, 1), cur: row(2, 2) };
  const step = sg.compile((s: { prev: Row; cur: Row }) => ({ prev: s.cur, cur: sg.add(s.prev, s.cur) }), { donate: 0 });
  repeat(step, 2, s);
  expect([numbers(s.prev), numbers(s.cur)]).toEqual([
    [3, 3],
    [5, 5],
  ]);
});

test("a place that only one of two alike has tells nothing; the same part of the result tells", () => {
  const next = (p: Row, v: Row): [Row, Row] => [sg.sub(p, sg.mul(v, 0.1)), sg.add(v, 1)];
  const orders: readonly [(p: Row, v: Row) => unknown, boolean][] = [
    [(p, v) => [sg.sum(p), ...next(p, v)], false],
    [(p, v) => ({ loss: sg.sum(p), p: next(p, v)[0], v: next(p, v)[1] }), false],
    [(p, v) => [...next(p, v), sg.sum(p)], true],
    [(p, v) => [sg.sum(p), next(p, v)], true],
    [(p, v) => ({ next: next(p, v), loss: sg.sum(p) }), true],
  ];
  for (const [f, isClear] of orders) {
    const [p, v] = [row(1, 2), row(10, 20)];
    const step = sg.compile(f, { donate: [0, 1] });
    if (isClear) step(p, v);
    else expect(() => step(p, v)).toThrow(/may become result.*return the next values first, in the arguments' order/);
    expect([p, v].map(numbers)).toEqual(
      isClear
        ? [
            [0, 0],
            [11, 21],
          ]
        : [
            [1, 2],
            [10, 20],
          ],
    );
    step.dispose();
  }
});
