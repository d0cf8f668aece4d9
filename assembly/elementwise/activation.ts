// ReLU, its threshold form and the backward passes of activations, one vector at a time. Must not know loops.
import { Expm1 } from "../math/exp";

/** y = x where x > 0 or x is NaN, else 0; -0 stays. `pmax(x, 0)` is one instruction where `max` takes seven. */
@final
@unmanaged
export class Relu {
  @inline vec<T>(x: v128, zero: v128): v128 {
    return v128.pmax<T>(x, zero);
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
  @inline vec<T>(dy: v128, x: v128, zero: v128): v128 {
    return v128.or(v128.andnot(dy, v128.le<T>(x, zero)), v128.ne<T>(x, x)); // all ones is a NaN
  }
}

/** dx = dy (y (1 - y)), in this order. */
@final
@unmanaged
export class SigmoidBackward {
  @inline vec<T>(dy: v128, y: v128, one: v128): v128 {
    return v128.mul<T>(dy, v128.mul<T>(y, v128.sub<T>(one, y)));
  }
}

/** dx = dy (1 - y^2), in this order. */
@final
@unmanaged
export class TanhBackward {
  @inline vec<T>(dy: v128, y: v128, one: v128): v128 {
    return v128.mul<T>(dy, v128.sub<T>(one, v128.mul<T>(y, y)));
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

/** y = x where x > 0, else alpha (e^x - 1); NaN stays NaN. */
@final
@unmanaged
export class Elu {
  @inline vec<T>(x: v128, alpha: v128): v128 {
    const below = v128.mul<T>(alpha, changetype<Expm1>(0).vec<T>(x));
    return v128.bitselect(x, below, v128.gt<T>(x, v128.splat<T>(<T>0)));
  }
}
