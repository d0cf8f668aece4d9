// Distances in units in the last place, in float32 and float64. Must not know the library.

export type FloatName = "float32" | "float64";

/** Digits behind the leading bit, and the least exponent of a normal number. */
const FORMATS = {
  float32: { digits: 23, least: -126, limit: 128 },
  float64: { digits: 52, least: -1022, limit: 1024 },
};

/** The distance from 1 to the next number. */
export const EPSILON: Readonly<Record<FloatName, number>> = { float32: 2 ** -23, float64: 2 ** -52 };

/** The least number above 0. */
export const TINY: Readonly<Record<FloatName, number>> = { float32: 2 ** -149, float64: 2 ** -1074 };

/** A number rounded to a dtype. */
export const ROUND: Readonly<Record<FloatName, (x: number) => number>> = { float32: Math.fround, float64: (x) => x };

const bits = new DataView(new ArrayBuffer(8));

/** The distance between neighbours around a finite x; for subnormals that of the least normal number. */
export function ulpOf(x: number, dtype: FloatName): number {
  bits.setFloat64(0, x);
  const exponent = ((bits.getUint32(0) >>> 20) & 0x7ff) - 1023;
  const { digits, least } = FORMATS[dtype];
  return 2 ** (Math.max(exponent, least) - digits);
}

function isNegative(x: number): boolean {
  return x < 0 || Object.is(x, -0);
}

/** Half an infinity reads as half the power of two that follows the greatest number, so that neighbours stay neighbours. */
function halved(x: number, dtype: FloatName): number {
  return Number.isFinite(x) ? x / 2 : Math.sign(x) * 2 ** (FORMATS[dtype].limit - 1);
}

/**
 * How far a result lies from the exact value, in units in the last place of that value. Infinite where the kinds differ:
 * NaN against a number, signs (of zeros too), or a zero that should not be one, or should.
 *
 * @param lost - what the exact value has beyond float64's digits, in its own units in the last place
 */
export function ulpError(got: number, exact: number, dtype: FloatName, lost = 0): number {
  if (Number.isNaN(exact) || Number.isNaN(got)) return Number.isNaN(exact) && Number.isNaN(got) ? 0 : Infinity;
  if (Object.is(got, exact) && lost === 0) return 0;
  if ((exact === 0 && lost === 0) || isNegative(got) !== isNegative(exact)) return Infinity;
  const beyond = Math.abs(exact) / 2 >= 2 ** (FORMATS[dtype].limit - 1);
  // A result far out of range must be infinite, and then it is right.
  if (beyond && !Number.isFinite(got)) return 0;
  const greatest = (2 - EPSILON[dtype]) * 2 ** (FORMATS[dtype].limit - 1);
  const unit = ulpOf(Math.min(Math.abs(exact), greatest), dtype);
  // Halves keep the greatest numbers in range, and would lose the last digit of the least.
  const distance =
    Math.abs(exact) > 1 ? (halved(got, dtype) - halved(exact, dtype)) / (unit / 2) : (got - exact) / unit;
  return Math.abs(distance - lost);
}
