// exp and expm1 per lane, and the reduction they share. Must not know shapes, tensors or loops.

import {
  EXP_F32,
  EXP_F64,
  EXPM1_BITS_F32,
  EXPM1_BITS_F64,
  EXPM1_F32,
  EXPM1_F64,
  EXPM1_POLY_F32,
  EXPM1_POLY_F64,
} from "./constants";
import { Bits, Poly, Table } from "./polynomials";

/** x = n ln2 + r with |r| <= ln2/2 (Cody and Waite 1980), and expm1(r). The nearest integer n comes from adding a shift
 *  of 1.5 2^23 or 1.5 2^52: the low bits of k = x log2(e) + shift are n plus the low bits of the shift, and so an
 *  exponent field, and n = k - shift exactly. */
@final
@unmanaged
export class ExpCore {
  @inline static log2e<T>(): v128 {
    return Table.at<T>(sizeof<T>() == 4 ? EXP_F32 : EXP_F64, 0);
  }
  @inline static ln2<T>(): v128 {
    return Table.at<T>(sizeof<T>() == 4 ? EXP_F32 : EXP_F64, 1);
  }
  @inline static ln2Rest<T>(): v128 {
    return Table.at<T>(sizeof<T>() == 4 ? EXP_F32 : EXP_F64, 2);
  }
  /** r = x - n ln2; n times the leading part of ln2 is exact. */
  @inline static remainder<T>(x: v128, n: v128): v128 {
    const high = v128.sub<T>(x, v128.mul<T>(n, ExpCore.ln2<T>()));
    return v128.sub<T>(high, v128.mul<T>(n, ExpCore.ln2Rest<T>()));
  }
  /** q of expm1(r) = r + r^2 q(r), |r| <= ln2/2, minimax of degree 4 or 9. */
  @inline static q<T>(r: v128, r2: v128): v128 {
    if (sizeof<T>() == 4) return Poly.p5<T>(r, r2, EXPM1_POLY_F32, 0);
    return Poly.p10<T>(r, r2, EXPM1_POLY_F64, 0);
  }
  /** expm1(r) - r. */
  @inline static expm1Tail<T>(r: v128): v128 {
    const r2 = v128.mul<T>(r, r);
    return v128.mul<T>(r2, ExpCore.q<T>(r, r2));
  }
  /** expm1(r), |r| <= ln2/2. */
  @inline static expm1<T>(r: v128): v128 {
    return v128.add<T>(r, ExpCore.expm1Tail<T>(r));
  }
}

@final
@unmanaged
export class Exp {
  /** e^x.
   *  1. Clamp x to where the result is neither 0 nor infinite, or just past it.
   *  2. x = n ln2 + r, |r| <= ln2/2, r = high - low, where high is exact.
   *  3. e^r = 1 + (high + (r^2 q(r) - low)).
   *  4. Times 2^n in two factors, each within range, so that subnormal results round once and 2^1024 is not met.
   *  Largest error: float32 0.94 ULP (all inputs), float64 0.96 ULP (a sweep of 5 million).
   */
  @inline vec<T>(x: v128): v128 {
    const table = sizeof<T>() == 4 ? EXP_F32 : EXP_F64;
    x = v128.pmax<T>(v128.pmin<T>(x, Table.at<T>(table, 5)), Table.at<T>(table, 4));
    const shift = Table.at<T>(table, 3);
    const k = v128.add<T>(v128.mul<T>(x, ExpCore.log2e<T>()), shift);
    const n = v128.sub<T>(k, shift);
    const high = v128.sub<T>(x, v128.mul<T>(n, ExpCore.ln2<T>()));
    return Exp.scaled<T>(k, high, v128.mul<T>(n, ExpCore.ln2Rest<T>()));
  }
  /** Steps 3 and 4, with r = high - low. */
  @inline static scaled<T>(k: v128, high: v128, low: v128): v128 {
    const tail = v128.sub<T>(ExpCore.expm1Tail<T>(v128.sub<T>(high, low)), low);
    const p = v128.add<T>(Table.at<T>(sizeof<T>() == 4 ? EXP_F32 : EXP_F64, 6), v128.add<T>(high, tail));
    const half = Bits.half<T>(k); // n / 2 + bias; what is left of k is n - n / 2 + bias
    const product = v128.mul<T>(p, Bits.toExponent<T>(half));
    return v128.mul<T>(product, Bits.toExponent<T>(Bits.sub<T>(k, half)));
  }
}

@final
@unmanaged
export class Expm1 {
  /** e^x - 1.
   *  1. x = n ln2 + r, |r| <= ln2/2, r = high - low, where high is exact.
   *  2. e^x - 1 = 2^n ((high - (2^-n - 1)) + (r^2 q(r) - low)): the first difference is exact where the terms cancel.
   *  3. Times 2, times 2^(n - 1), which is never infinite; the sign of zero is that of x.
   *  Largest error: float32 1.26 ULP (all inputs), float64 1.24 ULP (a sweep of 4 million).
   */
  @inline vec<T>(x: v128): v128 {
    const table = sizeof<T>() == 4 ? EXPM1_F32 : EXPM1_F64;
    const bits = sizeof<T>() == 4 ? EXPM1_BITS_F32 : EXPM1_BITS_F64;
    const sign = v128.and(x, Table.at<T>(table, 6));
    x = v128.pmax<T>(v128.pmin<T>(x, Table.at<T>(table, 2)), Table.at<T>(table, 1));
    const shift = Table.at<T>(table, 0);
    const k = v128.add<T>(v128.mul<T>(x, ExpCore.log2e<T>()), shift);
    const n = v128.sub<T>(k, shift);
    const high = v128.sub<T>(x, v128.mul<T>(n, ExpCore.ln2<T>()));
    const low = v128.mul<T>(n, ExpCore.ln2Rest<T>());
    const tail = v128.sub<T>(ExpCore.expm1Tail<T>(v128.sub<T>(high, low)), low);
    const scale = Bits.toExponent<T>(k);
    const inverse = Bits.sub<T>(Table.at<T>(bits, 0), scale); // 2^(1 - n), or 0 where n is the largest
    const difference = v128.sub<T>(v128.mul<T>(inverse, Table.at<T>(table, 4)), Table.at<T>(table, 3));
    const p = v128.add<T>(v128.sub<T>(high, difference), tail);
    return v128.or(v128.mul<T>(v128.mul<T>(p, Table.at<T>(table, 5)), scale), sign);
  }
}
