// Turns units into instructions, with addresses from the plan and micro-programs for fused ops. Must not know how the plan was made.
import { Op } from "../../../assembly/ops.generated.js";
import { type MicroOperand, type MicroProgram, SYMBOL, type Symbolic } from "../../runtime/program/linker.js";
import { DTYPE_CODES } from "../../tensor/dtype.js";
import { blocksFor, type Strides, stridesIn, type Unit } from "../passes/unit.js";
import { kernelOf, keyOf, numbering, operandsOf, type Value, type View } from "../trace/graph.js";
import { type AddressOf, instructionsOf } from "./instructions.js";

/**
 * The instructions of a unit.
 * @param isStored - whether a value of the unit has a place in memory; others live in blocks
 */
export function lower(unit: Unit, addressOf: AddressOf, isStored: (value: Value) => boolean): readonly Symbolic[] {
  const { head, members, tail, layout } = unit;
  if (layout === undefined) return instructionsOf(head!, addressOf);
  if (head === undefined && tail === undefined && members.length === 1) return instructionsOf(members[0]!, addressOf);
  const micro = microProgram(unit, addressOf, isStored);
  if (head !== undefined) return instructionsOf(head, addressOf).map((product) => ({ ...product, micro }));
  if (tail !== undefined) {
    // The terms have no address, and the instruction's form does not depend on one.
    return instructionsOf(tail, (value) => (value === tail ? addressOf(value) : 0)).map((sum) => ({ ...sum, micro }));
  }
  const dims = layout.rows === 1 ? [layout.columns] : [layout.rows, layout.columns];
  const dtype = DTYPE_CODES[members[0]!.dtype];
  return [{ op: Op.fused, dtype, out: 0, dims, operands: [], micro, needsScratch: true }];
}

function microProgram(
  { head, members, tail, layout }: Unit,
  addressOf: AddressOf,
  isStored: (value: Value) => boolean,
): MicroProgram {
  const { columns } = layout!;
  const dense: Strides = { rowStride: columns, step: 1 };
  const operands: MicroOperand[] = [];
  const own = new Set<Value>(head === undefined ? members : [head, ...members]);
  const blocks = blocksFor(members, (value) => !isStored(value), tail)!;
  const numberOf = numbering<string>();
  const place = (key: string, operand: MicroOperand): number => {
    const index = numberOf(key);
    operands[index] ??= operand;
    return index;
  };
  const inMemory = (address: number, strides: Strides): number =>
    place(`${address} ${strides.rowStride} ${strides.step}`, { address, block: false, ...strides });
  const read = (operand: View | number): number => {
    if (typeof operand === "number") return place(keyOf(operand), operand);
    return own.has(operand.value)
      ? locate(operand.value)
      : inMemory(addressOf(operand.value), stridesIn(layout!, operand.shape));
  };
  const locate = (value: Value): number => {
    const block = blocks.get(value);
    if (block === undefined) return inMemory(addressOf(value), dense);
    return place(`block ${block}`, { address: block, block: true, rowStride: 0, step: 1 });
  };
  const isDense = (index: number): boolean => {
    const operand = operands[index]!;
    if (typeof operand === "number" || operand.block) return true;
    return operand.rowStride === operand.step * columns;
  };
  const ops = members.map((member) => {
    const inputs = member.origin.operands.map(read);
    const out = locate(member);
    return { op: kernelOf(member)!, out, inputs, dense: [out, ...inputs].every(isDense) };
  });
  const dtype = DTYPE_CODES[members[0]!.dtype];
  const terms = tail === undefined ? undefined : operandsOf(tail)[0];
  return { dtype, columns, operands, ops, result: terms === undefined ? 0 : locate(terms) };
}

/** The address of a symbol. */
export function symbolAddress(symbol: number): number {
  return SYMBOL * (symbol + 1);
}
