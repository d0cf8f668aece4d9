// Rounding, remainders and limits, one vector at a time. Must not know loops, addresses or tails.

/** y = the greatest integer <= x; the sign of zero stays. */
@final
@unmanaged
export class Floor {
  @inline vec<T>(x: v128): v128 {
    if (isInteger<T>()) return x;
    return v128.floor<T>(x);
  }
}

/** y = the least integer >= x; the sign of zero stays. */
@final
@unmanaged
export class Ceil {
  @inline vec<T>(x: v128): v128 {
    if (isInteger<T>()) return x;
    return v128.ceil<T>(x);
  }
}

/** y = the nearest integer, at ties the even one; the sign of zero stays. */
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

/**
 * y = a - b floor(a / b), the remainder of NumPy and Python, with the sign of b. Exact but for one addition of b, where the remainder of
 * truncation has the other sign; NaN for b = 0 and infinite a. int32: 0 for b = 0.
 * A scalar a lane: the quotient may have a thousand bits. float32 remainders are computed in float64, in which they are the same.
 */
@final
@unmanaged
export class Mod {
  @inline vec<T>(a: v128, b: v128): v128 {
    return Mod.lanes<T>(a, b);
  }
  /** A function of its own: the loop calls it five times. */
  private static lanes<T>(a: v128, b: v128): v128 {
    let y = v128.splat<T>(Mod.of<T>(v128.extract_lane<T>(a, 0), v128.extract_lane<T>(b, 0)));
    y = v128.replace_lane<T>(y, 1, Mod.of<T>(v128.extract_lane<T>(a, 1), v128.extract_lane<T>(b, 1)));
    if (sizeof<T>() == 8) return y;
    y = v128.replace_lane<T>(y, 2, Mod.of<T>(v128.extract_lane<T>(a, 2), v128.extract_lane<T>(b, 2)));
    return v128.replace_lane<T>(y, 3, Mod.of<T>(v128.extract_lane<T>(a, 3), v128.extract_lane<T>(b, 3)));
  }
  @inline private static of<T>(a: T, b: T): T {
    return isInteger<T>() ? <T>Mod.integers(<i32>a, <i32>b) : <T>Mod.floats(<f64>a, <f64>b);
  }
  private static integers(a: i32, b: i32): i32 {
    if (b == 0) return 0;
    const rest = a % b;
    return rest != 0 && (rest ^ b) < 0 ? rest + b : rest;
  }
  private static floats(a: f64, b: f64): f64 {
    const rest = a % b;
    if (rest == 0) return copysign<f64>(0, b);
    return rest < 0 != b < 0 ? rest + b : rest;
  }
}
