// Arithmetic, elementwise, each op with its gradient. Must not know memory or instructions.
import { Op } from "../../assembly/ops.generated.js";
import type { Rules, Variable } from "../tensor/tape.js";
import type { AnyTensor } from "../tensor/tensor.js";
import type { Operand } from "../tensor/types.js";
import { equal, greater, less, masked, where } from "./comparison.js";
import { defineBinary, defineUnary } from "./elementwise.js";
import type { BinaryOp, UnaryFloatOp, UnaryOp } from "./types/signatures.js";

/**
 * Negation: y = -x. Gradient: -g.
 * Shapes: any, kept. Dtypes: any; int32 wraps around. Accuracy: exact.
 * @function
 * @throws DisposedError for a disposed tensor, ShapeError or DTypeError if `out` does not fit
 * @example neg(tensor([1, -2])).toArray(); // [-1, 2]
 */
export const neg: UnaryOp = defineUnary({
  name: "neg",
  op: Op.neg,
  dtypes: "any",
  grad: ({ g }) => [() => neg(g)],
});

/**
 * Absolute value: y = |x|. Gradient: g sign(x), 0 at 0.
 * Shapes: any, kept. Dtypes: any; int32 wraps around. Accuracy: exact.
 * @function
 * @throws DisposedError for a disposed tensor, ShapeError or DTypeError if `out` does not fit
 * @example abs(tensor([1, -2])).toArray(); // [1, 2]
 */
export const abs: UnaryOp = defineUnary({
  name: "abs",
  op: Op.abs,
  dtypes: "any",
  saves: ["a"],
  grad: ({ g, a }) => [() => masked(a, mul(g, sign(a)))],
});

/**
 * Sign: y = 1 where x > 0, -1 where x < 0, x itself where it is 0 or NaN. Gradient: 0.
 * Shapes: any, kept. Dtypes: any. Accuracy: exact.
 * @function
 * @throws DisposedError for a disposed tensor, ShapeError or DTypeError if `out` does not fit
 * @example sign(tensor([-3, 0, 5])).toArray(); // [-1, 0, 1]
 */
export const sign: UnaryOp = defineUnary({ name: "sign", op: Op.sign, dtypes: "any" });

/**
 * Square: y = x^2. Gradient: 2 g x.
 * Shapes: any, kept. Dtypes: any; int32 wraps around. Accuracy: correctly rounded.
 * @function
 * @throws DisposedError for a disposed tensor, ShapeError or DTypeError if `out` does not fit
 * @example square(tensor([3, -2])).toArray(); // [9, 4]
 */
export const square: UnaryOp = defineUnary({
  name: "square",
  op: Op.square,
  dtypes: "any",
  saves: ["a"],
  grad: ({ g, a }) => [() => mul(g, mul(a, 2))],
});

/**
 * Square root: y = sqrt(x); NaN below 0. Gradient: g / (2 y).
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: correctly rounded.
 * @function
 * @throws DTypeError for int32
 * @example sqrt(tensor([4, 9])).toArray(); // [2, 3]
 */
export const sqrt: UnaryFloatOp = defineUnary({
  name: "sqrt",
  op: Op.sqrt,
  saves: ["y"],
  grad: ({ g, y }) => [() => div(g, mul(y, 2))],
});

/**
 * Exponential: y = e^x. Gradient: g y.
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: 2 ULP.
 * @function
 * @throws DTypeError for int32
 * @example exp(tensor([0, 1], { dtype: "float64" })).toArray(); // [1, 2.718281828459045]
 */
export const exp: UnaryFloatOp = defineUnary({
  name: "exp",
  op: Op.exp,
  saves: ["y"],
  grad: ({ g, y }) => [() => mul(g, y)],
});

/**
 * y = e^x - 1, without the cancellation near 0. Gradient: g e^x.
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: 2 ULP.
 * @function
 * @throws DTypeError for int32
 * @example expm1(tensor([1e-10], { dtype: "float64" })).item(); // 1.00000000005e-10
 */
export const expm1: UnaryFloatOp = defineUnary({
  name: "expm1",
  op: Op.expm1,
  saves: ["a"],
  // y + 1 would lose all digits for y near -1.
  grad: ({ g, a }) => [() => mul(g, exp(a))],
});

/**
 * Natural logarithm: y = log(x); -Infinity at 0, NaN below. Gradient: g / x.
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: 2 ULP.
 * @function
 * @throws DTypeError for int32
 * @example log(tensor([1])).item(); // 0
 */
export const log: UnaryFloatOp = defineUnary({
  name: "log",
  op: Op.log,
  saves: ["a"],
  grad: ({ g, a }) => [() => div(g, a)],
});

/**
 * y = log(1 + x), without the cancellation near 0. Gradient: g / (1 + x).
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: 2 ULP.
 * @function
 * @throws DTypeError for int32
 * @example log1p(tensor([1e-10], { dtype: "float64" })).item(); // 9.9999999995e-11
 */
export const log1p: UnaryFloatOp = defineUnary({
  name: "log1p",
  op: Op.log1p,
  saves: ["a"],
  grad: ({ g, a }) => [() => div(g, add(a, 1))],
});

/**
 * Sum: y = a + b. Gradients: g and g.
 * Shapes: a and b broadcast. Dtypes: any, the same for both; int32 wraps around. Accuracy: correctly rounded.
 * @function
 * @throws ShapeError if the shapes do not broadcast, DTypeError if the dtypes differ
 * @example add(tensor([[1, 2], [3, 4]]), tensor([10, 20])).toArray(); // [[11, 22], [13, 24]]
 */
export const add: BinaryOp<"add"> = defineBinary({
  name: "add",
  op: Op.add,
  dtypes: "any",
  grad: ({ g }) => [() => g, () => g],
});

/**
 * Difference: y = a - b. Gradients: g and -g.
 * Shapes: a and b broadcast. Dtypes: any, the same for both; int32 wraps around. Accuracy: correctly rounded.
 * @function
 * @throws ShapeError if the shapes do not broadcast, DTypeError if the dtypes differ
 * @example sub(1, tensor([0.25, 0.5])).toArray(); // [0.75, 0.5]
 */
export const sub: BinaryOp<"sub"> = defineBinary({
  name: "sub",
  op: Op.sub,
  dtypes: "any",
  grad: ({ g }) => [() => g, () => neg(g)],
});

/**
 * Product, element by element: y = a b. Gradients: g b and g a.
 * Shapes: a and b broadcast. Dtypes: any, the same for both; int32 wraps around. Accuracy: correctly rounded.
 * @function
 * @throws ShapeError if the shapes do not broadcast, DTypeError if the dtypes differ
 * @example mul(tensor([1, 2, 3]), 2).toArray(); // [2, 4, 6]
 */
export const mul: BinaryOp<"mul"> = defineBinary({
  name: "mul",
  op: Op.mul,
  dtypes: "any",
  saves: ["a", "b"],
  readBy: { a: 1, b: 0 },
  grad: (saved) => [() => mul(saved.g, saved.b), () => mul(saved.g, saved.a)],
});

/**
 * Quotient: y = a / b. Gradients: g / b and -g y / b.
 * Shapes: a and b broadcast. Dtypes: float32, float64, the same for both. Accuracy: correctly rounded.
 * @function
 * @throws ShapeError if the shapes do not broadcast, DTypeError for int32 or if the dtypes differ
 * @example div(tensor([1, 2, 3]), 4).toArray(); // [0.25, 0.5, 0.75]
 */
export const div: BinaryOp<"div"> = defineBinary({
  name: "div",
  op: Op.div,
  saves: ["b", "y"],
  readBy: { y: 1 },
  grad: (saved) => [() => div(saved.g, saved.b), () => neg(div(mul(saved.g, saved.y), saved.b))],
});

/**
 * The gradient rule of an extremum for one operand: g where `a` is chosen, g / 2 at ties, as in JAX and PyTorch, and NaN where `a` is NaN.
 */
function chosen(
  g: Variable,
  a: Variable | number,
  b: Variable | number,
  beats: (a: Operand, b: Operand) => AnyTensor,
): Rules[number] {
  if (typeof a === "number") return undefined;
  return () => {
    const nan = mul(sign(a), 0);
    const share = add(add(beats(a, b), mul(equal(a, b), 0.5)), nan);
    return masked(share, mul(g, share));
  };
}

/**
 * The greater of two: y = max(a, b), NaN where either is. Gradients: g where that operand is greater, g / 2 at ties,
 * NaN where that operand is.
 * Shapes: a and b broadcast. Dtypes: any, the same for both. Accuracy: exact.
 * @function
 * @throws ShapeError if the shapes do not broadcast, DTypeError if the dtypes differ
 * @example maximum(tensor([-1, 2]), 0).toArray(); // [0, 2]
 */
export const maximum: BinaryOp<"maximum"> = defineBinary({
  name: "maximum",
  op: Op.maximum,
  dtypes: "any",
  saves: ["a", "b"],
  grad: ({ g, a, b }) => [chosen(g, a, b, greater), chosen(g, b, a, greater)],
});

/**
 * The lesser of two: y = min(a, b), NaN where either is. Gradients: g where that operand is lesser, g / 2 at ties,
 * NaN where that operand is.
 * Shapes: a and b broadcast. Dtypes: any, the same for both. Accuracy: exact.
 * @function
 * @throws ShapeError if the shapes do not broadcast, DTypeError if the dtypes differ
 * @example minimum(tensor([-1, 2]), 0).toArray(); // [-1, 0]
 */
export const minimum: BinaryOp<"minimum"> = defineBinary({
  name: "minimum",
  op: Op.minimum,
  dtypes: "any",
  saves: ["a", "b"],
  grad: ({ g, a, b }) => [chosen(g, a, b, less), chosen(g, b, a, less)],
});

/**
 * Power: y = a^b with the special cases of C99 and NumPy (0^0 = 1, NaN below 0 unless b is whole).
 * Gradients: g b a^(b - 1), 0 where b is 0, and g y log(a), 0 where a is 0.
 * Shapes: a and b broadcast. Dtypes: float32, float64, the same for both. Accuracy: 2 ULP.
 * @function
 * @throws ShapeError if the shapes do not broadcast, DTypeError for int32 or if the dtypes differ
 * @example power(tensor([2, 3]), 3).toArray(); // [8, 27]
 */
export const power: BinaryOp<"power"> = defineBinary({
  name: "power",
  op: Op.power,
  saves: ["a", "b", "y"],
  grad: ({ g, a, b, y }) => [
    b === 0
      ? undefined
      : () => {
          if (typeof b === "number") return mul(g, mul(power(a, b - 1), b));
          // The exponent is changed too. Otherwise, at base 0, the derivative of a factor that does not count would be infinite.
          return masked(b, mul(g, mul(b, power(a, masked(b, sub(b, 1))))));
        },
    typeof b === "number"
      ? undefined
      : () => {
          const base = typeof a === "number" ? where(b, a, a) : a;
          return masked(base, mul(g, mul(y, log(where(base, base, 1)))));
        },
  ],
});
