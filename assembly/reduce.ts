// Sums and extrema over the middle axis of [outer, count, inner]. Knows addresses and extents, never axes or shapes.
import { Unary } from "./elementwise/adapters";
import { Identity } from "./elementwise/arithmetic";
import { mapRow } from "./elementwise/loops";
import { DTypeCode, Field } from "./opcodes";
import { Lanes } from "./lanes";
import { Nest, Share } from "./nest";

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

@final
@unmanaged
class Row {
  /** At most a block of rounds of 64 contiguous bytes, folded into one vector by four accumulators. */
  @inline static block<T, F>(p: usize, rounds: usize): v128 {
    const op = changetype<F>(0);
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
  static blocks<T, F>(p: usize, rounds: usize): v128 {
    if (rounds <= BLOCK) return Row.block<T, F>(p, rounds);
    const first = Fold.half(rounds);
    return changetype<F>(0).join<T>(Row.blocks<T, F>(p, first), Row.blocks<T, F>(p + first * 64, rounds - first));
  }

  /** The whole run in every lane of one vector: rounds, what is left beside them, and then the lanes. */
  @inline static fold<T, F>(p: usize, count: usize): v128 {
    const op = changetype<F>(0);
    const lanes = Lanes.count<T>();
    const rounds = count / (4 * lanes);
    let s = rounds <= BLOCK ? Row.block<T, F>(p, rounds) : Row.blocks<T, F>(p, rounds);
    let left = count - rounds * 4 * lanes;
    if (left) {
      p += rounds * 64;
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

/**
 * Rows of less than two rounds, as many side by side as a vector has lanes, whose results are one vector then: alone, a row's
 * start, end and lanes cost more than its elements. (Rows of 16 in float32: 0.54 of the time, of 8: 0.36.)
 */
@final
@unmanaged
class Short {
  /** A round of 64 bytes, as `Row.block` folds it. */
  @inline static round<T, F>(p: usize): v128 {
    const op = changetype<F>(0);
    const s = op.join<T>(op.join<T>(op.identity<T>(), v128.load(p)), v128.load(p, 16));
    return op.join<T>(s, op.join<T>(v128.load(p, 32), v128.load(p, 48)));
  }

  /** The lanes of each vector, as `Row.fold` joins them; s0 and s1 only in float64. */
  @inline static lanes<T, F>(s0: v128, s1: v128, s2: v128, s3: v128): v128 {
    const op = changetype<F>(0);
    const s01 = op.join<T>(v128.shuffle<u64>(s0, s1, 0, 2), v128.shuffle<u64>(s0, s1, 1, 3));
    if (sizeof<T>() == 8) return s01;
    const s23 = op.join<T>(v128.shuffle<u64>(s2, s3, 0, 2), v128.shuffle<u64>(s2, s3, 1, 3));
    return op.join<T>(v128.shuffle<u32>(s01, s23, 0, 2, 4, 6), v128.shuffle<u32>(s01, s23, 1, 3, 5, 7));
  }

  /** One value per row, which has an element at least, with the bits of `Row.fold`. The last row is repeated where fewer than lanes are left. */
  static fold<T, F>(out: usize, a: usize, count: usize, rows: usize): void {
    const op = changetype<F>(0);
    const lanes = Lanes.count<T>();
    const four = lanes == 4;
    const none = op.identity<T>();
    const bytes = count * sizeof<T>();
    const round = bytes & 64;
    const whole = bytes & 48;
    const rest = count % lanes;
    const end = a + rows * bytes;
    for (; a < end; a += lanes * bytes) {
      const last = end - bytes;
      let p0 = a;
      let p1 = min(a + bytes, last);
      let p2 = four ? min(a + 2 * bytes, last) : 0;
      let p3 = four ? min(a + 3 * bytes, last) : 0;
      let s0 = none;
      let s1 = none;
      let s2 = none;
      let s3 = none;
      if (round) {
        s0 = Short.round<T, F>(p0);
        s1 = Short.round<T, F>(p1);
        if (four) s2 = Short.round<T, F>(p2);
        if (four) s3 = Short.round<T, F>(p3);
        p0 += 64;
        p1 += 64;
        p2 += 64;
        p3 += 64;
      }
      if (whole | rest) {
        let t0 = none;
        let t1 = none;
        let t2 = none;
        let t3 = none;
        for (let i: usize = 0; i < whole; i += 16) {
          t0 = op.join<T>(t0, v128.load(p0 + i));
          t1 = op.join<T>(t1, v128.load(p1 + i));
          if (four) t2 = op.join<T>(t2, v128.load(p2 + i));
          if (four) t3 = op.join<T>(t3, v128.load(p3 + i));
        }
        if (rest) {
          t0 = op.join<T>(t0, Lanes.keep<T>(v128.load(p0 + whole), rest, none));
          t1 = op.join<T>(t1, Lanes.keep<T>(v128.load(p1 + whole), rest, none));
          if (four) t2 = op.join<T>(t2, Lanes.keep<T>(v128.load(p2 + whole), rest, none));
          if (four) t3 = op.join<T>(t3, Lanes.keep<T>(v128.load(p3 + whole), rest, none));
        }
        s0 = op.join<T>(s0, t0);
        s1 = op.join<T>(s1, t1);
        if (four) s2 = op.join<T>(s2, t2);
        if (four) s3 = op.join<T>(s3, t3);
      }
      const y = Short.lanes<T, F>(s0, s1, s2, s3);
      if (rows >= lanes) v128.store(out, y);
      else Lanes.store<T>(out, y, rows);
      out += 16;
      rows -= lanes;
    }
  }
}

/** A contiguous run folded into every lane of one vector. */
export function foldRow<T, F>(p: usize, count: usize): v128 {
  return Row.fold<T, F>(p, count);
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
  if (count > 0 && count < 8 * Lanes.count<T>()) {
    Short.fold<T, F>(out, a, count, end - begin);
    return;
  }
  for (let rows = end - begin; rows > 0; rows--) {
    Lanes.store<T>(out, Row.fold<T, F>(a, count), 1);
    out += sizeof<T>();
    a += count * sizeof<T>();
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
  if (inner == 1) alongRows<T, F>(out, a, count, begin, end);
  else downColumns<T, F>(out, a, acc, count, inner, begin, end);
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
}
