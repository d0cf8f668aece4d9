// Programs laid out in memory once and run often. Addresses that change between runs are filled in later. Must not know what is computed.
import { Abi, type DTypeCode, Field, Micro } from "../../../assembly/abi.js";
import type { Op } from "../../../assembly/ops.generated.js";
import type { Block } from "../memory/allocator.js";
import { allocate, countForPrograms, release } from "../memory/memory.js";
import { wordView } from "../memory/views.js";
import { ADDRESS_FIELDS, encode, type Instruction, runProgram, threadCount, writeScalar } from "./instruction.js";

/**
 * Addresses from here on are symbols: `SYMBOL * (s + 1) + offset` lies `offset` bytes behind the address bound to symbol s. Smaller
 * addresses are plain.
 */
export const SYMBOL = 2 ** 33;

/** An operand of a micro-program: a number, a matrix in memory, or a block that only this program knows. */
export type MicroOperand =
  | number
  | {
      /** The number of the block, if it is a block. */
      readonly address: number;
      readonly block: boolean;
      readonly rowStride: number;
      readonly step: number;
    };

/** Elementwise ops that run block by block: see `Micro`. */
export interface MicroProgram {
  readonly dtype: DTypeCode;
  readonly columns: number;
  readonly operands: readonly MicroOperand[];
  readonly ops: readonly {
    readonly op: Op;
    readonly dense: boolean;
    readonly out: number;
    /** Up to four, by position in `operands`. */
    readonly inputs: readonly number[];
  }[];
  /** The operand whose elements a sum adds. */
  readonly result: number;
}

/** An instruction with symbolic addresses and, perhaps, a micro-program. */
export interface Symbolic extends Instruction {
  readonly micro?: MicroProgram | undefined;
}

interface Patch {
  readonly word: number;
  readonly offset: number;
}

const WORD = 4;
const SCALAR_BYTES = 8;

function microBytes({ operands, ops }: MicroProgram): number {
  const words = Micro.operands + operands.length * Micro.operandWords + ops.length * Micro.opWords;
  return Math.ceil((words * WORD) / SCALAR_BYTES) * SCALAR_BYTES + operands.length * SCALAR_BYTES;
}

/** A program in memory: instructions, then micro-programs. */
export class LinkedProgram {
  /** The number of instructions. */
  readonly count: number;
  readonly #instructions: readonly Symbolic[];
  readonly #block: Block;
  readonly #patches: Patch[][] = [];
  readonly #bound: number[] = [];
  /** The number of threads it is encoded for. */
  #threads = 0;

  constructor(instructions: readonly Symbolic[], symbols: number) {
    this.count = instructions.length;
    this.#instructions = instructions;
    for (let s = 0; s < symbols; s++) {
      this.#patches.push([]);
      this.#bound.push(-1);
    }
    const code = instructions.length * Abi.instructionBytes;
    const bytes = instructions.reduce((sum, { micro }) => sum + (micro === undefined ? 0 : microBytes(micro)), code);
    this.#block = allocate(bytes, () => "compile: a program");
    countForPrograms(this.#block.size);
  }

  /** Gives a symbol its address. */
  bind(symbol: number, address: number): void {
    if (this.#bound[symbol] === address) return;
    this.#bound[symbol] = address;
    this.#fillIn(symbol);
  }

  /** Runs all instructions, or some of them. */
  run(first = 0, count = this.count): void {
    if (this.#threads !== threadCount()) this.#link();
    runProgram(this.#block.address + first * Abi.instructionBytes, count);
  }

  dispose(): void {
    countForPrograms(-this.#block.size);
    release(this.#block);
  }

  #fillIn(symbol: number): void {
    const words = wordView();
    const address = this.#bound[symbol]!;
    for (const { word, offset } of this.#patches[symbol]!) words[word] = address + offset;
  }

  /** Writes the program. Another number of threads needs it written again, with other memory and other shares. */
  #link(): void {
    for (const patches of this.#patches) patches.length = 0;
    let at = this.#block.address + this.count * Abi.instructionBytes;
    this.#instructions.forEach((instruction, i) => {
      const { micro } = instruction;
      this.#encode(instruction, this.#block.address + i * Abi.instructionBytes, micro === undefined ? 0 : at);
      if (micro === undefined) return;
      this.#encodeMicro(micro, at);
      at += microBytes(micro);
    });
    for (let symbol = 0; symbol < this.#bound.length; symbol++) this.#fillIn(symbol);
    this.#threads = threadCount();
  }

  /** The address, or for a symbol its offset; the word is then filled in later. */
  #resolve(address: number, word: number): number {
    const symbol = Math.floor(address / SYMBOL) - 1;
    if (symbol < 0) return address;
    const offset = address % SYMBOL;
    this.#patches[symbol]!.push({ word, offset });
    return offset;
  }

  #encode(instruction: Symbolic, address: number, program: number): void {
    const first = address / WORD;
    const out = this.#resolve(instruction.out, first + Field.out);
    const operands = instruction.operands.map((operand, i) =>
      typeof operand === "number"
        ? operand
        : { ...operand, address: this.#resolve(operand.address, first + ADDRESS_FIELDS[i]!) },
    );
    encode({ ...instruction, out, operands, program }, address);
  }

  #encodeMicro({ dtype, columns, operands, ops, result }: MicroProgram, address: number): void {
    const words = wordView();
    const first = address / WORD;
    const operandAt = (index: number): number => Micro.operands + index * Micro.operandWords;
    const opsAt = operandAt(operands.length);
    const numbersAt = Math.ceil((first + opsAt + ops.length * Micro.opWords) / 2) * 2;
    words[first + Micro.dtype] = dtype;
    words[first + Micro.count] = ops.length;
    words[first + Micro.ops] = opsAt * WORD;
    words[first + Micro.columns] = columns;
    words[first + Micro.result] = operandAt(result) * WORD;
    operands.forEach((operand, i) => {
      const at = first + operandAt(i);
      const isNumber = typeof operand === "number";
      if (isNumber) {
        const word = numbersAt + 2 * i;
        writeScalar(words, word, dtype, operand);
        words[at + Micro.address] = word * WORD;
      } else {
        const place = operand.block ? operand.address * Abi.blockBytes : operand.address;
        words[at + Micro.address] = this.#resolve(place, at + Micro.address);
      }
      words[at + Micro.rowStride] = isNumber ? 0 : operand.rowStride;
      words[at + Micro.step] = isNumber ? 0 : operand.step;
      words[at + Micro.block] = !isNumber && operand.block ? 1 : 0;
    });
    ops.forEach(({ op, dense, out, inputs }, i) => {
      const at = first + opsAt + i * Micro.opWords;
      words[at + Micro.op] = op;
      words[at + Micro.dense] = dense ? 1 : 0;
      words[at + Micro.out] = operandAt(out) * WORD;
      // Missing inputs are never read, but their fields need a valid value.
      [Micro.a, Micro.b, Micro.c, Micro.d].forEach((field, k) => {
        words[at + field] = operandAt(inputs[k] ?? out) * WORD;
      });
    });
  }
}
