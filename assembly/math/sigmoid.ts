// sigmoid, its derivative, softplus and log-sigmoid per lane; knows no shape, no address of a tensor, no loop.

import {
  LOG1P_UNIT_POLY_F32,
  LOG1P_UNIT_POLY_F64,
  SIGMOID_F32,
  SIGMOID_F64,
  SIGMOID_GRAD_F32,
  SIGMOID_GRAD_F64,
  SIGMOID_POLY_F32,
  SIGMOID_POLY_F64,
  SOFTPLUS_F32,
  SOFTPLUS_F64,
} from "./constants";
import { ExpCore } from "./exp";
import { Bits, Poly, Table } from "./lanes";

@final
@unmanaged
export class Sigmoid {
  /** 1 / (1 + e^-x).
   *  1. -x = n ln2 + r, |r| <= ln2/2, and e^r = above / below: below = C (w(r) - r/2), above = below + C r, with the even
   *     function w(r) = (r/2) coth(r/2), which takes half the coefficients of e^r.
   *  2. The result is below / (below + 2^n above). C = 1.655 2^-64 or 1.655 2^-512 keeps all of it normal for every x whose
   *     result is not 0 or 1, so 2^n is an addition to the exponent field, and a subnormal result is rounded once, by the
   *     division. What rounding does to `below` nearly cancels in the quotient, and 1.655 keeps `above` just below the end
   *     of a binade, where an ULP is smallest.
   *  Largest error: float32 1.98 ULP (all inputs), float64 1.94 ULP (a sweep of 10 million).
   */
  @inline vec<T>(x: v128): v128 {
    const table = sizeof<T>() == 4 ? SIGMOID_F32 : SIGMOID_F64;
    x = v128.pmax<T>(v128.pmin<T>(x, Table.at<T>(table, 2)), Table.at<T>(table, 1));
    const shift = Table.at<T>(table, 0);
    const k = v128.sub<T>(shift, v128.mul<T>(x, ExpCore.log2e<T>()));
    const minus = v128.sub<T>(shift, k); // -n
    const high = v128.sub<T>(v128.mul<T>(minus, ExpCore.ln2<T>()), x);
    const r = v128.add<T>(high, v128.mul<T>(minus, ExpCore.ln2Rest<T>()));
    const z = v128.mul<T>(r, r);
    const p =
      sizeof<T>() == 4 ? Poly.p2<T>(z, SIGMOID_POLY_F32, 0) : Poly.p5<T>(z, v128.mul<T>(z, z), SIGMOID_POLY_F64, 0);
    const half = v128.mul<T>(r, Table.at<T>(table, 4));
    const below = v128.sub<T>(v128.add<T>(Table.at<T>(table, 3), v128.mul<T>(z, p)), half);
    const above = v128.add<T>(below, v128.add<T>(half, half));
    return v128.div<T>(below, v128.add<T>(below, Bits.add<T>(above, Bits.toExponent<T>(k))));
  }
}

@final
@unmanaged
export class SigmoidGrad {
  /** The derivative of sigmoid at x: e / (1 + e)^2, e = e^-|x|, as 1 / (E + 2 + 1 / E), E = e^|x|: no square of a
   *  rounded sum, and right in both tails. All is scaled by C = 1.5 2^-32 or 1.5 2^-256: the power of two keeps it in
   *  range, and the 1.5 keeps the sum, just above 4 near x = 0, from the low end of a binade, where its ULP is largest.
   *  1. |x| = n ln2 + r, |r| <= ln2/2; S = 2^n C, p = S expm1(r), C E = S + p.
   *  2. C (E + 2 + 1 / E) = (S + 2 C) + ((p + C / E) + lost), lost the rounding error of S + 2 C.
   *  Largest error: float32 1.92 ULP (all inputs), float64 1.89 ULP (a sweep of 6 million).
   */
  @inline vec<T>(x: v128): v128 {
    const table = sizeof<T>() == 4 ? SIGMOID_GRAD_F32 : SIGMOID_GRAD_F64;
    x = v128.pmin<T>(v128.abs<T>(x), Table.at<T>(table, 1));
    const shift = Table.at<T>(table, 0);
    const k = v128.add<T>(v128.mul<T>(x, ExpCore.log2e<T>()), shift);
    const r = ExpCore.remainder<T>(x, v128.sub<T>(k, shift));
    const s = v128.mul<T>(Bits.toExponent<T>(k), Table.at<T>(table, 2));
    const p = v128.mul<T>(s, ExpCore.expm1<T>(r));
    const inverse = v128.div<T>(Table.at<T>(table, 5), v128.add<T>(s, p)); // C / E = C^2 / (C E)
    const two = Table.at<T>(table, 4);
    const sum = v128.add<T>(s, two);
    const lost = v128.sub<T>(two, v128.sub<T>(sum, s));
    const rest = v128.add<T>(v128.add<T>(p, inverse), lost);
    return v128.div<T>(Table.at<T>(table, 3), v128.add<T>(sum, rest));
  }
}

/** straight + log(1 + e^-|x|).
 *  1. t = e^-|x| = 2^n (1 + expm1(r)), scaled up by 2^64 or 2^512 and down again, so that a subnormal t rounds once.
 *  2. t in [0, 1]: log(1 + t) = t - (h - s (h + z p(z))), h = t^2 / 2, s = t / (2 + t), z = s^2 (the form of fdlibm's
 *     e_log.c, with p over the whole of [0, 1] and so no second reduction).
 *  3. The straight part joins the small bracket, not the result: one rounding less of the size of the result.
 */
@final
@unmanaged
class SoftplusCore {
  @inline static vec<T>(x: v128, straight: v128): v128 {
    const table = sizeof<T>() == 4 ? SOFTPLUS_F32 : SOFTPLUS_F64;
    x = v128.pmax<T>(v128.or(x, Table.at<T>(table, 6)), Table.at<T>(table, 1));
    const shift = Table.at<T>(table, 0);
    const k = v128.add<T>(v128.mul<T>(x, ExpCore.log2e<T>()), shift);
    const r = ExpCore.remainder<T>(x, v128.sub<T>(k, shift));
    const p = v128.add<T>(Table.at<T>(table, 3), ExpCore.expm1<T>(r));
    const t = v128.mul<T>(v128.mul<T>(p, Bits.toExponent<T>(k)), Table.at<T>(table, 2));
    const s = v128.div<T>(t, v128.add<T>(t, Table.at<T>(table, 4)));
    const h = v128.mul<T>(v128.mul<T>(t, t), Table.at<T>(table, 5));
    const z = v128.mul<T>(s, s);
    const z2 = v128.mul<T>(z, z);
    const q = sizeof<T>() == 4 ? Poly.p5<T>(z, z2, LOG1P_UNIT_POLY_F32, 0) : Poly.p11<T>(z, z2, LOG1P_UNIT_POLY_F64, 0);
    const bracket = v128.sub<T>(h, v128.mul<T>(s, v128.add<T>(h, v128.mul<T>(z, q))));
    return v128.sub<T>(t, v128.sub<T>(bracket, straight));
  }
}

@final
@unmanaged
export class Softplus {
  /** log(1 + e^x) = max(x, 0) + log(1 + e^-|x|).
   *  Largest error: float32 1.96 ULP (all inputs), float64 1.87 ULP (sweeps of 6 million).
   */
  @inline vec<T>(x: v128): v128 {
    const zero = Table.at<T>(sizeof<T>() == 4 ? SOFTPLUS_F32 : SOFTPLUS_F64, 7);
    return SoftplusCore.vec<T>(x, v128.pmax<T>(x, zero));
  }
}

@final
@unmanaged
export class LogSigmoid {
  /** log(1 / (1 + e^-x)) = -softplus(-x), and as precise; the limit at infinity is -0. */
  @inline vec<T>(x: v128): v128 {
    const table = sizeof<T>() == 4 ? SOFTPLUS_F32 : SOFTPLUS_F64;
    const sign = Table.at<T>(table, 6);
    x = v128.xor(x, sign);
    return v128.xor(SoftplusCore.vec<T>(x, v128.pmax<T>(x, Table.at<T>(table, 7))), sign);
  }
}
