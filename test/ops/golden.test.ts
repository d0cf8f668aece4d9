// The library against values from mpmath, NumPy and SciPy, made by golden/ops.py. Must not know kernels or memory.
import { describe, expect, it } from "vitest";
import {
  type AnyTensor,
  add,
  type FloatDType,
  linear,
  meanSquaredError,
  mul,
  relu,
  type Shape,
  scope,
  sigmoid,
  softmaxCrossEntropy,
  square,
  sum,
  type Tensor,
  tanh,
  valueAndGrad,
} from "../../src/index.js";
import { cases, type OpName, type Options, toTensor } from "../cases.js";
import ops from "../golden/ops.json" with { type: "json" };
import { type Nd, nd } from "../support/reference.js";
import { type FloatName, ulpError } from "../support/ulp.js";
import { golden as tolerance, ulps } from "../tolerances.js";

/** Numbers; NaN and infinities by name. */
type Numbers = readonly (number | string)[];

interface Packed {
  readonly shape: readonly number[];
  readonly int32: boolean;
  readonly data: Numbers;
}

/** Arguments, values, and what rounding them left; `b` for a second argument. */
interface Elementary {
  readonly x: Numbers;
  readonly b?: Numbers;
  readonly y: Numbers;
  readonly r: Numbers;
}

interface Network {
  readonly parameters: Readonly<Record<string, Packed>>;
  readonly x: Packed;
  readonly y: Packed;
  readonly loss: number;
  readonly gradients: Readonly<Record<string, Packed>>;
}

interface Golden {
  readonly elementary: Readonly<Record<string, Elementary>>;
  readonly calls: readonly {
    readonly op: OpName;
    readonly inputs: readonly Packed[];
    readonly options: Options;
    readonly output: Packed;
  }[];
  readonly networks: Readonly<Record<"classifier" | "regressor", Network>>;
}

const golden = ops as unknown as Golden;
const FLOATS: readonly FloatName[] = ["float32", "float64"];

function numbers(list: Numbers): number[] {
  return list.map(Number);
}

function unpack({ shape, data }: Packed): Nd {
  return nd(shape, numbers(data));
}

function packedTensor(x: Packed, dtype: FloatDType): AnyTensor {
  return toTensor(unpack(x), x.int32 ? "int32" : dtype);
}

describe.each(Object.entries(golden.elementary))("%s in float64", (name, { x, b, y, r }) => {
  it("is within 2 ULP of 60 digits", () => {
    const operands = (b === undefined ? [x] : [x, b]).map(numbers);
    const exact = numbers(y);
    const lost = numbers(r);
    scope(() => {
      const c = cases[name as OpName];
      const got = c.run(
        operands.map((list) => toTensor(nd([list.length], list), "float64")),
        {},
      ).data;
      exact.forEach((value, i) => {
        const error = ulpError(got[i]!, value, "float64", lost[i]!);
        if (!(error <= ulps.promised.float64)) {
          const point = operands.map((list) => list[i]).join(", ");
          expect.fail(`${name}(${point}) is ${got[i]}, exactly ${value}: ${error} ULP`);
        }
      });
    });
  });
});

/** Every element within a share of the greatest one; NaN, infinities and zeros' signs as they are. */
function expectClose(got: AnyTensor, expected: Nd, relative: number, what: string): void {
  expect(got.shape, what).toEqual(expected.shape);
  const finite = expected.data.filter(Number.isFinite);
  const greatest = finite.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  expected.data.forEach((x, i) => {
    const same = Object.is(got.data[i], x) || Math.abs(got.data[i]! - x) <= relative * greatest;
    if (!same) expect.fail(`${what}: element ${i} is ${got.data[i]}, expected ${x}`);
  });
}

describe("ops on tensors agree with NumPy and SciPy", () => {
  it.each([...new Set(golden.calls.map(({ op }) => op))])("%s", (name) => {
    for (const { op, inputs, options, output } of golden.calls) {
      if (op !== name) continue;
      for (const dtype of FLOATS) {
        scope(() => {
          const got = cases[op].run(
            inputs.map((x) => packedTensor(x, dtype)),
            options,
          );
          const what = `${op} ${dtype} of ${inputs.map(({ shape }) => `[${shape.join(", ")}]`).join(", ")}`;
          expect(got.dtype, what).toBe(output.int32 ? "int32" : dtype);
          expectClose(got, unpack(output), dtype === "float32" ? tolerance.float32 : tolerance.relative, what);
        });
      }
    }
  });
});

type Parameters = Record<string, Tensor<Shape, FloatDType>>;
type Loss = (parameters: Parameters, x: AnyTensor, y: AnyTensor) => Tensor<[], FloatDType>;

/** A layer whose sizes only the file knows. */
function layer(x: AnyTensor, p: Parameters, i: number): Tensor {
  return linear(x as Tensor, p[`w${i}`] as Tensor<[number, number]>, p[`b${i}`] as Tensor<[number]>);
}

const losses: Readonly<Record<keyof Golden["networks"], Loss>> = {
  classifier: (p, x, y) => softmaxCrossEntropy(layer(relu(layer(tanh(layer(x, p, 1)), p, 2)), p, 3), y as Tensor),
  regressor: (p, x, y) => {
    const penalty = add(sum(square(p["w1"]!)), sum(square(p["w2"]!)));
    return add(meanSquaredError(layer(sigmoid(layer(x, p, 1)), p, 2), y as Tensor), mul(penalty, 0.05)) as never;
  },
};

describe.each(["classifier", "regressor"] as const)("the gradient of a %s", (name) => {
  it.each(FLOATS)("agrees with NumPy: %s", (dtype) => {
    const network = golden.networks[name];
    const relative = dtype === "float32" ? tolerance.float32 : tolerance.relative;
    const parameters = Object.fromEntries(
      Object.entries(network.parameters).map(([key, value]) => [key, packedTensor(value, dtype)]),
    ) as Parameters;
    const [value, gradients] = valueAndGrad(losses[name])(
      parameters,
      packedTensor(network.x, dtype),
      packedTensor(network.y, dtype),
    );
    expectClose(value, nd([], [network.loss]), relative, "loss");
    expect(Object.keys(gradients).sort()).toEqual(Object.keys(network.gradients).sort());
    for (const [key, expected] of Object.entries(network.gradients)) {
      expectClose(gradients[key]!, unpack(expected), relative, key);
    }
  });
});
