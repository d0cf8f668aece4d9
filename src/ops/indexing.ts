// Picks, adds and joins parts of tensors: slice, concat, take. Must not know memory.
import { Op } from "../../assembly/ops.generated.js";
import { DTypeError, ShapeError } from "../errors.js";
import type { Instruction } from "../runtime/program/instruction.js";
import type { DType } from "../tensor/dtype.js";
import {
  checkRank,
  contiguousStrides,
  formatShape,
  formatShapes,
  normaliseAxis,
  type Shape,
  sameShape,
  splitAround,
} from "../tensor/shape.js";
import type { Saved } from "../tensor/tape.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import { activeTracer } from "../tensor/tracer.js";
import {
  type Apply,
  anyDType,
  checkTensor,
  defineOp,
  floatDType,
  type Indices,
  type OpDefinition,
  type OutOption,
} from "./define.js";
import { type Placed, spread, wholeInstruction } from "./instructions.js";
import type { Kind, Ranges, Rows } from "./kind.js";
import { copyInstruction } from "./movement.js";
import type { Taken } from "./types/axes.js";
import type { Only } from "./types/signatures.js";
import type { Sliced } from "./types/slices.js";

/** Makes an op that adds a part to its first operand, the total, and may write over it. */
function defineAccumulation<
  const K extends Kind,
  T extends readonly [total: AnyTensor, ...part: AnyTensor[]],
  const S extends Saved = never,
>(definition: Omit<OpDefinition<K, T, S>, "shape" | "dtype">): Apply<T, K> {
  return defineOp<K, T, S>({
    ...definition,
    shape: ([total]) => total,
    dtype: floatDType,
  });
}

/** The instruction that copies the total, unless it is in its place already. */
function copyInto(out: Placed, total: Placed): readonly Instruction[] {
  return total.storage.address === out.storage.address ? [] : spread(out, [total]);
}

// ---- slice ----

function slicedLayout(whole: Shape, ranges: Ranges): { strides: number[]; offset: number } {
  const strides = contiguousStrides(whole);
  return {
    strides: strides.map((stride, i) => stride * ranges[i]!.step),
    offset: strides.reduce((sum, stride, i) => sum + stride * ranges[i]!.start, 0),
  };
}

const applySlice: Apply<[x: AnyTensor], "slice"> = defineOp({
  name: "slice",
  kind: "slice",
  shape: (_, ranges) => ranges.map(({ size }) => size),
  dtype: anyDType,
  instructions: (out, [x], ranges) => [
    copyInstruction(out.extents, { tensor: out }, { tensor: x, ...slicedLayout(x.extents, ranges) }),
  ],
  options: ["steps"],
  grad: ({ g, shapes, params: ranges }) => [() => applySliceBackward([g], { whole: shapes[0], ranges })],
  accumulate: ({ g, params: ranges }, total, options) => accumulateSlice([total, g], ranges, options),
});

/** The gradient of a slice: g at the elements that were read, zeros elsewhere. */
const applySliceBackward: Apply<[g: AnyTensor], "sliceBackward"> = defineOp({
  name: "sliceBackward",
  kind: "sliceBackward",
  shape: (_, { whole }) => whole,
  dtype: anyDType,
  instructions: (out, [from], { whole, ranges }) => {
    // Zeros come first if g does not cover all elements.
    const zeros = from.size === out.size ? [] : spread(out, [0]);
    if (from.size === 0) return zeros;
    const copy = copyInstruction(from.extents, { tensor: out, ...slicedLayout(whole, ranges) }, { tensor: from });
    return [...zeros, copy];
  },
  grad: ({ g, params: { ranges } }) => [() => applySlice([g], ranges)],
});

/** Adds a slice's gradient to a total. */
const accumulateSlice: Apply<[total: AnyTensor, part: AnyTensor], "sliceAccumulate"> = defineAccumulation({
  name: "sliceAccumulate",
  kind: "sliceAccumulate",
  instructions: (out, [total, from], ranges) => {
    const place = { tensor: out, ...slicedLayout(out.extents, ranges) };
    const added = from.size === 0 ? [] : [copyInstruction(from.extents, place, { tensor: from }, Op.accumulate)];
    return [...copyInto(out, total), ...added];
  },
  grad: ({ g, params: ranges }) => [() => g, () => applySlice([g], ranges)],
});

/** Options of `slice`. */
export interface SliceOptions {
  /** The step along each axis, at least 1; default 1. */
  readonly steps?: readonly number[] | undefined;
}

/**
 * The elements from `starts` up to but not including `ends`, axis by axis: y[i] = x[start + i step]. As in Python, negative bounds count
 * from the end, and bounds beyond the end are cut off. Axes without bounds are kept whole. The result is always a copy. Gradient: g at the
 * elements that were read, zeros elsewhere.
 * Shapes: as many axes, of size ceil((end - start) / step). Dtypes: any. Accuracy: exact.
 * @throws ShapeError for more bounds than axes, fractional bounds, or steps below 1
 * @example slice(tensor([[1, 2, 3], [4, 5, 6]]), [0, 1], [2, 3]).toArray(); // [[2, 3], [5, 6]]
 */
export function slice<
  S extends Shape,
  D extends DType,
  const B extends readonly number[],
  const E extends readonly number[] = [],
  const O extends object & SliceOptions = Record<never, never>,
>(
  x: Tensor<S, D>,
  starts: B,
  ends?: E,
  options?: Only<O, "steps, out"> & OutOption<Tensor<Sliced<S, B, E, O>, D>>,
): Tensor<Sliced<S, B, E, O>, D>;
export function slice(
  x: AnyTensor,
  starts: readonly number[],
  ends: readonly number[] = [],
  options?: SliceOptions & OutOption,
): AnyTensor {
  const { extents: shape } = checkTensor("slice", x);
  const { steps = [] } = options ?? {};
  const bounds = [starts, ends, steps];
  if (
    bounds.some((list) => !list?.every?.(Number.isInteger) || list.length > shape.length) ||
    steps.some((s) => s < 1)
  ) {
    throw new ShapeError(
      `slice: bounds must be whole numbers, steps at least 1, at most one for each axis of ${formatShape(shape)}, got ${JSON.stringify(bounds)}`,
    );
  }
  const ranges = shape.map((extent, i) => {
    const within = (index: number): number => Math.min(Math.max(index < 0 ? index + extent : index, 0), extent);
    const start = within(starts[i] ?? 0);
    const step = steps[i] ?? 1;
    return { start, size: Math.max(0, Math.ceil((within(ends[i] ?? extent) - start) / step)), step };
  });
  return applySlice([x], ranges, options);
}

// ---- concat ----

const applyConcat: Apply<readonly AnyTensor[], "concat"> = defineOp({
  name: "concat",
  kind: "concat",
  shape: (shapes, axis) => {
    let total = 0;
    const resized = (shape: Shape, size: number): Shape => shape.map((extent, i) => (i === axis ? size : extent));
    for (const shape of shapes) {
      if (!sameShape(resized(shape, 0), resized(shapes[0]!, 0))) {
        throw new ShapeError(`concat: shapes ${formatShapes(shapes)} differ in an axis other than ${axis}`);
      }
      total += shape[axis]!;
    }
    return resized(shapes[0]!, total);
  },
  dtype: anyDType,
  instructions: (out, operands, axis) => {
    const strides = contiguousStrides(out.extents);
    let at = 0;
    return operands.flatMap((from) => {
      const offset = at * strides[axis]!;
      at += from.extents[axis]!;
      if (from.size === 0) return [];
      return [copyInstruction(from.extents, { tensor: out, strides, offset }, { tensor: from })];
    });
  },
  options: ["axis"],
  grad: ({ g, shapes, params: axis }) => {
    let at = 0;
    return shapes.map((shape) => {
      const start = at;
      at += shape[axis]!;
      const ranges = shape.map((size, i) => ({ start: i === axis ? start : 0, size, step: 1 }));
      return () => applySlice([g], ranges);
    });
  },
});

/**
 * Joins tensors along an axis (default 0): y = [x1, x2, ...]. Gradients: the slices of g.
 * Shapes: equal except along the axis, where sizes add up. Dtypes: any, the same for all. Accuracy: exact.
 * @throws ShapeError for an empty list, other axes that differ, or an axis that does not exist, DTypeError if the dtypes differ
 * @example concat([tensor([1]), tensor([2, 3])]).toArray(); // [1, 2, 3]
 */
export function concat<D extends DType>(
  tensors: readonly Tensor<Shape, D>[],
  options?: {
    /** Counted from 0, or backwards from -1; default 0. */
    readonly axis?: number | undefined;
  } & OutOption<Tensor<Shape, D>>,
): Tensor<Shape, D>;
export function concat(
  tensors: readonly AnyTensor[],
  options?: { readonly axis?: number | undefined } & OutOption,
): AnyTensor {
  if (!Array.isArray(tensors) || tensors.length === 0)
    throw new ShapeError("concat: needs a list of at least one tensor");
  for (const x of tensors) checkTensor("concat", x);
  const { extents: shape } = tensors[0]!;
  const axis = normaliseAxis("concat", options?.axis ?? 0, shape.length);
  return applyConcat(tensors, axis, options);
}

// ---- take ----

function takeInstruction(
  op: Op,
  out: Placed,
  operands: readonly [from: Placed, indices: Placed],
  params: Rows,
  keeps = 0,
): Instruction {
  const [outer, rows, inner] = splitAround(params.whole, params.axis, params.axis);
  const [, indices] = operands;
  return wholeInstruction(op, out, operands, { extents: [outer, indices.size, inner], flags: [rows, keeps] });
}

const applyTake: Apply<[x: AnyTensor, indices: Indices], "take"> = defineOp({
  name: "take",
  kind: "take",
  shape: ([from, indices], { axis }) =>
    checkRank("take", [...from.slice(0, axis), ...indices, ...from.slice(axis + 1)]),
  dtype: anyDType,
  freeOperands: [1],
  instructions: (out, operands, params) => [takeInstruction(Op.take, out, operands, params)],
  options: ["axis"],
  saves: ["b"],
  grad: ({ g, b, params }) => [() => applyTakeBackward([g, b], params)],
  accumulate: ({ g, b, params }, total, options) => accumulateTake([total, g, b], params, options),
});

/** The gradient of `take`: each row of g is added to the row it was taken from, in the order of the indices. */
const applyTakeBackward: Apply<[g: AnyTensor, indices: Indices], "takeBackward"> = defineOp({
  name: "takeBackward",
  kind: "takeBackward",
  shape: (_, { whole }) => whole,
  dtype: floatDType,
  freeOperands: [1],
  instructions: (out, operands, params) => [takeInstruction(Op.takeBackward, out, operands, params)],
  saves: ["b"],
  grad: ({ g, b, params }) => [() => applyTake([g, b], params)],
});

/** Adds the gradient of `take` to a total. */
const accumulateTake: Apply<[total: AnyTensor, g: AnyTensor, indices: Indices], "takeAccumulate"> = defineAccumulation({
  name: "takeAccumulate",
  kind: "takeAccumulate",
  freeOperands: [2],
  instructions: (out, [total, from, indices], params) => [
    ...copyInto(out, total),
    takeInstruction(Op.takeBackward, out, [from, indices], params, 1),
  ],
  saves: ["c"],
  grad: ({ g, c, params }) => [() => g, () => applyTake([g, c], params)],
});

/**
 * The rows (or columns, ...) at int32 indices along one axis (default 0): y[i] = x[indices[i]]. Negative indices count from the end.
 * Gradient: each part of g is added to the row it was taken from.
 * Shapes: x [..., n, ...] and indices [...] -> [..., indices' shape, ...]. Dtypes: x any, indices int32. Accuracy: exact.
 * @throws DTypeError for indices that are not int32, ShapeError for an index beyond the axis or an axis that x does not have
 * @example take(tensor([10, 20, 30]), tensor([2, 0], { dtype: "int32" })).toArray(); // [30, 10]
 */
export function take<
  S extends Shape,
  I extends Shape,
  D extends DType,
  const O extends object & {
    /** Counted from 0, or backwards from -1; default 0. */
    readonly axis?: number | undefined;
  } = Record<never, never>,
>(
  x: Tensor<S, D>,
  indices: Tensor<I, "int32">,
  options?: Only<O, "axis, out"> & OutOption<Tensor<Taken<S, I, O>, D>>,
): Tensor<Taken<S, I, O>, D>;
export function take(
  x: AnyTensor,
  indices: Indices,
  options?: { readonly axis?: number | undefined } & OutOption,
): AnyTensor {
  const { extents: shape } = checkTensor("take", x);
  checkTensor("take", indices);
  const axis = normaliseAxis("take", options?.axis ?? 0, shape.length);
  if (indices.dtype !== "int32") throw new DTypeError(`take: indices must be int32, got ${indices.dtype}`);
  checkIndices("take", indices, shape[axis]!, -shape[axis]!);
  return applyTake([x, indices], { axis, whole: shape }, options);
}

/** @throws ShapeError that names the first index outside [least, extent) */
export function checkIndices(op: string, indices: AnyTensor, extent: number, least: number): void {
  const check = (data: ArrayLike<number>): void => {
    for (let i = 0; i < data.length; i++) {
      const index = data[i]!;
      if (index >= extent || index < least) {
        throw new ShapeError(`${op}: index ${index} at position ${i} is not from ${least} to ${extent - 1}`);
      }
    }
  };
  const tracer = activeTracer();
  if (tracer === undefined) check(indices.data);
  else tracer.guard(indices, check);
}
