// The vocabulary of the boundary, except the opcodes: dtypes and the layout of an instruction. Both asc and tsc read it, so the two sides
// cannot differ. Must hold only enums of constants.

/** Element types, in the order of `DTYPES` in `src/tensor/dtype.ts`. */
export enum DTypeCode {
  float32,
  float64,
  int32,
}

/** Sizes that both sides must agree on. */
export enum Abi {
  /** Bytes of one instruction. */
  instructionBytes = 256,
  /** The deepest loop nest, and so the highest rank of a tensor. */
  maxRank = 8,
  /** Bytes that a kernel may read (never write) past the end of a tensor. */
  overreadBytes = 64,
  /** Bytes of a thread's locals: a round and a wide row for each of three operands, and the part in work. */
  localsBytes = 6656,
  /** Bytes of a thread's scratch memory: the packed panels of a matmul or the partial sums of a reduction, and blocks. */
  scratchBytes = 1310720,
  /** The blocks of micro-programs: their offset in the scratch memory, their size in bytes, and their number. */
  blocksAt = 1179648,
  blockBytes = 8192,
  blocks = 15,
  /** The most threads, the main one included. */
  maxThreads = 64,
  /** Added to an instruction's shares if it is worth waking sleeping workers. */
  worthWaking = 256,
}

/**
 * A micro-program: elementwise ops that run one after the other over a block small enough for the L1 cache, then over the next block. An
 * instruction of `Op.fused` consists of one. If `Field.program` is not 0, a matmul runs one on finished rows of its result, and a sum adds
 * its result. In 32-bit words: a header, its operands, its ops.
 */
export enum Micro {
  // the header
  dtype = 0,
  /** The number of ops, and the first one's offset from the program's start in bytes. */
  count = 1,
  ops = 2,
  /** Elements of a row. */
  columns = 3,
  /** For a sum: the operand with the last op's result, in bytes from the program's start. */
  result = 4,
  operands = 8,

  // an operand
  /** The address in memory, or for a block the bytes from the start of the thread's blocks. */
  address = 0,
  /** From one row to the next, in elements. */
  rowStride = 1,
  /** From one element of a row to the next: 0 or 1. */
  step = 2,
  /** 1 if the operand is not a tensor but a block that only this program knows. */
  block = 3,
  operandWords = 4,

  // an op
  op = 0,
  /** 1 if the rows of all operands are contiguous, so that a block of whole rows is one row. */
  dense = 1,
  /** Its operands: bytes from the program's start. */
  out = 2,
  a = 3,
  b = 4,
  c = 5,
  d = 6,
  opWords = 8,
}

/**
 * The position of each field of an instruction, in 32-bit words from its start.
 *
 * The scalars are 8 bytes each and hold one element of the instruction's dtype. A number operand is a pointer to its scalar with strides
 * of zero, so kernels know only one kind of operand.
 */
export enum Field {
  op = 0,
  dtype = 1,
  /** Depth of the loop nest: 1 to `Abi.maxRank`. */
  rank = 2,
  /** This thread's scratch memory starts at `scratch + thread * Abi.scratchBytes`. */
  scratch = 3,
  out = 4,
  a = 5,
  b = 6,
  c = 7,
  d = 8,
  /** Extents outside the nest: m, n, k of a matmul; outer, count, inner of a reduction. */
  m = 9,
  n = 10,
  k = 11,
  /**
   * matmul: 1 if the operand is stored transposed; take: rows of the source; cast: the source's dtype; cross-entropy: 1 if labels are
   * indices.
   */
  flagA = 12,
  flagB = 13,
  scalar0 = 14,
  scalar1 = 16,
  scalar2 = 18,
  scalar3 = 20,
  dims = 22,
  strideOut = 30,
  strideA = 38,
  strideB = 46,
  strideC = 54,
  /** matmul and sum: the address of a micro-program, or 0; fused: always one. The fourth operand of elementwise ops otherwise. */
  program = 8,
  /** The fourth operand is always a scalar and has no strides. Each thread has its locals at `locals + thread * Abi.localsBytes`. */
  locals = 62,
  /**
   * The number of shares, each for any free thread; with 1 the main thread runs the instruction alone. `Abi.worthWaking` may be added.
   */
  shares = 63,
  end = 64,
}

/**
 * The words of the threads' control block, in bytes from its start. Words that different threads write are a cache line apart.
 */
export enum Control {
  /** 64 bits, all that a thread needs to take a share: instruction's address << 32 | shares << 8 | shares not taken yet. */
  state = 0,
  /** The number of shares done by workers, ever; wraps around. */
  done = 64,
  /** 1 while the main thread sleeps until `done` changes. */
  waiting = 68,
  /** Workers that sleep until `state` changes, or are about to. */
  sleepers = 128,
  /** The value of `done` at the end of the current instruction: a note of the main thread. */
  expected = 192,
  /** 1 if the main thread may sleep, which only a browser's main thread must not. */
  maySleep = 196,
  /** The number of workers that began to serve. Lost ones still count: one lost in its sleep stays among the sleepers. */
  workers = 200,
  /** The number of instructions that the main thread ran alone while all workers slept: also its own note. */
  alone = 204,
  /** A byte for each worker, by its number: 1 once it serves. */
  ready = 256,
  bytes = 320,
}
