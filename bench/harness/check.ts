// Compares what contenders computed, whole or by digest. Must not know who computed it, nor time.
import type { Numbers } from "./table.js";

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
  const starts = Array.from({ length: chunks }, (_, chunk) => Math.floor((chunk * size) / chunks));
  const means = starts.map((start, chunk) => {
    const end = starts[chunk + 1] ?? size;
    let sum = 0;
    for (let i = start; i < end; i++) sum += values[i]!;
    return sum / (end - start);
  });
  return { size, means, firsts: starts.map((start) => values[start]!) };
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

/** What is wrong with one result: see `findDifference`. */
function problemOf(want: Numbers, have: Numbers | Digest, limit: number): string | undefined {
  const brief = "size" in have;
  const size = brief ? have.size : have.length;
  if (size !== want.length) return `has ${size} elements instead of ${want.length}`;
  if (!brief) return difference(want, have, limit);
  const digest = digestOf(want);
  const means = difference(digest.means, have.means, limit);
  return difference(digest.firsts, have.firsts, limit) ?? (means && `mean of chunk ${means}`);
}

/**
 * What is wrong with results, compared with those of the first contender; undefined if nothing is.
 * @param tolerance relative to the largest magnitude of each expected result
 */
export function findDifference(
  expected: readonly Numbers[],
  actual: readonly (Numbers | Digest)[],
  tolerance: number,
): string | undefined {
  if (expected.length !== actual.length) return `${actual.length} results instead of ${expected.length}`;
  for (const [r, want] of expected.entries()) {
    const problem = problemOf(want, actual[r]!, tolerance * magnitude(want));
    if (problem !== undefined) return `result ${r}: ${problem}`;
  }
  return undefined;
}
