// Makes the instructions of ops: over broadcast operands, on whole tensors, and plain copies. Must not know ops, handles or lifetimes.
import { Op } from "../../assembly/ops.generated.js";
import type { Instruction, Source } from "../runtime/program/instruction.js";
import { DTYPE_CODES, type DType } from "../tensor/dtype.js";
import { elementwiseNest, type Shape } from "../tensor/shape.js";

/** The address, shape and dtype of a tensor's elements. */
export interface Placed {
  readonly extents: Shape;
  readonly dtype: DType;
  readonly size: number;
  readonly storage: { readonly address: number };
}

/** The operands' shapes; undefined for numbers. */
export function shapesOf(operands: readonly (Pick<Placed, "extents"> | number)[]): (Shape | undefined)[] {
  const shapes = new Array<Shape | undefined>(operands.length);
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i]!;
    shapes[i] = typeof operand === "number" ? undefined : operand.extents;
  }
  return shapes;
}

/** An operand of an instruction. */
export function sourceOf(operand: Placed | number, strides: readonly number[]): Source {
  return typeof operand === "number" ? operand : { address: operand.storage.address, strides };
}

/** One instruction over the common nest of broadcast operands. */
export function elementwiseInstruction(op: Op, out: Placed, operands: readonly (Placed | number)[]): Instruction {
  const { dims, strides } = elementwiseNest(out.extents, shapesOf(operands));
  const sources = new Array<Source>(operands.length);
  for (let i = 0; i < operands.length; i++) sources[i] = sourceOf(operands[i]!, strides[i]!);
  return {
    op,
    dtype: DTYPE_CODES[out.dtype],
    out: out.storage.address,
    dims,
    operands: sources,
  };
}

/** Copies the operand, repeated to the result's shape. */
export function spread(out: Placed, operands: readonly (Placed | number)[]): readonly Instruction[] {
  return [elementwiseInstruction(Op.identity, out, operands)];
}

/** Copies the elements of the first operand in row-major order. */
export function copyAll(out: Placed, operands: readonly (Placed | number)[]): readonly Instruction[] {
  const from = sourceOf(operands[0]!, [1]);
  return [
    { op: Op.identity, dtype: DTYPE_CODES[out.dtype], out: out.storage.address, dims: [out.size], operands: [from] },
  ];
}

/** The fields of an instruction that works on whole tensors and not over a nest. */
export interface WholeOptions {
  /** m, n, k. The kernel gives them their meaning. */
  readonly extents: readonly [number, number, number];
  readonly flags?: readonly [number, number];
  readonly needsScratch?: boolean;
}

/** One instruction on whole tensors, by default in the dtype of its result. */
export function wholeInstruction(
  op: Op,
  out: Placed,
  operands: readonly (Placed | number)[],
  options: WholeOptions,
  dtype: DType = out.dtype,
): Instruction {
  return {
    op,
    dtype: DTYPE_CODES[dtype],
    out: out.storage.address,
    dims: [1],
    operands: operands.map((operand) => sourceOf(operand, [0])),
    ...options,
  };
}
