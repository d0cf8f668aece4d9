// Sums and extrema over the middle axis of [outer, count, inner]. Knows addresses and extents, never axes or shapes.
import { DTypeCode, Field } from "./opcodes";
import { Lanes } from "./lanes";
import { Nest, Share } from "./nest";

/** s + x, from 0. */
@final
@unmanaged
export class Sum {
  @inline identity<T>(): v128 {
    return v128.splat<T>(<T>0);
  }
  @inline vec<T>(s: v128, x: v128): v128 {
    return v128.add<T>(s, x);
  }
}

/** max(s, x), NaN if any is; from the lowest value. */
@final
@unmanaged
export class Max {
  @inline identity<T>(): v128 {
    if (isFloat<T>()) return v128.splat<T>(<T>-Infinity);
    return i32x4.splat(i32.MIN_VALUE);
  }
  @inline vec<T>(s: v128, x: v128): v128 {
    return v128.max<T>(s, x);
  }
}

/** min(s, x), NaN if any is; from the highest value. */
@final
@unmanaged
export class Min {
  @inline identity<T>(): v128 {
    if (isFloat<T>()) return v128.splat<T>(<T>Infinity);
    return i32x4.splat(i32.MAX_VALUE);
  }
  @inline vec<T>(s: v128, x: v128): v128 {
    return v128.min<T>(s, x);
  }
}

/** Rounds that are folded one after the other; longer runs are folded pairwise. */
const BLOCK: usize = 128;

/** Bytes of a row that are folded at a time: 26 levels of them fit the scratch memory, and one stays in the L1 cache. */
const WIDTH: usize = 32768;

/**
 * Folds `rounds` runs of `width` bytes (a multiple of 64), `stride` bytes apart, into the run at `acc`: blocks of 128 rounds
 * in order, blocks pairwise. A sum's relative error is at most (128 + log2(rounds / 128)) eps sum|x| / |sum x|, and its
 * order depends on nothing but the count. Uses `width` bytes of scratch at `acc` per level, at most 26 levels.
 */
function fold<T, F>(acc: usize, width: usize, p: usize, rounds: usize, stride: usize): void {
  const op = changetype<F>(0);
  if (rounds > BLOCK) {
    const half = ((rounds + 2 * BLOCK - 1) / (2 * BLOCK)) * BLOCK;
    fold<T, F>(acc, width, p, half, stride);
    fold<T, F>(acc + width, width, p + half * stride, rounds - half, stride);
    for (let i = acc; i < acc + width; i += 16) v128.store(i, op.vec<T>(v128.load(i), v128.load(i + width)));
  } else if (width == 64) {
    foldStrip<T, F>(acc, p, rounds, stride);
  } else {
    foldRuns<T, F>(acc, width, p, rounds, stride);
  }
}

/** One block of runs of 64 bytes: all accumulators in registers. */
function foldStrip<T, F>(acc: usize, p: usize, rounds: usize, stride: usize): void {
  const op = changetype<F>(0);
  let s0 = op.identity<T>();
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (; rounds > 0; rounds--) {
    s0 = op.vec<T>(s0, v128.load(p));
    s1 = op.vec<T>(s1, v128.load(p, 16));
    s2 = op.vec<T>(s2, v128.load(p, 32));
    s3 = op.vec<T>(s3, v128.load(p, 48));
    p += stride;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
}

/** One block of longer runs: four at a time onto accumulators in the L1 cache, so that memory is read in order. */
function foldRuns<T, F>(acc: usize, width: usize, p: usize, rounds: usize, stride: usize): void {
  const op = changetype<F>(0);
  for (let i = acc; i < acc + width; i += 16) v128.store(i, op.identity<T>());
  for (; rounds >= 4; rounds -= 4) {
    for (let i: usize = 0; i < width; i += 16) {
      let s = op.vec<T>(v128.load(acc + i), v128.load(p + i));
      s = op.vec<T>(s, v128.load(p + stride + i));
      s = op.vec<T>(s, v128.load(p + 2 * stride + i));
      v128.store(acc + i, op.vec<T>(s, v128.load(p + 3 * stride + i)));
    }
    p += 4 * stride;
  }
  for (; rounds > 0; rounds--) {
    for (let i: usize = 0; i < width; i += 16) v128.store(acc + i, op.vec<T>(v128.load(acc + i), v128.load(p + i)));
    p += stride;
  }
}

/** A contiguous run folded into every lane of one vector. */
export function foldRow<T, F>(acc: usize, p: usize, count: usize): v128 {
  const op = changetype<F>(0);
  const lanes = Lanes.count<T>();
  const rounds = count / (4 * lanes);
  let s = op.identity<T>();
  if (rounds) {
    fold<T, F>(acc, 64, p, rounds, 64);
    s = op.vec<T>(op.vec<T>(v128.load(acc), v128.load(acc, 16)), op.vec<T>(v128.load(acc, 32), v128.load(acc, 48)));
  }
  p += rounds * 64;
  count -= rounds * 4 * lanes;
  for (; count >= lanes; count -= lanes) {
    s = op.vec<T>(s, v128.load(p));
    p += 16;
  }
  if (count) s = op.vec<T>(s, Lanes.keep<T>(v128.load(p), count, op.identity<T>()));
  s = op.vec<T>(s, Lanes.upper(s));
  if (sizeof<T>() == 4) s = op.vec<T>(s, Lanes.swap(s));
  return s;
}

/** inner = 1: one value per row. */
function alongRows<T, F>(out: usize, a: usize, acc: usize, count: usize, begin: usize, end: usize): void {
  for (let o = begin; o < end; o++) {
    Lanes.store<T>(out + o * sizeof<T>(), foldRow<T, F>(acc, a + o * count * sizeof<T>(), count), 1);
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
  for (let o = begin; o < end; o++) {
    for (let at: usize = 0; at < bytes; at += WIDTH) {
      const part = min(WIDTH, bytes - at);
      fold<T, F>(acc, (part + 63) & ~63, a + o * count * bytes + at, count, bytes);
      memory.copy(out + o * bytes + at, acc, part);
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
  if (inner == 1) alongRows<T, F>(out, a, acc, count, begin, end);
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
