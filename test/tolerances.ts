// The one table of all tolerances. Must hold only numbers and their purposes.
import type { Ulps } from "./support/reference-compare.js";

/** Errors of elementwise ops in units in the last place; 0 stands for correctly rounded. */
export const ulps = {
  /** One rounding, or a documented sequence of them that the reference repeats. */
  exact: { float32: 0, float64: 0 },
  /**
   * At most 2 are promised. In float32 JavaScript's Math, in float64, is exact for the purpose; in float64 it is off by 1
   * itself, and composed references by up to 2: hence 4 here, and the strict 2 against golden values of 60 digits.
   */
  transcendental: { float32: 2, float64: 4 },
  /** The promise itself, against golden values and over all float32 inputs. */
  promised: { float32: 2, float64: 2 },
} as const satisfies Record<string, Ulps>;

/** Errors of sums in epsilons of the sum of the absolute terms. */
export const sums = {
  /** Rounds of a block that are added one after the other, the fold of its lanes, and the levels above it. */
  blocked: (n: number): number => Math.min(n, 128 + 8 + Math.log2(Math.max(n, 2))),
  /** A product over k terms, and the bias. */
  product: (k: number): number => k + 1,
  /** A few roundings more, for the ops around a sum: exponentials of 2 ULP, a logarithm, a quotient. */
  extra: 8,
} as const;

export const gradients = {
  /** Step of the four-point central difference: its error is of the order step^4, the rounding's of epsilon / step. */
  step: 1e-3,
  /** Relative to 1 + the slope. */
  first: 1e-8,
  /** Of gradients' differences. */
  second: 1e-7,
  /** float32 against float64, relative to the greatest element: some dozens of roundings. */
  float32: 1e-5,
  /** Distance from a kink, and between elements that must not tie: well above two steps along a direction. */
  clearance: 0.05,
} as const;

/** Against NumPy and SciPy: their results are as rounded as ours. */
export const golden = { relative: 1e-13, float32: 2e-6 } as const;

/** Normal numbers against Box and Muller's transform in JavaScript; absolute: radii are below 9. */
export const randomNumbers = { float32: 2e-6, float64: 1e-14 } as const;

/** Optimizers against their formulas in float64, relative to 1 + the value: a dozen roundings a step. */
export const optimizers = { float32: 2e-6, float64: 1e-14 } as const;

/** Identities between ops, in epsilons for each term that is summed. */
export const identities = { perTerm: 4 } as const;

/** Minima against SciPy's: both stop somewhere within their tolerances. */
export const minima = { position: 1e-5, value: 1e-9, float32: 2e-3 } as const;

/**
 * `minimize` beside SciPy, relative to max(1, |f|): the problems' formulas, the minima in float64 (two searches of the same steps end
 * apart by rounding), and float32's minima beside float64's.
 */
export const minimize = { formula: 1e-10, float64: 1e-7, float32: 1e-4 } as const;

/** The sparse autoencoder against NumPy and plain JavaScript, relative; and what 400 iterations must reach (SciPy: 1.7504). */
export const autoencoder = { relative: 1e-10, trained: 1.77 } as const;

/** Numbers in the docstrings' examples, relative: what float32 rounds. */
export const documentation = { relative: 1e-6 } as const;

/** Random programs against the oracle, whose ops are given random errors of the size of `noise` to see how far results move. */
export const programs = {
  noise: { float32: 2 ** -22, float64: 2 ** -50 },
  /** Runs with such errors. */
  samples: 3,
  /** Times the greatest move. */
  factor: 64,
  /** The least distance from a jump for which it is known on which side a result is. */
  clearance: { float32: 1e-4, float64: 1e-9 },
  /** Greater values, and less certain ones, are not judged. */
  scale: 1e6,
  vague: 0.02,
} as const;
