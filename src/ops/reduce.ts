// Sums, means and extrema over axes, each with its gradient. Must not know memory.
import { Op } from "../../assembly/ops.generated.js";
import { ShapeError, shown } from "../errors.js";
import type { DType, FloatDType } from "../tensor/dtype.js";
import { scope } from "../tensor/scope.js";
import { formatShape, normaliseAxes, reducedShape, type Shape, sizeOf, splitAround } from "../tensor/shape.js";
import type { Rules, Saved } from "../tensor/tape.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import { div, mul, sign } from "./arithmetic.js";
import { equal, where } from "./comparison.js";
import {
  type Apply,
  anyDType,
  type Composition,
  checkTensor,
  compose,
  defineOp,
  floatDType,
  type OutOption,
  type RuleContext,
} from "./define.js";
import { wholeInstruction } from "./instructions.js";
import type { Run } from "./kind.js";
import { reshape } from "./movement.js";
import type { CheckAxes, Reduced, ReduceOptions } from "./types/axes.js";
import type { Only, ReduceNames, ReduceOp } from "./types/signatures.js";

/** The shape with size 1 along the axes of a run. */
function keptShape(shape: Shape, { first, last }: Pick<Run, "first" | "last">): number[] {
  return shape.map((extent, i) => (i >= first && i <= last ? 1 : extent));
}

type One = readonly [x: AnyTensor];

interface ReductionDefinition<S extends Saved> {
  readonly name: string;
  readonly op: Op;
  /** False if the reduction needs at least one element. */
  readonly allowsEmpty: boolean;
  readonly dtype?: typeof anyDType;
  readonly saves?: readonly S[];
  readonly grad?: (context: RuleContext<One, S, Run>) => Rules;
}

function defineReduction<const S extends Saved = never>(definition: ReductionDefinition<S>): Apply<One, "reduction"> {
  const { name, op, allowsEmpty, dtype = anyDType, ...rules } = definition;
  return defineOp<"reduction", One, S>({
    name,
    kind: "reduction",
    op,
    shape: ([from], { target }) => {
      if (!allowsEmpty && sizeOf(from) === 0 && sizeOf(target) > 0) {
        throw new ShapeError(`${name}: no elements to choose from: ${formatShape(from)}`);
      }
      return target;
    },
    dtype,
    options: REDUCE_OPTIONS,
    instructions: (out, [x], { first, last }) => {
      const extents = splitAround(x.extents, first, last);
      return [wholeInstruction(op, out, [x], { extents, needsScratch: true }, x.dtype)];
    },
    ...rules,
  });
}

/** Splits ascending axes into runs of neighbours, last run first. */
function runsOf(axes: readonly number[]): { first: number; last: number }[] {
  const runs: { first: number; last: number }[] = [];
  for (const axis of axes) {
    const run = runs.at(-1);
    if (run !== undefined && run.last === axis - 1) run.last = axis;
    else runs.push({ first: axis, last: axis });
  }
  return runs.reverse();
}

/** Their options. */
export const REDUCE_OPTIONS = ["axis", "keepDims"] as const;

/**
 * Reduces over any axes, one run at a time, and drops them unless they are kept.
 * @param whole - the gradient of several runs, if it differs from the runs' gradients one after the other
 */
function reduceOver(
  apply: Apply<One, "reduction">,
  op: string,
  x: AnyTensor,
  options: (ReduceOptions & OutOption) | undefined,
  whole?: Composition<One, "a" | "y", readonly number[]>,
): AnyTensor {
  const { extents: shape } = checkTensor(op, x);
  const rank = shape.length;
  const { axis, keepDims, out } = options ?? {};
  const axes = normaliseAxes(op, axis, rank);
  const target = reducedShape(shape, axes, !!keepDims);
  // Without axes the run is empty and at the end of the shape: every element is the sum or extremum of itself.
  const runs = axes.length === 0 ? [{ first: rank, last: rank - 1 }] : runsOf(axes);
  const last = runs.length - 1;
  const params = (shape: Shape, i: number): Run => {
    const run = runs[i]!;
    return { first: run.first, last: run.last, target: i === last ? target : keptShape(shape, run) };
  };
  if (last === 0) return apply([x], params(shape, 0), options);
  const all = (): AnyTensor => {
    let y = x;
    for (let i = 0; i <= last; i++) y = apply([y], params(y.extents, i), i === last ? options : undefined);
    return y;
  };
  return whole === undefined ? scope(all) : compose(whole, [x], axes, out, all);
}

function defineReduce<const Name extends string>(
  name: Name,
  apply: Apply<One, "reduction">,
  whole?: Composition<One, "a" | "y", readonly number[]>,
): ReduceOp<Name>;
function defineReduce(
  name: string,
  apply: Apply<One, "reduction">,
  whole?: Composition<One, "a" | "y", readonly number[]>,
): (x: AnyTensor, options?: ReduceOptions & OutOption) => AnyTensor {
  return (x, options) => reduceOver(apply, name, x, options, whole);
}

function defineSum(name: string, dtype: typeof anyDType): Apply<One, "reduction"> {
  return defineReduction({
    name,
    op: Op.sum,
    allowsEmpty: true,
    dtype,
    // g is not repeated here. The backward walk does that if an op needs it.
    grad: ({ g, shapes, params }) => [() => reshape(g, keptShape(shapes[0], params))],
  });
}

const applySum = defineSum("sum", anyDType);
/** A mean before its division, under the mean's name. */
const applyMeanSum = defineSum("mean", floatDType);

/**
 * The gradient of an extremum: g at the extreme element, shared equally among several, as in JAX; 0 elsewhere, even if g is infinite. If y
 * is NaN, no element is extreme, and all get NaN.
 */
function shareAmongTies({ g, a, y }: RuleContext<One, "a" | "y", unknown>, axes: readonly number[]): Rules {
  return [
    () => {
      const kept = reducedShape(a.extents, axes, true);
      const row = reshape(y, kept);
      const extreme = equal(a, row);
      const ties = reduceOver(applySum, "sum", extreme, { axis: axes, keepDims: true });
      return where(extreme, div(reshape(g, kept), ties), mul(sign(row), 0));
    },
  ];
}

/** An extremum over neighbouring axes. Over several runs `whole` gives the gradient, so that ties in different runs count together. */
function defineExtremum(name: "max" | "min", op: Op): ReduceOp<typeof name> {
  const rules = { name, saves: ["a", "y"] } as const;
  const apply = defineReduction({
    ...rules,
    op,
    allowsEmpty: false,
    grad: (context) => {
      const { first, last } = context.params;
      return shareAmongTies(
        context,
        Array.from({ length: last - first + 1 }, (_, i) => first + i),
      );
    },
  });
  const grad = (context: RuleContext<One, "a" | "y", readonly number[]>): Rules =>
    shareAmongTies(context, context.params);
  return defineReduce(name, apply, { ...rules, elementwise: false, grad });
}

const applyArgMax = defineReduction({ name: "argMax", op: Op.argMax, allowsEmpty: false, dtype: () => "int32" });

/**
 * Sum over axes (default all): y = sum(x); 0 for no elements. Blocks of 128 rounds are added in order, then the blocks pairwise. The order
 * depends only on the shape. Gradient: g repeated.
 * Shapes: the reduced axes go, or stay with size 1 with `keepDims`. Dtypes: any; int32 wraps around. Accuracy: (128 + log2(n / 128))
 * eps sum(|x|) for each run of neighbouring axes.
 * @function
 * @throws ShapeError for an axis that x does not have
 * @example sum(tensor([[1, 2], [3, 4]]), { axis: 0 }).toArray(); // [4, 6]
 */
export const sum: ReduceOp<"sum"> = defineReduce("sum", applySum);

/**
 * The greatest element over axes (default all): y = max(x), NaN if any is NaN. Gradient: g at the greatest element, shared equally among
 * several; NaN for all if y is NaN.
 * Shapes: the reduced axes go, or stay with size 1 with `keepDims`. Dtypes: any. Accuracy: exact.
 * @function
 * @throws ShapeError for an axis that x does not have, or if there are no elements
 * @example max(tensor([[1, 5], [3, 4]]), { axis: 1, keepDims: true }).toArray(); // [[5], [4]]
 */
export const max: ReduceOp<"max"> = defineExtremum("max", Op.max);

/**
 * The least element over axes (default all): y = min(x), NaN if any is NaN. Gradient: g at the least element, shared equally among
 * several; NaN for all if y is NaN.
 * Shapes: the reduced axes go, or stay with size 1 with `keepDims`. Dtypes: any. Accuracy: exact.
 * @function
 * @throws ShapeError for an axis that x does not have, or if there are no elements
 * @example min(tensor([[1, 5], [3, 4]])).item(); // 1
 */
export const min: ReduceOp<"min"> = defineExtremum("min", Op.min);

/**
 * Mean over axes (default all): y = sum(x) / n, NaN for no elements. Gradient: g / n,
 * repeated.
 * Shapes: the reduced axes go, or stay with size 1 with `keepDims`. Dtypes: float32, float64. Accuracy: that of the sum divided
 * by n, and one rounding.
 * @throws ShapeError for an axis that x does not have, DTypeError for int32
 * @example mean(tensor([[1, 2], [3, 4]]), { axis: 1 }).toArray(); // [1.5, 3.5]
 */
export function mean<
  S extends Shape,
  D extends FloatDType,
  const O extends object & ReduceOptions = Record<never, never>,
>(
  x: Tensor<S, D> & CheckAxes<"mean", S, O>,
  options?: Only<O, ReduceNames> & OutOption<Tensor<Reduced<S, O>, D>>,
): Tensor<Reduced<S, O>, D>;
export function mean(x: AnyTensor, options?: ReduceOptions & OutOption): AnyTensor {
  const total = reduceOver(applyMeanSum, "mean", x, options);
  return div(total, x.size / total.size, { out: total });
}

/**
 * The index of the greatest element along an axis: the least i with x[i] = max(x), or the first NaN. Without an axis it is the position in
 * row-major order. Gradient: none.
 * Shapes: the reduced axis goes, or stays with size 1 with `keepDims`. Dtypes: any; the result is int32. Accuracy: exact.
 * @throws ShapeError for an axis that x does not have, or if there are no elements
 * @example argMax(tensor([[1, 5, 2], [7, 0, 7]]), { axis: 1 }).toArray(); // [1, 0]
 */
export function argMax<
  S extends Shape,
  const O extends object & {
    /** Counted from 0, or backwards from -1; default all elements in row-major order. */
    readonly axis?: number | undefined;
    /** True keeps it with size 1; default false. */
    readonly keepDims?: boolean | undefined;
  } = Record<never, never>,
>(
  x: Tensor<S, DType> & CheckAxes<"argMax", S, O>,
  options?: Only<O, ReduceNames> & OutOption<Tensor<Reduced<S, O>, "int32">>,
): Tensor<Reduced<S, O>, "int32">;
export function argMax(x: AnyTensor, options?: ReduceOptions & OutOption): AnyTensor {
  const axis: unknown = options?.axis;
  if (axis !== undefined && typeof axis !== "number") {
    throw new ShapeError(`argMax: takes at most one axis, got ${shown(axis)}`);
  }
  return reduceOver(applyArgMax, "argMax", x, options);
}

/**
 * Sums a gradient over the axes along which an operand of this shape was repeated. This is the only place that un-broadcasts. Axes of size
 * 1 of the gradient stay.
 */
export function sumTo(x: AnyTensor, shape: Shape): AnyTensor {
  const lead = x.extents.length - shape.length;
  const axis = x.extents.flatMap((extent, i) => (i < lead || (shape[i - lead] === 1 && extent !== 1) ? [i] : []));
  if (axis.length === 0) return x;
  const kept = reduceOver(applySum, "sum", x, { axis, keepDims: true });
  return lead === 0 ? kept : reshape(kept, kept.extents.slice(lead));
}
