// The activations of neural networks and their derivatives. Must not know memory or instructions.
import { Op } from "../../assembly/ops.generated.js";
import { checkNumber } from "../errors.js";
import type { FloatDType } from "../tensor/dtype.js";
import type { Shape } from "../tensor/shape.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import type { Operand } from "../tensor/types.js";
import { add, exp, mul, neg, sub } from "./arithmetic.js";
import { greater, greaterEqual, where } from "./comparison.js";
import type { Apply, OutOption } from "./define.js";
import { defineBinary, defineElementwise, defineUnary } from "./elementwise.js";
import type { BinaryOp, UnaryFloatOp } from "./types/signatures.js";

/**
 * Logistic sigmoid: y = 1 / (1 + e^-x), SciPy's `expit`. Gradient: g y (1 - y).
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: 2 ULP.
 * @function
 * @throws DTypeError for int32
 * @example sigmoid(tensor([0])).item(); // 0.5
 */
export const sigmoid: UnaryFloatOp = defineUnary({
  name: "sigmoid",
  op: Op.sigmoid,
  saves: ["y"],
  grad: ({ g, y }) => [() => sigmoidBackward(g, y)],
});

/**
 * The sigmoid's derivative from its input: y = e / (1 + e)^2 with e = e^-|x|, exact in both tails where y (1 - y) has lost
 * the upper one. Gradient: g y (1 - 2 sigmoid(x)).
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: 2 ULP.
 * @function
 * @throws DTypeError for int32
 * @example sigmoidGrad(tensor([500], { dtype: "float64" })).item(); // 7.1245764067412855e-218
 */
export const sigmoidGrad: UnaryFloatOp = defineUnary({
  name: "sigmoidGrad",
  op: Op.sigmoidGrad,
  saves: ["a", "y"],
  grad: ({ g, a, y }) => [() => mul(g, mul(y, sub(1, mul(sigmoid(a), 2))))],
});

/**
 * The sigmoid's backward pass from its output, in one pass: dx = dy y (1 - y). Gradients: g y (1 - y), and g dy (1 - 2 y).
 * Shapes: dy and y broadcast. Dtypes: float32, float64, the same for both. Accuracy: each step of the formula is correctly
 * rounded, in its order.
 * @function
 * @throws ShapeError if the shapes do not broadcast, DTypeError for int32 or if the dtypes differ
 * @example sigmoidBackward(tensor([1]), tensor([0.5])).item(); // 0.25
 */
export const sigmoidBackward: BinaryOp<"sigmoidBackward"> = defineBinary({
  name: "sigmoidBackward",
  op: Op.sigmoidBackward,
  saves: ["a", "b"],
  grad: ({ g, a, b }) => [() => sigmoidBackward(g, b), () => mul(g, mul(a, sub(1, mul(b, 2))))],
});

/**
 * Sigmoid linear unit, also called swish: y = x sigmoid(x). Gradient: g (sigmoid(x) + x sigmoid'(x)).
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: 2 ULP.
 * @function
 * @throws DTypeError for int32
 * @example silu(tensor([0])).item(); // 0
 */
export const silu: UnaryFloatOp = defineUnary({
  name: "silu",
  op: Op.silu,
  saves: ["a"],
  grad: ({ g, a }) => [() => mul(g, add(sigmoid(a), mul(a, sigmoidGrad(a))))],
});

/**
 * Hyperbolic tangent: y = (e^x - e^-x) / (e^x + e^-x). Gradient: g (1 - y^2).
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: 2 ULP.
 * @function
 * @throws DTypeError for int32
 * @example tanh(tensor([0])).item(); // 0
 */
export const tanh: UnaryFloatOp = defineUnary({
  name: "tanh",
  op: Op.tanh,
  saves: ["y"],
  grad: ({ g, y }) => [() => tanhBackward(g, y)],
});

/**
 * The hyperbolic tangent's backward pass from its output, in one pass: dx = dy (1 - y^2). Gradients: g (1 - y^2), and
 * -2 g dy y.
 * Shapes: dy and y broadcast. Dtypes: float32, float64, the same for both. Accuracy: each step of the formula is correctly
 * rounded, in its order.
 * @function
 * @throws ShapeError if the shapes do not broadcast, DTypeError for int32 or if the dtypes differ
 * @example tanhBackward(tensor([1]), tensor([0.5])).item(); // 0.75
 */
export const tanhBackward: BinaryOp<"tanhBackward"> = defineBinary({
  name: "tanhBackward",
  op: Op.tanhBackward,
  saves: ["a", "b"],
  grad: ({ g, a, b }) => [() => tanhBackward(g, b), () => mul(mul(g, a), mul(b, -2))],
});

/**
 * Rectified linear unit: y = x where x > 0, else 0; NaN and -0 stay. Gradient: g where x > 0, 0 at 0 and below. The backward pass reads
 * the output, not x, so the op may run in place: `relu(x, { out: x })`.
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: exact.
 * @function
 * @throws DTypeError for int32
 * @example relu(tensor([-1, 0, 2])).toArray(); // [0, 0, 2]
 */
export const relu: UnaryFloatOp = defineUnary({
  name: "relu",
  op: Op.relu,
  saves: ["y"],
  grad: ({ g, y }) => [() => reluBackward(g, y)],
});

/**
 * ReLU's derivative: y = 1 where x > 0, 0 at 0 and below, NaN at NaN. Gradient: 0.
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: exact.
 * @function
 * @throws DTypeError for int32
 * @example reluGrad(tensor([-1, 0, 2])).toArray(); // [0, 0, 1]
 */
export const reluGrad: UnaryFloatOp = defineUnary({ name: "reluGrad", op: Op.reluGrad });

/**
 * ReLU's backward pass, from its input or its output: dx = dy where x > 0, 0 at 0 and below, NaN where x is NaN.
 * Gradients: g where x > 0 for dy, 0 for x.
 * Shapes: dy and x broadcast. Dtypes: float32, float64, the same for both. Accuracy: exact.
 * @function
 * @throws ShapeError if the shapes do not broadcast, DTypeError for int32 or if the dtypes differ
 * @example reluBackward(tensor([5, 5]), tensor([-1, 2])).toArray(); // [0, 5]
 */
export const reluBackward: BinaryOp<"reluBackward"> = defineBinary({
  name: "reluBackward",
  op: Op.reluBackward,
  saves: ["b"],
  grad: ({ g, b }) => [() => reluBackward(g, b), undefined],
});

/**
 * y = log(1 + e^x), a smooth ReLU, without overflow. Gradient: g sigmoid(x).
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: 2 ULP.
 * @function
 * @throws DTypeError for int32
 * @example softplus(tensor([1000])).item(); // 1000
 */
export const softplus: UnaryFloatOp = defineUnary({
  name: "softplus",
  op: Op.softplus,
  saves: ["a"],
  grad: ({ g, a }) => [() => mul(g, sigmoid(a))],
});

/**
 * y = log(sigmoid(x)) = -softplus(-x), without underflow. Gradient: g sigmoid(-x).
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: 2 ULP.
 * @function
 * @throws DTypeError for int32
 * @example logSigmoid(tensor([-1000])).item(); // -1000
 */
export const logSigmoid: UnaryFloatOp = defineUnary({
  name: "logSigmoid",
  op: Op.logSigmoid,
  saves: ["a"],
  grad: ({ g, a }) => [() => mul(g, sigmoid(neg(a)))],
});

/** The threshold and the two slopes of `thresholdRelu`. */
export interface ThresholdReluOptions {
  /** Default 0. */
  readonly threshold?: number | undefined;
  /** The slope at and below the threshold; default 0. */
  readonly below?: number | undefined;
  /** The slope above the threshold; default 1. */
  readonly above?: number | undefined;
}

type TwoSlopes = readonly [x: AnyTensor, threshold: number, above: number, below: number];

/** An op with two slopes, for `thresholdRelu` and `leakyRelu`. */
function defineTwoSlopes(name: string, options: readonly string[]): Apply<TwoSlopes> {
  return defineElementwise({
    name,
    op: Op.thresholdRelu,
    options,
    saves: ["a", "b", "c", "d"],
    grad: ({ g, a, b, c, d }) => {
      // A flat side has gradient 0, also where g is infinite.
      const scaled = (slope: number): Operand => (slope === 0 ? 0 : mul(g, slope));
      return [() => where(greater(a, b), scaled(c), scaled(d))];
    },
  });
}

/** Checks a setting: any number except NaN. */
function checkSlope(op: string, name: string, value: unknown): void {
  if (typeof value !== "number" || Number.isNaN(value)) checkNumber(`${op}: ${name}`, value, "[-Infinity, Infinity]");
}

const applyThresholdRelu = defineTwoSlopes("thresholdRelu", ["threshold", "below", "above"]);
const applyLeakyRelu = defineTwoSlopes("leakyRelu", ["slope"]);

/**
 * ReLU with a threshold and two slopes, in one pass: y = x above where x > threshold, else x below. Gradient: g above where
 * x > threshold, else g below.
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: each step of the formula is correctly rounded, in its order.
 * @throws DTypeError for int32
 * @example thresholdRelu(tensor([-1, 1, 3]), { threshold: 2, below: 0.1 }).toArray(); // [-0.1, 0.1, 3]
 */
export function thresholdRelu<S extends Shape, D extends FloatDType>(
  x: Tensor<S, D>,
  options?: ThresholdReluOptions & OutOption<Tensor<NoInfer<S>, NoInfer<D>>>,
): Tensor<S, D>;
export function thresholdRelu(x: AnyTensor, options?: ThresholdReluOptions & OutOption): AnyTensor {
  const { threshold = 0, above = 1, below = 0 } = options ?? {};
  if (options)
    for (const [name, value] of Object.entries({ threshold, above, below })) checkSlope("thresholdRelu", name, value);
  return applyThresholdRelu([x, threshold, above, below], undefined, options);
}

/**
 * Leaky ReLU: y = x where x > 0, else slope x. Gradient: g where x > 0, else slope g.
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: each step of the formula is correctly rounded, in its order.
 * @throws DTypeError for int32
 * @example leakyRelu(tensor([-100, 2])).toArray(); // [-1, 2]
 */
export function leakyRelu<S extends Shape, D extends FloatDType>(
  x: Tensor<S, D>,
  options?: {
    /** The slope at and below 0; default 0.01. */
    readonly slope?: number | undefined;
  } & OutOption<Tensor<NoInfer<S>, NoInfer<D>>>,
): Tensor<S, D>;
export function leakyRelu(x: AnyTensor, options?: { readonly slope?: number | undefined } & OutOption): AnyTensor {
  const { slope = 0.01 } = options ?? {};
  checkSlope("leakyRelu", "slope", slope);
  return applyLeakyRelu([x, 0, 1, slope], undefined, options);
}

const applyElu: Apply<[x: AnyTensor, alpha: Operand]> = defineElementwise({
  name: "elu",
  op: Op.elu,
  options: ["alpha"],
  saves: ["a", "b"],
  // e^0 on the straight side, where an infinite e^x would give NaN in second derivatives.
  grad: ({ g, a, b }) => [() => where(greater(a, 0), g, mul(g, mul(exp(where(greaterEqual(a, 0), 0, a)), b)))],
});

/**
 * Exponential linear unit: y = x where x > 0, else alpha (e^x - 1). An alpha that is not a power of 2 adds a rounding.
 * Gradient: g where x > 0, else g alpha e^x.
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: 2 ULP.
 * @throws DTypeError for int32
 * @example elu(tensor([3, -Infinity])).toArray(); // [3, -1]
 */
export function elu<S extends Shape, D extends FloatDType>(
  x: Tensor<S, D>,
  options?: {
    /** The limit of -y far below 0; default 1. */
    readonly alpha?: number | undefined;
  } & OutOption<Tensor<NoInfer<S>, NoInfer<D>>>,
): Tensor<S, D>;
export function elu(x: AnyTensor, options?: { readonly alpha?: number | undefined } & OutOption): AnyTensor {
  const { alpha = 1 } = options ?? {};
  checkSlope("elu", "alpha", alpha);
  return applyElu([x, alpha], undefined, options);
}
