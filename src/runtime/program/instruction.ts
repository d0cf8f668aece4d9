// Instructions as objects, their encoding in memory, and the call that runs them. Must not know shapes or the rules of ops.
import { Abi, DTypeCode, Field } from "../../../assembly/abi.js";
import type { Op } from "../../../assembly/ops.generated.js";
import { EAGER_INSTRUCTIONS, getRuntime, localsAddress, scratchAddress } from "../memory/memory.js";
import { wordView } from "../memory/views.js";

/** What an instruction reads: an operand in memory, with its strides over the nest's dims in elements; or a number, the same for every element. */
export type Source = { readonly address: number; readonly strides: readonly number[] } | number;

/** An instruction before it is encoded. Fields that the op does not read may be omitted. */
export interface Instruction {
  readonly op: Op;
  readonly dtype: DTypeCode;
  readonly out: number;
  /** Extents of the loop nest, outermost first; at least one. */
  readonly dims: readonly number[];
  readonly outStrides?: readonly number[] | undefined;
  readonly operands: readonly Source[];
  /** m, n, k: extents outside the nest. */
  readonly extents?: readonly [number, number, number] | undefined;
  readonly flags?: readonly [number, number] | undefined;
  /** The address of a micro-program: see `Micro`. */
  readonly program?: number | undefined;
  /** True if the kernel packs operands or keeps partial results. */
  readonly needsScratch?: boolean | undefined;
}

/** An instruction with the ops of its micro-program, whose costs count. */
export type Fused = Instruction & { readonly micro?: { readonly ops: readonly { readonly op: Op }[] } | undefined };

/** Threads that run programs together. `threads/pool.ts` makes it, so bundles without `init` have no code for threads. */
export interface Crew {
  /** The number of threads, including the main one. */
  readonly threads: number;
  /** An instruction's field `shares`. */
  readonly sharesOf: (instruction: Fused, threads: number) => number;
  /** Runs `count` encoded instructions on all threads. */
  readonly conduct: (program: number, count: number) => void;
}

let crew: Crew | undefined;

/** Makes programs run on these threads from now on; undefined means on the main thread alone. */
export function runOn(next: Crew | undefined): void {
  crew = next;
}

/** The number of threads that run programs, including the main one. */
export function threadCount(): number {
  return crew === undefined ? 1 : crew.threads;
}

/** The field of each operand's address. */
export const ADDRESS_FIELDS = [Field.a, Field.b, Field.c, Field.d] as const;

const STRIDE_FIELDS = [Field.strideA, Field.strideB, Field.strideC] as const;
const SCALAR_FIELDS = [Field.scalar0, Field.scalar1, Field.scalar2, Field.scalar3] as const;

const converter = new DataView(new ArrayBuffer(8));

/** Writes a number as the one or two words of its dtype. */
export function writeScalar(words: Uint32Array, at: number, dtype: DTypeCode, value: number): void {
  if (dtype === DTypeCode.float64) converter.setFloat64(0, value, true);
  else if (dtype === DTypeCode.float32) converter.setFloat32(0, value, true);
  else converter.setInt32(0, value, true);
  words[at] = converter.getUint32(0, true);
  if (dtype === DTypeCode.float64) words[at + 1] = converter.getUint32(4, true);
}

/** Writes one instruction at an address. Fields that its kernel does not read keep their old content. */
export function encode(instruction: Fused, address: number): void {
  // This comes first: allocating scratch may grow the memory and detach the view.
  const threads = threadCount();
  const scratch = instruction.needsScratch ? scratchAddress(threads) : 0;
  const locals = localsAddress(threads);
  const words = wordView();
  const at = address / 4;
  const { dims, outStrides, operands, extents, flags } = instruction;
  const rank = dims.length;
  words[at + Field.op] = instruction.op;
  words[at + Field.dtype] = instruction.dtype;
  words[at + Field.rank] = rank;
  words[at + Field.out] = instruction.out;
  words[at + Field.program] = instruction.program ?? 0;
  for (let d = 0; d < rank; d++) words[at + Field.dims + d] = dims[d]!;
  if (outStrides) for (let d = 0; d < rank; d++) words[at + Field.strideOut + d] = outStrides[d]!;
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i]!;
    const strides = i < 3 ? STRIDE_FIELDS[i]! : undefined;
    if (typeof operand === "number") {
      const scalar = SCALAR_FIELDS[i]!;
      writeScalar(words, at + scalar, instruction.dtype, operand);
      words[at + ADDRESS_FIELDS[i]!] = address + scalar * 4;
      if (strides !== undefined) for (let d = 0; d < rank; d++) words[at + strides + d] = 0;
    } else {
      words[at + ADDRESS_FIELDS[i]!] = operand.address;
      if (strides !== undefined) for (let d = 0; d < rank; d++) words[at + strides + d] = operand.strides[d]!;
    }
  }
  if (extents) {
    words[at + Field.m] = extents[0];
    words[at + Field.n] = extents[1];
    words[at + Field.k] = extents[2];
  }
  if (flags) {
    words[at + Field.flagA] = flags[0];
    words[at + Field.flagB] = flags[1];
  }
  words[at + Field.scratch] = scratch;
  words[at + Field.locals] = locals;
  words[at + Field.shares] = crew === undefined ? 1 : crew.sharesOf(instruction, threads);
}

/** Runs `count` encoded instructions from an address on, in order, on all threads. */
export function runProgram(address: number, count: number): void {
  if (crew === undefined) getRuntime().run(address, count, 0, 1);
  else crew.conduct(address, count);
}

/** Encodes and runs instructions in order: the way of every eager op into the kernels. */
export function execute(instructions: readonly Instruction[]): void {
  const { program } = getRuntime();
  for (let first = 0; first < instructions.length; first += EAGER_INSTRUCTIONS) {
    const count = Math.min(EAGER_INSTRUCTIONS, instructions.length - first);
    for (let i = 0; i < count; i++) encode(instructions[first + i]!, program + i * Abi.instructionBytes);
    runProgram(program, count);
  }
}
