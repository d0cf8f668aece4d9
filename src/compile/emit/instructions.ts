// The instructions of a single op of the graph. Must not know fusion or plans.

import type { Placed } from "../../ops/instructions.js";
import type { Kind } from "../../ops/kind.js";
import type { Instruction } from "../../runtime/program/instruction.js";
import { sizeOf } from "../../tensor/shape.js";
import type { Call, Computed, Value, View } from "../trace/graph.js";

/** The place of a value: an address or a symbol. */
export type AddressOf = (value: Value) => number;

/** A place without an address, for looking at an instruction's form. */
export const sketch: AddressOf = () => 64;

function placed({ value, shape }: View, address: number): Placed {
  return { extents: shape, dtype: value.dtype, size: sizeOf(shape), storage: { address } };
}

/** The instructions of one op. */
export function instructionsOf(value: Computed, addressOf: AddressOf): readonly Instruction[] {
  const { call, operands } = value.origin;
  if (sizeOf(value.shape) === 0) return [];
  const out = placed({ value, shape: value.shape }, addressOf(value));
  const inputs = operands.map((operand) =>
    typeof operand === "number" ? operand : placed(operand, addressOf(operand.value)),
  );
  return run(call, out, inputs);
}

/** The instructions of an op with its params. */
export function run<K extends Kind>(
  { op, params }: Call<K>,
  out: Placed,
  operands: readonly (Placed | number)[],
): readonly Instruction[] {
  return op.instructions(out, operands, params);
}
