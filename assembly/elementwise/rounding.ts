// Rounding, remainders and limits, one vector at a time. Knows nothing of loops, addresses or tails.

/** y = the greatest integer that is not above x; the sign of zero stays. */
@final
@unmanaged
export class Floor {
  @inline vec<T>(x: v128): v128 {
    if (isInteger<T>()) return x;
    return v128.floor<T>(x);
  }
}

/** y = the least integer that is not below x; the sign of zero stays. */
@final
@unmanaged
export class Ceil {
  @inline vec<T>(x: v128): v128 {
    if (isInteger<T>()) return x;
    return v128.ceil<T>(x);
  }
}

/** y = the nearest integer, the even one of two; the sign of zero stays. */
@final
@unmanaged
export class Round {
  @inline vec<T>(x: v128): v128 {
    if (isInteger<T>()) return x;
    return v128.nearest<T>(x);
  }
}

/** y = 1 where x is NaN, else 0. */
@final
@unmanaged
export class IsNaN {
  @inline vec<T>(x: v128): v128 {
    return v128.and(v128.ne<T>(x, x), v128.splat<T>(<T>1));
  }
}

/** y = min(max(x, low), high): high where low is above it, NaN where any is. */
@final
@unmanaged
export class Clip {
  @inline vec<T>(x: v128, low: v128, high: v128): v128 {
    return v128.min<T>(v128.max<T>(x, low), high);
  }
}
