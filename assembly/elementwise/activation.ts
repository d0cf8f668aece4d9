// ReLU, the threshold form and the backward passes of the activations, one vector at a time. Knows nothing of loops.

/** y = x where x > 0 or x is NaN, else 0; -0 stays. `pmax(x, 0)` is one instruction where `max` takes seven. */
@final
@unmanaged
export class Relu {
  @inline vec<T>(x: v128): v128 {
    return v128.pmax<T>(x, v128.splat<T>(<T>0));
  }
}

/** y = 1 where x > 0, 0 where x <= 0, NaN where x is NaN. */
@final
@unmanaged
export class ReluGrad {
  @inline vec<T>(x: v128): v128 {
    const step = v128.and(v128.gt<T>(x, v128.splat<T>(<T>0)), v128.splat<T>(<T>1));
    return v128.bitselect(step, x, v128.eq<T>(x, x));
  }
}

/** dx = dy where x > 0, 0 where x <= 0, NaN where x is NaN: a selection, so that an infinite dy gives no NaN at x <= 0. */
@final
@unmanaged
export class ReluBackward {
  @inline vec<T>(dy: v128, x: v128): v128 {
    const zero = v128.splat<T>(<T>0);
    const dx = v128.and(dy, v128.gt<T>(x, zero));
    return v128.bitselect(dx, x, v128.eq<T>(x, x));
  }
}

/** dx = dy (y (1 - y)), in this order. */
@final
@unmanaged
export class SigmoidBackward {
  @inline vec<T>(dy: v128, y: v128): v128 {
    return v128.mul<T>(dy, v128.mul<T>(y, v128.sub<T>(v128.splat<T>(<T>1), y)));
  }
}

/** dx = dy (1 - y^2), in this order. */
@final
@unmanaged
export class TanhBackward {
  @inline vec<T>(dy: v128, y: v128): v128 {
    return v128.mul<T>(dy, v128.sub<T>(v128.splat<T>(<T>1), v128.mul<T>(y, y)));
  }
}

/** y = x above where x > threshold, else x below (NaN stays NaN). */
@final
@unmanaged
export class ThresholdRelu {
  @inline vec<T>(x: v128, threshold: v128, above: v128, below: v128): v128 {
    return v128.mul<T>(x, v128.bitselect(above, below, v128.gt<T>(x, threshold)));
  }
}
