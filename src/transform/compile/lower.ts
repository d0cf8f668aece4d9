// Units as instructions: addresses from the plan, micro-programs for what is fused. Must not know how the plan was made.
import { Abi, Op } from "../../../assembly/opcodes.js";
import { type MicroOperand, type MicroProgram, SYMBOL, type Symbolic } from "../../runtime/linker.js";
import type { Instruction } from "../../runtime/program.js";
import { DTYPE_CODES } from "../../tensor/dtype.js";
import { sizeOf } from "../../tensor/shape.js";
import type { AnyTensor } from "../../tensor/tensor.js";
import { type Strides, stridesIn, type Unit } from "./fuse.js";
import { type Computed, operandsOf, type Value, type View } from "./graph.js";

/** Where a value lies: an address, or a symbol's. */
export type AddressOf = (value: Value) => number;

/** Any place, for looking at an instruction's form. */
export const sketch: AddressOf = () => 64;

/** What an op's `instructions` need to know of a tensor. */
function standIn({ value, shape }: View, address: number): AnyTensor {
  return { shape, extents: shape, dtype: value.dtype, size: sizeOf(shape), storage: { address } } as unknown as AnyTensor;
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
    // The terms have no address; the instruction's form does not depend on one.
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
  const places = new Map<string, number>();
  const place = (key: string, operand: MicroOperand): number => {
    let index = places.get(key);
    if (index === undefined) {
      index = operands.push(operand) - 1;
      places.set(key, index);
    }
    return index;
  };
  const inMemory = (address: number, strides: Strides): number =>
    place(`${address} ${strides.rowStride} ${strides.step}`, { address, block: false, ...strides });
  const read = (operand: View | number): number => {
    if (typeof operand === "number") return place(Object.is(operand, -0) ? "-0" : `${operand}`, operand);
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
    return { op: member.origin.op.opcode!, out, inputs, dense: [out, ...inputs].every(isDense) };
  });
  const dtype = DTYPE_CODES[members[0]!.dtype];
  const terms = tail === undefined ? undefined : operandsOf(tail)[0];
  return { dtype, columns, operands, ops, result: terms === undefined ? 0 : locate(terms) };
}

/**
 * A block for each value that has no place in memory, used again once its value is not needed any more; undefined where a thread
 * has not blocks enough.
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
    // Ops may write over what they read, so that what is read here for the last time is free at once.
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

/** The address of a symbol. */
export function symbolAddress(symbol: number): number {
  return SYMBOL * (symbol + 1);
}
