// Rounding, remainders and limits, elementwise, each with its gradient. Must not know memory or instructions.
import { Op } from "../../assembly/ops.generated.js";
import { defineUnary } from "./elementwise.js";
import type { UnaryOp } from "./types/signatures.js";

/**
 * Rounding down: y = floor(x), the greatest integer that is not above x. Gradient: 0.
 * Shapes: any, kept. Dtypes: any.
 * @function
 * @throws DisposedError for a tensor that is gone, ShapeError or DTypeError where `out` does not fit
 * @example floor(tensor([1.5, -1.5])).toArray(); // [1, -2]
 */
export const floor: UnaryOp = defineUnary({ name: "floor", op: Op.floor, dtypes: "any" });

/**
 * Rounding up: y = ceil(x), the least integer that is not below x. Gradient: 0.
 * Shapes: any, kept. Dtypes: any.
 * @function
 * @throws DisposedError for a tensor that is gone, ShapeError or DTypeError where `out` does not fit
 * @example ceil(tensor([1.5, -1.5])).toArray(); // [2, -1]
 */
export const ceil: UnaryOp = defineUnary({ name: "ceil", op: Op.ceil, dtypes: "any" });

/**
 * Rounding to the nearest integer: y = round(x), the even one of two as in NumPy, where `Math.round` goes up. Gradient: 0.
 * Shapes: any, kept. Dtypes: any.
 * @function
 * @throws DisposedError for a tensor that is gone, ShapeError or DTypeError where `out` does not fit
 * @example round(tensor([0.5, 1.5, -2.5])).toArray(); // [0, 2, -2]
 */
export const round: UnaryOp = defineUnary({ name: "round", op: Op.round, dtypes: "any" });

/**
 * Test for NaN: y = 1 where x is NaN, else 0, in the dtype of x. Gradient: 0.
 * Shapes: any, kept. Dtypes: any.
 * @function
 * @throws DisposedError for a tensor that is gone, ShapeError or DTypeError where `out` does not fit
 * @example isNaN(tensor([0, Number.NaN])).toArray(); // [0, 1]
 */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the name in NumPy and TensorFlow.js.
export const isNaN: UnaryOp = defineUnary({ name: "isNaN", op: Op.isNaN, dtypes: "any" });
