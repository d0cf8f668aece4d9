// log and log1p per lane, and the core they share. Must not know shapes, tensors or loops.

import { LOG_BITS_F32, LOG_BITS_F64, LOG_F32, LOG_F64, LOG_POLY_F32, LOG_POLY_F64 } from "./constants";
import { Bits, Poly, Table } from "./polynomials";

/** log(x) for positive normal x = 2^k m, m in [sqrt(1/2), sqrt(2)] (the form of fdlibm's e_log.c):
 *  log(m) = f - (h - s (h + z p(z))), f = m - 1, h = f^2 / 2, s = f / (2 + f), z = s^2. */
@final
@unmanaged
export class LogCore {
  /** The bits of x, moved so that the exponent field steps at m = sqrt(2), not at 2. */
  @inline static moved<T>(x: v128): v128 {
    return Bits.add<T>(x, Table.at<T>(sizeof<T>() == 4 ? LOG_BITS_F32 : LOG_BITS_F64, 0));
  }
  /** k as a number: the biased exponent under the bits of 2^23 or 2^52, less that and the bias. */
  @inline static exponent<T>(moved: v128): v128 {
    const field = v128.or(Bits.fromExponent<T>(moved), Table.at<T>(sizeof<T>() == 4 ? LOG_BITS_F32 : LOG_BITS_F64, 1));
    return v128.sub<T>(field, Table.at<T>(sizeof<T>() == 4 ? LOG_F32 : LOG_F64, 0));
  }
  /** m. */
  @inline static fraction<T>(moved: v128): v128 {
    const bits = sizeof<T>() == 4 ? LOG_BITS_F32 : LOG_BITS_F64;
    return Bits.add<T>(v128.and(moved, Table.at<T>(bits, 2)), Table.at<T>(bits, 3));
  }
  /** k times the low part of ln2. */
  @inline static kLn2Rest<T>(k: v128): v128 {
    return v128.mul<T>(k, Table.at<T>(sizeof<T>() == 4 ? LOG_F32 : LOG_F64, 5));
  }
  /** k ln2 + log(m), low = k times the low part of ln2, or more. */
  @inline static vec<T>(k: v128, m: v128, low: v128): v128 {
    const table = sizeof<T>() == 4 ? LOG_F32 : LOG_F64;
    const f = v128.sub<T>(m, Table.at<T>(table, 1));
    const s = v128.div<T>(f, v128.add<T>(f, Table.at<T>(table, 2)));
    const h = v128.mul<T>(v128.mul<T>(f, f), Table.at<T>(table, 3));
    const z = v128.mul<T>(s, s);
    const z2 = v128.mul<T>(z, z);
    const p = sizeof<T>() == 4 ? Poly.p4<T>(z, z2, LOG_POLY_F32, 0) : Poly.p7<T>(z, z2, LOG_POLY_F64, 0);
    const tail = v128.mul<T>(s, v128.add<T>(h, v128.mul<T>(z, p)));
    const high = v128.mul<T>(k, Table.at<T>(table, 4));
    return v128.sub<T>(high, v128.sub<T>(v128.sub<T>(h, v128.add<T>(tail, low)), f));
  }
}

@final
@unmanaged
export class Log {
  /** The natural logarithm, without a branch, so that the loop's four vectors mix.
   *  1. Subnormals are lifted by 2^25 or 2^54, which k gives back.
   *  2. k ln2 + log(m).
   *  3. log(0) = -infinity, log(x < 0) = NaN, log(infinity) = infinity, log(NaN) = NaN.
   *  Largest error: float32 0.84 ULP (all inputs), float64 0.85 ULP (a sweep of 3 million).
   */
  @inline vec<T>(x: v128): v128 {
    const table = sizeof<T>() == 4 ? LOG_F32 : LOG_F64;
    const zero = v128.splat<T>(0);
    const infinity = Table.at<T>(table, 7);
    const small = v128.lt<T>(x, Table.at<T>(table, 6));
    const moved = LogCore.moved<T>(v128.mul<T>(x, v128.bitselect(Table.at<T>(table, 8), Table.at<T>(table, 1), small)));
    const k = v128.sub<T>(LogCore.exponent<T>(moved), v128.and(small, Table.at<T>(table, 9)));
    let y = LogCore.vec<T>(k, LogCore.fraction<T>(moved), LogCore.kLn2Rest<T>(k));
    y = v128.sub<T>(y, v128.and(v128.eq<T>(x, zero), infinity));
    y = v128.bitselect(y, x, v128.lt<T>(x, infinity));
    return v128.or(y, v128.lt<T>(x, zero)); // all ones is a NaN
  }
}

@final
@unmanaged
export class Log1p {
  /** log(1 + x), without a branch.
   *  1. u + c = 1 + x exactly (Knuth's two-sum).
   *  2. log(u) with c / u, the first order of the logarithm in c, added to its low part; second order is below 2^-48.
   *  3. Tiny x have u = 1 and come out as c = x; the sign of zero is that of x.
   *  4. log1p(-1) = -infinity, log1p(x < -1) = NaN, log1p(infinity) = infinity, log1p(NaN) = NaN.
   *  Largest error: float32 0.87 ULP (all inputs), float64 0.85 ULP (a sweep of 5 million).
   */
  @inline vec<T>(x: v128): v128 {
    const table = sizeof<T>() == 4 ? LOG_F32 : LOG_F64;
    const one = Table.at<T>(table, 1);
    const infinity = Table.at<T>(table, 7);
    const u = v128.add<T>(x, one);
    const part = v128.sub<T>(u, one);
    const c = v128.add<T>(v128.sub<T>(one, v128.sub<T>(u, part)), v128.sub<T>(x, part));
    const moved = LogCore.moved<T>(u);
    const k = LogCore.exponent<T>(moved);
    const low = v128.add<T>(LogCore.kLn2Rest<T>(k), v128.div<T>(c, u));
    let y = v128.or(LogCore.vec<T>(k, LogCore.fraction<T>(moved), low), v128.and(x, Table.at<T>(table, 11)));
    y = v128.bitselect(y, x, v128.lt<T>(x, infinity));
    const least = Table.at<T>(table, 10);
    y = v128.bitselect(v128.neg<T>(infinity), y, v128.eq<T>(x, least));
    return v128.or(y, v128.lt<T>(x, least)); // all ones is a NaN
  }
}
