// An op of the graph as its own instructions. Must not know fusion or plans.
import type { Instruction } from "../../runtime/program/instruction.js";
import { sizeOf } from "../../tensor/shape.js";
import type { AnyTensor } from "../../tensor/tensor.js";
import type { Computed, Value, View } from "../trace/graph.js";

/** Where a value lies: an address, or a symbol's. */
export type AddressOf = (value: Value) => number;

/** Any place, for looking at an instruction's form. */
export const sketch: AddressOf = () => 64;

/** What an op's `instructions` need to know of a tensor. */
function standIn({ value, shape }: View, address: number): AnyTensor {
  return {
    shape,
    extents: shape,
    dtype: value.dtype,
    size: sizeOf(shape),
    storage: { address },
  } as unknown as AnyTensor;
}

/** The instructions of one op. */
export function instructionsOf(value: Computed, addressOf: AddressOf): readonly Instruction[] {
  const { op, operands, params } = value.origin;
  if (sizeOf(value.shape) === 0) return [];
  const out = standIn({ value, shape: value.shape }, addressOf(value));
  const inputs = operands.map((operand) =>
    typeof operand === "number" ? operand : standIn(operand, addressOf(operand.value)),
  );
  return op.instructions(out, inputs, params);
}
