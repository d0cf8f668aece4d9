// The verdicts of `minimize`: success only at a minimum, and x0 if nothing better was found.
import { describe, expect, test } from "vitest";
import {
  abs,
  add,
  exp,
  less,
  log,
  memory,
  mul,
  neg,
  optim,
  scope,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tensor,
  where,
} from "../../src/index.js";

type Float = "float32" | "float64";
type Vector = Tensor<readonly number[], Float>;
type Scalar = Tensor<[], Float>;
type Outcome = Omit<optim.MinimizeResult<Vector>, "x" | "gradient"> & { readonly x: number[] };

const dtypes = ["float32", "float64"] as const;

function solve(
  f: (x: Vector) => Scalar,
  x0: readonly number[],
  dtype: Float,
  options?: optim.MinimizeOptions,
): Outcome {
  return scope(() => {
    const { x, gradient, ...rest } = optim.minimize(f, tensor(x0, [x0.length], dtype) as Vector, options);
    expect(gradient.size).toBe(x.size);
    return { ...rest, x: Array.from(x.data) };
  });
}

describe.each(dtypes)("in %s", (dtype) => {
  test("a gradient of the wrong sign fails the line search, and x0 stays", () => {
    const wrong = (x: Vector): Scalar => sum(sub(mul(stopGradient(square(x)), 2), square(x))) as Scalar;
    for (const x0 of [1000, 1, -1e-3]) {
      expect(solve(wrong, [x0], dtype)).toMatchObject({
        success: false,
        status: "lineSearchFailed",
        iterations: 0,
        x: [dtype === "float32" ? Math.fround(x0) : x0],
      });
    }
  });

  test("functions without a lower bound are told so after few evaluations", () => {
    const cases: readonly (readonly [(x: Vector) => Scalar, number[]])[] = [
      [(x) => neg(sum(x)) as Scalar, [0, 0, 0, 0, 0]],
      [(x) => neg(sum(square(x))) as Scalar, [1, 2]],
      [(x) => neg(sum(exp(x))) as Scalar, [0]],
      [(x) => sum(log(square(x))) as Scalar, [1]],
      [(x) => sum(mul(x, square(x))) as Scalar, [-1]],
    ];
    for (const [f, x0] of cases) {
      const result = solve(f, x0, dtype);
      expect(result).toMatchObject({ success: false, status: "unbounded" });
      expect(result.evaluations).toBeLessThan(50);
      expect(Number.isFinite(result.value) && result.x.every(Number.isFinite)).toBe(true);
    }
  });

  test("-Infinity is too far, where the function has a minimum before", () => {
    const f = (x: Vector): Scalar => sum(where(less(x, 5), square(sub(x, 3)), -Infinity)) as Scalar;
    const result = solve(f, [-40], dtype);
    expect(result).toMatchObject({ success: true, status: "gradient" });
    expect(result.x[0]).toBeCloseTo(3, 5);
  });

  test("gradients whose squares overflow or vanish don't stop it at x0", () => {
    const [huge, tiny] = dtype === "float32" ? [1e30, 1e-28] : [1e200, 1e-200];
    const bowl =
      (scale: number) =>
      (x: Vector): Scalar =>
        mul(sum(square(sub(x, 3))), scale) as Scalar;
    expect(solve(bowl(huge), [0, 1], dtype).x).toEqual([3, 3]);
    const low = solve(bowl(tiny), [0, 1], dtype, { tolerance: tiny * 1e-5, valueTolerance: 0 });
    expect(low).toMatchObject({ success: true, status: "gradient" });
    for (const x of low.x) expect(x).toBeCloseTo(3, 3);
  });

  test("a kink is not a success", () => {
    // |x - c|, twice as steep on the right.
    const f = (x: Vector): Scalar => {
      const away = sub(x, Math.SQRT2);
      return sum(where(less(away, 0), neg(away), mul(away, 2))) as Scalar;
    };
    const result = solve(f, [0, -3], dtype, { valueTolerance: 0 });
    expect(result).toMatchObject({ success: false, status: "lineSearchFailed" });
  });

  test("the gradient's, the value's and the step's tolerance have a status each", () => {
    const f = (x: Vector): Scalar => sum(square(square(sub(x, 1)))) as Scalar;
    expect(solve(f, [3], dtype, { valueTolerance: 0 })).toMatchObject({ success: true, status: "gradient" });
    expect(solve(f, [3], dtype, { tolerance: 0, valueTolerance: 1e-3 })).toMatchObject({
      success: true,
      status: "value",
    });
    const short = solve(f, [3], dtype, { tolerance: 0, valueTolerance: 0, stepTolerance: 0.1 });
    expect(short).toMatchObject({ success: true, status: "step" });
  });
});

test("float32 goes on by slopes where values tie after rounding", () => {
  // 1e4 + |x - 1|^2 / 2: near the minimum float32 sees no change of the value until x is right to 0.03.
  const f = (x: Vector): Scalar => add(mul(sum(mul(square(sub(x, 1)), tensor([1, 30]))), 0.5), 1e4) as Scalar;
  const result = solve(f, [0.99, 1.004], "float32", { valueTolerance: 1e-14 });
  expect(result).toMatchObject({ success: true, status: "gradient" });
  for (const x of result.x) expect(Math.abs(x - 1)).toBeLessThan(1e-4);
});

test("nothing is left in memory, whatever the verdict", () => {
  const before = memory();
  solve((x) => neg(sum(x)) as Scalar, [0], "float32");
  solve((x) => sum(abs(x)) as Scalar, [1], "float64");
  expect(memory()).toEqual(before);
});
