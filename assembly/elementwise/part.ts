// A matrix and its operands, and one elementwise op over it, row by row. Must not know nests or ops.
import { mapRowOf } from "./kernels.generated";
import { ROUND } from "./loops";
import { Lanes } from "../core/lanes";
import { Nest } from "../core/nest";
import { FirstOp } from "../ops.generated";

/**
 * A matrix and its operands, in the thread's locals behind what is spread: addresses; steps from one element of a row to the next,
 * 0 or 1; strides from one row to the next, in elements. What an operand has that the op does not have is not looked at.
 */
@unmanaged
export class Part {
  out: usize;
  a: usize;
  b: usize;
  c: usize;
  d: usize;
  n: usize;
  rows: usize;
  stepA: isize;
  stepB: isize;
  stepC: isize;
  strideOut: isize;
  strideA: isize;
  strideB: isize;
  strideC: isize;

  /** The part of a thread whose locals these are. */
  @inline static at(locals: usize): Part {
    return changetype<Part>(locals + 3 * ROUND);
  }

  /** The address at which a row reads an operand: its own, or for a single value that of the round at `spare` with the value spread. */
  @inline static read(p: usize, move: usize, size: usize, spare: usize): usize {
    if (move) return p;
    Lanes.spreadFour(spare, size == 8 ? v128.load64_splat(p) : v128.load32_splat(p));
    return spare;
  }

  /** The number of operands that an op reads from memory. */
  @inline static operands(op: i32): usize {
    return op < FirstOp.binary ? 1 : op < FirstOp.ternary ? 2 : 3;
  }

  /** One elementwise op over the matrix, row by row. */
  map(op: i32, dtype: i32): void {
    const operands = Part.operands(op);
    const size = Nest.sizeOf(dtype);
    const n = this.n;
    const d = this.d;
    const moveA: usize = this.stepA ? ROUND : 0;
    const moveB: usize = this.stepB ? ROUND : 0;
    const moveC: usize = this.stepC ? ROUND : 0;
    const nextOut = this.strideOut * size;
    const nextA = this.strideA * size;
    const nextB = this.strideB * size;
    const nextC = this.strideC * size;
    const spare = changetype<usize>(this) - 3 * ROUND;
    let out = this.out;
    let pa = this.a;
    let pb = this.b;
    let pc = this.c;
    for (let rows = this.rows; rows > 0; rows--) {
      const a = Part.read(pa, moveA, size, spare);
      const b = operands > 1 ? Part.read(pb, moveB, size, spare + ROUND) : a;
      const c = operands > 2 ? Part.read(pc, moveC, size, spare + 2 * ROUND) : a;
      mapRowOf(op, dtype, out, n, a, moveA, b, moveB, c, moveC, d);
      out += nextOut;
      pa += nextA;
      pb += nextB;
      pc += nextC;
    }
  }
}
