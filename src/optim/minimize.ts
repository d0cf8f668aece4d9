// Minimisation of a smooth function of tensors by L-BFGS, in the manner of SciPy's `minimize`. Written in public ops.

import { checkOptions } from "../errors.js";
import { abs, add, mul, neg, sub } from "../ops/arithmetic.js";
import { max, sum } from "../ops/reduce.js";
import type { FloatDType } from "../tensor/dtype.js";
import { scope } from "../tensor/scope.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import { replaceTensors, tensorsOf } from "../tensor/tree.js";
import { compile } from "../transform/compile/compile.js";
import { valueAndGrad } from "../transform/grad.js";
import { type Sample, strongWolfe } from "./line-search.js";

/** What `onIteration` sees. */
export interface IterationInfo {
  /** From 1 on. */
  readonly iteration: number;
  /** The function's value at the new point. */
  readonly value: number;
  /** Greatest component of the gradient, absolute. */
  readonly gradientNorm: number;
  /** Cost-and-gradient calls so far. */
  readonly evaluations: number;
}

/** What `minimize` takes. */
export interface MinimizeOptions {
  /** There is only one so far. */
  readonly method?: "lbfgs";
  /** Default 1000. */
  readonly maxIterations?: number;
  /** Stops when no component of the gradient is greater; default 1e-5, as SciPy's `gtol`. */
  readonly tolerance?: number;
  /** Stops when a step lowers the value by less, relative to max(|f|, 1); default 2.2e-9, as SciPy's `ftol`. */
  readonly valueTolerance?: number;
  /** Pairs of steps and gradient changes to remember; default 10. */
  readonly history?: number;
  /**
   * True runs f and its gradient as one compiled program (see `compile`), for x0's shapes: f is called once, with tensors that
   * have no elements, and must not read any; tensors from outside are read anew, numbers stay what they were. The result has the
   * same bits. Default false.
   */
  readonly compile?: boolean;
  /** Called after each iteration; returning false stops. */
  readonly onIteration?: (info: IterationInfo) => unknown;
}

/** Why `minimize` stopped. */
export type MinimizeStatus = "converged" | "maxIterations" | "stopped" | "lineSearchFailed" | "notFinite";

/** What `minimize` found. */
export interface MinimizeResult<P> {
  /** The best point found, in the structure of x0; the caller's to dispose. */
  readonly x: P;
  /** The function's value there. */
  readonly value: number;
  /** The gradient there, in the structure of x0; the caller's to dispose. */
  readonly gradient: P;
  /** Greatest component of the gradient, absolute. */
  readonly gradientNorm: number;
  /** Steps taken. */
  readonly iterations: number;
  /** Cost-and-gradient calls. */
  readonly evaluations: number;
  /** True when a tolerance was met. */
  readonly success: boolean;
  /** Why it stopped. */
  readonly status: MinimizeStatus;
  /** The same in words. */
  readonly message: string;
}

/** A point of the search, its value and its gradient, as lists of tensors. */
interface Point {
  readonly x: readonly AnyTensor[];
  readonly gradient: readonly AnyTensor[];
  readonly value: number;
}

/** One remembered step: s = x' - x, y = g' - g, 1 / <y, s>. */
interface Pair {
  readonly s: readonly AnyTensor[];
  readonly y: readonly AnyTensor[];
  readonly inverse: number;
}

// Vectors are lists of tensors.
const dot = (a: readonly AnyTensor[], b: readonly AnyTensor[]): number =>
  scope(() => a.reduce((total, x, i) => total + (sum(mul(x, b[i]!)) as AnyTensor).item(), 0));
/** a + t b. */
const along = (a: readonly AnyTensor[], b: readonly AnyTensor[], t: number): AnyTensor[] =>
  scope(() => a.map((x, i) => add(x, mul(b[i]!, t)) as AnyTensor));
const minus = (a: readonly AnyTensor[], b: readonly AnyTensor[]): AnyTensor[] => a.map((x, i) => sub(x, b[i]!));
const largest = (a: readonly AnyTensor[]): number =>
  scope(() => a.reduce((most, x) => Math.max(most, x.size === 0 ? 0 : (max(abs(x)) as AnyTensor).item()), 0));
const disposeAll = (tensors: readonly AnyTensor[]): void => {
  for (const tensor of tensors) tensor.dispose();
};

/** -H g by the two-loop recursion (Nocedal and Wright 2006, algorithm 7.4), H scaled by the newest pair. */
function direction(gradient: readonly AnyTensor[], pairs: readonly Pair[]): AnyTensor[] {
  return scope(() => {
    let q: AnyTensor[] = gradient.map((g) => neg(g));
    const weights: number[] = [];
    for (let i = pairs.length - 1; i >= 0; i--) {
      const { s, y, inverse } = pairs[i]!;
      weights[i] = inverse * dot(s, q);
      q = along(q, y, -weights[i]!);
    }
    const newest = pairs.at(-1);
    if (newest !== undefined) {
      const scale = 1 / (newest.inverse * dot(newest.y, newest.y));
      q = q.map((x) => mul(x, scale));
    }
    pairs.forEach(({ s, y, inverse }, i) => {
      q = along(q, s, weights[i]! - inverse * dot(y, q));
    });
    return q;
  });
}

const MESSAGES: Readonly<Record<MinimizeStatus, string>> = {
  converged: "converged: the gradient or the decrease of the value is within tolerance",
  maxIterations: "stopped: the greatest number of iterations is reached",
  stopped: "stopped: onIteration returned false",
  lineSearchFailed: "stopped: no step along the search direction lowers the value",
  notFinite: "stopped: the value or the gradient at x0 is not finite",
};

const OPTIONS = [
  "method",
  "maxIterations",
  "tolerance",
  "valueTolerance",
  "history",
  "compile",
  "onIteration",
] as const satisfies readonly (keyof MinimizeOptions)[];

/**
 * Minimises a scalar function of x, a tensor or nested objects, arrays and tuples of tensors, by L-BFGS with a strong Wolfe line
 * search; gradients come from `valueAndGrad`. The vectors stay in wasm memory; x0 is left as it is.
 *
 * @param f - called again and again with points of x0's structure; returns a scalar tensor
 * @param x0 - where to begin; float64 converges further than float32
 * @throws RangeError for options out of range; what `valueAndGrad` throws for f and x0; TraceError with `compile`, where f reads
 * elements
 * @example
 * const f = (x: Tensor<[2], "float64">) => sum(square(sub(x, 3)));
 * const result = optim.minimize(f, zeros([2], "float64"));
 * result.x.toArray(); // [3, 3]
 * result.success; // true
 * optim.minimize(f, zeros([2], "float64"), { compile: true }).x.toArray(); // [3, 3]
 */
export function minimize<P>(
  f: (x: P) => Tensor<[], FloatDType>,
  x0: P,
  options: MinimizeOptions = {},
): MinimizeResult<P> {
  checkOptions("minimize", options, OPTIONS);
  const { maxIterations = 1000, tolerance = 1e-5, valueTolerance = 2.2e-9, history = 10, onIteration } = options;
  const method: string = options.method ?? "lbfgs";
  if (method !== "lbfgs") throw new RangeError(`minimize: no such method: ${method}; there is "lbfgs"`);
  for (const [name, value, least] of [
    ["maxIterations", maxIterations, 0],
    ["history", history, 1],
  ] as const) {
    if (!Number.isInteger(value) || value < least) {
      throw new RangeError(`minimize: ${name} is a whole number from ${least} on, got ${value}`);
    }
  }

  const eager = valueAndGrad(f);
  const program = options.compile ? compile((x: P) => eager(x)) : undefined;
  const evaluate = program ?? eager;
  let evaluations = 0;
  const pointAt = (x: readonly AnyTensor[]): Point => {
    evaluations++;
    const [value, gradient] = evaluate(replaceTensors(x0, x) as P);
    const number = value.item();
    value.dispose();
    const slopes = tensorsOf(gradient);
    // A program's next call overwrites its results.
    return { x, gradient: program === undefined ? slopes : slopes.map((slope) => slope.clone()), value: number };
  };

  const search = (): MinimizeResult<P> => {
    let point = pointAt(tensorsOf(x0).map((x) => x.clone()));
    let norm = largest(point.gradient);
    let pairs: Pair[] = [];
    let iterations = 0;
    let status: MinimizeStatus = "maxIterations";
    if (!Number.isFinite(point.value) || !Number.isFinite(norm)) status = "notFinite";
    else if (norm <= tolerance) status = "converged";

    while (status === "maxIterations" && iterations < maxIterations) {
      const step = advance(pointAt, point, norm, pairs);
      if (step === undefined) {
        // Old curvature may be what fails: once more along the gradient itself.
        if (pairs.length === 0) status = "lineSearchFailed";
        forget(pairs);
        pairs = [];
        continue;
      }
      const { next, pair } = step;
      iterations++;
      const decrease = (point.value - next.value) / Math.max(Math.abs(point.value), Math.abs(next.value), 1);
      disposeAll([...point.x, ...point.gradient]);
      point = next;
      norm = largest(point.gradient);
      if (pair !== undefined) pairs.push(pair);
      if (pairs.length > history) forget([pairs.shift()!]);
      const info = { iteration: iterations, value: point.value, gradientNorm: norm, evaluations };
      if (norm <= tolerance || decrease <= valueTolerance) status = "converged";
      if (onIteration?.(info) === false) status = "stopped";
    }
    return {
      x: replaceTensors(x0, point.x) as P,
      value: point.value,
      gradient: replaceTensors(x0, point.gradient) as P,
      gradientNorm: norm,
      iterations,
      evaluations,
      success: status === "converged",
      status,
      message: MESSAGES[status],
    };
  };
  try {
    return scope(search);
  } finally {
    program?.dispose();
  }
}

function forget(pairs: readonly Pair[]): void {
  for (const { s, y } of pairs) disposeAll([...s, ...y]);
}

/** One iteration: the next point and what it tells of the curvature; undefined where no step lowers the value. */
function advance(
  pointAt: (x: readonly AnyTensor[]) => Point,
  point: Point,
  norm: number,
  pairs: readonly Pair[],
): { next: Point; pair: Pair | undefined } | undefined {
  return scope(() => {
    const d = direction(point.gradient, pairs);
    const slope = dot(point.gradient, d);
    if (!(slope < 0)) return undefined;
    // Only the sample that is returned is kept; each earlier one goes when a better one is there.
    const tried = new Map<number, Point>();
    const sample = (step: number): Sample => {
      const at = pointAt(along(point.x, d, step));
      tried.set(step, at);
      return { step, value: at.value, slope: dot(at.gradient, d) };
    };
    const firstStep = pairs.length === 0 ? Math.min(1, 1 / norm) : 1;
    const found = strongWolfe(sample, { step: 0, value: point.value, slope }, firstStep);
    if (found === undefined) return undefined;
    const next = tried.get(found.step)!;
    const s = minus(next.x, point.x);
    const y = minus(next.gradient, point.gradient);
    const curvature = dot(y, s);
    const usable = curvature > 1e-10 * Math.sqrt(dot(y, y) * dot(s, s));
    return { next, pair: usable ? { s, y, inverse: 1 / curvature } : undefined };
  });
}
