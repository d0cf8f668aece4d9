// The instructions that ops are made of: over broadcast operands, on whole tensors, and plain copies. Must not know ops, handles
// or lifetimes.
import { Op } from "../../assembly/ops.generated.js";
import type { Instruction, Source } from "../runtime/program/instruction.js";
import { DTYPE_CODES, type DType } from "../tensor/dtype.js";
import { elementwiseNest, type Shape } from "../tensor/shape.js";

/** Where a tensor's elements lie and what they are like. */
export interface Placed {
  readonly extents: Shape;
  readonly dtype: DType;
  readonly size: number;
  readonly storage: { readonly address: number };
}

/** The shapes of operands; undefined for numbers. */
export function shapesOf(operands: readonly (Pick<Placed, "extents"> | number)[]): (Shape | undefined)[] {
  const shapes = new Array<Shape | undefined>(operands.length);
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i]!;
    shapes[i] = typeof operand === "number" ? undefined : operand.extents;
  }
  return shapes;
}

/** An operand as an instruction reads it. */
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

/** Every element of the result from the one operand, repeated where it is smaller. */
export function spread(out: Placed, operands: readonly (Placed | number)[]): readonly Instruction[] {
  return [elementwiseInstruction(Op.identity, out, operands)];
}

/** The elements of the first operand as they lie, in another shape. */
export function copyAll(out: Placed, operands: readonly (Placed | number)[]): readonly Instruction[] {
  const from = sourceOf(operands[0]!, [1]);
  return [
    { op: Op.identity, dtype: DTYPE_CODES[out.dtype], out: out.storage.address, dims: [out.size], operands: [from] },
  ];
}

/** Settings of an instruction that works on whole tensors rather than over a nest. */
export interface WholeOptions {
  /** m, n, k: what they mean is the kernel's. */
  readonly extents: readonly [number, number, number];
  readonly flags?: readonly [number, number];
  readonly needsScratch?: boolean;
}

/** One instruction on whole tensors, in the dtype of its result unless another one is named. */
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
