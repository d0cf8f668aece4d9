// The folds of reductions: sums and extrema of vectors. Must not know addresses, extents or order.

/**
 * s + x, from 0. A fold takes values x into s with `vec`. If `vec` may overlook a NaN in x, the fold `watches`: it adds all x, and folds a
 * block again if that sum is NaN. `join` overlooks nothing. A fold that `computes` can take the rows of a micro-program.
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
 * max(s, x), NaN if any is; of zeros of both signs, either. `pmax` is one instruction, which keeps a NaN in s and overlooks one in x. With
 * the watching sum it is two instructions; `max` is seven, each waiting for the one before.
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
