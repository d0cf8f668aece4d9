// What a reduction folds its values with: sums and extrema. Knows vectors, never addresses, extents or order.

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
