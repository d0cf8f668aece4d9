// Compares gradients with finite differences, for users' own functions. Must not know how gradients are computed.
import { checkNumber, checkSettings, DTypeError, FROM_ZERO } from "../errors.js";
import { add, mul } from "../ops/arithmetic.js";
import { normal } from "../ops/random.js";
import { sum } from "../ops/reduce.js";
import type { FloatDType } from "../tensor/dtype.js";
import { scope } from "../tensor/scope.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import { replaceTensors, tensorsOf } from "../tensor/tree.js";
import { valueAndGrad } from "./grad.js";

/** Options of `checkGrad`. */
export interface CheckGradOptions {
  /** The step of the central difference; default 1e-5. */
  readonly step?: number | undefined;
  /** The greatest relative error that passes; default 1e-6. */
  readonly tolerance?: number | undefined;
  /** The number of random directions; default 3. */
  readonly directions?: number | undefined;
  /** The seed of the directions; default 0. */
  readonly seed?: number | undefined;
}

/** A gradient and finite differences disagree. Thrown by `checkGrad`. */
export class GradientError extends Error {
  override readonly name = "GradientError";
}

/**
 * Compares the gradient of f in all its arguments with central differences along random directions v:
 * (f(x + h v) - f(x - h v)) / 2h must equal <grad f, v>, relative to 1 + |<grad f, v>|. Returns the greatest error. Keep the inputs
 * away from kinks.
 * @throws GradientError if the error exceeds the tolerance, DTypeError for inputs that are not float64 (differences need its digits),
 * TypeError for unknown options and options that are not numbers, RangeError for options out of range
 * @example checkGrad((x: Tensor<[3], "float64">) => sum(exp(x)), [tensor([1, 2, 3], { dtype: "float64" })]) < 1e-6; // true
 */
export function checkGrad<Args extends readonly unknown[]>(
  f: (...args: Args) => Tensor<[], FloatDType>,
  inputs: Args,
  options: CheckGradOptions = {},
): number {
  checkSettings("checkGrad", options, { step: "(0, Infinity)", tolerance: FROM_ZERO, directions: "", seed: "" });
  const { step = 1e-5, tolerance = 1e-6, directions = 3, seed = 0 } = options;
  checkNumber("checkGrad: directions", directions, "[1, Infinity)", true);
  checkNumber("checkGrad: seed", seed, `[0, ${2 ** 53})`, true);
  const tensors = tensorsOf(inputs);
  for (const { dtype } of tensors)
    if (dtype !== "float64") throw new DTypeError(`checkGrad: inputs must be float64, got ${dtype}`);
  return scope(() => {
    const argnums = inputs.map((_, i) => i);
    const gradients = tensorsOf(valueAndGrad(f, { argnums })(...inputs)[1]);
    let worst = 0;
    for (let i = 0; i < directions; i++) {
      const error = scope(() => {
        const along: readonly AnyTensor[] = tensors.map((x, j) =>
          normal(x.extents, { seed: seed + i * tensors.length + j, dtype: "float64" }),
        );
        const at = (h: number): number => {
          const moved = tensors.map((x, j) => add(x, mul(along[j]!, h)));
          return f(...replaceTensors(inputs, moved)).item();
        };
        const difference = (at(step) - at(-step)) / (2 * step);
        const slope = gradients.reduce((total, g, j) => total + sum(mul(g, along[j]!)).item(), 0);
        return Math.abs(difference - slope) / (1 + Math.abs(slope));
      });
      if (!(error <= tolerance)) {
        throw new GradientError(
          `checkGrad: along direction ${i} the gradient is off by ${error.toExponential(2)}, more than ${tolerance}`,
        );
      }
      worst = Math.max(worst, error);
    }
    return worst;
  });
}
