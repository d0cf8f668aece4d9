// Cases of matrix products and the linear layer. Must not know the test runner.
import { map, type Nd, matmul as product, swapLast } from "../support/reference.js";
import type { Expected } from "../support/reference-compare.js";
import { between } from "../support/reference-samples.js";
import { sums } from "../tolerances.js";
import { type Case, call, DEFAULTS, type Options, operand, type Scenario, scenario } from "./case.js";

const FACTOR = operand(between(-1, 1), [-1, 1]);
const TRANSPOSE_A = { transposeA: true };
const TRANSPOSE_B = { transposeB: true };
const BOTH = { transposeA: true, transposeB: true };

/** The four ways two matrices of an m x k and a k x n product can lie in memory. */
export function layouts(m: number, n: number, k: number, batchA: number[] = [], batchB: number[] = []): Scenario[] {
  const straight = { a: [...batchA, m, k], b: [...batchB, k, n] };
  const turned = { a: [...batchA, k, m], b: [...batchB, n, k] };
  return [
    scenario([straight.a, straight.b]),
    scenario([straight.a, turned.b], TRANSPOSE_B),
    scenario([turned.a, straight.b], TRANSPOSE_A),
    scenario([turned.a, turned.b], BOTH),
  ];
}

/** The product's value, and its error by the product of the absolute values; the bias is one term more. */
function productReference([a, b, bias]: readonly Nd[], options: Options): Expected {
  const left = options["transposeA"] === true ? swapLast(a!) : a!;
  const right = options["transposeB"] === true ? swapLast(b!) : b!;
  const { value, magnitude } = product(left, right);
  const bound = sums.product(left.shape.at(-1)!);
  if (bias === undefined) return { value, slack: map((size) => bound * size, magnitude) };
  return {
    value: map((y, c) => y + c, value, bias),
    slack: map((size, c) => bound * (size + Math.abs(c)), magnitude, bias),
  };
}

export const products = {
  matmul: {
    ...DEFAULTS,
    name: "matmul",
    operands: [FACTOR, FACTOR],
    differentiable: [0, 1],
    run: ([a, b], options) => call("matmul", a, b, options),
    reference: productReference,
    scenarios: (size) => [...layouts(size, 5, 3), ...layouts(3, size, 4), ...layouts(3, 2, size)],
    gradients: [
      ...layouts(3, 2, 4),
      ...layouts(2, 3, 2, [3], [3]),
      ...layouts(2, 3, 2, [3], []),
      ...layouts(2, 3, 2, [], [3]),
      ...layouts(2, 3, 2, [2, 1], [3]),
      scenario([[4], [4]]),
      scenario([[3, 4], [4]]),
      scenario([[4], [4, 3]]),
      scenario([[4], [2, 4, 3]]),
      scenario([[2, 3, 4], [4]]),
      scenario([[4, 3], [4]], TRANSPOSE_A),
      scenario([[4], [3, 4]], TRANSPOSE_B),
    ],
  },
  linear: {
    ...DEFAULTS,
    name: "linear",
    operands: [FACTOR, FACTOR, FACTOR],
    differentiable: [0, 1, 2],
    run: ([x, w, b], options) => call("linear", x, w, b, options),
    reference: productReference,
    scenarios: (size) => [
      scenario([[size, 3], [3, 4], [4]]),
      scenario([[5, size], [size, 3], [3]]),
      scenario([[3, 2], [2, size], [size]]),
      scenario([[2, 3, size], [size, 2], [2]]),
      scenario([[size], [size, 3], [3]]),
    ],
    gradients: [scenario([[4, 3], [3, 2], [2]]), scenario([[2, 3, 4], [4, 2], [2]]), scenario([[3], [3, 2], [2]])],
  },
} satisfies Record<string, Case> as Record<"matmul" | "linear", Case>;
