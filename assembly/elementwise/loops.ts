// The one elementwise loop and its one tail. Must not know ops: their arithmetic is in their classes.
import { Lanes } from "../core/lanes";

/** Bytes of four vectors: one round of the loop, and an operand's value spread for a whole row. */
export const ROUND: usize = 64;

/**
 * out[i] = op(a[i], b[i], c[i], d[0]) for i < n. After a round an operand moves on by `ROUND` bytes, or by 0 if it is one spread value.
 * Operands that the op lacks are not read.
 *
 * A round is four vectors, stored when all four are computed. A long chain of arithmetic leaves the processor idle unless other chains
 * run beside it, and V8 keeps an op's constants in registers from one vector to the next. (sigmoid of float32: 2.50 ns for each element
 * with one vector a round, 1.77 with two, 1.53 with four.) The last round is loaded whole (tensors may be read up to `Abi.overreadBytes`
 * past their end) and stored in part, so one `vec` serves every element, and no value depends on its address. out may be a, b or c: each
 * round is read before it is written.
 *
 * An operand that stays is read from memory like one that moves. Stores take the time, so another load is free. A test in the loop would
 * cost a third of its speed, and a loop for each kind of movement three times the code.
 */
export function mapRow<T, F>(
  out: usize,
  n: usize,
  a: usize,
  moveA: usize,
  b: usize,
  moveB: usize,
  c: usize,
  moveC: usize,
  d: usize,
): void {
  const op = changetype<F>(0);
  const two = op.arity() > 1;
  const three = op.arity() > 2;
  const round = ROUND / sizeof<T>();
  const d0 = op.constant<T>(d);
  for (; n > 0; n -= round) {
    const y0 = op.vec<T>(v128.load(a), two ? v128.load(b) : d0, three ? v128.load(c) : d0, d0);
    const y1 = op.vec<T>(v128.load(a, 16), two ? v128.load(b, 16) : d0, three ? v128.load(c, 16) : d0, d0);
    const y2 = op.vec<T>(v128.load(a, 32), two ? v128.load(b, 32) : d0, three ? v128.load(c, 32) : d0, d0);
    const y3 = op.vec<T>(v128.load(a, 48), two ? v128.load(b, 48) : d0, three ? v128.load(c, 48) : d0, d0);
    if (n < round) {
      Lanes.storeFour<T>(out, y0, y1, y2, y3, n);
      return;
    }
    v128.store(out, y0);
    v128.store(out, y1, 16);
    v128.store(out, y2, 32);
    v128.store(out, y3, 48);
    out += ROUND;
    a += moveA;
    if (two) b += moveB;
    if (three) c += moveC;
  }
}
