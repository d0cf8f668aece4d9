// Arithmetic, comparison and selection, one vector at a time. Must not know loops, addresses or tails.

/** y = x. */
@final
@unmanaged
export class Identity {
  @inline vec<T>(x: v128): v128 {
    return x;
  }
}

/** y = -x; the sign of NaN and zero flips too. */
@final
@unmanaged
export class Neg {
  @inline vec<T>(x: v128): v128 {
    return v128.neg<T>(x);
  }
}

/** y = |x|. */
@final
@unmanaged
export class Abs {
  @inline vec<T>(x: v128): v128 {
    return v128.abs<T>(x);
  }
}

/** y = 1 where x > 0, -1 where x < 0, x where x is 0 or NaN. */
@final
@unmanaged
export class Sign {
  @inline vec<T>(x: v128): v128 {
    const zero = v128.splat<T>(<T>0);
    const positive = v128.bitselect(v128.splat<T>(<T>1), x, v128.gt<T>(x, zero));
    return v128.bitselect(v128.splat<T>(<T>-1), positive, v128.lt<T>(x, zero));
  }
}

/** y = x^2. */
@final
@unmanaged
export class Square {
  @inline vec<T>(x: v128): v128 {
    return v128.mul<T>(x, x);
  }
}

/** y = sqrt(x), correctly rounded; NaN below zero. */
@final
@unmanaged
export class Sqrt {
  @inline vec<T>(x: v128): v128 {
    return v128.sqrt<T>(x);
  }
}

/** y = a + b. */
@final
@unmanaged
export class Add {
  @inline vec<T>(a: v128, b: v128): v128 {
    return v128.add<T>(a, b);
  }
}

/** y = a - b. */
@final
@unmanaged
export class Sub {
  @inline vec<T>(a: v128, b: v128): v128 {
    return v128.sub<T>(a, b);
  }
}

/** y = a b. */
@final
@unmanaged
export class Mul {
  @inline vec<T>(a: v128, b: v128): v128 {
    return v128.mul<T>(a, b);
  }
}

/** y = a / b, correctly rounded. */
@final
@unmanaged
export class Div {
  @inline vec<T>(a: v128, b: v128): v128 {
    return v128.div<T>(a, b);
  }
}

/** y = max(a, b): NaN where either is, +0 above -0. */
@final
@unmanaged
export class Maximum {
  @inline vec<T>(a: v128, b: v128): v128 {
    return v128.max<T>(a, b);
  }
}

/** y = min(a, b): NaN where either is, -0 below +0. */
@final
@unmanaged
export class Minimum {
  @inline vec<T>(a: v128, b: v128): v128 {
    return v128.min<T>(a, b);
  }
}

/** Turns a comparison's lanes of all ones into 1, the others into 0, in the operands' type. */
@final
@unmanaged
class Mask {
  @inline static ones<T>(mask: v128): v128 {
    return v128.and(mask, v128.splat<T>(<T>1));
  }
}

/** y = 1 where a > b, else 0 (NaN compares false). */
@final
@unmanaged
export class Greater {
  @inline vec<T>(a: v128, b: v128): v128 {
    return Mask.ones<T>(v128.gt<T>(a, b));
  }
}

/** y = 1 where a >= b, else 0. */
@final
@unmanaged
export class GreaterEqual {
  @inline vec<T>(a: v128, b: v128): v128 {
    return Mask.ones<T>(v128.ge<T>(a, b));
  }
}

/** y = 1 where a = b, else 0; +0 equals -0. */
@final
@unmanaged
export class Equal {
  @inline vec<T>(a: v128, b: v128): v128 {
    return Mask.ones<T>(v128.eq<T>(a, b));
  }
}

/** y = 1 where a differs from b, else 0; NaN differs from everything. */
@final
@unmanaged
export class NotEqual {
  @inline vec<T>(a: v128, b: v128): v128 {
    return Mask.ones<T>(v128.ne<T>(a, b));
  }
}

/** y = a where the condition is not 0 (NaN is not), else b. */
@final
@unmanaged
export class Where {
  @inline vec<T>(condition: v128, a: v128, b: v128, zero: v128): v128 {
    return v128.bitselect(b, a, v128.eq<T>(condition, zero));
  }
}
