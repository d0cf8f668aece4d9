// The search direction of L-BFGS, over lists of tensors as vectors. Must not know the function to minimise.
import { abs, add, div, mul, sub } from "../ops/arithmetic.js";
import { max, sum } from "../ops/reduce.js";
import { scope } from "../tensor/scope.js";
import type { AnyTensor } from "../tensor/tensor.js";

/** Tensors of floats, in the order of a structure. */
export type Vector = readonly AnyTensor[];

/** One remembered step: s = x' - x and y = g' - g, both scaled to length 1. */
export interface Pair {
  readonly s: Vector;
  readonly y: Vector;
  /** <y, s> after scaling. */
  readonly cosine: number;
  /** |s| / |y| before scaling. */
  readonly ratio: number;
}

/** a + t b. */
export const along = (a: Vector, b: Vector, t: number): AnyTensor[] =>
  scope(() => a.map((x, i) => add(x, mul(b[i]!, t))));

/** The greatest absolute value of an element. */
export const largest = (a: Vector): number =>
  scope(() => a.reduce((most, x) => Math.max(most, x.size === 0 ? 0 : max(abs(x)).item()), 0));

/** a - b. */
export const minus = (a: Vector, b: Vector): AnyTensor[] => a.map((x, i) => sub(x, b[i]!));

const over = (a: Vector, t: number): AnyTensor[] => a.map((x) => div(x, t));

const product = (a: Vector, b: Vector): number =>
  scope(() => a.reduce((total, x, i) => total + sum(mul(x, b[i]!)).item(), 0));

/** <a, b> / m / n, m and n. The scales m and n keep products of elements from overflow and underflow, also in float32. Usually both are 1. */
function scaled(a: Vector, b: Vector): readonly [product: number, m: number, n: number] {
  const plain = product(a, b);
  if (Math.abs(plain) > 1e-25 && Math.abs(plain) < 1e35) return [plain, 1, 1];
  const [m, n] = [largest(a), largest(b)];
  if (!(m > 0 && m < Infinity && n > 0 && n < Infinity)) return [plain, 1, 1];
  return [scope(() => product(over(a, m), over(b, n))), m, n];
}

/** <a, b>. */
export function dot(a: Vector, b: Vector): number {
  const [p, m, n] = scaled(a, b);
  return p * m * n;
}

/** The square root of <a, a>. */
export function norm(a: Vector): number {
  const [p, m] = scaled(a, a);
  return Math.sqrt(p) * m;
}

/** The curvature along a step from `a` to `b`; undefined if it is not positive. */
export function pairOf(a: Differentiated, b: Differentiated): Pair | undefined {
  return scope(() => {
    const [s, y] = [minus(b.x, a.x), minus(b.gradient, a.gradient)];
    const [ds, dy] = [norm(s), norm(y)];
    if (!(ds > 0 && dy > 0)) return undefined;
    const pair = { s: over(s, ds), y: over(y, dy), ratio: ds / dy };
    const cosine = dot(pair.y, pair.s);
    return cosine > 0 ? { ...pair, cosine } : undefined;
  });
}

/** A point and its gradient. */
export interface Differentiated {
  readonly x: Vector;
  readonly gradient: Vector;
}

/** -H g / |g| by the two-loop recursion (Nocedal and Wright 2006, algorithm 7.4), with H scaled by the newest pair. */
export function direction(gradient: Vector, size: number, pairs: readonly Pair[]): Vector {
  return scope(() => {
    let q = over(gradient, -size);
    const weights: number[] = [];
    for (let i = pairs.length - 1; i >= 0; i--) {
      const { s, y, cosine } = pairs[i]!;
      weights[i] = dot(s, q) / cosine;
      q = along(q, y, -weights[i]!);
    }
    const newest = pairs.at(-1);
    if (newest !== undefined) q = q.map((x) => mul(x, newest.cosine * newest.ratio));
    pairs.forEach(({ s, y, cosine, ratio }, i) => {
      q = along(q, s, weights[i]! * ratio - dot(y, q) / cosine);
    });
    return q;
  });
}

export function disposeAll(...vectors: readonly Vector[]): void {
  for (const tensor of vectors.flat()) tensor.dispose();
}
