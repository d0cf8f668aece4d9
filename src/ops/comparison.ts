// Comparison and selection, elementwise. Must not know memory or instructions.
import { Op } from "../../assembly/ops.generated.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import type { Operand } from "../tensor/types.js";
import type { Apply, OutOption } from "./define.js";
import { defineBinary, defineElementwise } from "./elementwise.js";
import type { CheckPair, DTypeOf } from "./types/broadcast.js";
import type { BinaryOp, TernaryShape } from "./types/signatures.js";

/** x where the mask is not 0, else 0, even where x is infinite or NaN: elements not chosen have no part in a gradient. */
export function masked(mask: AnyTensor, x: AnyTensor): AnyTensor {
  return where(mask, x, 0);
}

/**
 * Comparison: y = 1 where a > b, else 0 (also where either is NaN), in the operands' dtype. Gradient: 0.
 * Shapes: a and b broadcast. Dtypes: any, the same for both. Accuracy: exact.
 * @function
 * @throws ShapeError if the shapes do not broadcast, DTypeError if the dtypes differ
 * @example greater(tensor([1, 5]), 3).toArray(); // [0, 1]
 */
export const greater: BinaryOp<"greater"> = defineBinary({ name: "greater", op: Op.greater, dtypes: "any" });

/**
 * Comparison: y = 1 where a >= b, else 0 (also where either is NaN), in the operands' dtype. Gradient: 0.
 * Shapes: a and b broadcast. Dtypes: any, the same for both. Accuracy: exact.
 * @function
 * @throws ShapeError if the shapes do not broadcast, DTypeError if the dtypes differ
 * @example greaterEqual(tensor([1, 3, 5]), 3).toArray(); // [0, 1, 1]
 */
export const greaterEqual: BinaryOp<"greaterEqual"> = defineBinary({
  name: "greaterEqual",
  op: Op.greaterEqual,
  dtypes: "any",
});

/**
 * Comparison: y = 1 where a < b, else 0 (also where either is NaN), in the operands' dtype. Gradient: 0.
 * Shapes: a and b broadcast. Dtypes: any, the same for both. Accuracy: exact.
 * @function
 * @throws ShapeError if the shapes do not broadcast, DTypeError if the dtypes differ
 * @example less(tensor([1, 5]), 3).toArray(); // [1, 0]
 */
export const less: BinaryOp<"less"> = defineBinary({ name: "less", op: Op.less, dtypes: "any" });

/**
 * Comparison: y = 1 where a <= b, else 0 (also where either is NaN), in the operands' dtype. Gradient: 0.
 * Shapes: a and b broadcast. Dtypes: any, the same for both. Accuracy: exact.
 * @function
 * @throws ShapeError if the shapes do not broadcast, DTypeError if the dtypes differ
 * @example lessEqual(tensor([1, 3, 5]), 3).toArray(); // [1, 1, 0]
 */
export const lessEqual: BinaryOp<"lessEqual"> = defineBinary({ name: "lessEqual", op: Op.lessEqual, dtypes: "any" });

/**
 * Comparison: y = 1 where a = b, else 0 (NaN equals nothing), in the operands' dtype. Gradient: 0.
 * Shapes: a and b broadcast. Dtypes: any, the same for both. Accuracy: exact.
 * @function
 * @throws ShapeError if the shapes do not broadcast, DTypeError if the dtypes differ
 * @example equal(tensor([1, 2]), 2).toArray(); // [0, 1]
 */
export const equal: BinaryOp<"equal"> = defineBinary({ name: "equal", op: Op.equal, dtypes: "any" });

/**
 * Comparison: y = 1 where a differs from b, else 0 (NaN differs from everything), in the operands' dtype. Gradient: 0.
 * Shapes: a and b broadcast. Dtypes: any, the same for both. Accuracy: exact.
 * @function
 * @throws ShapeError if the shapes do not broadcast, DTypeError if the dtypes differ
 * @example notEqual(tensor([1, 2]), 2).toArray(); // [1, 0]
 */
export const notEqual: BinaryOp<"notEqual"> = defineBinary({ name: "notEqual", op: Op.notEqual, dtypes: "any" });

const applyWhere: Apply<[condition: AnyTensor, a: Operand, b: Operand]> = defineElementwise({
  name: "where",
  op: Op.where,
  dtypes: "any",
  saves: ["a"],
  grad: ({ g, a }) => [undefined, () => masked(a, g), () => where(a, 0, g)],
});

/**
 * Selection: y = a where the condition is not 0, else b. Gradients: g where the operand is chosen, 0 elsewhere; none for the condition.
 * Shapes: all three broadcast. Dtypes: any, the same for all. Accuracy: exact.
 * @throws ShapeError if the shapes do not broadcast, DTypeError if the dtypes differ
 * @example where(tensor([1, 0]), 5, tensor([7, 8])).toArray(); // [5, 8]
 */
export function where<C extends AnyTensor, const A extends Operand, const B extends Operand>(
  condition: C,
  a: A & CheckPair<"where", C, A>,
  b: B & CheckPair<"where", C, B> & CheckPair<"where", A, B>,
  options?: OutOption<Tensor<TernaryShape<C, A, B>, DTypeOf<C>>>,
): Tensor<TernaryShape<C, A, B>, DTypeOf<C>>;
export function where(condition: AnyTensor, a: Operand, b: Operand, options?: OutOption): AnyTensor {
  return applyWhere([condition, a, b], undefined, options);
}
