// L-BFGS on functions whose minima are known or were found by SciPy; its stops, its line search, its memory.
import { describe, expect, test } from "vitest";
import {
  type AnyTensor,
  add,
  exp,
  log,
  matmul,
  mean,
  memory,
  mul,
  optim,
  random,
  scope,
  slice,
  softplus,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  TraceError,
  tensor,
  zeros,
} from "../../src/index.js";
import { type Sample, strongWolfe } from "../../src/optim/line-search.js";
import { expectSameBits } from "../support/bits.js";
import { expectNoLeak } from "../support/memory.js";
import { minima as tolerances } from "../tolerances.js";

type Vector = Tensor<readonly number[], "float64">;
type Scalar = Tensor<[], "float64">;
type Minimized = optim.MinimizeResult<Vector>;

const vector = (values: readonly number[]): Vector => tensor(values, [values.length], "float64");

/** The chained function of Rosenbrock: sum 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2. */
function rosenbrock(x: Vector): Scalar {
  const n = x.shape[0]!;
  const head = slice(x, [0], [n - 1]);
  return sum(add(mul(square(sub(slice(x, [1]), square(head))), 100), square(sub(1, head))));
}

/** Stops at the gradient only, so that the minimum is met to many digits. */
const EXACT = { tolerance: 1e-10, valueTolerance: 0 } as const;

/** Minimises in a scope and hands out plain numbers. */
function solve(
  f: (x: Vector) => Scalar,
  x0: readonly number[],
  options?: optim.MinimizeOptions,
): Omit<Minimized, "x" | "gradient"> & { readonly x: number[]; readonly gradient: number[] } {
  return scope(() => {
    const { x, gradient, ...rest } = optim.minimize(f, vector(x0), options);
    return { ...rest, x: Array.from(x.data), gradient: Array.from(gradient.data) };
  });
}

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  const errors = actual.map((x, i) => Math.abs(x - expected[i]!));
  expect(Math.max(...errors)).toBeLessThan(tolerance);
}

describe("minima", () => {
  // In the comments: iterations and evaluations of scipy.optimize.minimize(method="L-BFGS-B", jac=True), SciPy 1.17.1, with
  // maxcor=10, ftol=0, gtol=1e-10 unless said otherwise.
  test("of Rosenbrock's function in two dimensions", () => {
    // SciPy: 2.18e-29 at [1, 1] within 3e-15 in 39 iterations, 47 evaluations.
    const result = solve(rosenbrock, [-1.2, 1], EXACT);
    expect(result).toMatchObject({ success: true, status: "gradient" });
    expectClose(result.x, [1, 1], tolerances.position);
    expect(result.value).toBeLessThan(tolerances.value);
    expect(result.iterations).toBeLessThan(2 * 39);
    expect(result.evaluations).toBeLessThan(2 * 47);
  });

  test("of Rosenbrock's function in ten dimensions", () => {
    // SciPy: 1.52e-23 at [1, ...] within 5e-12 in 80 iterations, 98 evaluations.
    const result = solve(rosenbrock, [-1.2, 1, -1.2, 1, -1.2, 1, -1.2, 1, -1.2, 1], EXACT);
    expect(result.success).toBe(true);
    expectClose(result.x, new Array(10).fill(1), tolerances.position);
    expect(result.iterations).toBeLessThan(2 * 80);
    expect(result.evaluations).toBeLessThan(2 * 98);
  });

  test("of a quadratic whose curvatures are 1 to 10^6", () => {
    // SciPy with gtol=1e-6: within 9e-11 of 1 in 34 iterations, 41 evaluations.
    const curvature = vector([1, 1e2, 1e4, 1e6]);
    const bowl = (x: Vector): Scalar => mul(sum(mul(curvature, square(sub(x, 1)))), 0.5);
    const result = solve(bowl, [0, 0, 0, 0], { tolerance: 1e-6, valueTolerance: 0 });
    curvature.dispose();
    expect(result.success).toBe(true);
    expectClose(result.x, [1, 1, 1, 1], tolerances.position);
  });

  test("of Beale's function", () => {
    // SciPy: 4.9e-25 at [3, 0.5] within 2e-12 in 17 iterations, 18 evaluations.
    const beale = (p: Vector): Scalar => {
      const x = slice(p, [0], [1]);
      const y = slice(p, [1], [2]);
      const y2 = square(y);
      const term = (constant: number, power: AnyTensor): Vector =>
        square(add(sub(constant, x), mul(x, power as Vector))) as Vector;
      return sum(add(add(term(1.5, y), term(2.25, y2)), term(2.625, mul(y, y2))));
    };
    const result = solve(beale, [1, 1], EXACT);
    expectClose(result.x, [3, 0.5], tolerances.position);
    expect(result.iterations).toBeLessThan(2 * 17);
  });

  test("of a logistic regression, over an object of tensors", () => {
    scope(() => {
      const rows = Array.from({ length: 20 }, (_, i) => [0, 1, 2].map((j) => Math.sin((3 * i + j) * 1.7 + 0.3)));
      const x = tensor(rows, [20, 3], "float64");
      const y = tensor(
        rows.map((_, i) => Number(i % 3 === 0)),
        [20],
        "float64",
      );
      type Params = { readonly w: Tensor<[3], "float64">; readonly rest: readonly [Tensor<[], "float64">] };
      const loss = ({ w, rest: [b] }: Params): Scalar => {
        const z = add(matmul(x, w), b);
        return add(mean(sub(softplus(z), mul(y, z))), mul(sum(square(w)), 0.01));
      };
      const x0: Params = { w: zeros([3], "float64"), rest: [zeros([], "float64")] };
      const result = optim.minimize(loss, x0, EXACT);
      // SciPy's result, after 8 iterations and 9 evaluations.
      expect(Math.abs(result.value - 0.6464228832084079)).toBeLessThan(tolerances.value);
      expectClose(
        [...result.x.w.toArray(), result.x.rest[0].item()],
        [0.06558146825008804, 0.006439329524130458, -0.06724081256237256, -0.6125606100850621],
        tolerances.position,
      );
      expect(result.gradient.w.shape).toEqual([3]);
      expect(x0.w.toArray()).toEqual([0, 0, 0]);
    });
  });

  test("in float32, as far as its digits go", () => {
    scope(() => {
      const target = tensor([1, -2, 3]);
      const f = (x: Tensor<[3]>): Tensor<[]> => sum(add(exp(mul(sub(x, target), 0.5)), exp(mul(sub(target, x), 0.5))));
      const { x, success } = optim.minimize(f, zeros([3]), { tolerance: 1e-3 });
      expect(success).toBe(true);
      expect(x.dtype).toBe("float32");
      expectClose(x.toArray(), [1, -2, 3], tolerances.float32);
    });
  });
});

describe("stops", () => {
  test("at the gradient's tolerance, which it reports as SciPy does", () => {
    const result = solve(rosenbrock, [-1.2, 1], { tolerance: 1e-3, valueTolerance: 0 });
    expect(result).toMatchObject({ success: true, status: "gradient" });
    expect(result.gradientNorm).toBeLessThanOrEqual(1e-3);
    expect(result.gradientNorm).toBe(Math.max(...result.gradient.map(Math.abs)));
  });

  test("at the value's tolerance", () => {
    const loose = solve(rosenbrock, [-1.2, 1], { tolerance: 0, valueTolerance: 1e-2 });
    const tight = solve(rosenbrock, [-1.2, 1], { tolerance: 0, valueTolerance: 1e-9 });
    expect([loose.status, tight.status]).toEqual(["value", "value"]);
    expect(loose.iterations).toBeLessThan(tight.iterations);
  });

  test("at the greatest number of iterations", () => {
    const result = solve(rosenbrock, [-1.2, 1], { maxIterations: 5 });
    expect(result).toMatchObject({ success: false, status: "maxIterations", iterations: 5 });
    expect(solve(rosenbrock, [-1.2, 1], { maxIterations: 0 })).toMatchObject({ iterations: 0, x: [-1.2, 1] });
  });

  test("stays at x0 if that is a minimum", () => {
    expect(solve(rosenbrock, [1, 1])).toMatchObject({ success: true, iterations: 0, evaluations: 1, value: 0 });
  });

  test("when onIteration says so, which sees every iteration", () => {
    const seen: optim.IterationInfo[] = [];
    const result = solve(rosenbrock, [-1.2, 1], {
      onIteration: (info) => {
        seen.push(info);
        return info.iteration < 4;
      },
    });
    expect(result).toMatchObject({ success: false, status: "stopped", iterations: 4 });
    expect(seen.map(({ iteration }) => iteration)).toEqual([1, 2, 3, 4]);
    expect(seen.every(({ value }, i) => i === 0 || value < seen[i - 1]!.value)).toBe(true);
    expect(seen.at(-1)).toMatchObject({ value: result.value, gradientNorm: result.gradientNorm });
    expect(seen.at(-1)!.evaluations).toBe(result.evaluations);
  });

  test("where value or gradient are not finite at the beginning", () => {
    expect(solve((x) => sum(log(x)), [-1])).toMatchObject({ success: false, status: "notFinite", iterations: 0 });
    expect(solve((x) => sum(sqrt(x)), [0])).toMatchObject({ success: false, status: "notFinite", value: 0 });
  });

  test("after a step to a value that is not finite, tries a shorter one", () => {
    // x - log(x): the first step from 0.1, along a gradient of -9, must not leave the domain.
    const result = solve((x) => sum(sub(x, log(x))), [0.1, 5], { tolerance: 1e-8, valueTolerance: 0 });
    expect(result.success).toBe(true);
    expectClose(result.x, [1, 1], tolerances.position);
  });

  test("where no step lowers the value", () => {
    // The gradient of x^2 with the wrong sign: every step along it goes up.
    let calls = 0;
    const result = solve(
      (x) => {
        calls++;
        const wrong = mul(sum(square(x)), -1);
        // Values that rise at every call, gradients that promise otherwise.
        return add(mul(wrong, 1e-300), calls);
      },
      [3],
      { tolerance: 0, valueTolerance: 0 },
    );
    expect(result).toMatchObject({ success: false, status: "lineSearchFailed", iterations: 0, x: [3] });
  });
});

test("an asynchronous onIteration is refused", () => {
  const x0 = zeros([2], "float64");
  let calls = 0;
  const onIteration = async (): Promise<boolean> => {
    calls++;
    throw new Error("on purpose");
  };
  const before = memory().tensors;
  expect(() => optim.minimize((x: Vector) => sum(square(sub(x, 3))), x0 as never, { onIteration })).toThrow(TypeError);
  expect(() => optim.minimize((x: Vector) => sum(square(sub(x, 3))), x0 as never, { onIteration })).toThrow(
    "minimize: onIteration: the function returned a promise; await outside",
  );
  expect(calls).toBe(2);
  expect(memory().tensors).toBe(before);
  x0.dispose();
});

describe("compiled", () => {
  type Params = { readonly w: Tensor<[3]>; readonly rest: readonly [Tensor<[]>] };

  test("goes the same way, bit for bit, and calls f once", () => {
    let calls = 0;
    const counted = (x: Vector): Scalar => {
      calls++;
      return rosenbrock(x);
    };
    const start = [-1.2, 1, -1.2, 1, -1.2, 1];
    const seen: optim.IterationInfo[][] = [];
    const [expected, actual] = [false, true].map((compile) => {
      const infos: optim.IterationInfo[] = [];
      seen.push(infos);
      calls = 0;
      return solve(counted, start, { ...EXACT, compile, onIteration: (info) => void infos.push(info) });
    });
    expect(actual).toEqual(expected);
    expect(actual!.iterations).toBeGreaterThan(20);
    expect(seen[1]).toEqual(seen[0]);
    expect(calls).toBe(1);
  });

  test("gives gradients and points of x0's structure that outlive the program, and leaves nothing", () => {
    const run = (compile: boolean): number[] =>
      expectNoLeak(() =>
        scope(() => {
          const scales = tensor([1, 4, 9]);
          const f = ({ w, rest: [b] }: Params): Tensor<[]> => sum(softplus(mul(square(sub(w, b)), scales)));
          const x0: Params = { w: tensor([3, -1, 2]), rest: [tensor(0.5)] };
          const { tensors } = memory();
          const { x, gradient } = optim.minimize(f, x0, { maxIterations: 3, compile });
          expect(memory().tensors).toBe(tensors + 4);
          expect(x0.w.toArray()).toEqual([3, -1, 2]);
          const values = [x.w, x.rest[0], gradient.w, gradient.rest[0]].flatMap(({ data }) => Array.from(data));
          for (const tensor of [x.w, ...x.rest, gradient.w, ...gradient.rest]) tensor.dispose();
          return values;
        }),
      );
    expect(run(true)).toEqual(run(false));
  });

  test("frees its program where f or onIteration fails", () => {
    const fail = (): never => {
      throw new Error("on purpose");
    };
    expectNoLeak(() => {
      expect(() => solve(fail, [1], { compile: true })).toThrow("on purpose");
      expect(() => solve(rosenbrock, [-1.2, 1], { compile: true, onIteration: fail })).toThrow("on purpose");
    });
  });

  test("refuses an f that reads elements", () => {
    expectNoLeak(() => {
      const reads = (x: Vector): Scalar => mul(rosenbrock(x), x.data[0]! > 0 ? 1 : 2);
      expect(() => solve(reads, [-1.2, 1], { compile: true })).toThrow(TraceError);
      expect(solve(reads, [-1.2, 1]).success).toBe(true);
    });
  });
});

describe("memory", () => {
  test("holds the result alone afterwards, and x0 as it was", () => {
    expectNoLeak(() => {
      const x0 = random.normal([10], { seed: 1, dtype: "float64" });
      const before = x0.data.slice();
      const { tensors } = memory();
      const { x, gradient } = optim.minimize(rosenbrock as (x: Tensor<[10], "float64">) => Scalar, x0);
      expect(memory().tensors).toBe(tensors + 2);
      expectSameBits(x0.data, before);
      expect(x.shape).toEqual([10]);
      for (const tensor of [x, gradient, x0]) tensor.dispose();
    });
  });

  test("does not grow with the iterations", () => {
    expectNoLeak(() => {
      const live: number[] = [];
      const onIteration = (): void => void live.push(memory().tensors);
      solve(rosenbrock, [-1.2, 1, -1.2, 1], { ...EXACT, history: 4, onIteration });
      expect(live.length).toBeGreaterThan(15);
      expect(new Set(live.slice(6)).size).toBe(1);
    });
  });

  test("is given back when onIteration fails", () => {
    expectNoLeak(() => {
      const onIteration = (): never => {
        throw new Error("on purpose");
      };
      expect(() => solve(rosenbrock, [-1.2, 1], { onIteration })).toThrow("on purpose");
    });
  });
});

describe("the line search", () => {
  type Search = { readonly found: Sample | undefined; readonly tried: readonly number[]; readonly start: Sample };

  function search(f: (t: number) => number, slope: (t: number) => number, firstStep: number): Search {
    const tried: number[] = [];
    const sample = (step: number): Sample => {
      tried.push(step);
      return { step, value: f(step), slope: slope(step) };
    };
    const start = { step: 0, value: f(0), slope: slope(0) };
    const { best } = strongWolfe(sample, start, firstStep);
    return { found: best && { ...best, value: start.value + best.value }, tried, start };
  }

  function expectWolfe({ found, start }: Search, curvature = 0.9): void {
    expect(found).toBeDefined();
    expect(found!.value).toBeLessThanOrEqual(start.value + 1e-3 * found!.step * start.slope);
    expect(Math.abs(found!.slope)).toBeLessThanOrEqual(curvature * Math.abs(start.slope));
  }

  const parabola = [(t: number) => (t - 3) ** 2, (t: number) => 2 * (t - 3)] as const;

  test("takes a first step that is good enough", () => {
    const result = search(...parabola, 2.5);
    expectWolfe(result);
    expect(result.tried).toEqual([2.5]);
  });

  test("finds the minimum of a cubic model in one interpolation", () => {
    const result = search(...parabola, 100);
    expectWolfe(result);
    expect(result.found!.step).toBeLessThan(6);
    expect(result.tried.length).toBeLessThan(12);
  });

  test("goes further where the first step is too short", () => {
    const result = search(...parabola, 0.01);
    expectWolfe(result);
    expect(result.tried[1]).toBe(0.05);
  });

  // The functions of More and Thuente, "Line search algorithms with guaranteed sufficient decrease", TOMS 20 (1994), section 5.
  const tests: readonly (readonly [string, (t: number) => number, (t: number) => number])[] = [
    ["1", (t) => -t / (t * t + 2), (t) => (t * t - 2) / (t * t + 2) ** 2],
    ["2", (t) => (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4, (t) => 5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3],
    ["4", (t) => wobble(t, 0.001, 0.001), (t) => wobbleSlope(t, 0.001, 0.001)],
    ["5", (t) => wobble(t, 0.01, 0.001), (t) => wobbleSlope(t, 0.01, 0.001)],
    ["6", (t) => wobble(t, 0.001, 0.01), (t) => wobbleSlope(t, 0.001, 0.01)],
  ];
  const gamma = (b: number): number => Math.sqrt(1 + b * b) - b;
  const wobble = (t: number, b1: number, b2: number): number =>
    gamma(b1) * Math.sqrt((1 - t) ** 2 + b2 ** 2) + gamma(b2) * Math.sqrt(t * t + b1 ** 2);
  const wobbleSlope = (t: number, b1: number, b2: number): number =>
    (-gamma(b1) * (1 - t)) / Math.sqrt((1 - t) ** 2 + b2 ** 2) + (gamma(b2) * t) / Math.sqrt(t * t + b1 ** 2);

  test.each(tests)("meets both conditions on More and Thuente's function %s, from any first step", (name, f, slope) => {
    for (const firstStep of [1e-3, 1e-1, 1e1, 1e3]) {
      const result = search(f, slope, firstStep);
      // Function 2 starts with a slope of -5e-7 beside -0.9 further on: nowhere but at the minimum is it flat enough. As in L-BFGS-B
      // the search ends when its interval is narrow.
      expectWolfe(result, name === "2" ? Infinity : 0.9);
      expect(result.tried.length).toBeLessThan(15);
    }
  });

  test("treats values that are not finite as too far", () => {
    const result = search(
      (t) => (t < 2 ? (t - 1) ** 2 : Number.NaN),
      (t) => (t < 2 ? 2 * (t - 1) : Number.NaN),
      50,
    );
    expectWolfe(result);
    expect(result.found!.step).toBeLessThan(2);
  });

  test("returns the best step tried if none is flat enough", () => {
    // A straight line: every step decreases, the slope never changes.
    const result = search(
      (t) => -t,
      () => -1,
      1,
    );
    expect(result.found!.step).toBe(Math.max(...result.tried));
    expect(result.tried.length).toBe(20);
  });

  test("gives nothing where no step decreases", () => {
    const result = search(
      (t) => t,
      () => -1,
      1,
    );
    expect(result.found).toBeUndefined();
    expect(result.tried.length).toBeLessThanOrEqual(20);
  });
});
