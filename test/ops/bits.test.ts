// The bits of every op's results and gradients against those checked in: refactoring must keep them. vitest adds the snapshot of a new
// op by itself. Must not know whether the bits are right; the references say that.
import { expect, test } from "vitest";
import { type AnyTensor, add, compile, type FloatDType, grad, mul, scope, sum, type Tensor } from "../../src/index.js";
import {
  allCases,
  type Case,
  drawGradientInputs,
  drawInputs,
  operandDType,
  type Scenario,
  toTensors,
} from "../cases.js";
import { hashOf } from "../support/hash.js";

/** Around the lanes of a vector, a round, a row of several rounds, and one more. */
const SIZES = [0, 1, 3, 5, 17, 65, 1001];

type Scalar = Tensor<[], FloatDType>;

/** Two weights that are exact in every dtype make a gradient differ from element to element. */
function loss(c: Case, { options }: Scenario): (...inputs: AnyTensor[]) => Scalar {
  return (...inputs) => {
    const result = c.run(inputs, options) as Tensor;
    return sum(add(mul(result, 0.5), mul(result, result))) as Scalar;
  };
}

/** The elements of some tensors, all NaNs alike: engines give them other bits. */
function elementsOf(tensors: readonly AnyTensor[]): number[] {
  return tensors.flatMap((x) => [...(x.data as Float64Array)]);
}

/** Results at all sizes and of all options. */
function resultsOf(c: Case, dtype: "float32" | "float64" | "int32"): number[] {
  const scenarios = [...SIZES.flatMap((size) => c.scenarios(size)), ...c.gradients];
  return scenarios.flatMap((s, seed) =>
    scope(() => elementsOf([c.run(toTensors(c, drawInputs(c, s, dtype, seed), s.options, dtype), s.options)])),
  );
}

/** Gradients in all float operands that have one, eager or compiled. */
function gradientsOf(c: Case, dtype: FloatDType, isCompiled: boolean): number[] {
  return c.gradients.flatMap((s, seed) =>
    scope(() => {
      const argnums = c.differentiable.filter(
        (i) => i < s.shapes.length && operandDType(c, i, s.options, dtype) === dtype,
      );
      if (argnums.length === 0) return [];
      const inputs = toTensors(c, drawGradientInputs(c, s, seed), s.options, dtype);
      const gradient = grad(loss(c, s) as (...args: unknown[]) => Scalar, { argnums });
      const run = isCompiled ? compile(gradient) : gradient;
      return elementsOf(run(...inputs) as unknown as AnyTensor[]);
    }),
  );
}

const hash = (elements: readonly number[]): string =>
  hashOf(Float64Array.from(elements, (x) => (Number.isNaN(x) ? Number.NaN : x)));

test.each(allCases.map((c) => [c.name, c] as const))("%s has the bits that are checked in", (_, c) => {
  const found: Record<string, string> = {};
  for (const dtype of c.dtypes) {
    found[dtype] = hash(resultsOf(c, dtype));
    if (dtype === "int32") continue;
    const eager = gradientsOf(c, dtype, false);
    expect(hash(gradientsOf(c, dtype, true))).toBe(hash(eager));
    if (eager.length > 0) found[`${dtype} gradient`] = hash(eager);
  }
  expect(found).toMatchSnapshot();
});
