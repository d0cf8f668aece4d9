// Tests of the sparse autoencoder in simdgrad: cost and gradient against NumPy's and plain JavaScript's, and its training.
import { optim, scope, type Tensor, tensor, valueAndGrad } from "simdgrad";
import { expect, test } from "vitest";
import { type AutoencoderParameters, costAndGradientLoop } from "../../bench/plain/plain-autoencoder.js";
import { initialParameters, type Parameters, cost as sparseCost } from "../../examples/sparse-autoencoder.js";
import { createRandom } from "../../examples/support/random.js";
import { autoencoder as tolerance } from "../tolerances.js";
import { flat, flatAll, golden, NAMES } from "./golden-autoencoder.js";

type Parameters64 = Parameters<"float64">;

function toTensors({ w1, b1, w2, b2 }: AutoencoderParameters): Parameters64 {
  const [hidden, inputs] = [b1.length, b2.length] as [number, number];
  return {
    w1: tensor(w1, [inputs, hidden]),
    b1: tensor(b1, [hidden]),
    w2: tensor(w2, [hidden, inputs]),
    b2: tensor(b2, [inputs]),
  };
}

/** Greatest difference, relative to the greatest element. */
function difference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  const scale = Math.max(...Array.from(expected, Math.abs));
  return Math.max(...Array.from(expected, (value, i) => Math.abs((found[i] as number) - value))) / scale;
}

function expectAgreement(
  parameters: AutoencoderParameters,
  x: Float64Array,
  rows: number,
  expected: { readonly cost: number; readonly gradient: AutoencoderParameters },
): void {
  scope(() => {
    const examples = tensor(x, [rows, x.length / rows] as [number, number]);
    const [value, gradient] = valueAndGrad(sparseCost<"float64">)(toTensors(parameters), examples);
    expect(Math.abs(value.item() / expected.cost - 1)).toBeLessThan(tolerance.relative);
    for (const name of NAMES) {
      expect(difference(gradient[name].data, expected.gradient[name]), name).toBeLessThan(tolerance.relative);
    }
  });
}

test("cost and gradient are NumPy's", () => {
  const expected = { cost: golden.cost, gradient: flatAll(golden.gradient) };
  expectAgreement(flatAll(golden.parameters), flat(golden.x), golden.rows, expected);
});

test("cost and gradient are those of the plain per-example loop, at the size of the exercise", () => {
  const uniform = createRandom(7);
  const random = (length: number, scale: number, offset = 0): Float64Array =>
    Float64Array.from({ length }, () => offset + scale * (uniform() - 0.5));
  const rows = 1000;
  const parameters = { w1: random(64 * 25, 0.5), b1: random(25, 0.5), w2: random(25 * 64, 0.5), b2: random(64, 0.5) };
  const x = random(rows * 64, 0.8, 0.5);
  expectAgreement(parameters, x, rows, costAndGradientLoop(parameters, x, rows));
});

test("L-BFGS trains as far as SciPy's in as many iterations", () => {
  scope(() => {
    const x = tensor(flat(golden.x), [golden.rows, 64] as [number, number]);
    const result = optim.minimize((p: Parameters64) => sparseCost(p, x), toTensors(flatAll(golden.parameters)), {
      maxIterations: 400,
      valueTolerance: 0,
    });
    // The problem is not convex: SciPy's own methods end between 1.65 and 1.76.
    expect(result.value).toBeLessThan(tolerance.trained);
    expect(result.value).toBeLessThan(golden.cost / 5);
  });
});

test("the first weights are uniform on the exercise's interval, biases are 0", () => {
  scope(() => {
    const { w1, b1 } = initialParameters(64, 25, "float64", 3);
    const r = Math.sqrt(6 / 90);
    const values = Array.from((w1 as Tensor<[number, number], "float64">).data);
    expect(Math.max(...values)).toBeLessThan(r);
    expect(Math.max(...values)).toBeGreaterThan(0.99 * r);
    expect(Math.min(...values)).toBeLessThan(-0.99 * r);
    expect(b1.toArray().every((value) => value === 0)).toBe(true);
  });
});
