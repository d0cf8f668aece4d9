// Units: ops that run as one instruction, and the matrix that their elementwise ops work on. Must not know memory.
import { Abi } from "../../../assembly/abi.js";
import { broadcastStrides, coalesce, contiguousStrides, type Shape, sameShape, sizeOf } from "../../tensor/shape.js";
import { type Computed, operandsOf, type Value, viewsOf } from "../trace/graph.js";

/**
 * The ops of one instruction: an op alone (`head`), elementwise ops (`members`), elementwise ops on the rows of a product (`head`), or on
 * the terms of a sum (`tail`). A single op may also need several instructions.
 */
export interface Unit {
  readonly head: Computed | undefined;
  readonly members: readonly Computed[];
  readonly tail: Computed | undefined;
  /** The matrix that the members work on. */
  readonly layout: Layout | undefined;
}

/** A matrix, and how operands of given shapes are read in it. */
export interface Layout {
  readonly shape: Shape;
  readonly rows: number;
  readonly columns: number;
}

/** The strides of an operand along a layout's rows and columns, in elements. */
export interface Strides {
  readonly rowStride: number;
  readonly step: number;
}

/** All values of a unit, in the order of computation. */
export function valuesOf({ head, members, tail }: Unit): readonly Computed[] {
  return [head, ...members, tail].filter((value) => value !== undefined);
}

/** The values that a unit reads but does not compute. */
export function inputsOf(unit: Unit): Set<Value> {
  const own = new Set<Value>(valuesOf(unit));
  return new Set(valuesOf(unit).flatMap((value) => operandsOf(value).filter((operand) => !own.has(operand))));
}

/** The shapes of operands that members repeat along some axes but not along others. */
export function shapesRepeated(members: readonly Computed[]): Shape[] {
  return members.flatMap((member) =>
    viewsOf(member)
      .map(({ shape }) => shape)
      .filter((shape) => !sameShape(shape, member.shape) && sizeOf(shape) !== 1),
  );
}

/** The matrix that operands of all these shapes cross with at most two strides; with this number of columns, if given. */
export function layoutOf(shape: Shape, repeated: readonly Shape[], columns?: number): Layout | undefined {
  const strides = [contiguousStrides(shape), ...repeated.map((own) => broadcastStrides(own, shape))];
  const { dims } = coalesce(shape, strides);
  const size = sizeOf(shape);
  if (dims.length === 1) return { shape, rows: columns === undefined ? 1 : size / columns, columns: columns ?? size };
  if (dims.length > 2 || (columns !== undefined && columns !== dims[1])) return undefined;
  return { shape, rows: dims[0]!, columns: dims[1]! };
}

/** The strides of an operand of this shape in a layout that fits it. */
export function stridesIn({ shape, rows, columns }: Layout, own: Shape): Strides {
  const { dims, strides } = coalesce(shape, [contiguousStrides(shape), broadcastStrides(own, shape)]);
  const [outer, inner] = strides[1]!.length === 1 ? [undefined, strides[1]![0]!] : strides[1]!;
  // One stride for the whole operand: dense, or one number.
  if (outer === undefined && dims[0] === rows * columns) return { rowStride: inner * columns, step: inner };
  return { rowStride: outer!, step: inner! };
}

/**
 * A block for each value without a place in memory. Blocks of values no longer needed are used again. Undefined if a thread has too few
 * blocks.
 */
export function blocksFor(
  members: readonly Computed[],
  isBlock: (value: Value) => boolean,
  tail?: Computed,
): Map<Value, number> | undefined {
  const last = new Map<Value, number>();
  members.forEach((member, i) => {
    for (const operand of operandsOf(member)) last.set(operand, i);
  });
  if (tail !== undefined) for (const terms of operandsOf(tail)) last.set(terms, members.length);
  const free = Array.from({ length: Abi.blocks }, (_, i) => Abi.blocks - 1 - i);
  const blocks = new Map<Value, number>();
  for (const [i, member] of members.entries()) {
    // Ops may write over their operands, so a value read here for the last time is free at once.
    for (const operand of new Set(operandsOf(member))) {
      const block = blocks.get(operand);
      if (block !== undefined && last.get(operand) === i) free.push(block);
    }
    if (!isBlock(member)) continue;
    const block = free.pop();
    if (block === undefined) return undefined;
    blocks.set(member, block);
  }
  return blocks;
}
