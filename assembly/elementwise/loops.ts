// The one elementwise loop and its one tail. Knows operands and how they move; an op's arithmetic lives in its class.
import { Lanes } from "../core/lanes";

/** Bytes of four vectors: what the loop takes at a time, and what an operand's value takes that is spread for a whole row. */
export const ROUND: usize = 64;

/**
 * out[i] = op(a[i], b[i], c[i], d[0]) for i < n. After a round an operand moves on by `ROUND` bytes, or by 0 where one round holds
 * all that it has: a value, spread. What an op does not have is not looked at.
 *
 * Four vectors a round, stored when all four are computed: a long chain of arithmetic leaves the processor idle unless it has
 * others to mix it with, and V8 keeps an op's constants in registers from one vector to the next. (sigmoid of float32: 2.50
 * ns an element with one vector a round, 1.77 with two, 1.53 with four.) The last round is loaded whole (tensors may be
 * read up to `Abi.overreadBytes` past their end) and stored in part, so one `vec` serves every element and no value depends
 * on where it lies. out may be a, b or c: each round is read before it is written.
 *
 * An operand that stays is read from memory like one that moves: another load is free where stores are what takes time, while a
 * test in the loop costs a third of its speed, and a loop for each way to move three times the code.
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
