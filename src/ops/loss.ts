// Losses. The cross-entropy of softmax has one op for each direction; the others are composed of ops. Must not know memory.
import { Op } from "../../assembly/ops.generated.js";
import { checkOptions, DTypeError, ShapeError } from "../errors.js";
import type { Instruction } from "../runtime/program/instruction.js";
import type { DType, FloatDType } from "../tensor/dtype.js";
import { scope } from "../tensor/scope.js";
import { formatShape, formatShapes, type Shape, sameShape } from "../tensor/shape.js";
import type { Variable } from "../tensor/tape.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import { sigmoid, softplus } from "./activation.js";
import { abs, add, div, mul, neg, square, sub } from "./arithmetic.js";
import { greater, where } from "./comparison.js";
import { fullLike } from "./create.js";
import {
  type Apply,
  type Composition,
  checkTensor,
  commonDType,
  compose,
  defineOp,
  floatDType,
  type OutOption,
} from "./define.js";
import { checkIndices } from "./indexing.js";
import { type Placed, wholeInstruction } from "./instructions.js";
import type { Labels } from "./kind.js";
import { reshape } from "./movement.js";
import { mean, sum } from "./reduce.js";
import { applySoftmaxBackward, LAST, logSoftmax, softmax } from "./softmax.js";
import type { CheckSameShape } from "./types/broadcast.js";

/** One instruction on rows of logits, their labels, and other operands with one value for each row. */
function rowsInstruction(
  op: Op,
  out: Placed,
  operands: readonly [logits: Placed, ...Placed[]],
  { indexed }: Labels,
): Instruction {
  const [rows, classes] = operands[0].extents;
  return wholeInstruction(op, out, operands, {
    extents: [rows!, classes!, 1],
    flags: [Number(indexed), 0],
    needsScratch: true,
  });
}

/** One value for each row, as a column. */
function column(x: Variable): Variable {
  return reshape(x, [-1, 1]);
}

/** -log softmax(x)[label] of each row, or -sum(p log softmax(x)). */
const applyCrossEntropy: Apply<[logits: AnyTensor, labels: AnyTensor], "crossEntropy"> = defineOp({
  name: "softmaxCrossEntropy",
  kind: "crossEntropy",
  op: Op.crossEntropy,
  shape: ([logits]) => logits.slice(0, 1),
  dtype: floatDType,
  freeOperands: [1],
  instructions: (out, operands, labels) => [rowsInstruction(Op.crossEntropy, out, operands, labels)],
  saves: ["a", "b"],
  grad: ({ g, a: x, b: p, params }) => [
    () => applyCrossEntropyBackward([x, p, g], params),
    () => where(p, neg(mul(column(g), logSoftmax(x))), 0),
  ],
});

/** (softmax(x) - [j = label]) g of each row with its g, or (softmax(x) sum(p) - p) g. */
const applyCrossEntropyBackward: Apply<[logits: AnyTensor, labels: AnyTensor, g: AnyTensor], "crossEntropy"> = defineOp(
  {
    name: "softmaxCrossEntropyBackward",
    kind: "crossEntropy",
    op: Op.crossEntropyBackward,
    shape: ([logits]) => logits,
    dtype: floatDType,
    freeOperands: [1],
    instructions: (out, operands, labels) => [rowsInstruction(Op.crossEntropyBackward, out, operands, labels)],
    saves: ["a", "b", "c"],
    grad: ({ g: h, a: x, b: p, c: g, params }) => {
      const y = (): Variable => softmax(x);
      const weight = (): Variable => (params.indexed ? column(g) : mul(column(g), sum(p, LAST)));
      return [
        () => applySoftmaxBackward([mul(h, weight()), y()], undefined),
        () => mul(column(g), sub(sum(mul(h, y()), LAST), h)),
        () => sum(mul(h, applyCrossEntropyBackward([x, p, fullLike(g, 1)], params)), { axis: 1 }),
      ];
    },
  },
);

/**
 * Cross-entropy of softmax(logits) with labels, the mean over the batch: y = -1/m sum_i sum_j p_ij log softmax(logits)_ij.
 * Gradients: g (softmax(logits) - p) / m to the logits, for rows of p that sum to 1; -g log softmax(logits) / m to probabilities
 * other than 0.
 * Shapes: logits [m, classes]; labels [m] (class indices) or [m, classes] (probabilities); the result is a scalar. Dtypes: logits
 * float32, float64; labels int32 (indices) or the logits' (probabilities). Accuracy:
 * (min(m, 136 + log2 m) + 8) eps times the mean of the rows' absolute losses, and (min(c, 136 + log2 c) + 48) eps times the mean
 * of the rows' sum(|p|), for c classes.
 * @throws ShapeError if the sizes do not fit or a label is not a class, DTypeError for int32 logits or labels of another dtype
 * @example softmaxCrossEntropy(tensor([[0, 0]]), tensor([1], { dtype: "int32" })).item(); // 0.6931471824645996
 */
export function softmaxCrossEntropy<S extends Shape, D extends FloatDType>(
  logits: Tensor<S, D>,
  labels: Tensor<Shape, "int32"> | Tensor<Shape, NoInfer<D>>,
  options?: OutOption<Tensor<[], D>>,
): Tensor<[], D>;
export function softmaxCrossEntropy(
  logits: AnyTensor,
  labels: AnyTensor,
  options?: OutOption<Tensor<[], DType>>,
): AnyTensor {
  const { extents: shape, dtype } = checkTensor("softmaxCrossEntropy", logits);
  checkOptions("softmaxCrossEntropy", options, ["out"]);
  floatDType("softmaxCrossEntropy", dtype);
  checkTensor("softmaxCrossEntropy", labels);
  const indexed = labels.dtype === "int32";
  const sizes = `logits ${formatShape(shape)}, labels ${labels.dtype} ${formatShape(labels.extents)}`;
  const [rows, classes] = shape;
  if (shape.length !== 2 || rows === undefined || classes === undefined || rows === 0 || classes === 0) {
    throw new ShapeError(`softmaxCrossEntropy: logits must be [batch, classes], both at least 1: ${sizes}`);
  }
  if (!sameShape(labels.extents, indexed ? [rows] : shape)) {
    throw new ShapeError(
      `softmaxCrossEntropy: labels must be int32 [batch] or probabilities [batch, classes]: ${sizes}`,
    );
  }
  if (!indexed && labels.dtype !== dtype) {
    throw new DTypeError(
      `softmaxCrossEntropy: labels must be int32 or ${dtype}, got ${labels.dtype}; convert with astype(labels, "int32")`,
    );
  }
  if (indexed) checkIndices("softmaxCrossEntropy", labels, classes, 0);
  return scope(() => div(sum(applyCrossEntropy([logits, labels], { indexed })), rows, options));
}

/** z softplus(-x) + (1 - z) softplus(x) of each element, computed from the smaller softplus and without 0 times infinity. */
const BINARY: Composition<[x: AnyTensor, z: AnyTensor], "a" | "b"> = {
  name: "sigmoidCrossEntropy",
  elementwise: true,
  saves: ["a", "b"],
  grad: ({ g, a: x, b: z }) => [
    // sigmoid(x) - z would lose all digits where they nearly agree.
    () => mul(g, sub(mul(sub(1, z), sigmoid(x)), mul(z, sigmoid(neg(x))))),
    () => neg(mul(g, x)),
  ],
};

/**
 * Cross-entropy of sigmoid(logits) with targets in [0, 1], the mean over all elements: y = 1/n sum of z softplus(-x) + (1 - z)
 * softplus(x), which keeps its digits in both tails; 0 for infinite logits that the targets agree with. Gradients:
 * g (sigmoid(x) - z) / n to the logits, -g x / n to the targets.
 * Shapes: the same for both; the result is a scalar. Dtypes: float32, float64, the same for both. Accuracy: (min(n, 136 + log2 n) +
 * 8) eps times the mean of the terms' absolute values.
 * @throws ShapeError if the shapes differ, DTypeError if the dtypes differ or for int32
 * @example sigmoidCrossEntropy(tensor([0]), tensor([1])).item(); // 0.6931471824645996
 */
export function sigmoidCrossEntropy<SA extends Shape, SB extends Shape, D extends FloatDType>(
  logits: Tensor<SA, D>,
  targets: Tensor<SB, NoInfer<D>> & CheckSameShape<"sigmoidCrossEntropy", SA, SB>,
  options?: OutOption<Tensor<[], D>>,
): Tensor<[], D>;
export function sigmoidCrossEntropy(x: Variable, z: Variable, options?: OutOption<Tensor<[], FloatDType>>): Variable {
  checkSame("sigmoidCrossEntropy", x, z, options);
  const each = (): Variable => {
    const size = abs(x);
    const missed = where(greater(x, 0), sub(1, z), z);
    return add(softplus(neg(size)), where(missed, mul(size, missed), 0));
  };
  return scope(() => mean(compose(BINARY, [x, z], undefined, undefined, each), options));
}

/**
 * Mean of the squared differences over all elements: y = 1/n sum (a - b)^2. Gradients: 2 g (a - b) / n and its negative.
 * Shapes: the same for both; the result is a scalar. Dtypes: float32, float64, the same for both. Accuracy: (min(n,
 * 136 + log2 n) + 8) eps y.
 * @throws ShapeError if the shapes differ, DTypeError if the dtypes differ or for int32
 * @example meanSquaredError(tensor([1, 2]), tensor([1, 4])).item(); // 2
 */
export function meanSquaredError<SA extends Shape, SB extends Shape, D extends FloatDType>(
  predictions: Tensor<SA, D>,
  targets: Tensor<SB, NoInfer<D>> & CheckSameShape<"meanSquaredError", SA, SB>,
  options?: OutOption<Tensor<[], D>>,
): Tensor<[], D>;
export function meanSquaredError(
  predictions: Variable,
  targets: Variable,
  options?: OutOption<Tensor<[], FloatDType>>,
): Variable {
  checkSame("meanSquaredError", predictions, targets, options);
  return scope(() => mean(square(sub(predictions, targets)), options));
}

function checkSame(op: string, a: unknown, b: unknown, options: OutOption | undefined): void {
  checkOptions(op, options, ["out"]);
  const [x, y] = [checkTensor(op, a), checkTensor(op, b)];
  floatDType(op, commonDType(op, [x, y]));
  if (!sameShape(x.extents, y.extents)) {
    throw new ShapeError(`${op}: shapes differ: ${formatShapes([x.extents, y.extents])}`);
  }
}
