// Compares what contenders computed, whole or by digest. Must not know who computed it, nor time.

/** One result, row by row. */
export type Numbers = Float32Array | Float64Array;

/**
 * A result in brief, as another process sends it: the means of equal chunks and the first element of each. A result of
 * no more than DIGEST_CHUNKS elements is its own digest.
 */
export interface Digest {
  readonly size: number;
  readonly means: readonly number[];
  readonly firsts: readonly number[];
}

/** Enough that one element off by 0.1 still moves a mean of 25 million elements by more than float32's rounding. */
export const DIGEST_CHUNKS = 4096;

/** The digest of a result; the workers in other languages cut the same chunks: chunk c starts at floor(c size / chunks). */
export function digestOf(values: Numbers): Digest {
  const size = values.length;
  const chunks = Math.min(size, DIGEST_CHUNKS);
  const start = (chunk: number): number => Math.floor((chunk * size) / chunks);
  const means: number[] = [];
  const firsts: number[] = [];
  for (let chunk = 0; chunk < chunks; chunk++) {
    const [from, to] = [start(chunk), start(chunk + 1)];
    let sum = 0;
    for (let i = from; i < to; i++) sum += values[i]!;
    means.push(sum / (to - from));
    firsts.push(values[from]!);
  }
  return { size, means, firsts };
}

/** The largest magnitude, which errors are measured against: sums of terms that cancel are no better than that. */
export function magnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
}

/** Where two lists of numbers differ by more than an absolute tolerance, NaN always; undefined if nowhere. */
function difference(expected: ArrayLike<number>, actual: ArrayLike<number>, tolerance: number): string | undefined {
  for (let i = 0; i < expected.length; i++) {
    // Negated, so that a NaN counts as a difference.
    if (!(Math.abs(expected[i]! - actual[i]!) <= tolerance)) return `[${i}] is ${actual[i]} instead of ${expected[i]}`;
  }
  return undefined;
}

/**
 * What is wrong with results, compared with those of the first contender; undefined if nothing is.
 * @param tolerance relative to the largest magnitude of each expected result
 */
export function findDifference(
  expected: readonly Numbers[],
  actual: readonly Numbers[] | readonly Digest[],
  tolerance: number,
): string | undefined {
  if (expected.length !== actual.length) return `${actual.length} results instead of ${expected.length}`;
  for (let r = 0; r < expected.length; r++) {
    const want = expected[r]!;
    const have = actual[r]!;
    const limit = tolerance * magnitude(want);
    const size = "size" in have ? have.size : have.length;
    let problem: string | undefined;
    if (size !== want.length) problem = `has ${size} elements instead of ${want.length}`;
    else if (!("size" in have)) problem = difference(want, have, limit);
    else {
      const digest = digestOf(want);
      const means = difference(digest.means, have.means, limit);
      problem = difference(digest.firsts, have.firsts, limit) ?? (means && `mean of chunk ${means}`);
    }
    if (problem !== undefined) return `result ${r}: ${problem}`;
  }
  return undefined;
}
