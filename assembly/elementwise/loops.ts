// The one elementwise loop and its one tail. Knows operands and strides; an op's arithmetic lives in its class.
import { DTypeCode, Field } from "../opcodes";
import { Lanes } from "../lanes";
import { Nest, Share } from "../nest";

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

/** Rows of fewer bytes are taken several at a time for one wide row. */
const NARROW: usize = 1024;

/** Where an operand stays along each row, but not from row to row, writing it out pays for rows of a round at most. */
const ROUND: usize = 64;

/** A row that comes again is written out where the wide one serves so often at least; matrices have twice as many rows. */
const FEW: usize = 8;

/** Bytes of a wide row at most; where it is written out, a round may be written and read behind it. */
const WIDE: usize = 2048;
const WIDE_BYTES: usize = WIDE + 64;

/** Where the wide rows of the three operands lie in the thread's locals, behind their spread values, the part and its walks. */
const WIDE_AT: usize = 320;

/** One operand: its rows in the current matrix, and what the next call of `mapRows` gets. Strides in elements. */
@final
@unmanaged
class Walk {
  row: usize;
  step: isize;
  rowStride: isize;
  at: usize;
  stepAt: isize;
  strideAt: isize;

  /** True where a wide row must be written out: a row that comes again, or values that each stay for a row. */
  @inline written(): bool {
    return !this.step != !this.rowStride;
  }

  /** Writes `rows` rows of n elements behind each other to `to`, in whole vectors: each row over the surplus of the last. */
  write(to: usize, rows: usize, n: usize, size: isize): void {
    const bytes = n * size;
    let from = this.row;
    for (; rows > 0; rows--) {
      if (this.step) {
        for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, v128.load(from + i));
      } else {
        const x = size == 8 ? v128.load64_splat(from) : v128.load32_splat(from);
        v128.store(to, x);
        if (bytes > 16) {
          v128.store(to, x, 16);
          v128.store(to, x, 32);
          v128.store(to, x, 48);
        }
        from += this.rowStride * size;
      }
      to += bytes;
    }
  }
}

/**
 * What one call of `mapRows` gets, in the thread's locals behind the spread operands: this thread's part of the nest, a matrix of
 * its two innermost dims at a time. Short rows are taken for wide ones, `group` of them at a time: a row's start and end cost as
 * much as a round. Compiled once, not for each op, for which it would be a third of the module. Of operands that the op does not
 * have, any address is handed on.
 */
@final
@unmanaged
class Part {
  out: usize;
  n: usize;
  rows: usize;
  next: usize;
  end: usize;
  columns: usize;
  left: usize;
  /** True where an operand's wide rows differ. */
  varies: bool;
  group: usize;

  @inline walk(i: usize): Walk {
    return changetype<Walk>(changetype<usize>(this) + offsetof<Part>() + i * offsetof<Walk>());
  }

  /** A nest of one row is shared out by its elements, others by their rows. */
  static of(instruction: usize, thread: usize, threads: usize): Part {
    const part = changetype<Part>(Nest.locals(instruction, thread) + 3 * SPREAD);
    const single = Nest.field(instruction, Field.rank) == 1;
    const total = single ? Nest.inner(instruction) : Nest.rows(instruction);
    const grain: usize = single ? 64 : 1;
    part.next = Share.begin(total, grain, thread, threads);
    part.end = Share.begin(total, grain, thread + 1, threads);
    part.left = 0;
    return part;
  }

  /** Moves on to the next matrix; false where none is left. */
  matrix(instruction: usize, size: isize, operands: usize): bool {
    const r = this.next;
    if (r >= this.end) return false;
    const single = Nest.field(instruction, Field.rank) == 1;
    const height: usize = single ? 1 : Nest.height(instruction);
    const n: usize = single ? this.end - r : Nest.inner(instruction);
    this.left = single ? height : min(height - (r % height), this.end - r);
    this.next = single ? this.end : r + this.left;
    this.columns = n;
    this.out = Nest.field(instruction, Field.out) + (single ? r : r * n) * size;
    this.varies = false;
    const bytes = n * size;
    let widens = bytes < NARROW && this.left >= 2 * FEW;
    for (let i: usize = 0; i < operands; i++) {
      const walk = this.walk(i);
      const strides = Field.strideA + 8 * <i32>i;
      walk.step = Nest.innerStride(instruction, strides);
      walk.rowStride = single ? 0 : Nest.rowStride(instruction, strides);
      const offset = single ? r * walk.step : Nest.offset(instruction, strides, r);
      walk.row = Nest.field(instruction, Field.a + <i32>i) + offset * size;
      walk.at = walk.row;
      walk.stepAt = walk.step;
      walk.strideAt = walk.rowStride;
      if (!walk.step && walk.rowStride) this.varies = true;
      else widens = widens && (!walk.rowStride || walk.rowStride == <isize>n);
    }
    this.group = 1;
    if (this.varies) {
      if (widens && bytes <= ROUND) this.group = min(WIDE / bytes, this.left);
    } else if (widens) {
      this.group = min(WIDE / bytes, this.left / FEW);
    }
    return true;
  }

  /** Moves on to the next call, for elements of `size` bytes; false where none is left. */
  step(instruction: usize, size: isize, operands: usize): bool {
    if (this.left) this.out += this.rows * this.n * size;
    else if (!this.matrix(instruction, size, operands)) return false;
    if (this.group > 1) {
      this.widen(size, operands);
    } else {
      this.n = this.columns;
      this.rows = this.left;
      this.left = 0;
    }
    return true;
  }

  /** Takes as many rows as make a wide one; where the operands' wide rows stay the same, as many of these as there are. */
  widen(size: isize, operands: usize): void {
    const group = min(this.group, this.left);
    this.n = group * this.columns;
    this.rows = this.varies ? 1 : this.left / group;
    for (let i: usize = 0; i < operands; i++) {
      const walk = this.walk(i);
      walk.at = walk.row;
      walk.strideAt = walk.rowStride * group;
      if (walk.written()) {
        walk.at = changetype<usize>(this) - 3 * SPREAD + WIDE_AT + i * WIDE_BYTES;
        walk.write(walk.at, group, this.columns, size);
        walk.stepAt = 1;
        walk.strideAt = 0;
      }
      walk.row += this.rows * group * walk.rowStride * size;
    }
    this.left -= this.rows * group;
  }
}

function mapNest<T, F>(instruction: usize, thread: usize, threads: usize): void {
  const operands = min(changetype<F>(0).arity(), 3);
  const part = Part.of(instruction, thread, threads);
  const a = part.walk(0);
  const b = part.walk(1);
  const c = part.walk(2);
  while (part.step(instruction, sizeof<T>(), operands)) {
    mapRows<T, F>(
      part.out,
      a.at,
      b.at,
      c.at,
      Nest.field(instruction, Field.d),
      part.n,
      a.stepAt,
      b.stepAt,
      c.stepAt,
      part.rows,
      <isize>part.n,
      a.strideAt,
      b.strideAt,
      c.strideAt,
      Nest.locals(instruction, thread),
    );
  }
}

@final
@unmanaged
export class Elementwise {
  /** For ops that are defined for floating-point elements only. */
  static floats<F>(instruction: usize, thread: usize, threads: usize): void {
    if (Nest.field(instruction, Field.dtype) == DTypeCode.float32) mapNest<f32, F>(instruction, thread, threads);
    else mapNest<f64, F>(instruction, thread, threads);
  }

  /** For ops that are defined for int32 too. */
  static numbers<F>(instruction: usize, thread: usize, threads: usize): void {
    if (Nest.field(instruction, Field.dtype) == DTypeCode.int32) mapNest<i32, F>(instruction, thread, threads);
    else Elementwise.floats<F>(instruction, thread, threads);
  }
}
