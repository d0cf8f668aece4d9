// The optimizers' own ops against the public ones that they stand for: the same bits, and gradients.
import { describe, expect, test } from "vitest";
import * as sg from "../../src/index.js";
import { blend, blendSquare, descend, overRoot } from "../../src/ops/optimizer-steps.js";
import { expectSameBits } from "../support/bits.js";

type Any = sg.AnyTensor;
type Form = (a: Any, b: Any, c: Any | number) => Any;

const D = 0.3;
const FORMS: readonly (readonly [name: string, op: Form, composed: Form])[] = [
  ["blend", (a, b, c) => blend(a, b, c, D), (a, b, c) => sg.add(sg.mul(a, c), sg.mul(b, D))],
  ["blendSquare", (a, b, c) => blendSquare(a, b, c, D), (a, b, c) => sg.add(sg.mul(a, c), sg.mul(sg.square(b), D))],
  [
    "overRoot",
    (a, b, c) => overRoot(a, b, c, D),
    (a, b, c) => sg.div(a, sg.add(sg.div(sg.sqrt(b as never), c), D)) as Any,
  ],
  ["descend", descend, (a, b, c) => sg.sub(a, sg.mul(b, c))],
];

const SPECIAL = [0, -0, 1, -1, 1e-45, 5e-324, 1e38, -1e38, 1e308, Infinity, -Infinity, Number.NaN];

describe.each(FORMS)("%s", (_, op, composed) => {
  for (const dtype of ["float32", "float64"] as const) {
    test(`${dtype}: has the bits of the ops it replaces, at every length`, () => {
      for (const n of [1, 2, 3, 4, 7, 8, 15, 16, 17, 33, 70]) {
        sg.scope(() => {
          const [a, b]: Any[] = [1, 2].map((seed) => sg.random.normal([n], { seed, dtype }));
          for (const c of [0.7, sg.tensor(0.7, undefined, dtype), sg.random.uniform([n], { seed: 3, dtype })]) {
            expectSameBits(op(a!, b!, c).data, composed(a!, b!, c).data);
          }
        });
      }
    });

    test(`${dtype}: at zeros, infinities and the ends of the range`, () => {
      sg.scope(() => {
        const column: Any = sg.tensor(SPECIAL, [SPECIAL.length, 1], dtype);
        const row: Any = sg.tensor(SPECIAL, [SPECIAL.length], dtype);
        for (const c of [1, -0.5]) {
          const [actual, expected] = [op(column, row, c), composed(column, row, c)];
          // Which of two NaNs goes on is the processor's affair.
          expect(Array.from(actual.data)).toEqual(Array.from(expected.data));
        }
      });
    });
  }

  test("gradients, and those of gradients", () => {
    sg.scope(() => {
      const input = (n: number, seed: number): Any =>
        sg.random.uniform([n], { seed, low: 0.5, high: 2, dtype: "float64" });
      const inputs: [Any, Any, Any] = [input(5, 1), input(5, 2), input(1, 3)];
      const total = (a: Any, b: Any, c: Any): sg.Tensor<[], "float64"> => sg.sum(sg.square(op(a, b, c))) as never;
      sg.checkGrad(total, inputs);
      const slope = sg.grad(total, { argnums: [0, 1, 2] as const });
      const slopes = (...args: [Any, Any, Any]): sg.Tensor<[], "float64"> =>
        slope(...args).reduce((sum, g) => sg.add(sum, sg.sum(sg.square(g))), sg.zeros([], "float64")) as never;
      sg.checkGrad(slopes, inputs);
    });
  });
});

test("an update can be differentiated, in its learning rate too", () => {
  sg.scope(() => {
    const start: Any = sg.tensor([1, -2, 3], undefined, "float64");
    const slope: Any = sg.tensor([0.5, 1, -1.5], undefined, "float64");
    for (const optimizer of [
      sg.optim.sgd({ learningRate: 1 }),
      sg.optim.momentum({ learningRate: 1, nesterov: true }),
      sg.optim.adamW({ learningRate: 1, epsilon: 0.1 }),
    ]) {
      const [, state] = optimizer.update(start, slope, optimizer.init(start));
      const after = (p: Any, g: Any, learningRate: Any): sg.Tensor<[], "float64"> =>
        sg.sum(sg.square(optimizer.update(p, g, state, { learningRate: learningRate as never })[0])) as never;
      sg.checkGrad(after, [start, slope, sg.tensor(0.1, undefined, "float64") as Any]);
    }
  });
});
