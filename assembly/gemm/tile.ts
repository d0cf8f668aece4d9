// The register tile: 4 rows by 2 vectors of C, held in registers over one block of K. Knows packed panels only.
import { Lanes } from "../lanes";

@final
@unmanaged
export class Tile {
  /** Rows of C in one tile. */
  @inline static rows(): usize {
    return 4;
  }

  /** Columns of C in one tile: two vectors. */
  @inline static columns<T>(): usize {
    return 2 * Lanes.count<T>();
  }

  /**
   * One row of the tile into C: + C where this is not the first block of K, + bias where it is the last. Columns beyond
   * `left` are not stored.
   */
  @inline static store<T>(c: usize, left: usize, x0: v128, x1: v128, first: bool, bias: usize): void {
    const lanes = Lanes.count<T>();
    if (!first) {
      x0 = v128.add<T>(v128.load(c), x0);
      x1 = v128.add<T>(v128.load(c, 16), x1);
    }
    if (bias) {
      x0 = v128.add<T>(x0, v128.load(bias));
      x1 = v128.add<T>(x1, v128.load(bias, 16));
    }
    if (left >= 2 * lanes) {
      v128.store(c, x0);
      v128.store(c, x1, 16);
    } else if (left >= lanes) {
      v128.store(c, x0);
      if (left > lanes) Lanes.store<T>(c + 16, x1, left - lanes);
    } else {
      Lanes.store<T>(c, x0, left);
    }
  }

  /**
   * C[r][j] (+)= sum over k of a[k][r] b[k][j] (+ bias[j]) for r < 4, j < two vectors, the products added in the order of
   * k. a: packed panel of 4 rows, b: packed panel of two vectors. Rows from `rows` on and columns from `left` on are
   * computed and dropped. 8 accumulators, 2 vectors of b and one of a: 11 of 16 registers; 5x2 spills on V8 11.
   */
  static run<T>(
    c: usize,
    cStride: usize,
    a: usize,
    b: usize,
    depth: usize,
    rows: usize,
    left: usize,
    first: bool,
    bias: usize,
  ): void {
    const zero = v128.splat<T>(<T>0);
    let c00 = zero;
    let c01 = zero;
    let c10 = zero;
    let c11 = zero;
    let c20 = zero;
    let c21 = zero;
    let c30 = zero;
    let c31 = zero;
    for (const end = b + depth * 32; b < end; b += 32) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      let x = v128.load_splat<T>(a);
      c00 = v128.add<T>(c00, v128.mul<T>(x, b0));
      c01 = v128.add<T>(c01, v128.mul<T>(x, b1));
      x = v128.load_splat<T>(a, sizeof<T>());
      c10 = v128.add<T>(c10, v128.mul<T>(x, b0));
      c11 = v128.add<T>(c11, v128.mul<T>(x, b1));
      x = v128.load_splat<T>(a, 2 * sizeof<T>());
      c20 = v128.add<T>(c20, v128.mul<T>(x, b0));
      c21 = v128.add<T>(c21, v128.mul<T>(x, b1));
      x = v128.load_splat<T>(a, 3 * sizeof<T>());
      c30 = v128.add<T>(c30, v128.mul<T>(x, b0));
      c31 = v128.add<T>(c31, v128.mul<T>(x, b1));
      a += 4 * sizeof<T>();
    }
    Tile.store<T>(c, left, c00, c01, first, bias);
    if (rows > 1) Tile.store<T>(c + cStride, left, c10, c11, first, bias);
    if (rows > 2) Tile.store<T>(c + 2 * cStride, left, c20, c21, first, bias);
    if (rows > 3) Tile.store<T>(c + 3 * cStride, left, c30, c31, first, bias);
  }
}
