// Sums and extrema over the middle axis of [outer, count, inner]. Knows addresses and extents, never axes or shapes.
import { Unary } from "./elementwise/adapters";
import { Identity } from "./elementwise/arithmetic";
import { Fused } from "./elementwise/fused";
import { mapRow } from "./elementwise/loops";
import { Abi, DTypeCode, Field } from "./opcodes";
import { Lanes } from "./lanes";
import { Nest, Share } from "./nest";

/**
 * s + x, from 0. A fold takes values x into s with `vec`, which may overlook a NaN in x: then it `watches`, adding up what it
 * sees, and goes over a block again where that sum is NaN. `join` overlooks nothing. A fold that `computes` can take rows
 * that a micro-program computes.
 */
@final
@unmanaged
export class Sum {
  @inline computes(): bool {
    return true;
  }
  @inline watches<T>(): bool {
    return false;
  }
  @inline identity<T>(): v128 {
    return v128.splat<T>(<T>0);
  }
  @inline vec<T>(s: v128, x: v128): v128 {
    return v128.add<T>(s, x);
  }
  @inline join<T>(s: v128, t: v128): v128 {
    return v128.add<T>(s, t);
  }
}

/**
 * max(s, x), NaN if any is; either zero where both are met. `pmax`, one instruction, keeps a NaN in s and overlooks one in x;
 * with the sum that watches it is two, where `max` is seven, one waiting for the other.
 */
@final
@unmanaged
export class Max {
  @inline computes(): bool {
    return false;
  }
  @inline watches<T>(): bool {
    return isFloat<T>();
  }
  @inline identity<T>(): v128 {
    if (isFloat<T>()) return v128.splat<T>(<T>-Infinity);
    return i32x4.splat(i32.MIN_VALUE);
  }
  @inline vec<T>(s: v128, x: v128): v128 {
    return isFloat<T>() ? v128.pmax<T>(s, x) : v128.max<T>(s, x);
  }
  @inline join<T>(s: v128, t: v128): v128 {
    return isFloat<T>() ? v128.or(v128.pmax<T>(s, t), v128.ne<T>(t, t)) : v128.max<T>(s, t); // all ones is a NaN
  }
}

/** min(s, x), NaN if any is; as `Max`. */
@final
@unmanaged
export class Min {
  @inline computes(): bool {
    return false;
  }
  @inline watches<T>(): bool {
    return isFloat<T>();
  }
  @inline identity<T>(): v128 {
    if (isFloat<T>()) return v128.splat<T>(<T>Infinity);
    return i32x4.splat(i32.MAX_VALUE);
  }
  @inline vec<T>(s: v128, x: v128): v128 {
    return isFloat<T>() ? v128.pmin<T>(s, x) : v128.min<T>(s, x);
  }
  @inline join<T>(s: v128, t: v128): v128 {
    return isFloat<T>() ? v128.or(v128.pmin<T>(s, t), v128.ne<T>(t, t)) : v128.min<T>(s, t); // all ones is a NaN
  }
}

/**
 * Rounds that are folded one after the other; blocks of them are folded pairwise. A sum of n terms thus has an error of at most
 * (128 + log2(n / 128)) eps sum|x|, and an order that depends on nothing but the extents.
 */
const BLOCK: usize = 128;

/** Bytes of a row that are folded at a time: 26 levels of them fit the scratch memory, and one stays in the L1 cache. */
const WIDTH: usize = 8192;

/** Narrower rows are folded several at a time, side by side, so that there are vectors enough to fold independently. */
const NARROW: usize = 256;

@final
@unmanaged
class Fold {
  /** Where the rounds above one block are split: the first part is whole blocks. */
  @inline static half(rounds: usize): usize {
    return ((rounds + 2 * BLOCK - 1) / (2 * BLOCK)) * BLOCK;
  }

  /** x added to what a fold has seen, if it watches. */
  @inline static watch<T, F>(seen: v128, x: v128): v128 {
    return changetype<F>(0).watches<T>() ? v128.add<T>(seen, x) : seen;
  }

  /** True where the values seen may hold a NaN; infinities of both signs raise the same doubt. */
  @inline static doubts<T, F>(seen: v128): bool {
    return changetype<F>(0).watches<T>() && v128.any_true(v128.ne<T>(seen, seen));
  }

  /** All ones in the lanes that meet a NaN on the way down. */
  static nans<T>(p: usize, rounds: usize, stride: usize): v128 {
    let nans = i64x2.splat(0);
    for (; rounds > 0; rounds--) {
      const x = v128.load(p);
      nans = v128.or(nans, v128.ne<T>(x, x));
      p += stride;
    }
    return nans;
  }

  /** Eight runs' vectors at q folded into the one at acc; `at` is a constant. Gives their sum where the fold watches. */
  @inline static eight<T, F>(acc: usize, q: usize, stride: usize, at: usize): v128 {
    const op = changetype<F>(0);
    const x0 = v128.load(q + at);
    const x1 = v128.load(q + stride + at);
    const x2 = v128.load(q + 2 * stride + at);
    const x3 = v128.load(q + 3 * stride + at);
    const x4 = v128.load(q + 4 * stride + at);
    const x5 = v128.load(q + 5 * stride + at);
    const x6 = v128.load(q + 6 * stride + at);
    const x7 = v128.load(q + 7 * stride + at);
    let s = op.vec<T>(op.vec<T>(op.vec<T>(op.vec<T>(v128.load(acc + at), x0), x1), x2), x3);
    s = op.vec<T>(op.vec<T>(op.vec<T>(op.vec<T>(s, x4), x5), x6), x7);
    v128.store(acc + at, s);
    const low = Fold.watch<T, F>(Fold.watch<T, F>(x0, x1), Fold.watch<T, F>(x2, x3));
    return Fold.watch<T, F>(low, Fold.watch<T, F>(Fold.watch<T, F>(x4, x5), Fold.watch<T, F>(x6, x7)));
  }
}

// ---- along rows ----

/** A row that lies in memory. `at` gives where so many bytes of a row from p on can be read; they are at most a block. */
@final
@unmanaged
class Stored {
  @inline at<T>(p: usize, bytes: usize, origin: Origin): usize {
    return p;
  }
}

/** A row that a micro-program computes, a block at a time: p counts its bytes from 0. */
@final
@unmanaged
class Computed {
  @inline at<T>(p: usize, bytes: usize, origin: Origin): usize {
    const size = sizeof<T>();
    return Fused.block(origin.program, origin.row, 1, p / size, bytes / size, origin.blocks, origin.locals);
  }
}

/** What a computed row is computed from; in the last of the thread's blocks. */
@unmanaged
class Origin {
  program: usize;
  row: usize;
  blocks: usize;
  locals: usize;
}

@final
@unmanaged
class Row {
  /** At most a block of rounds of 64 contiguous bytes, folded into one vector by four accumulators. */
  @inline static block<T, F, S>(at: usize, rounds: usize, origin: Origin): v128 {
    const op = changetype<F>(0);
    const p = changetype<S>(0).at<T>(at, rounds * 64, origin);
    let s0 = op.identity<T>();
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let seen0 = v128.splat<T>(<T>0);
    let seen1 = seen0;
    let seen2 = seen0;
    let seen3 = seen0;
    let q = p;
    for (let i = rounds; i > 0; i--) {
      const x0 = v128.load(q);
      const x1 = v128.load(q, 16);
      const x2 = v128.load(q, 32);
      const x3 = v128.load(q, 48);
      s0 = op.vec<T>(s0, x0);
      s1 = op.vec<T>(s1, x1);
      s2 = op.vec<T>(s2, x2);
      s3 = op.vec<T>(s3, x3);
      seen0 = Fold.watch<T, F>(seen0, x0);
      seen1 = Fold.watch<T, F>(seen1, x1);
      seen2 = Fold.watch<T, F>(seen2, x2);
      seen3 = Fold.watch<T, F>(seen3, x3);
      q += 64;
    }
    const s = op.vec<T>(op.vec<T>(s0, s1), op.vec<T>(s2, s3));
    const seen = Fold.watch<T, F>(Fold.watch<T, F>(seen0, seen1), Fold.watch<T, F>(seen2, seen3));
    return Fold.doubts<T, F>(seen) ? v128.or(s, Fold.nans<T>(p, rounds * 4, 16)) : s;
  }

  /** Any number of rounds: blocks pairwise. */
  static blocks<T, F, S>(p: usize, rounds: usize, origin: Origin): v128 {
    if (rounds <= BLOCK) return Row.block<T, F, S>(p, rounds, origin);
    const first = Fold.half(rounds);
    const s = Row.blocks<T, F, S>(p, first, origin);
    return changetype<F>(0).join<T>(s, Row.blocks<T, F, S>(p + first * 64, rounds - first, origin));
  }

  /** The whole run in every lane of one vector: rounds, what is left beside them, and then the lanes. */
  @inline static fold<T, F, S>(p: usize, count: usize, origin: Origin): v128 {
    const op = changetype<F>(0);
    const lanes = Lanes.count<T>();
    const rounds = count / (4 * lanes);
    let s = rounds <= BLOCK ? Row.block<T, F, S>(p, rounds, origin) : Row.blocks<T, F, S>(p, rounds, origin);
    let left = count - rounds * 4 * lanes;
    if (left) {
      p = changetype<S>(0).at<T>(p + rounds * 64, left * sizeof<T>(), origin);
      let t = op.identity<T>();
      for (; left >= lanes; left -= lanes) {
        t = op.join<T>(t, v128.load(p));
        p += 16;
      }
      if (left) t = op.join<T>(t, Lanes.keep<T>(v128.load(p), left, op.identity<T>()));
      s = op.join<T>(s, t);
    }
    s = op.join<T>(s, Lanes.upper(s));
    if (sizeof<T>() == 4) s = op.join<T>(s, Lanes.swap(s));
    return s;
  }
}

/** A contiguous run folded into every lane of one vector. */
export function foldRow<T, F>(p: usize, count: usize): v128 {
  return Row.fold<T, F, Stored>(p, count, changetype<Origin>(0));
}

// ---- down columns ----

/**
 * At most a block of runs of `width` bytes, `stride` bytes apart, folded into the run at `acc`, in order: eight at a time onto
 * accumulators in the L1 cache, so that memory is read in order. Reads and writes 32 bytes at a time.
 */
function foldBlock<T, F>(acc: usize, width: usize, p: usize, rounds: usize, stride: usize): void {
  const op = changetype<F>(0);
  const few = rounds % 8;
  let seen = v128.splat<T>(<T>0);
  for (let i: usize = 0; i < width; i += 16) {
    let s = op.identity<T>();
    let q = p + i;
    for (let r = few; r > 0; r--) {
      const x = v128.load(q);
      s = op.join<T>(s, x);
      q += stride;
    }
    v128.store(acc + i, s);
  }
  let q = p + few * stride;
  for (let eights = rounds / 8; eights > 0; eights--) {
    for (let i: usize = 0; i < width; i += 32) {
      seen = Fold.watch<T, F>(seen, Fold.eight<T, F>(acc + i, q + i, stride, 0));
      seen = Fold.watch<T, F>(seen, Fold.eight<T, F>(acc + i, q + i, stride, 16));
    }
    q += 8 * stride;
  }
  if (Fold.doubts<T, F>(seen)) {
    for (let i: usize = 0; i < width; i += 16) {
      v128.store(acc + i, v128.or(v128.load(acc + i), Fold.nans<T>(p + i, rounds, stride)));
    }
  }
}

/** The run at b joined to that at acc, in whole vectors; b may be acc + width, for a vector is read before it is written. */
function joinRuns<T, F>(acc: usize, b: usize, width: usize): void {
  const op = changetype<F>(0);
  for (let i: usize = 0; i < width; i += 16) v128.store(acc + i, op.join<T>(v128.load(acc + i), v128.load(b + i)));
}

/** Any number of runs: blocks in order, blocks pairwise. Uses `width` bytes at `acc` per level. */
function foldRuns<T, F>(acc: usize, width: usize, p: usize, rounds: usize, stride: usize): void {
  if (rounds <= BLOCK) {
    foldBlock<T, F>(acc, width, p, rounds, stride);
    return;
  }
  const first = Fold.half(rounds);
  const next = acc + ((width + 31) & ~31);
  foldRuns<T, F>(acc, width, p, first, stride);
  foldRuns<T, F>(next, width, p + first * stride, rounds - first, stride);
  joinRuns<T, F>(acc, next, width);
}

/**
 * Rows of less than `NARROW` bytes: 2, 4, 8, ... of them are taken for one wide row, the wide rows folded, and the result's halves
 * joined until one row is left. Rows that fill no wide one are folded by themselves and joined last.
 */
function foldNarrow<T, F>(acc: usize, width: usize, p: usize, rounds: usize): void {
  let wide = width;
  let group: usize = 1;
  while (wide < NARROW && rounds >= 8 * group) {
    wide *= 2;
    group *= 2;
  }
  const whole = rounds / group;
  foldRuns<T, F>(acc, wide, p, whole, wide);
  for (; wide > width; wide >>= 1) joinRuns<T, F>(acc, acc + (wide >> 1), wide >> 1);
  const left = rounds - whole * group;
  if (left) {
    foldBlock<T, F>(acc + NARROW, width, p + whole * group * width, left, width);
    joinRuns<T, F>(acc, acc + NARROW, width);
  }
}

/** inner = 1: one value per row. */
function alongRows<T, F>(out: usize, a: usize, count: usize, begin: usize, end: usize): void {
  out += begin * sizeof<T>();
  a += begin * count * sizeof<T>();
  for (let rows = end - begin; rows > 0; rows--) {
    Lanes.store<T>(out, foldRow<T, F>(a, count), 1);
    out += sizeof<T>();
    a += count * sizeof<T>();
  }
}

/** inner = 1, of rows that a micro-program computes. */
function alongComputedRows<T>(out: usize, count: usize, begin: usize, end: usize, origin: Origin): void {
  for (let row = begin; row < end; row++) {
    origin.row = row;
    Lanes.store<T>(out + row * sizeof<T>(), Row.fold<T, Sum, Computed>(0, count, origin), 1);
  }
}

/** inner > 1: down the columns, as many at a time as `WIDTH` allows. */
function downColumns<T, F>(
  out: usize,
  a: usize,
  acc: usize,
  count: usize,
  inner: usize,
  begin: usize,
  end: usize,
): void {
  const bytes = inner * sizeof<T>();
  const narrow = bytes < NARROW && count >= 16;
  const direct = !narrow && count <= BLOCK && bytes % 32 == 0;
  for (let o = begin; o < end; o++) {
    for (let at: usize = 0; at < bytes; at += WIDTH) {
      const part = min(WIDTH, bytes - at);
      const to = out + o * bytes + at;
      const from = a + o * count * bytes + at;
      if (direct) {
        foldBlock<T, F>(to, part, from, count, bytes);
      } else {
        if (narrow) foldNarrow<T, F>(acc, bytes, from, count);
        else foldRuns<T, F>(acc, part, from, count, bytes);
        mapRow<T, Unary<Identity>>(to, acc, acc, acc, acc, part / sizeof<T>(), 1, 0, 0, 0);
      }
    }
  }
}

function reduce<T, F>(instruction: usize, thread: usize, threads: usize): void {
  const out = Nest.field(instruction, Field.out);
  const a = Nest.field(instruction, Field.a);
  const acc = Nest.scratch(instruction, thread);
  const outer = Nest.field(instruction, Field.m);
  const count = Nest.field(instruction, Field.n);
  const inner = Nest.field(instruction, Field.k);
  const begin = Share.begin(outer, 1, thread, threads);
  const end = Share.begin(outer, 1, thread + 1, threads);
  const program = Nest.field(instruction, Field.program);
  if (program) {
    if (isFloat<T>() && changetype<F>(0).computes()) {
      const origin = changetype<Origin>(acc + Abi.blocksAt + Abi.blocks * Abi.blockBytes);
      origin.program = program;
      origin.blocks = acc + Abi.blocksAt;
      origin.locals = Nest.locals(instruction, thread);
      alongComputedRows<T>(out, count, begin, end, origin);
    }
  } else if (inner == 1) alongRows<T, F>(out, a, count, begin, end);
  else downColumns<T, F>(out, a, acc, count, inner, begin, end);
}

/**
 * The first index of the greatest value, NaN counting as the greatest, as int32. Vectors run across `inner`; each lane keeps
 * its best value and where it stood.
 */
function argMax<T>(instruction: usize, thread: usize, threads: usize): void {
  const lanes = Lanes.count<T>();
  const a = Nest.field(instruction, Field.a);
  const out = Nest.field(instruction, Field.out);
  const count = Nest.field(instruction, Field.n);
  const inner = Nest.field(instruction, Field.k);
  const outer = Nest.field(instruction, Field.m);
  const end = Share.begin(outer, 1, thread + 1, threads);
  for (let o = Share.begin(outer, 1, thread, threads); o < end; o++) {
    for (let i: usize = 0; i < inner; i += lanes) {
      let p = a + (o * count * inner + i) * sizeof<T>();
      let best = v128.load(p);
      let index = i64x2.splat(0);
      for (let r: usize = 1; r < count; r++) {
        p += inner * sizeof<T>();
        const x = v128.load(p);
        // x beats best unless best >= x or best is NaN already; a NaN x beats every number.
        const keep = v128.or(v128.ge<T>(best, x), v128.ne<T>(best, best));
        best = v128.bitselect(best, x, keep);
        index = v128.bitselect(index, sizeof<T>() == 8 ? i64x2.splat(<i64>r) : i32x4.splat(<i32>r), keep);
      }
      const to = out + (o * inner + i) * 4;
      if (sizeof<T>() == 8) index = v128.shuffle<u32>(index, index, 0, 2, 0, 2);
      const left = inner - i;
      if (left >= lanes && sizeof<T>() == 4) v128.store(to, index);
      else Lanes.store<f32>(to, index, min(left, lanes));
    }
  }
}

@final
@unmanaged
export class Reduce {
  static run<F>(instruction: usize, thread: usize, threads: usize): void {
    const dtype = Nest.field(instruction, Field.dtype);
    if (dtype == DTypeCode.float32) reduce<f32, F>(instruction, thread, threads);
    else if (dtype == DTypeCode.float64) reduce<f64, F>(instruction, thread, threads);
    else reduce<i32, F>(instruction, thread, threads);
  }

  static argMax(instruction: usize, thread: usize, threads: usize): void {
    const dtype = Nest.field(instruction, Field.dtype);
    if (dtype == DTypeCode.float32) argMax<f32>(instruction, thread, threads);
    else if (dtype == DTypeCode.float64) argMax<f64>(instruction, thread, threads);
    else argMax<i32>(instruction, thread, threads);
  }
}
