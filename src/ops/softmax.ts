// Softmax, its logarithm and log-sum-exp along an axis, each with its gradient. Must not know memory.
import { Op } from "../../assembly/ops.generated.js";
import { checkOptions, ShapeError } from "../errors.js";
import type { FloatDType } from "../tensor/dtype.js";
import { scope } from "../tensor/scope.js";
import { formatShape, normaliseAxis, reducedShape, type Shape, splitAround } from "../tensor/shape.js";
import type { Rules, Saved } from "../tensor/tape.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import { exp, mul, neg, sub } from "./arithmetic.js";
import { equal, where } from "./comparison.js";
import { type Apply, checkOut, checkTensor, defineOp, floatDType, type OutOption, type RuleContext } from "./define.js";
import { identity } from "./elementwise.js";
import { wholeInstruction } from "./instructions.js";
import { reshape, transpose } from "./movement.js";
import { REDUCE_OPTIONS, sum } from "./reduce.js";
import type { CheckAxes, Reduced } from "./types/axes.js";
import type { OptionOf } from "./types/mismatch.js";
import type { Only, ReduceNames } from "./types/signatures.js";

type Rows = readonly [x: AnyTensor, ...others: AnyTensor[]];

interface RowDefinition<T extends Rows, S extends Saved> {
  readonly name: string;
  readonly op: Op;
  readonly saves: readonly S[];
  readonly grad: (context: RuleContext<T, S>) => Rules;
}

/**
 * An op on the rows of the last axis of its operands, which have one shape.
 * @param kind - `"rows"`, or `"logSumExp"` if a row gives one value; its axis stays with size 1
 */
function defineRowOp<K extends "rows" | "logSumExp", T extends Rows, const S extends Saved>(
  kind: K,
  { name, op, ...rules }: RowDefinition<T, S>,
): Apply<T, K> {
  return defineOp<K, T, S>({
    name,
    kind,
    op,
    shape: ([from]) => {
      if (from.at(-1) === 0) throw new ShapeError(`${name}: the axis has no elements: ${formatShape(from)}`);
      return kind === "rows" ? from : [...from.slice(0, -1), 1];
    },
    dtype: floatDType,
    options: ["axis"],
    instructions: (out, operands) => {
      const { extents: shape } = operands[0];
      const extents = splitAround(shape, shape.length - 1, shape.length - 1);
      return [wholeInstruction(op, out, operands, { extents, needsScratch: true })];
    },
    ...rules,
  });
}

/** The options of a sum along rows that keeps a column. */
export const LAST = { axis: -1, keepDims: true } as const;

/** dx = y (g - sum(g y)), of g and y. */
export const applySoftmaxBackward: Apply<[g: AnyTensor, y: AnyTensor], "rows"> = defineRowOp("rows", {
  name: "softmaxBackward",
  op: Op.softmaxBackward,
  saves: ["a", "b"],
  grad: ({ g: h, a: g, b: y }) => [
    () => applySoftmaxBackward([h, y], undefined),
    () => sub(mul(h, sub(g, sum(mul(g, y), LAST))), mul(g, sum(mul(h, y), LAST))),
  ],
});

/** dx = g - e^y sum(g), of g and y. */
const applyLogSoftmaxBackward: Apply<[g: AnyTensor, y: AnyTensor], "rows"> = defineRowOp("rows", {
  name: "logSoftmaxBackward",
  op: Op.logSoftmaxBackward,
  saves: ["a", "b"],
  grad: ({ g: h, a: g, b: y }) => [
    () => sub(h, sum(mul(h, exp(y)), LAST)),
    () => neg(mul(mul(h, exp(y)), sum(g, LAST))),
  ],
});

const applySoftmax: Apply<[x: AnyTensor], "rows"> = defineRowOp("rows", {
  name: "softmax",
  op: Op.softmax,
  saves: ["y"],
  grad: ({ g, y }) => [() => applySoftmaxBackward([g, y], undefined)],
});

const applyLogSoftmax: Apply<[x: AnyTensor], "rows"> = defineRowOp("rows", {
  name: "logSoftmax",
  op: Op.logSoftmax,
  saves: ["y"],
  grad: ({ g, y }) => [() => applyLogSoftmaxBackward([g, y], undefined)],
});

const applyLogSumExp: Apply<[x: AnyTensor], "logSumExp"> = defineRowOp("logSumExp", {
  name: "logSumExp",
  op: Op.logSumExp,
  saves: ["a", "y"],
  // Softmax keeps more digits than e^(x - y), but is NaN in rows with an infinite x.
  grad: ({ g, a: x, y }) => [() => mul(g, where(equal(sub(y, x), Infinity), 0, applySoftmax([x], undefined)))],
});

/** Runs an op on rows along any axis. An axis that is not the last is moved there and back. */
function along(
  op: string,
  apply: Apply<[x: AnyTensor], "rows"> | Apply<[x: AnyTensor], "logSumExp">,
  x: AnyTensor,
  options: (AxisOption & OutOption) | undefined,
): AnyTensor {
  const { axis = -1, out } = options ?? {};
  const { extents: shape, dtype } = checkTensor(op, x);
  const rank = shape.length;
  const from = normaliseAxis(op, axis, rank);
  if (from === rank - 1) return apply([x], undefined, options);
  if (out !== undefined) checkOut(op, out, shape, dtype, []);
  const order = shape.map((_, i) => (i === from ? rank - 1 : i === rank - 1 ? from : i));
  return scope(() => {
    const y = transpose(apply([transpose(x, order)], undefined, { ...options, out: undefined }), order);
    return out === undefined ? y : identity(y, { out });
  });
}

/** The axis of an op on rows. */
export interface AxisOption {
  /** Counted from 0, or backwards from -1; default -1. */
  readonly axis?: number | undefined;
}

/**
 * Softmax along an axis (default the last): y = e^(x - m) / sum(e^(x - m)) with m = max(x), so nothing overflows.
 * Gradient: y (g - sum(g y)).
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: (r + |x - m|) eps y, with r = min(n, 136 + log2 n) + 8 + sum(y |x -
 * m|).
 * @throws ShapeError for an axis that x does not have or that is empty, DTypeError for int32
 * @example softmax(tensor([0, 0])).toArray(); // [0.5, 0.5]
 */
export function softmax<S extends Shape, D extends FloatDType>(
  x: Tensor<S, D>,
  options?: AxisOption & OutOption<Tensor<NoInfer<S>, NoInfer<D>>>,
): Tensor<S, D>;
export function softmax(x: AnyTensor, options?: AxisOption & OutOption): AnyTensor {
  return along("softmax", applySoftmax, x, options);
}

/**
 * The logarithm of softmax along an axis (default the last): y = (x - m) - log(sum(e^(x - m))). Gradient: g - e^y sum(g).
 * Shapes: any, kept. Dtypes: float32, float64. Accuracy: (r + 2 (|x - m| + log(sum(e^(x - m))))) eps, with softmax's r.
 * @throws ShapeError for an axis that x does not have or that is empty, DTypeError for int32
 * @example logSoftmax(tensor([1000, 0])).toArray(); // [0, -1000]
 */
export function logSoftmax<S extends Shape, D extends FloatDType>(
  x: Tensor<S, D>,
  options?: AxisOption & OutOption<Tensor<NoInfer<S>, NoInfer<D>>>,
): Tensor<S, D>;
export function logSoftmax(x: AnyTensor, options?: AxisOption & OutOption): AnyTensor {
  return along("logSoftmax", applyLogSoftmax, x, options);
}

/**
 * y = log(sum(e^x)) along an axis (default the last), without overflow. Gradient: g softmax(x).
 * Shapes: the axis goes, or stays with size 1 with `keepDims`. Dtypes: float32, float64. Accuracy: (r + 2 (|m| + log(sum(e^(x -
 * m))))) eps, with softmax's r, m the greatest.
 * @throws ShapeError for an axis that x does not have or that is empty, DTypeError for int32
 * @example logSumExp(tensor([1000, 1000])).item(); // 1000.6931762695312
 */
export function logSumExp<
  S extends Shape,
  D extends FloatDType,
  const O extends object & {
    /** Counted from 0, or backwards from -1; default -1. */
    readonly axis?: number | undefined;
    /** True keeps it with size 1; default false. */
    readonly keepDims?: boolean | undefined;
  } = { axis: -1 },
>(
  x: Tensor<S, D> & CheckAxes<"logSumExp", S, O>,
  options?: Only<O, ReduceNames> & OutOption<Tensor<RowReduced<S, O>, D>>,
): Tensor<RowReduced<S, O>, D>;
export function logSumExp(
  x: AnyTensor,
  options?: AxisOption & { readonly keepDims?: boolean | undefined } & OutOption,
): AnyTensor {
  const { extents: shape, dtype } = checkTensor("logSumExp", x);
  checkOptions("logSumExp", options, [...REDUCE_OPTIONS, "out"]);
  const axis = normaliseAxis("logSumExp", options?.axis ?? -1, shape.length);
  const target = reducedShape(shape, [axis], !!options?.keepDims);
  const out = options?.out;
  if (out !== undefined) checkOut("logSumExp", out, target, dtype, [x]);
  return scope(() => reshape(along("logSumExp", applyLogSumExp, x, { axis }), target, { out }));
}

/** The shape of a reduction whose default axis is the last. */
type RowReduced<S extends Shape, O> = Reduced<
  S,
  [OptionOf<O, "axis">] extends [undefined] ? { axis: -1; keepDims: OptionOf<O, "keepDims"> } : O
>;
