// Minimisation of a smooth function of tensors by L-BFGS, in the manner of SciPy's `minimize`. Written in public ops.

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
  readonly method?: "lbfgs" | undefined;
  /** Default 1000. */
  readonly maxIterations?: number | undefined;
  /** Stops when no component of the gradient is greater; default 1e-5, as SciPy's `gtol`. */
  readonly tolerance?: number | undefined;
  /** Stops when a step lowers the value by no more, relative to max(|f|, 1); default 2.2e-9, as SciPy's `ftol`. */
  readonly valueTolerance?: number | undefined;
  /** Stops when a step moves no element of x by more, relative to max(|x|, 1); default 0: never. */
  readonly stepTolerance?: number | undefined;
  /** Pairs of steps and gradient changes to remember; default 10. */
  readonly history?: number | undefined;
  /**
   * True runs f and its gradient as one compiled program (see `compile`), for x0's shapes: f is called once, with tensors that
   * have no elements, and must not read any; tensors from outside are read anew, numbers stay what they were. The result has the
   * same bits. Default false.
   */
  readonly compile?: boolean | undefined;
  /** Called after each iteration; returning false stops. */
  readonly onIteration?: ((info: IterationInfo) => unknown) | undefined;
}

/**
 * Why `minimize` stopped. With success: the `gradient` is within `tolerance`; the `value` no longer falls by more than
 * `valueTolerance`; the `step` was within `stepTolerance`. Without: see `message`.
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

/** A point of the search and the function there. */
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

/** The options, with the intervals of tolerances; the others are checked each in its way. */
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
 * Minimises a scalar function of x, a tensor or nested objects, arrays and tuples of tensors, by L-BFGS with the strong Wolfe line
 * search of SciPy's L-BFGS-B; gradients come from `valueAndGrad`. The vectors stay in wasm memory; x0 is left as it is.
 * `success` is true for three statuses: "gradient" is a minimum or saddle within `tolerance`, "value" may lie before one on badly
 * scaled functions: look at `gradientNorm`. A value of NaN or infinity at a step means that the step is too long.
 *
 * @param f - called again and again with points of x0's structure; returns a scalar tensor
 * @param x0 - where to begin; float64 converges further than float32
 * @throws RangeError for options out of range, TypeError for unknown ones and ones of another kind; what `valueAndGrad` throws for f
 * and x0; TraceError with `compile`, where f reads elements
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
  if (method !== "lbfgs") throw new RangeError(`minimize: no such method: ${method}; there is "lbfgs"`);
  checkNumber("minimize: maxIterations", maxIterations, FROM_ZERO, true);
  checkNumber("minimize: history", history, "[1, Infinity)", true);
  if (onIteration !== undefined && typeof onIteration !== "function") {
    throw new TypeError(`minimize: onIteration is a function, got ${shown(onIteration)}`);
  }

  const eager = valueAndGrad(f);
  const program = options.compile ? compile((x: P) => eager(x)) : undefined;
  const evaluate = program ?? eager;
  let evaluations = 0;
  let epsilon = 0;
  const pointAt = (x: Vector): Point => {
    evaluations++;
    const [value, gradient] = evaluate(replaceTensors(x0, x) as P);
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
    // What the last search along a direction of curvature was to gain.
    let promise = Infinity;

    while (status === "maxIterations" && iterations < maxIterations) {
      const scale = Math.max(Math.abs(point.value), 1);
      const least = valueTolerance * scale;
      const noise = 4 * epsilon;
      const step = advance(pointAt, point, pairs, noise * Math.abs(point.value), least);
      if (typeof step === "number") {
        // Old curvature may be what fails: once more along the gradient itself.
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
      x: replaceTensors(x0, point.x) as P,
      value: point.value,
      gradient: replaceTensors(x0, point.gradient) as P,
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

/** One step: the next point, its curvature, and how far the value fell. */
interface Step {
  readonly next: Point;
  readonly pair: Pair | undefined;
  readonly gain: number;
  readonly unbounded: boolean;
}

/**
 * One iteration: a step, or, where none serves, how far it was to lower the value.
 * @param noise - how far values may be off by rounding
 * @param least - what a step must gain that meets no conditions but lowers the value
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
    // d is of length 1 at first, as L-BFGS-B's first step.
    const firstStep = pairs.length === 0 ? 1 : size;
    const { best, enough, unbounded } = strongWolfe(sample, { step: 0, value: point.value, slope }, firstStep, noise);
    if (best === undefined || !(enough || unbounded || -best.value > least)) return (-slope * firstStep) / 2;
    const next = tried.get(best.step)!;
    return { next, pair: pairOf(point, next), gain: -best.value, unbounded };
  });
}
