// Minimisation of a smooth function of tensors by L-BFGS, in the manner of SciPy's `minimize`. Written in ops.

import { compile } from "../compile/compile.js";
import { checkNumber, checkSettings, FROM_ZERO, shown } from "../errors.js";
import type { FloatDType } from "../tensor/dtype.js";
import { ignorePromise, scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { replaceTensors, tensorsOf } from "../tensor/tree.js";
import { valueAndGrad } from "../transform/grad.js";
import {
  along,
  type Differentiated,
  direction,
  disposeAll,
  dot,
  largest,
  minus,
  norm,
  type Pair,
  pairOf,
  type Vector,
} from "./lbfgs.js";
import { type Sample, strongWolfe } from "./line-search.js";

/** The argument of `onIteration`. */
export interface IterationInfo {
  /** The number of the iteration, from 1. */
  readonly iteration: number;
  /** The function's value at the new point. */
  readonly value: number;
  /** The greatest absolute value of a component of the gradient. */
  readonly gradientNorm: number;
  /** The number of evaluations of f and its gradient so far. */
  readonly evaluations: number;
}

/** Options of `minimize`. */
export interface MinimizeOptions {
  /** The method. So far there is only one. */
  readonly method?: "lbfgs" | undefined;
  /** Stops after this many iterations; default 1000. */
  readonly maxIterations?: number | undefined;
  /** Stops when no component of the gradient is greater; default 1e-5, like SciPy's `gtol`. */
  readonly tolerance?: number | undefined;
  /** Stops when a step lowers the value by at most this much, relative to max(|f|, 1); default 2.2e-9, like SciPy's `ftol`. */
  readonly valueTolerance?: number | undefined;
  /** Stops when a step moves each element of x by at most this much, relative to max(|x|, 1); default 0, which never stops. */
  readonly stepTolerance?: number | undefined;
  /** The number of steps and gradient changes to remember; default 10. */
  readonly history?: number | undefined;
  /**
   * True runs f and its gradient as one compiled program (see `compile`). f is called once, with tensors that have no elements, so it must
   * not read any. Later runs read tensors from outside again, but keep the numbers of the first call. The result has the same bits. Default
   * false.
   */
  readonly compile?: boolean | undefined;
  /** Called after each iteration. Returning false stops. */
  readonly onIteration?: ((info: IterationInfo) => unknown) | undefined;
}

/**
 * Why `minimize` stopped. Three are successes: "gradient" (within `tolerance`), "value" (fell by at most `valueTolerance`) and "step"
 * (within `stepTolerance`). `message` explains the others.
 */
export type MinimizeStatus =
  | "gradient"
  | "value"
  | "step"
  | "lineSearchFailed"
  | "unbounded"
  | "notFinite"
  | "maxIterations"
  | "stopped";

/** The result of `minimize`. */
export interface MinimizeResult<P> {
  /** The best point found, in the structure of x0. The caller disposes it. */
  readonly x: P;
  /** The function's value there. */
  readonly value: number;
  /** The gradient there, in the structure of x0. The caller disposes it. */
  readonly gradient: P;
  /** The greatest absolute value of a component of the gradient. */
  readonly gradientNorm: number;
  /** The number of steps. */
  readonly iterations: number;
  /** The number of evaluations of f and its gradient. */
  readonly evaluations: number;
  /** True if a tolerance was met. */
  readonly success: boolean;
  /** Why it stopped. */
  readonly status: MinimizeStatus;
  /** The same in words. */
  readonly message: string;
}

/** A point of the search with its value. */
interface Point extends Differentiated {
  readonly value: number;
}

const MESSAGES: Readonly<Record<MinimizeStatus, string>> = {
  gradient: "converged: the gradient is within tolerance",
  value: "converged: the value no longer falls by more than valueTolerance",
  step: "converged: the step is within stepTolerance",
  lineSearchFailed: "stopped: no step along the search direction lowers the value",
  unbounded: "stopped: the value falls without end along the search direction",
  notFinite: "stopped: the value or the gradient at x0 is not finite",
  maxIterations: "stopped: the greatest number of iterations is reached",
  stopped: "stopped: onIteration returned false",
};
const SUCCESS: readonly MinimizeStatus[] = ["gradient", "value", "step"];

/** The options, with the intervals of tolerances. The others are checked one by one. */
const SETTINGS = {
  method: "",
  maxIterations: "",
  tolerance: FROM_ZERO,
  valueTolerance: FROM_ZERO,
  stepTolerance: FROM_ZERO,
  history: "",
  compile: "",
  onIteration: "",
} as const satisfies Record<keyof MinimizeOptions, string>;

/**
 * Minimises a scalar function of x by L-BFGS with the strong Wolfe line search of SciPy's L-BFGS-B. x is a tensor, or nested objects,
 * arrays and tuples of tensors. Gradients come from `valueAndGrad`. The vectors stay in wasm memory, and x0 is not changed. A status of
 * "gradient" means a minimum or saddle within `tolerance`. On badly scaled functions "value" may stop before one: look at
 * `gradientNorm`. A value of NaN or infinity means that a step was too long.
 *
 * @param f - takes points of x0's structure and returns a scalar tensor
 * @param x0 - the first point; float64 converges further than float32
 * @throws RangeError for options out of range, TypeError for unknown options and options of another kind, TraceError if f reads elements
 * with `compile`, and the errors of `valueAndGrad` for f and x0
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
  checkSettings("minimize", options, SETTINGS);
  const {
    maxIterations = 1000,
    tolerance = 1e-5,
    valueTolerance = 2.2e-9,
    stepTolerance = 0,
    history = 10,
    onIteration,
  } = options;
  const method: string = options.method ?? "lbfgs";
  if (method !== "lbfgs") throw new RangeError(`minimize: unknown method "${method}"; valid: "lbfgs"`);
  checkNumber("minimize: maxIterations", maxIterations, FROM_ZERO, true);
  checkNumber("minimize: history", history, "[1, Infinity)", true);
  if (onIteration !== undefined && typeof onIteration !== "function") {
    throw new TypeError(`minimize: onIteration must be a function, got ${shown(onIteration)}`);
  }

  const eager = valueAndGrad(f);
  const program = options.compile ? compile((x: P) => eager(x)) : undefined;
  const evaluate = program ?? eager;
  let evaluations = 0;
  let epsilon = 0;
  const pointAt = (x: Vector): Point => {
    evaluations++;
    const [value, gradient] = evaluate(replaceTensors(x0, x));
    const number = value.item();
    epsilon = value.dtype === "float32" ? 2 ** -23 : 2 ** -52;
    value.dispose();
    const slopes = tensorsOf(gradient);
    // A program's next call overwrites its results.
    return { x, gradient: program === undefined ? slopes : slopes.map((slope) => slope.clone()), value: number };
  };

  const search = (): MinimizeResult<P> => {
    let point = pointAt(tensorsOf(x0).map((x) => x.clone()));
    let gradientNorm = largest(point.gradient);
    let pairs: Pair[] = [];
    let iterations = 0;
    let status: MinimizeStatus = "maxIterations";
    if (!Number.isFinite(point.value) || !Number.isFinite(gradientNorm)) status = "notFinite";
    else if (gradientNorm <= tolerance) status = "gradient";
    // The expected gain of the last failed search along a direction of curvature.
    let promise = Infinity;

    while (status === "maxIterations" && iterations < maxIterations) {
      const scale = Math.max(Math.abs(point.value), 1);
      const least = valueTolerance * scale;
      const noise = 4 * epsilon;
      const step = advance(pointAt, point, pairs, noise * Math.abs(point.value), least);
      if (typeof step === "number") {
        // Old curvature may be the cause. The next search goes along the gradient itself.
        if (pairs.length > 0) promise = step;
        else status = valueTolerance > 0 && promise <= noise * scale ? "value" : "lineSearchFailed";
        forget(pairs);
        pairs = [];
        continue;
      }
      const { next, pair, gain, unbounded } = step;
      iterations++;
      const moved =
        stepTolerance > 0 && largest(minus(next.x, point.x)) <= stepTolerance * Math.max(largest(next.x), 1);
      disposeAll(point.x, point.gradient);
      point = next;
      gradientNorm = largest(point.gradient);
      if (pair !== undefined) pairs.push(pair);
      if (pairs.length > history) forget([pairs.shift()!]);
      if (unbounded) status = "unbounded";
      else if (gradientNorm <= tolerance) status = "gradient";
      else if (gain <= Math.max(least, valueTolerance * Math.abs(point.value))) status = "value";
      else if (moved) status = "step";
      const answer = onIteration?.({ iteration: iterations, value: point.value, gradientNorm, evaluations });
      if (ignorePromise(answer)) {
        throw new TypeError("minimize: onIteration: the function returned a promise; await outside");
      }
      if (answer === false) status = "stopped";
    }
    return {
      x: replaceTensors(x0, point.x),
      value: point.value,
      gradient: replaceTensors(x0, point.gradient),
      gradientNorm,
      iterations,
      evaluations,
      success: SUCCESS.includes(status),
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
  for (const { s, y } of pairs) disposeAll(s, y);
}

/** One step: the next point, the curvature, and the fall of the value. */
interface Step {
  readonly next: Point;
  readonly pair: Pair | undefined;
  readonly gain: number;
  readonly unbounded: boolean;
}

/**
 * One iteration: a step, or its expected gain if no step serves.
 * @param noise - the possible error of values by rounding
 * @param least - the least gain of a step that lowers the value without meeting the conditions
 */
function advance(
  pointAt: (x: Vector) => Point,
  point: Point,
  pairs: readonly Pair[],
  noise: number,
  least: number,
): Step | number {
  return scope(() => {
    const size = norm(point.gradient);
    const d = direction(point.gradient, size, pairs);
    const slope = dot(point.gradient, d);
    if (!(slope < 0)) return 0;
    const tried = new Map<number, Point>();
    const sample = (step: number): Sample => {
      const at = pointAt(along(point.x, d, step));
      tried.set(step, at);
      return { step, value: at.value, slope: dot(at.gradient, d) };
    };
    // d has length 1 at first, like L-BFGS-B's first step.
    const firstStep = pairs.length === 0 ? 1 : size;
    const { best, enough, unbounded } = strongWolfe(sample, { step: 0, value: point.value, slope }, firstStep, noise);
    if (best === undefined || !(enough || unbounded || -best.value > least)) return (-slope * firstStep) / 2;
    const next = tried.get(best.step)!;
    return { next, pair: pairOf(point, next), gain: -best.value, unbounded };
  });
}
