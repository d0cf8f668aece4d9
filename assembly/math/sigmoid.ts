// sigmoid, its derivative, softplus and log-sigmoid per lane. Must not know shapes, tensors or loops.

import {
  SIGMOID_F32,
  SIGMOID_F64,
  SIGMOID_GRAD_F32,
  SIGMOID_GRAD_F64,
  SIGMOID_POLY_F32,
  SIGMOID_POLY_F64,
  SOFTPLUS_EXP_POLY_F32,
  SOFTPLUS_EXP_POLY_F64,
  SOFTPLUS_F32,
  SOFTPLUS_F64,
  SOFTPLUS_LOG_POLY_F32,
  SOFTPLUS_LOG_POLY_F64,
} from "./constants";
import { ExpCore } from "./exp";
import { Bits, Poly, Table } from "./polynomials";

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

@final
@unmanaged
export class Silu {
  /** x / (1 + E), E = e^-x.
   *  1. -x = n ln2 + r, |r| <= ln2/2; E = 2^n (1 + p), p = expm1(r). The numerator is exact.
   *  2. 1 + E = (1 + 2^n) + (2^n p + lost), lost the rounding error of 1 + 2^n.
   *  3. Below -60 or -500 the denominator is scaled by 2^-64 or 2^-512, and so is the quotient: E stays finite, and a subnormal
   *     result is rounded from a normal quotient. The limit at -infinity is -0.
   */
  @inline vec<T>(x: v128): v128 {
    const far = sizeof<T>() == 4 ? <T>64 : <T>512;
    const top = v128.pmax<T>(x, v128.splat<T>(sizeof<T>() == 4 ? <T>-120 : <T>-760));
    const bound = v128.pmin<T>(top, v128.splat<T>(sizeof<T>() == 4 ? <T>80 : <T>700));
    const isFar = v128.lt<T>(bound, v128.splat<T>(sizeof<T>() == 4 ? <T>-60 : <T>-500));
    const one = v128.bitselect(
      v128.splat<T>(sizeof<T>() == 4 ? <T>5.421010862427522e-20 : <T>7.458340731200207e-155),
      v128.splat<T>(<T>1),
      isFar,
    );
    const shift = v128.splat<T>(sizeof<T>() == 4 ? <T>12583039 : <T>6755399441056767); // 1.5 2^23 or 2^52, and the bias
    const k = v128.sub<T>(shift, v128.mul<T>(bound, ExpCore.log2e<T>()));
    const r = ExpCore.remainder<T>(v128.neg<T>(bound), v128.sub<T>(k, shift));
    const s = Bits.toExponent<T>(v128.sub<T>(k, v128.and(isFar, v128.splat<T>(far))));
    const sum = v128.add<T>(one, s);
    const large = v128.pmax<T>(one, s);
    const lost = v128.sub<T>(v128.pmin<T>(one, s), v128.sub<T>(sum, large));
    const rest = v128.add<T>(v128.mul<T>(s, ExpCore.expm1<T>(r)), lost);
    return v128.mul<T>(v128.div<T>(top, v128.add<T>(sum, rest)), one);
  }
}

/** straight + log(1 + e^-|x|) where two is 2, straight - log(1 + e^-|x|) where it is -2.
 *  1. t = e^-|x| = 2^n e^r, |r| <= ln2/2, and e^r = above / below as of Sigmoid. With half = 2^(n - 1) above, and all of it
 *     times C = 1.64 2^64 or 2^512, which keeps it normal, log(1 + t) = 2 atanh(t / (2 + t)) = s (1 + z p(z)),
 *     s = 2 half / (below + half) in [0, 2/3], z = s^2: one division for e^-|x| and the logarithm, and a subnormal result is
 *     rounded once, by that division.
 *  2. The rounding errors of above and of the sum are known exactly, for in both the first term is the larger, and join
 *     z p(z) while the division runs. They count about alike, over the sum, and for 1 / sum, which is 0.6 / C to 1.2 / C,
 *     0.9 / C will do. (The sum's alone: float32 2.002 ULP; neither: 2.2.)
 *  3. The straight part joins the small product, not the result: one rounding less of the size of the result.
 */
@final
@unmanaged
class SoftplusCore {
  @inline static vec<T>(x: v128, straight: v128, two: v128): v128 {
    const table = sizeof<T>() == 4 ? SOFTPLUS_F32 : SOFTPLUS_F64;
    x = v128.pmax<T>(v128.or(x, Table.at<T>(table, 8)), Table.at<T>(table, 1));
    const shift = Table.at<T>(table, 0);
    const k = v128.add<T>(v128.mul<T>(x, ExpCore.log2e<T>()), shift);
    const r = ExpCore.remainder<T>(x, v128.sub<T>(k, shift));
    const r2 = v128.mul<T>(r, r);
    const w =
      sizeof<T>() == 4
        ? Poly.p2<T>(r2, SOFTPLUS_EXP_POLY_F32, 0)
        : Poly.p5<T>(r2, v128.mul<T>(r2, r2), SOFTPLUS_EXP_POLY_F64, 0);
    const odd = v128.mul<T>(r, Table.at<T>(table, 3));
    const below = v128.add<T>(v128.sub<T>(Table.at<T>(table, 2), odd), v128.mul<T>(r2, w));
    const twice = v128.add<T>(odd, odd);
    const above = v128.add<T>(below, twice);
    const half = Bits.add<T>(above, Bits.toExponent<T>(k));
    const sum = v128.add<T>(below, half);
    const lostAbove = v128.sub<T>(twice, v128.sub<T>(above, below));
    const lost = v128.sub<T>(lostAbove, v128.sub<T>(half, v128.sub<T>(sum, below)));
    const s = v128.div<T>(v128.mul<T>(half, two), sum);
    const z = v128.mul<T>(s, s);
    const z2 = v128.mul<T>(z, z);
    const p =
      sizeof<T>() == 4 ? Poly.p4<T>(z, z2, SOFTPLUS_LOG_POLY_F32, 0) : Poly.p9<T>(z, z2, SOFTPLUS_LOG_POLY_F64, 0);
    const small = v128.add<T>(v128.mul<T>(z, p), v128.mul<T>(lost, Table.at<T>(table, 4)));
    return v128.add<T>(s, v128.add<T>(v128.mul<T>(s, small), straight));
  }
}

@final
@unmanaged
export class Softplus {
  /** log(1 + e^x) = max(x, 0) + log(1 + e^-|x|).
   *  Largest error: float32 1.67 ULP (all inputs), float64 1.81 ULP (a sweep of 42 million).
   */
  @inline vec<T>(x: v128): v128 {
    const table = sizeof<T>() == 4 ? SOFTPLUS_F32 : SOFTPLUS_F64;
    return SoftplusCore.vec<T>(x, v128.pmax<T>(x, Table.at<T>(table, 7)), Table.at<T>(table, 5));
  }
}

@final
@unmanaged
export class LogSigmoid {
  /** log(1 / (1 + e^-x)) = min(x, 0) - log(1 + e^-|x|) = -softplus(-x), bit for bit; the limit at infinity is -0, hence the
   *  sign bit. */
  @inline vec<T>(x: v128): v128 {
    const table = sizeof<T>() == 4 ? SOFTPLUS_F32 : SOFTPLUS_F64;
    const sign = Table.at<T>(table, 8);
    return v128.or(SoftplusCore.vec<T>(x, v128.pmin<T>(x, sign), Table.at<T>(table, 6)), sign);
  }
}
