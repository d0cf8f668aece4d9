// The boundary's vocabulary but for the opcodes: dtypes and the layout of one instruction, read by asc and by tsc alike.
// Must hold nothing but enums of constants, so that both compilers accept it and the two sides cannot drift.

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
  /** Bytes of locals each thread needs: a round and a wide row of each of three operands, and where it is. */
  localsBytes = 6656,
  /** Bytes of scratch memory each thread needs: the packed panels of one matmul or the partial sums of a reduction, and blocks. */
  scratchBytes = 1310720,
  /** Where in the scratch memory the blocks of micro-programs lie, how many bytes each takes, and how many there are. */
  blocksAt = 1179648,
  blockBytes = 8192,
  blocks = 15,
  /** The most threads, the main one included. */
  maxThreads = 64,
  /** Added to an instruction's shares where it is worth waking workers that sleep. */
  worthWaking = 256,
}

/**
 * A micro-program: elementwise ops that are run over blocks small enough to stay in the L1 cache, one op after the other,
 * before the next block is begun. What an instruction of `Op.fused` consists of, what a matmul does to rows of its result
 * that are finished, and what a sum adds up, where `Field.program` is not 0. In 32-bit words: a header, its operands, its ops.
 */
export enum Micro {
  // the header
  dtype = 0,
  /** How many ops there are, and how many bytes from the program's start the first lies. */
  count = 1,
  ops = 2,
  /** Elements of a row. */
  columns = 3,
  /** The operand that holds the last op's result, for a sum: bytes from the program's start. */
  result = 4,
  operands = 8,

  // an operand
  /** In memory; of a block of its own, bytes from where the thread's blocks lie. */
  address = 0,
  /** From one row to the next, in elements. */
  rowStride = 1,
  /** From one element of a row to the next: 0 or 1. */
  step = 2,
  /** 1 where the operand is no tensor but a block that only this program knows. */
  block = 3,
  operandWords = 4,

  // an op
  op = 0,
  /** 1 where rows of all operands follow each other without a gap: a block of whole rows is one row then. */
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
 * Where each field of an instruction lies, in 32-bit words from its start.
 *
 * The scalars are 8 bytes each and hold one element of the instruction's dtype: an operand that is a number is a
 * pointer to its scalar with strides of zero, so that kernels know one kind of operand only.
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
  /** Extents that are no part of the nest: matmul's m, n, k; a reduction's outer, count, inner. */
  m = 9,
  n = 10,
  k = 11,
  /**
   * matmul: 1 where the operand is stored transposed; take: rows of the source; cast: the source's dtype; cross-entropy: 1
   * where labels are indices.
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
   * Into how many shares the instruction is divided, each for whoever is free; 1: the main thread runs it alone. Plus
   * `Abi.worthWaking` or not.
   */
  shares = 63,
  end = 64,
}

/**
 * Where the words of the threads' control block lie, in bytes from its start; those that different threads write are a cache line
 * apart.
 */
export enum Control {
  /** 64 bits, all that a thread needs to take a share: instruction's address << 32 | shares << 8 | shares not taken yet. */
  state = 0,
  /** Shares that workers have done, ever; wraps around. */
  done = 64,
  /** 1 while the main thread sleeps until `done` changes. */
  waiting = 68,
  /** Workers that sleep until `state` changes, or are about to. */
  sleepers = 128,
  /** What `done` will be when the instruction in work is done: the main thread's own note. */
  expected = 192,
  /** 1 where the main thread may sleep: everywhere but on a browser's main thread. */
  maySleep = 196,
  /** How many workers began to serve. Those that are lost still count: one that was asleep is among the sleepers for ever. */
  workers = 200,
  /** Instructions that the main thread ran alone for all workers slept: its own note, too. */
  alone = 204,
  /** A byte for each worker, by its number: 1 once it serves. */
  ready = 256,
  bytes = 320,
}
