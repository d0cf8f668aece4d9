// `minimize` on standard problems beside SciPy's L-BFGS-B: the same verdicts and values, in about as many evaluations; then in float32.
import { describe, expect, test } from "vitest";
import { optim, scope, type Tensor, tensor, valueAndGrad } from "../../src/index.js";
import golden from "../golden/minimize.json" with { type: "json" };
import { type Problem, problems } from "../support/minimize-problems.js";
import { minimize as tolerance } from "../tolerances.js";

type Name = keyof typeof problems;
type Outcome = Pick<optim.MinimizeResult<unknown>, "value" | "gradientNorm" | "evaluations" | "success" | "status">;

const names = Object.keys(problems) as Name[];

/** Where the value is not SciPy's in float64, and why. */
const OTHER_VALUES: Readonly<Partial<Record<Name, string>>> = {
  "6 Jennrich and Sampson":
    "124.362, the known minimum: the restart is a step of length 1, SciPy's is of the gradient's length",
  "unbounded, linear": "falls on to what float64 holds, where SciPy stops at 15,000 evaluations",
  "unbounded, quadratic": "ends at a finite value, SciPy's at NaN",
  "unbounded, cubic": "ends at a finite value, SciPy's at -Infinity",
};

/** Where the value in float32 is not the one in float64, and why. */
const OTHER_IN_FLOAT32: Readonly<Partial<Record<Name, string>>> = {
  "unbounded, linear": "the greatest float32 is another",
  "unbounded, quadratic": "the greatest float32 is another",
  "unbounded, cubic": "the greatest float32 is another",
  "maximum of three": "not smooth: both dtypes stop on a ridge above the minimum, SciPy too",
};

const outcomes = new Map<string, Outcome>();

function solve(name: Name, dtype: "float32" | "float64", compile = false): Outcome {
  const key = name + dtype + compile;
  const known = outcomes.get(key);
  if (known !== undefined) return known;
  const outcome = scope(() => {
    const x0 = tensor(golden.problems[name].x0, undefined, dtype) as Tensor<[number], "float64">;
    const { value, gradientNorm, evaluations, success, status } = optim.minimize(problems[name] as Problem, x0, {
      compile,
    });
    return { value, gradientNorm, evaluations, success, status };
  });
  outcomes.set(key, outcome);
  return outcome;
}

function expectNear(actual: number, expected: number, relative: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(expected)));
}

describe.each(names)("%s", (name) => {
  const scipy = golden.problems[name];

  test("has the value and the gradient of the published formula", () => {
    scope(() => {
      const x0 = tensor(scipy.x0, undefined, "float64") as Tensor<[number], "float64">;
      const [value, gradient] = valueAndGrad(problems[name] as (x: typeof x0) => Tensor<[], "float64">)(x0);
      expectNear(value.item(), scipy.value, tolerance.formula);
      for (const [i, g] of gradient.toArray().entries()) expectNear(g, scipy.gradient[i]!, tolerance.formula);
    });
  });

  test("ends in float64 with SciPy's verdict and value", () => {
    const { success, value, status } = solve(name, "float64");
    expect(success).toBe(scipy.success);
    expect(status === "unbounded").toBe(name.startsWith("unbounded"));
    expect(status === "lineSearchFailed").toBe(name.startsWith("wrong"));
    if (OTHER_VALUES[name] === undefined) expectNear(value, Number(scipy.least), tolerance.float64);
    else expect(value).toBeLessThan(scipy.value);
  });

  test("ends in float32 where it ends in float64, and reports success only for a reason", () => {
    const wide = solve(name, "float64");
    const { success, value, status, gradientNorm } = solve(name, "float32");
    expect(success).toBe(wide.success);
    if (success && status !== "value") expect(gradientNorm).toBeLessThanOrEqual(1e-5);
    if (OTHER_IN_FLOAT32[name] === undefined) expectNear(value, wide.value, tolerance.float32);
  });
});

test("compiled functions go the same way to the last bit, where values tie as well", () => {
  for (const name of [
    "6 Jennrich and Sampson",
    "10 Meyer",
    "33 linear, rank 1",
    "kinks",
    "unbounded, cubic",
  ] as const) {
    for (const dtype of ["float32", "float64"] as const) expect(solve(name, dtype, true)).toEqual(solve(name, dtype));
  }
});

test("Jennrich and Sampson's minimum is found, which takes a restart along the gradient", () => {
  expectNear(solve("6 Jennrich and Sampson", "float64").value, 124.362, 1e-5);
});

test("evaluations are SciPy's, at most 1.3 times as many in the median", () => {
  const ratios = names.map((name) => solve(name, "float64").evaluations / golden.problems[name].evaluations);
  const median = ratios.sort((a, b) => a - b)[ratios.length >> 1]!;
  expect(median).toBeLessThanOrEqual(1.3);
});

test("there are at least twenty problems of Moré, Garbow and Hillstrom's, and no difference without a problem", () => {
  expect(names).toEqual(Object.keys(golden.problems));
  expect(names.filter((name) => /^\d/.test(name)).length).toBeGreaterThanOrEqual(20);
});
