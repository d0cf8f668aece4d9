// Folds rows to one value each, with the common parts of all folds: blocks, NaNs, eight at a time. Must not know ops.
import { Fused } from "../elementwise/fused";
import { Sum } from "./folds";
import { Lanes } from "../core/lanes";

/**
 * Rounds in a block. They are folded one after the other, blocks pairwise. So a sum of n terms has an error of at most
 * (128 + log2(n / 128)) eps sum|x|, and its order depends only on the extents.
 */
export const BLOCK: usize = 128;

@final
@unmanaged
export class Fold {
  /** The split of more rounds than a block: the first part is whole blocks. */
  @inline static half(rounds: usize): usize {
    return ((rounds + 2 * BLOCK - 1) / (2 * BLOCK)) * BLOCK;
  }

  /** Adds x to the watching sum, if the fold watches. */
  @inline static watch<T, F>(seen: v128, x: v128): v128 {
    return changetype<F>(0).watches<T>() ? v128.add<T>(seen, x) : seen;
  }

  /** True if the values may hold a NaN. Infinities of both signs raise the same doubt. */
  @inline static doubts<T, F>(seen: v128): bool {
    return changetype<F>(0).watches<T>() && v128.any_true(v128.ne<T>(seen, seen));
  }

  /** All ones in the lanes of a column with a NaN. */
  static nans<T>(p: usize, rounds: usize, stride: usize): v128 {
    let nans = i64x2.splat(0);
    for (; rounds > 0; rounds--) {
      const x = v128.load(p);
      nans = v128.or(nans, v128.ne<T>(x, x));
      p += stride;
    }
    return nans;
  }

  /** Folds the vectors of eight runs at q into the one at acc; `at` is a constant. Returns their sum if the fold watches. */
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

/** A row in memory. `at` gives the address at which this many bytes of the row from p on, at most a block, can be read. */
@final
@unmanaged
class Stored {
  @inline at<T>(p: usize, bytes: usize, origin: Origin): usize {
    return p;
  }
}

/** A row that a micro-program computes, one block at a time. p counts its bytes from 0. */
@final
@unmanaged
class Computed {
  @inline at<T>(p: usize, bytes: usize, origin: Origin): usize {
    const size = sizeof<T>();
    return Fused.block(origin.program, origin.row, 1, p / size, bytes / size, origin.blocks, origin.locals);
  }
}

/** The data of a computed row, in the last of the thread's blocks. */
@unmanaged
export class Origin {
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

  /** The whole run in every lane of one vector: rounds, then the rest, then the lanes. */
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

/**
 * Rows of less than two rounds, as many at a time as a vector has lanes; their results are one vector. One at a time, a row's start, end
 * and lanes would cost more than its elements. (Rows of 16 in float32: 0.54 of the time, of 8: 0.36.)
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

  /** One value for each row, with the bits of `Row.fold`. Rows must not be empty. The last row is repeated to fill the lanes. */
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
  return Row.fold<T, F, Stored>(p, count, changetype<Origin>(0));
}

/** inner = 1: one value per row. */
export function alongRows<T, F>(out: usize, a: usize, count: usize, begin: usize, end: usize): void {
  out += begin * sizeof<T>();
  a += begin * count * sizeof<T>();
  if (count > 0 && count < 8 * Lanes.count<T>()) {
    Short.fold<T, F>(out, a, count, end - begin);
    return;
  }
  for (let rows = end - begin; rows > 0; rows--) {
    Lanes.store<T>(out, foldRow<T, F>(a, count), 1);
    out += sizeof<T>();
    a += count * sizeof<T>();
  }
}

/** inner = 1, for the rows of a micro-program. */
export function alongComputedRows<T>(out: usize, count: usize, begin: usize, end: usize, origin: Origin): void {
  for (let row = begin; row < end; row++) {
    origin.row = row;
    Lanes.store<T>(out + row * sizeof<T>(), Row.fold<T, Sum, Computed>(0, count, origin), 1);
  }
}
