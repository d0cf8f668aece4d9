// x to the power y, per lane. Must not know shapes, tensors or loops.

import { EXP_F64, LOG_F32, LOG_F64, POWER_BITS_F64, POWER_F64, POWER_LOG_POLY_F64 } from "./constants";
import { Exp, ExpCore } from "./exp";
import { Bits, Poly, Table } from "./polynomials";
import { LogCore } from "./log";

/** x^y in lanes of float64, as precise as T needs; x = 2^k m, m in [sqrt(1/2), sqrt(2)]. */
@final
@unmanaged
class PowerCore {
  /** The leading 26 bits, so that a product of two heads is exact (Veltkamp and Dekker, by a mask). */
  @inline static head(x: v128): v128 {
    return v128.and(x, Table.at<f64>(POWER_BITS_F64, 0));
  }
  /** A |y| above 2^70 gives 0, 1 or infinity as its clamp does; so infinity times log(1) is not met. */
  @inline static clamped(y: v128): v128 {
    return v128.pmax<f64>(v128.pmin<f64>(y, Table.at<f64>(POWER_F64, 0)), Table.at<f64>(POWER_F64, 1));
  }
  /** log x as precise as float32 needs, and the float64 kernel's: to a rounding error. */
  @inline static log(k: v128, m: v128): v128 {
    return LogCore.vec<f64>(k, m, LogCore.kLn2Rest<f64>(k));
  }
  @inline static vec<T>(k: v128, m: v128, y: v128): v128 {
    y = PowerCore.clamped(y);
    if (sizeof<T>() == 8) return PowerCore.precise(k, m, y);
    return changetype<Exp>(0).vec<f64>(v128.mul<f64>(y, PowerCore.log(k, m)));
  }
  /** e^(y log x) with log x and the product in two parts (the plan of fdlibm's e_pow.c).
   *  1. s = f / (2 + f), f = m - 1, in two parts: the head of the quotient and its exact remainder.
   *  2. log(m) = (2/3) s (3 + z + z^2 q(z)), z = s^2; only z^2 q(z) is rounded to one part.
   *  3. log(x) = k ln2 + log(m) and y log(x) = p + q, p exact.
   *  4. e^(p + q) = 2^n e^r, with the rounding errors of r added to the tail of e^r. */
  @inline static precise(k: v128, m: v128, y: v128): v128 {
    const one = Table.at<f64>(LOG_F64, 1);
    const f = v128.sub<f64>(m, one);
    const d = v128.add<f64>(m, one);
    const dHead = PowerCore.head(d);
    const dTail = v128.sub<f64>(m, v128.sub<f64>(dHead, one));
    const inverse = v128.div<f64>(one, d);
    const s = v128.mul<f64>(f, inverse);
    const sHead = PowerCore.head(s);
    const remainder = v128.sub<f64>(v128.sub<f64>(f, v128.mul<f64>(sHead, dHead)), v128.mul<f64>(sHead, dTail));
    const sTail = v128.mul<f64>(remainder, inverse);

    const three = Table.at<f64>(POWER_F64, 2);
    const zHead = v128.mul<f64>(sHead, sHead);
    const zTail = v128.mul<f64>(sTail, v128.add<f64>(sHead, s));
    const z = v128.add<f64>(zHead, zTail);
    const z2 = v128.mul<f64>(z, z);
    const rest = v128.add<f64>(v128.mul<f64>(z2, Poly.p8<f64>(z, z2, POWER_LOG_POLY_F64, 0)), zTail);
    const tHead = PowerCore.head(v128.add<f64>(v128.add<f64>(three, zHead), rest));
    const tTail = v128.sub<f64>(rest, v128.sub<f64>(v128.sub<f64>(tHead, three), zHead));

    const u = v128.mul<f64>(sHead, tHead);
    const v = v128.add<f64>(v128.mul<f64>(sTail, tHead), v128.mul<f64>(tTail, s));
    const pHead = PowerCore.head(v128.add<f64>(u, v));
    const pTail = v128.sub<f64>(v, v128.sub<f64>(pHead, u));
    const w = v128.mul<f64>(Table.at<f64>(POWER_F64, 3), pHead);
    const wTail = v128.add<f64>(
      v128.mul<f64>(Table.at<f64>(POWER_F64, 4), pHead),
      v128.mul<f64>(Table.at<f64>(POWER_F64, 5), pTail),
    );

    const kLog = v128.mul<f64>(k, ExpCore.ln2<f64>());
    const log = v128.add<f64>(kLog, w);
    const logRest = v128.add<f64>(
      v128.add<f64>(v128.sub<f64>(kLog, log), w),
      v128.add<f64>(wTail, LogCore.kLn2Rest<f64>(k)),
    );
    const logHead = PowerCore.head(v128.add<f64>(log, logRest));
    const logTail = v128.sub<f64>(logRest, v128.sub<f64>(logHead, log));
    const yHead = PowerCore.head(y);
    const p = v128.mul<f64>(yHead, logHead);
    const q = v128.add<f64>(v128.mul<f64>(v128.sub<f64>(y, yHead), logHead), v128.mul<f64>(y, logTail));
    const sum = v128.add<f64>(p, q);

    const t = v128.pmax<f64>(v128.pmin<f64>(sum, Table.at<f64>(EXP_F64, 5)), Table.at<f64>(EXP_F64, 4));
    const lost = v128.and(v128.sub<f64>(q, v128.sub<f64>(sum, p)), v128.eq<f64>(t, sum));
    const shift = Table.at<f64>(EXP_F64, 3);
    const turns = v128.add<f64>(v128.mul<f64>(t, ExpCore.log2e<f64>()), shift);
    const n = v128.sub<f64>(turns, shift);
    const high = v128.sub<f64>(t, v128.mul<f64>(n, ExpCore.ln2<f64>()));
    return Exp.scaled<f64>(turns, high, v128.sub<f64>(v128.mul<f64>(n, ExpCore.ln2Rest<f64>()), lost));
  }
}

@final
@unmanaged
export class Power {
  /** x^y as C99's pow. Only positive x and y that are numbers take the short way; float32 goes through float64 lanes,
   *  where the two halves are computed side by side (in turn they take half as long again).
   *  A call, not inlined: its branches keep the loop's four vectors apart anyway.
   *  Largest error: float32 0.50 ULP, float64 1.00 ULP (sweeps of 3.6 million pairs each, all special cases of C99). */
  vec<T>(x: v128, y: v128): v128 {
    const least = Table.at<T>(sizeof<T>() == 4 ? LOG_F32 : LOG_F64, 6);
    const infinity = Table.at<T>(sizeof<T>() == 4 ? LOG_F32 : LOG_F64, 7);
    const normal = v128.and(v128.ge<T>(x, least), v128.lt<T>(x, infinity));
    const regular = Bits.all<T>(v128.and(normal, v128.eq<T>(y, y)));
    if (sizeof<T>() == 8) {
      if (!regular) return Power.special<T>(x, y);
      const moved = LogCore.moved<f64>(x);
      return PowerCore.precise(LogCore.exponent<f64>(moved), LogCore.fraction<f64>(moved), PowerCore.clamped(y));
    }
    const x0 = f64x2.promote_low_f32x4(x);
    const x1 = f64x2.promote_low_f32x4(v128.shuffle<u64>(x, x, 1, 0));
    const y0 = f64x2.promote_low_f32x4(y);
    const y1 = f64x2.promote_low_f32x4(v128.shuffle<u64>(y, y, 1, 0));
    if (!regular) return Power.joined(Power.special<T>(x0, y0), Power.special<T>(x1, y1));
    const moved0 = LogCore.moved<f64>(x0);
    const moved1 = LogCore.moved<f64>(x1);
    const log0 = PowerCore.log(LogCore.exponent<f64>(moved0), LogCore.fraction<f64>(moved0));
    const log1 = PowerCore.log(LogCore.exponent<f64>(moved1), LogCore.fraction<f64>(moved1));
    return Power.joined(
      changetype<Exp>(0).vec<f64>(v128.mul<f64>(PowerCore.clamped(y0), log0)),
      changetype<Exp>(0).vec<f64>(v128.mul<f64>(PowerCore.clamped(y1), log1)),
    );
  }
  /** Two vectors of float64 as one of float32. */
  @inline static joined(low: v128, high: v128): v128 {
    return v128.shuffle<u64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
  }
  /** Any x and y, in float64 lanes, as precise as T needs. */
  static special<T>(x: v128, y: v128): v128 {
    const zero = v128.splat<f64>(0);
    const one = Table.at<f64>(LOG_F64, 1);
    const infinity = Table.at<f64>(LOG_F64, 7);
    const sign = v128.and(x, Table.at<f64>(LOG_F64, 11));
    const size = v128.xor(x, sign);
    const small = v128.lt<f64>(size, Table.at<f64>(LOG_F64, 6));
    const moved = LogCore.moved<f64>(v128.bitselect(v128.mul<f64>(size, Table.at<f64>(LOG_F64, 8)), size, small));
    const k = v128.sub<f64>(LogCore.exponent<f64>(moved), v128.and(small, Table.at<f64>(LOG_F64, 9)));
    let result = PowerCore.vec<T>(k, LogCore.fraction<f64>(moved), y);
    // 0 and infinity, to a positive and to a negative power
    const none = v128.eq<f64>(size, zero);
    const edge = v128.and(infinity, v128.xor(none, v128.gt<f64>(y, zero)));
    result = v128.bitselect(edge, result, v128.or(none, v128.eq<f64>(size, infinity)));
    // negative x: odd powers keep the sign, fractions are NaN
    const half = v128.mul<f64>(y, Table.at<f64>(LOG_F64, 3));
    const whole = v128.eq<f64>(v128.nearest<f64>(y), y);
    const odd = v128.andnot(whole, v128.eq<f64>(v128.nearest<f64>(half), half));
    result = v128.or(result, v128.and(sign, odd));
    const negative = v128.and(v128.lt<f64>(x, zero), v128.lt<f64>(size, infinity));
    result = v128.or(result, v128.andnot(negative, whole)); // all ones is a NaN
    result = v128.or(result, v128.or(v128.ne<f64>(x, x), v128.ne<f64>(y, y)));
    // 1 to any power and any x to the power 0, NaN included
    return v128.bitselect(one, result, v128.or(v128.eq<f64>(x, one), v128.eq<f64>(y, zero)));
  }
}
