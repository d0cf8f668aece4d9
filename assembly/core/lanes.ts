// Additions to `v128.*<T>`: lane counts, partial stores, steps of folds over lanes. Must not know loops or ops.

@final
@unmanaged
export class Lanes {
  /** Elements of T in one vector. */
  @inline static count<T>(): usize {
    return 16 / sizeof<T>();
  }

  /** Stores the first n lanes, 0 < n < count. */
  @inline static store<T>(p: usize, x: v128, n: usize): void {
    if (sizeof<T>() == 8) {
      v128.store64_lane(p, x, 0);
    } else {
      if (n & 2) {
        v128.store64_lane(p, x, 0);
        if (n & 1) v128.store32_lane(p, x, 2, 8);
      } else {
        v128.store32_lane(p, x, 0);
      }
    }
  }

  /** Stores the first n lanes of four vectors, 0 < n < 4 count. */
  static storeFour<T>(p: usize, x0: v128, x1: v128, x2: v128, x3: v128, n: usize): void {
    const lanes = Lanes.count<T>();
    if (n & (2 * lanes)) {
      v128.store(p, x0);
      v128.store(p, x1, 16);
      x0 = x2;
      x1 = x3;
      p += 32;
    }
    if (n & lanes) {
      v128.store(p, x0);
      x0 = x1;
      p += 16;
    }
    n &= lanes - 1;
    if (n) Lanes.store<T>(p, x0, n);
  }

  /** x in each of four vectors. */
  @inline static spreadFour(p: usize, x: v128): void {
    v128.store(p, x);
    v128.store(p, x, 16);
    v128.store(p, x, 32);
    v128.store(p, x, 48);
  }

  /** x in the lanes below n, fill in the others. */
  @inline static keep<T>(x: v128, n: usize, fill: v128): v128 {
    if (sizeof<T>() == 8) {
      const iota = i64x2(0, 1);
      return v128.bitselect(x, fill, v128.gt<i64>(i64x2.splat(<i64>n), iota));
    } else {
      const iota = i32x4(0, 1, 2, 3);
      return v128.bitselect(x, fill, v128.gt<i32>(i32x4.splat(<i32>n), iota));
    }
  }

  /** The upper half moved onto the lower one: one step of a fold over lanes. */
  @inline static upper(x: v128): v128 {
    return v128.shuffle<u64>(x, x, 1, 0);
  }

  /** Neighbouring lanes swapped: the last step of a fold over four lanes. */
  @inline static swap(x: v128): v128 {
    return v128.shuffle<u32>(x, x, 1, 0, 3, 2);
  }
}
