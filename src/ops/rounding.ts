// Rounding, remainders and limits, elementwise, each with its gradient. Must not know memory or instructions.
import { Op } from "../../assembly/ops.generated.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import type { Operand } from "../tensor/types.js";
import { add, div, mul, neg, sub } from "./arithmetic.js";
import { greater, greaterEqual, less, lessEqual, where } from "./comparison.js";
import type { Apply, OutOption } from "./define.js";
import { defineBinary, defineElementwise, defineUnary } from "./elementwise.js";
import type { CheckPair, DTypeOf } from "./types/broadcast.js";
import type { BinaryOp, TernaryShape, UnaryOp } from "./types/signatures.js";

/**
 * Rounding down: y = floor(x), the greatest integer <= x. Gradient: 0.
 * Shapes: any, kept. Dtypes: any. Accuracy: exact.
 * @function
 * @throws DisposedError for a disposed tensor, ShapeError or DTypeError if `out` does not fit
 * @example floor(tensor([1.5, -1.5])).toArray(); // [1, -2]
 */
export const floor: UnaryOp = defineUnary({ name: "floor", op: Op.floor, dtypes: "any" });

/**
 * Rounding up: y = ceil(x), the least integer >= x. Gradient: 0.
 * Shapes: any, kept. Dtypes: any. Accuracy: exact.
 * @function
 * @throws DisposedError for a disposed tensor, ShapeError or DTypeError if `out` does not fit
 * @example ceil(tensor([1.5, -1.5])).toArray(); // [2, -1]
 */
export const ceil: UnaryOp = defineUnary({ name: "ceil", op: Op.ceil, dtypes: "any" });

/**
 * Rounding to the nearest integer: y = round(x). Ties go to the even integer, as in NumPy; `Math.round` rounds them up. Gradient: 0.
 * Shapes: any, kept. Dtypes: any. Accuracy: exact.
 * @function
 * @throws DisposedError for a disposed tensor, ShapeError or DTypeError if `out` does not fit
 * @example round(tensor([0.5, 1.5, -2.5])).toArray(); // [0, 2, -2]
 */
export const round: UnaryOp = defineUnary({ name: "round", op: Op.round, dtypes: "any" });

/**
 * Test for NaN: y = 1 where x is NaN, else 0, in the dtype of x. Gradient: 0.
 * Shapes: any, kept. Dtypes: any. Accuracy: exact.
 * @function
 * @throws DisposedError for a disposed tensor, ShapeError or DTypeError if `out` does not fit
 * @example isNaN(tensor([0, Number.NaN])).toArray(); // [0, 1]
 */
export const isNaN: UnaryOp = defineUnary({ name: "isNaN", op: Op.isNaN, dtypes: "any" });

const applyClip: Apply<[x: AnyTensor, low: Operand, high: Operand]> = defineElementwise({
  name: "clip",
  op: Op.clip,
  dtypes: "any",
  saves: ["a", "b", "c"],
  grad: ({ g, a, b, c }) => [
    () => where(mul(greaterEqual(a, b), lessEqual(a, c)), g, 0),
    () => where(mul(less(a, b), less(b, c)), g, 0),
    () => where(add(greater(a, c), greater(b, c)), g, 0),
  ],
});

/**
 * Limits: y = min(max(x, low), high), NaN where any is NaN. Gradients: g for x where low <= x <= high, for low where x < low < high, for
 * high where x or low is above it; 0 elsewhere, as in PyTorch. A limit of -Infinity or Infinity limits nothing.
 * Shapes: all three broadcast. Dtypes: any, the same for all. Accuracy: exact.
 * @throws ShapeError if the shapes do not broadcast, DTypeError if the dtypes differ
 * @example clip(tensor([-3, 0.5, 7]), 0, 1).toArray(); // [0, 0.5, 1]
 */
export function clip<X extends AnyTensor, const A extends Operand, const B extends Operand>(
  x: X,
  low: A & CheckPair<"clip", X, A>,
  high: B & CheckPair<"clip", X, B> & CheckPair<"clip", A, B>,
  options?: OutOption<Tensor<TernaryShape<X, A, B>, DTypeOf<X>>>,
): Tensor<TernaryShape<X, A, B>, DTypeOf<X>>;
export function clip(x: AnyTensor, low: Operand, high: Operand, options?: OutOption): AnyTensor {
  return applyClip([x, low, high], undefined, options);
}

/**
 * Remainder: y = a - b floor(a / b), with the sign of b, as in NumPy; `%` of JavaScript has the sign of a. NaN where b is 0 or a is
 * infinite. Gradients: g and -g floor(a / b).
 * Shapes: a and b broadcast. Dtypes: any, the same for both; int32 gives 0 where b is 0. Accuracy: correctly rounded.
 * @function
 * @throws ShapeError if the shapes do not broadcast, DTypeError if the dtypes differ
 * @example mod(tensor([5, -5]), 3).toArray(); // [2, 1]
 */
export const mod: BinaryOp<"mod"> = defineBinary({
  name: "mod",
  op: Op.mod,
  dtypes: "any",
  saves: ["a", "b", "y"],
  // The floor of a / b would be wrong if a / b is rounded up to a whole number.
  grad: ({ g, a, b, y }) => [() => g, () => mul(g, neg(round(div(sub(a, y), b))))],
});
