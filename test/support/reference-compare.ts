// Results held against references, with a message that names the worst element. Must not know ops or the test runner.
import type { DType } from "../../src/index.js";
import type { Nd } from "./reference.js";
import { EPSILON, type FloatName, ROUND, TINY, ulpError } from "./ulp.js";

/** What a result should be, and how far it may be off: by `slack` epsilons, element by element, or by the op's own ULPs. */
export interface Expected {
  readonly value: Nd;
  readonly slack?: Nd | undefined;
}

/** Anything with the face of a tensor. */
export interface Result {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: ArrayLike<number>;
}

/** ULPs that are allowed, by dtype; 0 stands for correctly rounded. */
export type Ulps = Readonly<Record<FloatName, number>>;

function show(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** By how many times a float result misses its bound; 0 to 1 passes. */
function excess(got: number, { value, slack }: Expected, i: number, dtype: FloatName, ulps: Ulps): number {
  const exact = value.data[i]!;
  if (slack === undefined) {
    if (ulps[dtype] === 0) {
      const rounded = ROUND[dtype](exact);
      return Object.is(got, rounded) || (Number.isNaN(got) && Number.isNaN(rounded)) ? 0 : Infinity;
    }
    return ulpError(got, exact, dtype) / ulps[dtype];
  }
  if (!Number.isFinite(exact) || !Number.isFinite(got)) return Object.is(got, ROUND[dtype](exact)) ? 0 : Infinity;
  // The least number besides, for products that have gone below the normal range.
  return Math.abs(got - exact) / (slack.data[i]! * EPSILON[dtype] + 8 * TINY[dtype]);
}

/** What is wrong with a result; undefined where nothing is. */
export function mismatch(result: Result, expected: Expected, dtype: DType, ulps: Ulps): string | undefined {
  const { value } = expected;
  if (result.dtype !== dtype) return `dtype ${result.dtype}, expected ${dtype}`;
  if (show(result.shape) !== show(value.shape)) return `shape ${show(result.shape)}, expected ${show(value.shape)}`;
  let worst = 1;
  let at = -1;
  for (let i = 0; i < value.data.length; i++) {
    const got = result.data[i]!;
    const off = dtype === "int32" ? (got === value.data[i] ? 0 : Infinity) : excess(got, expected, i, dtype, ulps);
    if (!(off <= worst)) {
      worst = off;
      at = i;
      if (off === Infinity) break;
    }
  }
  if (at < 0) return undefined;
  return `element ${at}: got ${result.data[at]}, expected ${value.data[at]}: ${worst.toPrecision(3)} times its bound`;
}

/** @throws Error where the result misses its bound, named by `what` */
export function assertMatches(result: Result, expected: Expected, dtype: DType, ulps: Ulps, what: string): void {
  const wrong = mismatch(result, expected, dtype, ulps);
  if (wrong !== undefined) throw new Error(`${what}: ${wrong}`);
}

/** @throws Error where two results differ in a single bit, save that any NaN equals any other */
export function assertSameBits(got: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  if (got.length !== expected.length) throw new Error(`${what}: ${got.length} elements, expected ${expected.length}`);
  for (let i = 0; i < expected.length; i++) {
    if (!Object.is(got[i], expected[i]))
      throw new Error(`${what}: element ${i}: got ${got[i]}, expected ${expected[i]}`);
  }
}
