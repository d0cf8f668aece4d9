// tanh per lane. Must not know shapes, tensors or loops.

import { TANH_F32, TANH_F64, TANH_POLY_F32, TANH_POLY_F64 } from "./constants";
import { Bits, Poly, Table } from "./polynomials";

@final
@unmanaged
export class Tanh {
  /** tanh(x) by the addition theorem, without a branch on the size of x.
   *  1. |x| = n ln2/2 + b, |b| <= ln2/4, and tanh(n ln2/2) = (A - 1) / (A + 1) with A = 2^n, exactly.
   *  2. t = tanh(b) = b + b z q(z), z = b^2: an odd minimax polynomial.
   *  3. The theorem's quotient is (t (A + 1) + A - 1) / ((A + 1) + t (A - 1)). P = min(n/4, 1), a number of few bits
   *     near tanh(n ln2/2), is taken out: tanh(x) = P + (t X + Y) / ((A + 1) + t (A - 1)) with
   *     X, Y = A (1 - P) +- (1 + P) exact, so that the rounding errors of the quotient count little. Near 0 this is t,
   *     subnormals included. (Without P the largest error is 2.4 ULP; the expm1 form reaches 2.2.)
   *  4. The sign is that of x.
   *  Largest error: float32 1.59 ULP (all inputs), float64 1.60 ULP (a sweep of 5 million).
   */
  @inline vec<T>(x: v128): v128 {
    const table = sizeof<T>() == 4 ? TANH_F32 : TANH_F64;
    const sign = v128.and(x, Table.at<T>(table, 6));
    x = v128.pmin<T>(v128.xor(x, sign), Table.at<T>(table, 4));
    const shift = Table.at<T>(table, 3);
    const k = v128.add<T>(v128.mul<T>(x, Table.at<T>(table, 0)), shift);
    const n = v128.sub<T>(k, shift);
    const high = v128.sub<T>(x, v128.mul<T>(n, Table.at<T>(table, 1)));
    const low = v128.mul<T>(n, Table.at<T>(table, 2));
    const b = v128.sub<T>(high, low);
    const z = v128.mul<T>(b, b);
    const z2 = v128.mul<T>(z, z);
    const q = sizeof<T>() == 4 ? Poly.p3<T>(z, z2, TANH_POLY_F32, 0) : Poly.p7<T>(z, z2, TANH_POLY_F64, 0);
    const t = v128.add<T>(high, v128.sub<T>(v128.mul<T>(v128.mul<T>(b, z), q), low)); // high is exact, b is not
    const one = Table.at<T>(table, 5);
    const power = Bits.toExponent<T>(k);
    const below = v128.add<T>(v128.add<T>(power, one), v128.mul<T>(t, v128.sub<T>(power, one)));
    const near = v128.pmin<T>(v128.mul<T>(n, Table.at<T>(table, 7)), one);
    const rest = v128.mul<T>(power, v128.sub<T>(one, near));
    const more = v128.add<T>(one, near);
    const above = v128.add<T>(v128.mul<T>(t, v128.add<T>(rest, more)), v128.sub<T>(rest, more));
    return v128.or(v128.add<T>(near, v128.div<T>(above, below)), sign);
  }
}
