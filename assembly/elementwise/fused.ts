// Micro-programs: several elementwise ops run over one block, then over the next, so each op reads its operands from the L1 cache. Must
// not know ops.
import { Abi, Field, Micro } from "../abi";
import { Nest, Share } from "../core/nest";
import { Part } from "./part";
import { Matrix } from "./matrix";

/**
 * Bytes of a block that an op works on: half of `Abi.blockBytes`, so that a few operands stay in a first-level cache of 32 KB. Whole
 * blocks take 0.97 to 1.00 of the time in the cache, and 1.12 beyond it (Adam on 10^6 parameters).
 */
const STRIP: usize = 4096;

@final
@unmanaged
export class Fused {
  /** A whole instruction: a matrix, or one long row. */
  run(instruction: usize, thread: usize, threads: usize): void {
    const program = Nest.field(instruction, Field.program);
    const blocks = Nest.scratch(instruction, thread) + Abi.blocksAt;
    const locals = Nest.locals(instruction, thread);
    const rows = Nest.rows(instruction);
    const columns = Nest.inner(instruction);
    const byElements = rows == 1;
    const total = byElements ? columns : rows;
    const grain: usize = byElements ? Share.GRAIN : 1;
    const begin = Share.begin(total, grain, thread, threads);
    const size = Share.begin(total, grain, thread + 1, threads) - begin;
    if (byElements) Fused.matrix(program, 0, 1, begin, size, blocks, locals);
    else Fused.matrix(program, begin, size, 0, columns, blocks, locals);
  }

  /** The program over some rows and columns, one strip of whole or part rows at a time. */
  static matrix(
    program: usize,
    row: usize,
    rows: usize,
    column: usize,
    columns: usize,
    blocks: usize,
    locals: usize,
  ): void {
    if (columns == 0) return;
    const elements = STRIP / Fused.bytes(program);
    const width = min(columns, elements);
    const height = elements / width;
    const endRow = row + rows;
    const endColumn = column + columns;
    for (let r = row; r < endRow; r += height) {
      for (let c = column; c < endColumn; c += width) {
        Fused.block(program, r, min(height, endRow - r), c, min(width, endColumn - c), blocks, locals);
      }
    }
  }

  /** The program over one block of at most `Abi.blockBytes`. Returns the address of the result, which a sum adds. */
  static block(
    program: usize,
    row: usize,
    rows: usize,
    column: usize,
    columns: usize,
    blocks: usize,
    locals: usize,
  ): usize {
    const size = Fused.bytes(program);
    const dtype = <i32>Fused.word(program, Micro.dtype);
    const whole = columns == Fused.word(program, Micro.columns);
    const part = Part.at(locals);
    let op = program + Fused.word(program, Micro.ops);
    for (let left = Fused.word(program, Micro.count); left > 0; left--) {
      const out = program + Fused.word(op, Micro.out);
      const a = program + Fused.word(op, Micro.a);
      const b = program + Fused.word(op, Micro.b);
      const c = program + Fused.word(op, Micro.c);
      const dense = whole && Fused.word(op, Micro.dense) != 0;
      part.n = dense ? rows * columns : columns;
      part.rows = dense ? 1 : rows;
      part.out = Fused.place(out, row, column, size, blocks);
      part.a = Fused.place(a, row, column, size, blocks);
      part.b = Fused.place(b, row, column, size, blocks);
      part.c = Fused.place(c, row, column, size, blocks);
      part.d = Fused.word(program + Fused.word(op, Micro.d), Micro.address);
      part.stepA = Fused.word(a, Micro.step);
      part.stepB = Fused.word(b, Micro.step);
      part.stepC = Fused.word(c, Micro.step);
      part.strideOut = Fused.rowStride(out, columns);
      part.strideA = Fused.rowStride(a, columns);
      part.strideB = Fused.rowStride(b, columns);
      part.strideC = Fused.rowStride(c, columns);
      Matrix.map(<i32>Fused.word(op, Micro.op), dtype, part);
      op += Micro.opWords * 4;
    }
    return Fused.place(program + Fused.word(program, Micro.result), row, column, size, blocks);
  }

  @inline private static word(p: usize, index: i32): usize {
    return <usize>load<u32>(p + ((<usize>index) << 2));
  }

  @inline private static bytes(program: usize): usize {
    return Nest.sizeOf(<i32>Fused.word(program, Micro.dtype));
  }

  /** The address of an operand's part of a block. */
  @inline private static place(operand: usize, row: usize, column: usize, size: usize, blocks: usize): usize {
    const address = Fused.word(operand, Micro.address);
    if (Fused.word(operand, Micro.block)) return blocks + address;
    return address + (row * Fused.word(operand, Micro.rowStride) + column * Fused.word(operand, Micro.step)) * size;
  }

  @inline private static rowStride(operand: usize, columns: usize): isize {
    return Fused.word(operand, Micro.block) ? <isize>columns : <isize>Fused.word(operand, Micro.rowStride);
  }
}
