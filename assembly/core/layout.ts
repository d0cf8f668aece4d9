// Where a thread keeps what, in the locals and in the scratch memory that it has of its own; in bytes. Read by asc and by tsc alike.
// Must hold nothing but enums of constants.

export enum Size {
  vector = 16,
  /** Four vectors: what the elementwise loop takes at a time, and what an operand's value takes that is spread for a whole row. */
  round = 4 * vector,
  /** `Part`, and a `Source` of each of three operands, with room to spare. */
  part = 2 * round,
  /** A wide row of at most so many bytes; where it is written out, a round may be written and read behind it. */
  wideRow = 2048,
  wideRowSpace = wideRow + round,
  /** What matmul packs: of B 256 rows of 1 MB together, of A 64 rows of 256 elements of 8 bytes. */
  packedB = 1048576,
  packedA = 64 * 256 * 8,
  /** What a micro-program works on at a time may take so much of each operand that is its own, and so many there may be. */
  block = 8192,
}

/** The thread's locals, from their start: what elementwise ops need, alone or behind other ops. */
export enum Locals {
  /** A round of each of three operands whose value stays along a row. */
  spread = 0,
  /** The matrix in work. */
  part = spread + 3 * Size.round,
  /** A wide row of each of three operands. */
  wideRows = part + Size.part,
  bytes = wideRows + 3 * Size.wideRowSpace,
}

/**
 * The thread's scratch memory, from its start. What begins at 0 is of different instructions: only blocks and their origin are needed
 * beside something else.
 */
export enum Scratch {
  /** matmul: a packed block of B, then one of A. */
  packedB = 0,
  packedA = packedB + Size.packedB,

  /** Rows of softmax and its like: two scalars, each spread, and a block of what is summed but kept nowhere else. */
  scalar = 0,
  secondScalar = scalar + Size.round,
  terms = secondScalar + Size.round,

  /** Reductions: levels of partial results, of `levelBytes` each, of which 2^32 elements need 26. */
  levels = 0,
  levelBytes = 8192,

  /** The blocks of micro-programs, how many there are, and for a sum what its rows are computed from. */
  blocks = packedA + Size.packedA,
  blockCount = 15,
  origin = blocks + blockCount * Size.block,
  bytes = origin + Size.block,
}
