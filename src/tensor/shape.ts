// Shape arithmetic at run time: sizes, broadcasting, axes, loop nests. Pure. Must not know tensors, dtypes or wasm.
import { Abi } from "../../assembly/abi.js";
import { OutOfMemoryError, ShapeError, shown } from "../errors.js";

/** Sizes of a tensor's axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** The number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const extent of shape) size *= extent;
  return size;
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** The shapes of a call's tensors, for messages. */
export function formatShapes(shapes: readonly (Shape | undefined)[]): string {
  return shapes
    .filter((shape) => shape !== undefined)
    .map(formatShape)
    .join(" and ");
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A checked copy of a shape: every size is a whole number that is not negative. */
export function checkShape(op: string, shape: unknown): number[] {
  if (!Array.isArray(shape)) throw new ShapeError(`${op}: a shape must be an array of sizes, got ${shown(shape)}`);
  for (const extent of shape) {
    if (!Number.isInteger(extent) || extent < 0) {
      throw new ShapeError(`${op}: sizes must be whole numbers >= 0, got ${formatShape(shape)}`);
    }
    if (!Number.isSafeInteger(extent)) {
      throw new OutOfMemoryError(`${op}: the memory cannot hold a tensor of shape ${formatShape(shape)}`);
    }
  }
  return checkRank(op, shape.slice());
}

export function checkRank(op: string, shape: number[]): number[] {
  if (shape.length > Abi.maxRank) {
    throw new ShapeError(`${op}: at most ${Abi.maxRank} axes, got ${shape.length}: ${formatShape(shape)}`);
  }
  return shape;
}

/**
 * NumPy's broadcasting: shapes are aligned at the last axis; sizes are equal, or one of them is 1.
 * @throws ShapeError naming both shapes and the sizes that differ
 */
export function broadcastShapes(op: string, shapes: readonly (Shape | undefined)[]): Shape {
  let result: Shape | undefined;
  for (const shape of shapes) {
    if (result === undefined) result = shape;
    else if (shape !== undefined && !sameShape(result, shape)) result = broadcastPair(op, result, shape, shapes);
  }
  return result ?? [];
}

function broadcastPair(op: string, a: Shape, b: Shape, all: readonly (Shape | undefined)[]): Shape {
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const p = a[a.length - i] ?? 1;
    const q = b[b.length - i] ?? 1;
    if (p !== q && p !== 1 && q !== 1) {
      throw new ShapeError(
        `${op}: shapes ${formatShapes(all)} do not broadcast: sizes ${p} and ${q} differ at axis -${i}`,
      );
    }
    result[rank - i] = p === 1 ? q : p;
  }
  return result;
}

/** Strides of a contiguous row-major tensor, in elements. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i]!;
  }
  return strides;
}

/** Strides that read a contiguous tensor of `shape` as one of shape `target`: 0 along repeated axes. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const offset = target.length - shape.length;
  const strides: number[] = [];
  for (let i = 0; i < target.length; i++) strides.push(0);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const extent = shape[i]!;
    if (extent !== 1) strides[offset + i] = stride;
    stride *= extent;
  }
  return strides;
}

/** A loop nest: the extent of each dim, and each operand's stride along it. */
export interface LoopNest {
  readonly dims: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/**
 * The shortest nest that visits the same elements in the same order. Drops axes of size 1, and joins neighbours that every operand
 * crosses with one stride. At least one dim remains.
 */
export function coalesce(shape: Shape, operandStrides: readonly (readonly number[])[]): LoopNest {
  const operands = operandStrides.length;
  const dims: number[] = [];
  const strides: number[][] = [];
  for (let i = 0; i < operands; i++) strides.push([]);
  for (let axis = 0; axis < shape.length; axis++) {
    const extent = shape[axis]!;
    if (extent === 1) continue;
    const last = dims.length - 1;
    let joins = last >= 0;
    for (let i = 0; i < operands && joins; i++) joins = strides[i]![last] === operandStrides[i]![axis]! * extent;
    const at = joins ? last : last + 1;
    dims[at] = joins ? dims[last]! * extent : extent;
    for (let i = 0; i < operands; i++) strides[i]![at] = operandStrides[i]![axis]!;
  }
  if (dims.length === 0) {
    dims.push(1);
    for (const s of strides) s.push(0);
  }
  return { dims, strides };
}

/** Strides over a single dim, shared by all calls whose tensors have one shape. */
const ZERO = [0];
const ONE = [1];
const SCALAR: Shape = [];

/** The nest of an elementwise op over contiguous operands. The shape of a number is undefined. */
export function elementwiseNest(out: Shape, operands: readonly (Shape | undefined)[]): LoopNest {
  const alike = new Array<readonly number[]>(operands.length);
  let i = 0;
  for (; i < operands.length; i++) {
    const shape = operands[i];
    if (shape !== undefined && !sameShape(shape, out)) break;
    alike[i] = shape === undefined ? ZERO : ONE;
  }
  if (i === operands.length) return { dims: [sizeOf(out)], strides: alike };
  const strides = new Array<readonly number[]>(operands.length);
  for (i = 0; i < operands.length; i++) strides[i] = broadcastStrides(operands[i] ?? SCALAR, out);
  return coalesce(out, strides);
}

/** The axis, counted from the front. */
export function normaliseAxis(op: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ShapeError(`${op}: axis ${axis} is not an axis of a tensor with ${rank} ${rank === 1 ? "axis" : "axes"}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** The shape as [outer, count, inner]: the elements before the axes from `first` to `last`, along them, and after them. */
export function splitAround(shape: Shape, first: number, last: number): [outer: number, count: number, inner: number] {
  let outer = 1;
  let count = 1;
  let inner = 1;
  for (let i = 0; i < shape.length; i++) {
    if (i < first) outer *= shape[i]!;
    else if (i <= last) count *= shape[i]!;
    else inner *= shape[i]!;
  }
  return [outer, count, inner];
}

/** The axes, counted from the front, ascending and unique; all axes if `axis` is undefined. */
export function normaliseAxes(op: string, axis: number | readonly number[] | undefined, rank: number): number[] {
  if (axis === undefined) {
    const all: number[] = [];
    for (let i = 0; i < rank; i++) all.push(i);
    return all;
  }
  if (typeof axis === "number") return [normaliseAxis(op, axis, rank)];
  const list: unknown = axis;
  if (!Array.isArray(list)) throw new ShapeError(`${op}: axis ${shown(axis)} is not a whole number or a list of them`);
  const axes = list.map((a: number) => normaliseAxis(op, a, rank)).sort((a, b) => a - b);
  if (new Set(axes).size !== axes.length) throw new ShapeError(`${op}: axis ${formatShape(axes)} repeats an axis`);
  return axes;
}

/** The shape after a reduction over ascending axes. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  if (axes.length === shape.length && !keepDims) return [];
  if (keepDims) return shape.map((extent, i) => (axes.includes(i) ? 1 : extent));
  return shape.filter((_, i) => !axes.includes(i));
}
