// First-order optimizers against their formulas in plain float64 arithmetic; pure and donated updates.
import { describe, expect, test } from "vitest";
import {
  type AnyTensor,
  DisposedError,
  DTypeError,
  memory,
  optim,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.js";
import { expectSameBits } from "../support/bits.js";
import { copiesOf, expectNoLeak } from "../support/memory.js";
import { allTensors, expectSameTensors, leavesOf, type Params, structure, valuesOf } from "../support/parameters.js";
import { optimizers as tolerances } from "../tolerances.js";

/** One number's way through an optimizer: from its gradients, one a step, its values after each. */
type Formula = (start: number, gradients: readonly number[]) => number[];

const sgd =
  (rate: number): Formula =>
  (start, gradients) => {
    let p = start;
    return gradients.map((g) => {
      p -= rate * g;
      return p;
    });
  };

const momentum =
  (rate: number, mu: number, nesterov: boolean): Formula =>
  (start, gradients) => {
    let p = start;
    let v = 0;
    return gradients.map((g) => {
      v = mu * v + g;
      p -= rate * (nesterov ? g + mu * v : v);
      return p;
    });
  };

/** Kingma and Ba's algorithm 1, in their order; with the decay of Loshchilov and Hutter's algorithm 2. */
const adam =
  (rate: number, beta1: number, beta2: number, epsilon: number, decay: number): Formula =>
  (start, gradients) => {
    let p = start;
    let m = 0;
    let v = 0;
    return gradients.map((g, i) => {
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      const mean = m / (1 - beta1 ** (i + 1));
      const variance = v / (1 - beta2 ** (i + 1));
      p = p - rate * decay * p - (rate * mean) / (Math.sqrt(variance) + epsilon);
      return p;
    });
  };

const CASES: readonly (readonly [title: string, optimizer: optim.Optimizer, formula: Formula])[] = [
  ["sgd", optim.sgd({ learningRate: 0.1 }), sgd(0.1)],
  ["momentum", optim.momentum({ learningRate: 0.1 }), momentum(0.1, 0.9, false)],
  ["momentum, another factor", optim.momentum({ learningRate: 0.1, momentum: 0.5 }), momentum(0.1, 0.5, false)],
  ["momentum, Nesterov", optim.momentum({ learningRate: 0.1, nesterov: true }), momentum(0.1, 0.9, true)],
  ["adam", optim.adam({ learningRate: 0.01 }), adam(0.01, 0.9, 0.999, 1e-8, 0)],
  [
    "adam, other factors",
    optim.adam({ learningRate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-3 }),
    adam(0.01, 0.8, 0.95, 1e-3, 0),
  ],
  ["adamW", optim.adamW({ learningRate: 0.01 }), adam(0.01, 0.9, 0.999, 1e-8, 0.01)],
  ["adamW, another decay", optim.adamW({ learningRate: 0.01, weightDecay: 0.1 }), adam(0.01, 0.9, 0.999, 1e-8, 0.1)],
];

const STEPS = 7;

describe.each(CASES)("%s", (_, optimizer, formula) => {
  for (const dtype of ["float32", "float64"] as const) {
    for (const donate of [false, true]) {
      test(`${dtype}, ${donate ? "donated" : "pure"}: is the formula`, () => {
        scope(() => {
          let params = structure(1, dtype);
          const gradients = Array.from({ length: STEPS }, (_, i) => structure(i + 2, dtype));
          const starts = valuesOf(params);
          const slopes = gradients.map(valuesOf);
          const expected = starts.map((start, i) =>
            formula(
              start,
              slopes.map((step) => step[i]!),
            ),
          );
          let state = optimizer.init(params);
          for (let step = 0; step < STEPS; step++) {
            [params, state] = optimizer.update(params, gradients[step]!, state, { donate });
            const errors = valuesOf(params).map((value, i) => {
              const reference = expected[i]![step]!;
              return Math.abs(value - reference) / (1 + Math.abs(reference));
            });
            expect(Math.max(...errors)).toBeLessThan(tolerances[dtype]);
          }
        });
      });
    }
  }

  test("leaves its inputs as they are; donated, it writes into them, and to the same bits", () => {
    scope(() => {
      let [pure, donated] = [structure(1, "float32"), structure(1, "float32")];
      let [pureState, donatedState] = [optimizer.init(pure), optimizer.init(donated)];
      for (let step = 0; step < 3; step++) {
        const gradients = structure(step + 2, "float32");
        const before = leavesOf(pure);
        const values = copiesOf(before);
        const slopes = copiesOf(leavesOf(gradients));
        const same = leavesOf(donated);
        [pure, pureState] = optimizer.update(pure, gradients, pureState);
        [donated, donatedState] = optimizer.update(donated, gradients, donatedState, { donate: true });
        before.forEach((tensor, i) => {
          expectSameBits(tensor.data, values[i]!);
        });
        leavesOf(gradients).forEach((tensor, i) => {
          expectSameBits(tensor.data, slopes[i]!);
        });
        leavesOf(donated).forEach((tensor, i) => {
          expect(tensor).toBe(same[i]);
          expect(leavesOf(pure)[i]).not.toBe(before[i]);
          expectSameBits(tensor.data, leavesOf(pure)[i]!.data);
        });
      }
    });
  });

  test("gives back the structure that it was given, with shapes and dtypes", () => {
    scope(() => {
      const params = structure(1, "float64");
      const [next] = optimizer.update(params, structure(2, "float64"), optimizer.init(params));
      expect(next.layers.length).toBe(2);
      expect(Object.keys(next.layers[0]!)).toEqual(["w", "b"]);
      leavesOf(next).forEach((tensor, i) => {
        expect(tensor).toMatchObject({ shape: leavesOf(params)[i]!.shape, dtype: "float64" });
      });
    });
  });

  test("makes new parameters and new state and nothing more; donated, nothing", () => {
    expectNoLeak(() => {
      scope(() => {
        const params = structure(1, "float32");
        const gradients = structure(2, "float32");
        const state = optimizer.init(params);
        const { tensors, bytes } = memory();
        optimizer.update(params, gradients, state, { donate: true });
        expect(memory()).toMatchObject({ tensors, bytes });
        const parts = Object.values(state).length;
        const [next, nextState] = optimizer.update(params, gradients, state);
        const made = new Set([next, nextState].flatMap(allTensors));
        expect(memory().tensors).toBe(tensors + made.size);
        expect(made.size).toBeLessThanOrEqual(5 * (1 + parts));
      });
    });
  });

  test("takes one step's learning rate in place of its own", () => {
    scope(() => {
      const params = structure(1, "float64");
      const gradients = structure(2, "float64");
      const [still] = optimizer.update(params, gradients, optimizer.init(params), { learningRate: 0 });
      expect(valuesOf(still)).toEqual(valuesOf(params));
      const [once] = optimizer.update(params, gradients, optimizer.init(params), { learningRate: 0.5 });
      const [twice] = optimizer.update(params, gradients, optimizer.init(params), { learningRate: 1 });
      const [a, b, c] = [params, once, twice].map(valuesOf) as [number[], number[], number[]];
      a.forEach((start, i) => {
        expect((c[i]! - start) / (b[i]! - start)).toBeCloseTo(2, 9);
      });
    });
  });

  test("takes a scalar tensor for a learning rate: the bits of the same number", () => {
    scope(() => {
      for (const dtype of ["float32", "float64"] as const) {
        for (const [rate, number] of [
          [tensor(0.3, undefined, "float64"), 0.3],
          [tensor(0.3), Math.fround(0.3)],
        ] as const) {
          let [actual, expected] = [structure(1, dtype), structure(1, dtype)];
          let [actualState, expectedState] = [optimizer.init(actual), optimizer.init(expected)];
          for (let step = 0; step < 3; step++) {
            const gradients = structure(step + 2, dtype);
            const update = { donate: step > 0 };
            [actual, actualState] = optimizer.update(actual, gradients, actualState, { ...update, learningRate: rate });
            [expected, expectedState] = optimizer.update(expected, gradients, expectedState, {
              ...update,
              learningRate: number,
            });
          }
          expectSameTensors([actual, actualState], [expected, expectedState]);
        }
      }
    });
  });

  test("refuses a learning rate that is not a float scalar, before anything is written", () => {
    scope(() => {
      const params = structure(1, "float32");
      const gradients = structure(2, "float32");
      const state = optimizer.init(params);
      const before = copiesOf(allTensors([params, state]));
      const update = (learningRate: AnyTensor) => () =>
        optimizer.update(params, gradients, state, { donate: true, learningRate: learningRate as Tensor<[]> });
      const gone = tensor(0.1);
      gone.dispose();
      expectNoLeak(() => {
        scope(() => {
          expect(update(tensor([0.1]))).toThrow(ShapeError);
          expect(update(tensor([0.1]))).toThrow(
            "update: learningRate must be a number or a float scalar, got Tensor(float32 [1])",
          );
          expect(update(tensor(1, undefined, "int32"))).toThrow(DTypeError);
          expect(update(gone)).toThrow(DisposedError);
        });
      });
      allTensors([params, state]).forEach((tensor, i) => {
        expectSameBits(tensor.data, before[i]!);
      });
    });
  });

  test("that fails changes nothing, and names what does not fit", () => {
    scope(() => {
      const params = structure(1, "float32");
      const gradients = structure(2, "float32");
      const [next, state] = optimizer.update(params, gradients, optimizer.init(params));
      const watched = [next, gradients, state].flatMap(allTensors);
      const before = copiesOf(watched);
      const wrong = { ...gradients, scale: zeros([7]) };
      const mixed = { ...gradients, scale: zeros([], "float64") };
      const fewer = { layers: gradients.layers } as Params;
      expectNoLeak(() => {
        for (const donate of [false, true]) {
          const update = (slopes: Params) => () => optimizer.update(next, slopes, state, { donate });
          expect(update(wrong)).toThrow(ShapeError);
          expect(update(wrong)).toThrow("update: gradients.scale is Tensor(float32 [7]), expected Tensor(float32 [])");
          expect(update(mixed)).toThrow(/float64.*float32/);
          expect(update(fewer)).toThrow("update: gradients: expected {layers, scale}, got {layers}");
        }
      });
      watched.forEach((tensor, i) => {
        expectSameBits(tensor.data, before[i]!);
      });
    });
  });
});

test("adam's first step is the learning rate against the gradient's sign, whatever its size", () => {
  scope(() => {
    const params = { w: tensor([1, 1, 1], undefined, "float64") };
    const optimizer = optim.adam({ learningRate: 0.25 });
    const gradients = { w: tensor([1e-3, -4, 1e6], undefined, "float64") };
    const [{ w }] = optimizer.update(params, gradients, optimizer.init(params));
    expect(w.toArray()[0]).toBeCloseTo(0.75, 5);
    expect(w.toArray()[1]).toBeCloseTo(1.25, 8);
    expect(w.toArray()[2]).toBeCloseTo(0.75, 8);
  });
});

test("golden values, as PyTorch's formulas give them by hand", () => {
  scope(() => {
    const step = (optimizer: optim.Optimizer): number[] => {
      let w: Tensor<[1], "float64"> = tensor([2], undefined, "float64");
      let state = optimizer.init(w);
      return [1, 3].map((g) => {
        [w, state] = optimizer.update(w, tensor([g], undefined, "float64"), state);
        return w.item();
      });
    };
    // v = 1, then 0.9 + 3 = 3.9: 2 - 0.1, then 1.9 - 0.39.
    expect(step(optim.momentum({ learningRate: 0.1 }))[1]).toBeCloseTo(1.51, 14);
    // 2 - 0.1 (1 + 0.9), then 1.81 - 0.1 (3 + 0.9 3.9).
    expect(step(optim.momentum({ learningRate: 0.1, nesterov: true }))[1]).toBeCloseTo(1.159, 14);
    // m = 0.1, 0.39; v = 0.001, 0.009999; corrected by 0.19 and 0.001999.
    expect(step(optim.adam({ learningRate: 0.1 }))[1]).toBeCloseTo(
      1.9 - (0.1 * (0.39 / 0.19)) / Math.sqrt(0.009999 / 0.001999),
      8,
    );
  });
});
