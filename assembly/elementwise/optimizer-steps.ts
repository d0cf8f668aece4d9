// Elementwise steps of optimizers, one vector at a time. Must not know loops, addresses or tails.

/** y = a c + b d, every step rounded. */
@final
@unmanaged
export class Blend {
  @inline vec<T>(a: v128, b: v128, c: v128, d: v128): v128 {
    return v128.add<T>(v128.mul<T>(a, c), v128.mul<T>(b, d));
  }
}

/** y = a c + b^2 d, every step rounded. */
@final
@unmanaged
export class BlendSquare {
  @inline vec<T>(a: v128, b: v128, c: v128, d: v128): v128 {
    return v128.add<T>(v128.mul<T>(a, c), v128.mul<T>(v128.mul<T>(b, b), d));
  }
}

/** y = a / (sqrt(b) / c + d), every step rounded. */
@final
@unmanaged
export class OverRoot {
  @inline vec<T>(a: v128, b: v128, c: v128, d: v128): v128 {
    return v128.div<T>(a, v128.add<T>(v128.div<T>(v128.sqrt<T>(b), c), d));
  }
}

/** y = a - b c, both steps rounded. */
@final
@unmanaged
export class Descend {
  @inline vec<T>(a: v128, b: v128, c: v128): v128 {
    return v128.sub<T>(a, v128.mul<T>(b, c));
  }
}
