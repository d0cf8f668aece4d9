// Elementwise ops as a family: broadcasting, one instruction, one, two or more operands. Must not know any single op.
import { Op } from "../../assembly/ops.generated.js";
import type { Instruction, Operand } from "../runtime/program/instruction.js";
import { DTYPE_CODES } from "../tensor/dtype.js";
import { broadcastShapes, elementwiseNest } from "../tensor/shape.js";
import type { Rules, Saved } from "../tensor/tape.js";
import type { AnyTensor } from "../tensor/tensor.js";
import {
  type Apply,
  anyDType,
  defineOp,
  encodeOperand,
  floatDType,
  type OutOption,
  type RuleContext,
  shapesOf,
  type Value,
} from "./define.js";
import type { BinaryOp, UnaryFloatOp, UnaryOp } from "./types/signatures.js";

/** One instruction over the common nest of broadcast operands. */
export function elementwiseInstruction(op: Op, out: AnyTensor, operands: readonly Value[]): Instruction {
  const { dims, strides } = elementwiseNest(out.extents, shapesOf(operands));
  const encoded = new Array<Operand>(operands.length);
  for (let i = 0; i < operands.length; i++) encoded[i] = encodeOperand(operands[i]!, strides[i]!);
  return {
    op,
    dtype: DTYPE_CODES[out.dtype],
    out: out.storage.address,
    dims,
    operands: encoded,
  };
}

/** Every element of the result from the one operand, repeated where it is smaller. */
export function spread(out: AnyTensor, operands: readonly Value[]): readonly Instruction[] {
  return [elementwiseInstruction(Op.identity, out, operands)];
}

/** What sets one elementwise op apart from another. */
export interface ElementwiseDefinition<Name extends string, D extends "float" | "any", K extends Saved> {
  readonly name: Name;
  readonly op: Op;
  /** `"any"` where int32 is taken, too; else it is refused. */
  readonly dtypes?: D;
  readonly options?: readonly string[];
  readonly saves?: readonly K[];
  readonly grad?: (context: RuleContext<K, undefined>) => Rules;
}

/** Makes an elementwise op with NumPy's broadcasting. */
export function defineElementwise<const K extends Saved = never>(
  definition: ElementwiseDefinition<string, "float" | "any", K>,
): Apply<undefined> {
  const { name, op, dtypes, ...rules } = definition;
  return defineOp<K>({
    name,
    shape: (shapes) => broadcastShapes(name, shapes),
    dtype: dtypes === "any" ? anyDType : floatDType,
    opcode: op,
    instructions: (out, operands) => [elementwiseInstruction(op, out, operands)],
    inPlace: true,
    elementwise: true,
    ...rules,
  });
}

/** Makes an op on one tensor. */
export function defineUnary<D extends "float" | "any" = "float", const K extends Saved = never>(
  definition: ElementwiseDefinition<string, D, K>,
): D extends "float" ? UnaryFloatOp : UnaryOp {
  const apply = defineElementwise(definition);
  return ((x: AnyTensor, options?: OutOption) => apply([x], undefined, options)) as never;
}

/** Makes an op on two operands, either of which may be a number. */
export function defineBinary<const Name extends string, const K extends Saved = never>(
  definition: ElementwiseDefinition<Name, "float" | "any", K>,
): BinaryOp<Name> {
  const apply = defineElementwise(definition);
  return ((a: Value, b: Value, options?: OutOption) => apply([a, b], undefined, options)) as never;
}

/** The same elements in another tensor: what copies into `out` run. */
export const identity: UnaryOp = defineUnary({
  name: "identity",
  op: Op.identity,
  dtypes: "any",
  grad: ({ g }) => [() => g],
});
