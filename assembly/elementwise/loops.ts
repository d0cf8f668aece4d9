// The one elementwise loop and its one tail. Knows operands and strides; an op's arithmetic lives in its class.
import { Lanes } from "../lanes";

/** Bytes that one operand's value takes in the thread's locals, repeated for a whole round. */
const SPREAD: usize = 64;

@final
@unmanaged
class Operand {
  /** Where a row's round reads: the operand itself, or, where it stays, its one value spread over a round's vectors. */
  @inline static row<T>(p: usize, step: isize, spread: usize): usize {
    if (step) return p;
    const x = v128.load_splat<T>(p);
    v128.store(spread, x);
    v128.store(spread, x, 16);
    v128.store(spread, x, 32);
    v128.store(spread, x, 48);
    return spread;
  }
}

/**
 * out[i] = op(a[i * stepA], b[i * stepB], c[i * stepC], d) for i < n, in `rows` rows that lie the strides apart, in elements;
 * steps are 0 (one value for the whole row) or 1. `locals` is the thread's; it is not used where all steps are 1.
 *
 * Four vectors a round, stored when all four are computed: a long chain of arithmetic leaves the processor idle unless it has
 * others to mix it with, and V8 keeps an op's constants in registers from one vector to the next. (sigmoid of float32: 2.50
 * ns an element with one vector a round, 1.77 with two, 1.53 with four.) A row's last round is loaded whole (tensors may be
 * read up to `Abi.overreadBytes` past their end) and stored in part, so one `vec` serves every element and no value depends
 * on where it lies. out may be a, b or c: each round is read before it is written.
 *
 * An operand that stays is read from memory like one that moves, from a copy for one round: another load is free where
 * stores are what takes time, while a test in the loop costs a third of its speed, and a loop for each way to move three
 * times the code.
 */
export function mapRows<T, F>(
  out: usize,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  n: usize,
  stepA: isize,
  stepB: isize,
  stepC: isize,
  rows: usize,
  strideOut: isize,
  strideA: isize,
  strideB: isize,
  strideC: isize,
  locals: usize,
): void {
  const op = changetype<F>(0);
  const two = op.arity() > 1;
  const three = op.arity() > 2;
  const size = <isize>sizeof<T>();
  const round: usize = 4 * Lanes.count<T>();
  const moveA: usize = stepA ? 64 : 0;
  const moveB: usize = stepB ? 64 : 0;
  const moveC: usize = stepC ? 64 : 0;
  const d0 = v128.load_splat<T>(op.constant<T>(d));

  for (; rows > 0; rows--) {
    let to = out;
    let p = Operand.row<T>(a, stepA, locals);
    let q = two ? Operand.row<T>(b, stepB, locals + SPREAD) : p;
    let r = three ? Operand.row<T>(c, stepC, locals + 2 * SPREAD) : p;
    for (let left = n; left > 0; left -= round) {
      const y0 = op.vec<T>(v128.load(p), two ? v128.load(q) : d0, three ? v128.load(r) : d0, d0);
      const y1 = op.vec<T>(v128.load(p, 16), two ? v128.load(q, 16) : d0, three ? v128.load(r, 16) : d0, d0);
      const y2 = op.vec<T>(v128.load(p, 32), two ? v128.load(q, 32) : d0, three ? v128.load(r, 32) : d0, d0);
      const y3 = op.vec<T>(v128.load(p, 48), two ? v128.load(q, 48) : d0, three ? v128.load(r, 48) : d0, d0);
      if (left < round) {
        Lanes.storeFour<T>(to, y0, y1, y2, y3, left);
        break;
      }
      v128.store(to, y0);
      v128.store(to, y1, 16);
      v128.store(to, y2, 32);
      v128.store(to, y3, 48);
      to += 64;
      p += moveA;
      if (two) q += moveB;
      if (three) r += moveC;
    }
    out += strideOut * size;
    a += strideA * size;
    if (two) b += strideB * size;
    if (three) c += strideC * size;
  }
}

/** One row of `mapRows`. */
export function mapRow<T, F>(
  out: usize,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  n: usize,
  stepA: isize,
  stepB: isize,
  stepC: isize,
  locals: usize,
): void {
  mapRows<T, F>(out, a, b, c, d, n, stepA, stepB, stepC, 1, 0, 0, 0, 0, locals);
}

/**
 * What one call of `mapRows` gets, in the thread's locals behind the spread operands, so that which op runs is one switch
 * (`kernels.ts`) for all that calls it. What an operand has that the op does not have is not looked at.
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
    return changetype<Part>(locals + 3 * SPREAD);
  }
}

/** `mapRows` over a part. */
export function mapPart<T, F>(part: Part): void {
  mapRows<T, F>(
    part.out,
    part.a,
    part.b,
    part.c,
    part.d,
    part.n,
    part.stepA,
    part.stepB,
    part.stepC,
    part.rows,
    part.strideOut,
    part.strideA,
    part.strideB,
    part.strideC,
    changetype<usize>(part) - 3 * SPREAD,
  );
}
