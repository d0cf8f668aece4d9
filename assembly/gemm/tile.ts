// The register tiles: parts of C held in registers over one block of K. Must not know blocks or batches.
import { Lanes } from "../core/lanes";

/** Two vectors of columns: the tile's whole width. */
@final
@unmanaged
export class TwoVectors {
  @inline vectors(): i32 {
    return 2;
  }
}

/** One vector, for last columns that fill at most half of the whole width. */
@final
@unmanaged
export class OneVector {
  @inline vectors(): i32 {
    return 1;
  }
}

/** A and B as packed panels: strides are constants, and the rows of A at one k are adjacent. */
@final
@unmanaged
export class Packed {
  @inline packed(): bool {
    return true;
  }
}

/** A's rows in place, each contiguous along k, and B's with any stride: at most B is packed. */
@final
@unmanaged
export class Direct {
  @inline packed(): bool {
    return false;
  }
}

/** Rows of C in one tile. */
export const ROWS: usize = 4;

@final
@unmanaged
export class Tile {
  /** s + x y, rounded twice; in the relaxed binaries once, where the processor can. */
  @inline static madd<T>(s: v128, x: v128, y: v128): v128 {
    if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(x, y, s);
    return v128.add<T>(s, v128.mul<T>(x, y));
  }

  /**
   * Stores one row of the tile into C: adds C after the first block of K, and the bias after the last. Columns beyond `left` are not
   * stored.
   */
  @inline static store<T, V>(c: usize, left: usize, x0: v128, x1: v128, first: bool, bias: usize): void {
    const two = changetype<V>(0).vectors() == 2;
    const lanes = Lanes.count<T>();
    if (!first) {
      x0 = v128.add<T>(v128.load(c), x0);
      if (two) x1 = v128.add<T>(v128.load(c, 16), x1);
    }
    if (bias) {
      x0 = v128.add<T>(x0, v128.load(bias));
      if (two) x1 = v128.add<T>(x1, v128.load(bias, 16));
    }
    if (left < lanes) {
      Lanes.store<T>(c, x0, left);
      return;
    }
    v128.store(c, x0);
    if (two) {
      if (left >= 2 * lanes) v128.store(c, x1, 16);
      else if (left > lanes) Lanes.store<T>(c + 16, x1, left - lanes);
    }
  }

  /** The columns of one panel of B, `left` of them, against `rows` rows of A: see `panel`. */
  static run<T, A>(
    c: usize,
    cStride: usize,
    a: usize,
    aStride: usize,
    b: usize,
    bStride: usize,
    depth: usize,
    rows: usize,
    left: usize,
    first: bool,
    bias: usize,
  ): void {
    if (left > Lanes.count<T>()) {
      panel<T, TwoVectors, A>(c, cStride, a, aStride, b, bStride, depth, rows, left, first, bias);
    } else {
      panel<T, OneVector, A>(c, cStride, a, aStride, b, bStride, depth, rows, left, first, bias);
    }
  }

  /**
   * The columns of two panels of B, `left` of them, the second panel `bNext` bytes after the first, against `rows` rows of A
   * as they lie: see `wide`.
   */
  static direct<T>(
    c: usize,
    cStride: usize,
    a: usize,
    aStride: usize,
    b: usize,
    bStride: usize,
    bNext: usize,
    depth: usize,
    rows: usize,
    left: usize,
    first: bool,
    bias: usize,
  ): void {
    const lanes = Lanes.count<T>();
    if (left > 3 * lanes) {
      wide<T, TwoVectors>(c, cStride, a, aStride, b, bStride, bNext, depth, rows, left, first, bias);
    } else if (left > 2 * lanes) {
      wide<T, OneVector>(c, cStride, a, aStride, b, bStride, bNext, depth, rows, left, first, bias);
    } else {
      Tile.run<T, Direct>(c, cStride, a, aStride, b, bStride, depth, rows, left, first, bias);
    }
  }

  /**
   * C[j] (+)= sum over k of A[k] B[k][j] (+ bias[j]) for one row, j < left: B's rows are added up four at a time in `sums`, which
   * stays in the first-level cache, so that a B used only once is read in order. `sums` has room for whole vectors.
   */
  static row<T>(
    c: usize,
    a: usize,
    b: usize,
    bStride: usize,
    depth: usize,
    left: usize,
    first: bool,
    bias: usize,
    sums: usize,
  ): void {
    const end = sums + ((left * sizeof<T>() + 31) & ~31);
    memory.fill(sums, 0, end - sums);
    for (; depth >= 4; depth -= 4) {
      const x0 = v128.load_splat<T>(a);
      const x1 = v128.load_splat<T>(a, sizeof<T>());
      const x2 = v128.load_splat<T>(a, 2 * sizeof<T>());
      const x3 = v128.load_splat<T>(a, 3 * sizeof<T>());
      for (let s = sums, p = b; s < end; s += 16, p += 16) {
        let y = Tile.madd<T>(v128.load(s), x0, v128.load(p));
        y = Tile.madd<T>(y, x1, v128.load(p + bStride));
        y = Tile.madd<T>(y, x2, v128.load(p + 2 * bStride));
        v128.store(s, Tile.madd<T>(y, x3, v128.load(p + 3 * bStride)));
      }
      a += 4 * sizeof<T>();
      b += 4 * bStride;
    }
    for (; depth > 0; depth--) {
      const x = v128.load_splat<T>(a);
      for (let s = sums, p = b; s < end; s += 16, p += 16) {
        v128.store(s, Tile.madd<T>(v128.load(s), x, v128.load(p)));
      }
      a += sizeof<T>();
      b += bStride;
    }
    for (let s = sums; s < end; s += 32) {
      Tile.store<T, TwoVectors>(c, left, v128.load(s), v128.load(s, 16), first, bias);
      c += 32;
      left -= 32 / sizeof<T>();
      if (bias) bias += 32;
    }
  }
}

/**
 * C[r][j] (+)= sum over k of A[r][k] B[k][j] (+ bias[j]) for r < rows and j < left, at most two vectors of columns, four
 * rows at a time; the products are added in the order of k. Strides in bytes: `aStride` from one row of A to the next,
 * `bStride` from one row of B to the next; packed panels have their own. Rows from `rows` on repeat the last one or are
 * whatever the panel holds, and are dropped.
 *
 * 8 accumulators, 2 vectors of B, elements of A spread as they are loaded: 12 of 16 registers. Why this shape and these
 * loads: docs/performance.md, "The tile".
 */
function panel<T, V, A>(
  c: usize,
  cStride: usize,
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  depth: usize,
  rows: usize,
  left: usize,
  first: bool,
  bias: usize,
): void {
  const two = changetype<V>(0).vectors() == 2;
  const packed = changetype<A>(0).packed();
  const zero = v128.splat<T>(<T>0);
  for (; ; rows -= ROWS) {
    let p = b;
    let c00 = zero;
    let c01 = zero;
    let c10 = zero;
    let c11 = zero;
    let c20 = zero;
    let c21 = zero;
    let c30 = zero;
    let c31 = zero;
    if (packed) {
      for (const end = b + depth * 32; p < end; p += 32) {
        const b0 = v128.load(p);
        const b1 = two ? v128.load(p, 16) : b0;
        let x = v128.load_splat<T>(a);
        c00 = Tile.madd<T>(c00, x, b0);
        if (two) c01 = Tile.madd<T>(c01, x, b1);
        x = v128.load_splat<T>(a, sizeof<T>());
        c10 = Tile.madd<T>(c10, x, b0);
        if (two) c11 = Tile.madd<T>(c11, x, b1);
        x = v128.load_splat<T>(a, 2 * sizeof<T>());
        c20 = Tile.madd<T>(c20, x, b0);
        if (two) c21 = Tile.madd<T>(c21, x, b1);
        x = v128.load_splat<T>(a, 3 * sizeof<T>());
        c30 = Tile.madd<T>(c30, x, b0);
        if (two) c31 = Tile.madd<T>(c31, x, b1);
        a += ROWS * sizeof<T>();
      }
    } else {
      let a0 = a;
      let a1 = rows > 1 ? a0 + aStride : a0;
      let a2 = rows > 2 ? a1 + aStride : a1;
      let a3 = rows > 3 ? a2 + aStride : a2;
      for (const end = a + depth * sizeof<T>(); a0 < end; p += bStride) {
        const b0 = v128.load(p);
        const b1 = two ? v128.load(p, 16) : b0;
        let x = v128.load_splat<T>(a0);
        c00 = Tile.madd<T>(c00, x, b0);
        if (two) c01 = Tile.madd<T>(c01, x, b1);
        x = v128.load_splat<T>(a1);
        c10 = Tile.madd<T>(c10, x, b0);
        if (two) c11 = Tile.madd<T>(c11, x, b1);
        x = v128.load_splat<T>(a2);
        c20 = Tile.madd<T>(c20, x, b0);
        if (two) c21 = Tile.madd<T>(c21, x, b1);
        x = v128.load_splat<T>(a3);
        c30 = Tile.madd<T>(c30, x, b0);
        if (two) c31 = Tile.madd<T>(c31, x, b1);
        a0 += sizeof<T>();
        a1 += sizeof<T>();
        a2 += sizeof<T>();
        a3 += sizeof<T>();
      }
      a += ROWS * aStride;
    }
    Tile.store<T, V>(c, left, c00, c01, first, bias);
    if (rows > 1) Tile.store<T, V>(c + cStride, left, c10, c11, first, bias);
    if (rows > 2) Tile.store<T, V>(c + 2 * cStride, left, c20, c21, first, bias);
    if (rows > 3) Tile.store<T, V>(c + 3 * cStride, left, c30, c31, first, bias);
    if (rows <= ROWS) return;
    c += ROWS * cStride;
  }
}

/**
 * As `panel`, for two rows at a time of A as they lie and two panels of B, of the second of which one or two vectors are used
 * (`V`). As many products as 4 x 2 vectors, or three quarters of them, with two rows' pointers to move instead of four: of n = 25
 * a row takes 4 + 3 vectors in 0.83 to 0.96 of the time of 2 + 2 + 2 + 1.
 */
function wide<T, V>(
  c: usize,
  cStride: usize,
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  bNext: usize,
  depth: usize,
  rows: usize,
  left: usize,
  first: bool,
  bias: usize,
): void {
  const two = changetype<V>(0).vectors() == 2;
  const right = left - 32 / sizeof<T>();
  const biasRight = bias ? bias + 32 : 0;
  const zero = v128.splat<T>(<T>0);
  for (; ; rows -= 2) {
    let p = b;
    let q = b + bNext;
    let a0 = a;
    let a1 = rows > 1 ? a + aStride : a;
    let c00 = zero;
    let c01 = zero;
    let c02 = zero;
    let c03 = zero;
    let c10 = zero;
    let c11 = zero;
    let c12 = zero;
    let c13 = zero;
    for (const end = a + depth * sizeof<T>(); a0 < end; a0 += sizeof<T>()) {
      const b0 = v128.load(p);
      const b1 = v128.load(p, 16);
      const b2 = v128.load(q);
      const b3 = two ? v128.load(q, 16) : b2;
      let x = v128.load_splat<T>(a0);
      c00 = Tile.madd<T>(c00, x, b0);
      c01 = Tile.madd<T>(c01, x, b1);
      c02 = Tile.madd<T>(c02, x, b2);
      if (two) c03 = Tile.madd<T>(c03, x, b3);
      x = v128.load_splat<T>(a1);
      c10 = Tile.madd<T>(c10, x, b0);
      c11 = Tile.madd<T>(c11, x, b1);
      c12 = Tile.madd<T>(c12, x, b2);
      if (two) c13 = Tile.madd<T>(c13, x, b3);
      a1 += sizeof<T>();
      p += bStride;
      q += bStride;
    }
    Tile.store<T, TwoVectors>(c, left, c00, c01, first, bias);
    Tile.store<T, V>(c + 32, right, c02, c03, first, biasRight);
    if (rows > 1) {
      Tile.store<T, TwoVectors>(c + cStride, left, c10, c11, first, bias);
      Tile.store<T, V>(c + cStride + 32, right, c12, c13, first, biasRight);
    }
    if (rows <= 2) return;
    a += 2 * aStride;
    c += 2 * cStride;
  }
}
