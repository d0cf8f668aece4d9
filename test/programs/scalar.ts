// Numbers that remember how they were computed, so that gradients of gradients are numbers of the same kind. Must not know the
// library, nor tensors.

/** One float64 number, and the numbers that it was computed from. */
export interface Scalar {
  /** Counts up: whatever a number depends on has a lesser one. */
  readonly id: number;
  readonly value: number;
  readonly parents: readonly Scalar[];
  /** The derivative in a parent, as a number of the same kind, so that it has derivatives itself. */
  readonly slope: (parent: number) => Scalar | number;
}

interface Rule {
  readonly of: (...x: number[]) => number;
  /** The derivative in each operand; undefined if it is 0. */
  readonly slopes?: readonly ((y: Scalar, ...x: Scalar[]) => Scalar | number)[];
  /** True where floating-point numbers give the exact result. */
  readonly exact?: true;
  /** How far the operands are from a jump of the value or the slope. */
  readonly clearance?: (...x: number[]) => number;
}

/** Thrown by programs that take longer to follow number by number than they are worth. */
export class TooLong extends Error {}

const LIMIT = 150_000;

let created = 0;
let first = 0;
/** Relative size of the error that every inexact op makes; 0 for none. */
let noise = 0;
let random = (): number => 0;
/** The least distance from a jump so far, other than none at all. */
let clearance = Number.POSITIVE_INFINITY;

/**
 * Runs `body` with so large a random error in each op: how far results move says how far those of another arithmetic may be. `clearance` is
 * the least distance from a jump (of a comparison, of a kink's slope) that any number had.
 */
export function withNoise<R>(size: number, next: () => number, body: () => R): { result: R; clearance: number } {
  [noise, random, clearance, first] = [size, next, Number.POSITIVE_INFINITY, created];
  const result = body();
  return { result, clearance };
}

export function newest(): number {
  return created;
}

function make(value: number, parents: readonly Scalar[], slope: Scalar["slope"]): Scalar {
  if (created - first > LIMIT) throw new TooLong();
  created++;
  return { id: created, value, parents, slope };
}

/** A number that depends on nothing. */
export const constant = (value: number): Scalar => make(value, [], () => 0);

/** The same number under another identity. */
export const copy = (x: Scalar): Scalar => make(x.value, [x], () => 1);

const perturbed = (value: number, size = Math.abs(value)): number => value + noise * (2 * random() - 1) * size;

/** A sum of any length. */
export function total(terms: readonly Scalar[]): Scalar {
  if (terms.length === 1) return copy(terms[0]!);
  let [sum, size] = [0, 0];
  for (const { value } of terms) {
    sum += value;
    size += Math.abs(value);
  }
  return make(perturbed(sum, size), terms, () => 1);
}

/** A sum of products. */
export function dot(a: readonly Scalar[], b: readonly Scalar[]): Scalar {
  let [sum, size] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const product = a[i]!.value * b[i]!.value;
    sum += product;
    size += Math.abs(product);
  }
  return make(perturbed(sum, size), [...a, ...b], (i) => (i < a.length ? b[i]! : a[i - a.length]!));
}

/** The greatest (sign 1) or least (-1) of several. Equal extremes share the gradient equally. */
export function extremum(xs: readonly Scalar[], sign: 1 | -1): Scalar {
  const value = sign * Math.max(...xs.map((x) => sign * x.value));
  const chosen = xs.filter((x) => x.value === value);
  for (const x of xs) near(x.value - value);
  return make(value, chosen, () => 1 / chosen.length);
}

/** Notes a distance from a jump. */
export function near(distance: number): void {
  const size = Math.abs(distance);
  if (size > 0 && size < clearance) clearance = size;
}

const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const difference = (a: number, b: number): number => a - b;
const compare = (of: (a: number, b: number) => boolean): Rule => ({
  of: (a, b) => Number(of(a, b)),
  exact: true,
  clearance: difference,
});
const choose = (of: (a: number, b: number) => number, beats: (a: number, b: number) => boolean): Rule => {
  const share = (a: Scalar, b: Scalar): number => (a.value === b.value ? 0.5 : Number(beats(a.value, b.value)));
  return { of, slopes: [(_, a, b) => share(a, b), (_, a, b) => share(b, a)], exact: true, clearance: difference };
};

const { add, sub, mul, div } = {
  add: (a: Scalar | number, b: Scalar | number) => apply("add", a, b),
  sub: (a: Scalar | number, b: Scalar | number) => apply("sub", a, b),
  mul: (a: Scalar | number, b: Scalar | number) => apply("mul", a, b),
  div: (a: Scalar | number, b: Scalar | number) => apply("div", a, b),
};
/** y (1 - y) */
const bump = (y: Scalar): Scalar => mul(y, sub(1, y));

/** Every elementwise op by its public name, with the derivatives that its documentation gives. */
const RULES: Record<string, Rule> = {
  neg: { of: (x) => -x, slopes: [() => -1], exact: true },
  abs: { of: Math.abs, slopes: [(_, x) => Math.sign(x.value)], exact: true, clearance: (x) => x },
  sign: { of: Math.sign, exact: true, clearance: (x) => x },
  square: { of: (x) => x * x, slopes: [(_, x) => mul(x, 2)] },
  sqrt: { of: Math.sqrt, slopes: [(y) => div(0.5, y)] },
  exp: { of: Math.exp, slopes: [(y) => y] },
  expm1: { of: Math.expm1, slopes: [(_, x) => apply("exp", x)] },
  log: { of: Math.log, slopes: [(_, x) => div(1, x)] },
  log1p: { of: Math.log1p, slopes: [(_, x) => div(1, add(x, 1))] },
  sigmoid: { of: sigmoid, slopes: [(y) => bump(y)] },
  sigmoidGrad: {
    of: (x) => sigmoid(x) * sigmoid(-x),
    slopes: [(y, x) => mul(y, sub(1, mul(apply("sigmoid", x), 2)))],
  },
  tanh: { of: Math.tanh, slopes: [(y) => sub(1, mul(y, y))] },
  relu: { of: (x) => Math.max(x, 0), slopes: [(_, x) => Number(x.value > 0)], exact: true, clearance: (x) => x },
  reluGrad: { of: (x) => Number(x > 0), exact: true, clearance: (x) => x },
  softplus: { of: softplus, slopes: [(_, x) => apply("sigmoid", x)] },
  logSigmoid: { of: (x) => -softplus(-x), slopes: [(_, x) => apply("sigmoid", apply("neg", x))] },
  add: { of: (a, b) => a + b, slopes: [() => 1, () => 1] },
  sub: { of: (a, b) => a - b, slopes: [() => 1, () => -1] },
  mul: { of: (a, b) => a * b, slopes: [(_, __, b) => b, (_, a) => a] },
  div: { of: (a, b) => a / b, slopes: [(_, __, b) => div(1, b), (y, _, b) => apply("neg", div(y, b))] },
  maximum: choose(Math.max, (a, b) => a > b),
  minimum: choose(Math.min, (a, b) => a < b),
  power: {
    of: (a, b) => a ** b,
    slopes: [
      (_, a, b) => (b.value === 0 ? 0 : mul(b, apply("power", a, sub(b, 1)))),
      (y, a) => (a.value === 0 ? 0 : mul(y, apply("log", a))),
    ],
  },
  greater: compare((a, b) => a > b),
  greaterEqual: compare((a, b) => a >= b),
  less: compare((a, b) => a < b),
  lessEqual: compare((a, b) => a <= b),
  equal: compare((a, b) => a === b),
  notEqual: compare((a, b) => a !== b),
  where: {
    of: (c, a, b) => (c === 0 ? b : a),
    slopes: [() => 0, (_, c) => Number(c.value !== 0), (_, c) => Number(c.value === 0)],
    exact: true,
    clearance: (c) => c,
  },
  sigmoidBackward: {
    of: (g, y) => g * y * (1 - y),
    slopes: [(_, __, y) => bump(y), (_, g, y) => mul(g, sub(1, mul(y, 2)))],
  },
  tanhBackward: {
    of: (g, y) => g * (1 - y * y),
    slopes: [(_, __, y) => sub(1, mul(y, y)), (_, g, y) => mul(mul(g, y), -2)],
  },
  reluBackward: {
    of: (g, x) => (x > 0 ? g : 0),
    slopes: [(_, __, x) => Number(x.value > 0), () => 0],
    exact: true,
    clearance: (_, x) => x,
  },
  /** x, threshold, slope above, slope below. */
  thresholdRelu: {
    of: (x, t, above, below) => x * (x > t! ? above! : below!),
    slopes: [(_, x, t, above, below) => (x.value > t!.value ? above!.value : below!.value)],
    clearance: (x, t) => x - t!,
  },
} as Record<string, Rule>;

export const ELEMENTWISE: ReadonlySet<string> = new Set(Object.keys(RULES));

/** One elementwise op on one element. */
export function apply(name: string, ...operands: readonly (Scalar | number)[]): Scalar {
  const rule = RULES[name]!;
  const parents = operands.map((x) => (typeof x === "number" ? constant(x) : x));
  const values = parents.map((x) => x.value);
  if (rule.clearance !== undefined) near(rule.clearance(...values));
  const value = rule.of(...values);
  const y: Scalar = make(rule.exact ? value : perturbed(value), parents, (i) => rule.slopes?.[i]?.(y, ...parents) ?? 0);
  return y;
}

/**
 * The gradient of a number in others that were made after the first `start` numbers: all that is older is a constant. What comes out depends on
 * those as any number does.
 */
export function gradientOf(y: Scalar, variables: readonly Scalar[], start: number): Scalar[] {
  const ends = new Set(variables);
  const reached = new Set<Scalar>();
  const stack = [y];
  while (stack.length > 0) {
    const x = stack.pop()!;
    if (x.id <= start || reached.has(x)) continue;
    reached.add(x);
    if (!ends.has(x)) stack.push(...x.parents);
  }
  const gradients = new Map<Scalar, Scalar>([[y, constant(1)]]);
  for (const x of [...reached].sort((a, b) => b.id - a.id)) {
    const g = gradients.get(x);
    if (g === undefined || ends.has(x)) continue;
    x.parents.forEach((parent, i) => {
      if (!reached.has(parent)) return;
      const slope = x.slope(i);
      if (slope === 0) return;
      const part = slope === 1 ? g : mul(g, slope);
      const before = gradients.get(parent);
      gradients.set(parent, before === undefined ? part : add(before, part));
    });
  }
  return variables.map((x) => copy(gradients.get(x) ?? constant(0)));
}
