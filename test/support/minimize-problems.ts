// Standard problems of unconstrained minimisation in the library's ops, after Moré, Garbow and Hillstrom, "Testing unconstrained
// optimization software", TOMS 7 (1981), and others; starts, constants and SciPy's results are in golden/minimize.json.
import * as sg from "../../src/index.js";
import golden from "../golden/minimize.json" with { type: "json" };

const { add, concat, div, exp, less, matmul, maximum, mean, mul, neg, power, reshape } = sg;
const { slice, softplus, square, stopGradient, sub, sum, tensor, where } = sg;

/** Vectors and scalars alike: shapes and dtypes are left to the run, as each problem runs in both dtypes. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type T = sg.Tensor<any, any>;
type Operand = T | number;
export type Problem = (x: T) => T;

const c = golden.constants;
const up = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
const ones = (n: number): number[] => new Array<number>(n).fill(1);

// Short names for chains of ops.
const plus = (first: Operand, ...rest: Operand[]): T => rest.reduce<T>((a, b) => add(a, b as T) as T, first as T);
const times = (first: Operand, ...rest: Operand[]): T => rest.reduce<T>((a, b) => mul(a, b as T) as T, first as T);
const minus = (a: Operand, b: Operand): T => sub(a as T, b as T) as T;
const over = (a: Operand, b: Operand): T => div(a as T, b as T) as T;
const part = (x: T, i: number, j = i + 1): T => slice(x, [i], [j]) as T;
const total = (x: T): T => reshape(sum(x) as T, [1]) as T;
const column = (x: T, j: number, width: number): T =>
  slice(reshape(x, [-1, width]) as T, [0, j], [x.size / width, j + 1]) as T;

/** The sum of the squares of residuals, given x, its elements as vectors of one, and what makes constants of its dtype. */
function squares(
  residuals: (x: T, elements: T[], constant: (values: readonly number[], shape?: number[]) => T) => T[] | T,
): Problem {
  return (x) => {
    const constant = (values: readonly number[], shape = [values.length]): T => tensor(values, shape, x.dtype) as T;
    const elements = Array.from({ length: x.size }, (_, i) => part(x, i));
    const parts = residuals(x, elements, constant);
    return (Array.isArray(parts) ? parts : [parts]).map((r) => sum(square(r)) as T).reduce((a, b) => add(a, b) as T);
  };
}

const rosenbrock = (a: T, b: T): T[] => [times(10, minus(b, square(a) as T)), minus(1, a)];
const singular = (a: T, b: T, c: T, d: T): T[] => [
  plus(a, times(10, b)),
  times(Math.sqrt(5), minus(c, d)),
  square(minus(b, times(2, c))) as T,
  times(Math.sqrt(10), square(minus(a, d))),
];
const padded = (x: T, constant: (v: readonly number[]) => T): [before: T, after: T] => {
  const n = x.size;
  return [concat([constant([0]), part(x, 0, n - 1)]) as T, concat([part(x, 1, n), constant([0])]) as T];
};
const decays = (t: T, rate: T): T => exp(neg(mul(t, rate) as T) as T) as T;
const gulf = up(99).map((i) => i / 100);
const t20 = up(20).map((i) => i / 5);

function logistic(decay: number): Problem {
  return (w) => {
    const x = tensor(c.features, undefined, w.dtype) as T;
    const z = reshape(matmul(x, reshape(w, [-1, 1])) as T, [-1]) as T;
    const y = tensor(c.labels, undefined, w.dtype) as T;
    return plus(mean(minus(softplus(z) as T, times(y, z))) as T, times(decay, sum(square(w)) as T));
  };
}

export const problems: Readonly<Record<keyof typeof golden.problems, Problem>> = {
  "1 Rosenbrock": squares((_, [a, b]) => rosenbrock(a!, b!)),
  "2 Freudenstein and Roth": squares((_, [a, b]) => [
    plus(a!, times(minus(times(minus(5, b!), b!), 2), b!), -13),
    plus(a!, times(minus(times(plus(b!, 1), b!), 14), b!), -29),
  ]),
  "3 Powell, badly scaled": squares((_, [a, b]) => [
    minus(times(1e4, a!, b!), 1),
    minus(plus(exp(neg(a!)) as T, exp(neg(b!)) as T), 1.0001),
  ]),
  "4 Brown, badly scaled": squares((_, [a, b]) => [minus(a!, 1e6), minus(b!, 2e-6), minus(times(a!, b!), 2)]),
  "5 Beale": squares((_, [a, b]) =>
    [1.5, 2.25, 2.625].map((y, i) => minus(y, times(a!, minus(1, power(b!, i + 1) as T)))),
  ),
  "6 Jennrich and Sampson": squares((_, [a, b], constant) => {
    const i = constant(up(10));
    return minus(plus(2, times(2, i)), plus(exp(times(i, a!)) as T, exp(times(i, b!)) as T));
  }),
  "8 Bard": squares((_, [x1, x2, x3], constant) => {
    const [u, v, w] = [up(15), up(15).map((i) => 16 - i), up(15).map((i) => Math.min(i, 16 - i))].map((t) =>
      constant(t),
    );
    return minus(constant(c.bard), plus(x1!, over(u!, plus(times(v!, x2!), times(w!, x3!)))));
  }),
  "9 Gaussian": squares((_, [x1, x2, x3], constant) => {
    const t = constant(up(15).map((i) => (8 - i) / 2));
    return minus(times(x1!, exp(over(times(neg(x2!) as T, square(minus(t, x3!)) as T), 2))), constant(c.gaussian));
  }),
  "10 Meyer": squares((_, [x1, x2, x3], constant) => {
    const t = constant(up(16).map((i) => 45 + 5 * i));
    return minus(times(x1!, exp(over(x2!, plus(t, x3!)))), constant(c.meyer));
  }),
  "11 Gulf": squares((_, [x1, x2, x3], constant) => {
    const y = constant(gulf.map((t) => 25 + (-50 * Math.log(t)) ** (2 / 3)));
    return minus(exp(neg(over(power(minus(y, x2!), x3!), x1!) as T)) as T, constant(gulf));
  }),
  "12 Box": squares((_, [x1, x2, x3], constant) => {
    const t = up(10).map((i) => i / 10);
    const known = constant(t.map((s) => Math.exp(-s) - Math.exp(-10 * s)));
    return minus(minus(decays(constant(t), x1!), decays(constant(t), x2!)), times(x3!, known));
  }),
  "13 Powell, singular": squares((_, [a, b, d, e]) => singular(a!, b!, d!, e!)),
  "14 Wood": squares((_, [x1, x2, x3, x4]) => [
    ...rosenbrock(x1!, x2!),
    times(Math.sqrt(90), minus(x4!, square(x3!) as T)),
    minus(1, x3!),
    times(Math.sqrt(10), plus(x2!, x4!, -2)),
    over(minus(x2!, x4!), Math.sqrt(10)),
  ]),
  "15 Kowalik and Osborne": squares((_, [x1, x2, x3, x4], constant) => {
    const u = constant(c.kowalikU);
    const u2 = square(u) as T;
    return minus(constant(c.kowalik), over(times(x1!, plus(u2, times(u, x2!))), plus(u2, times(u, x3!), x4!)));
  }),
  "16 Brown and Dennis": squares((_, [x1, x2, x3, x4], constant) => {
    const [t, e, s, k] = [t20, t20.map(Math.exp), t20.map(Math.sin), t20.map(Math.cos)].map((v) => constant(v));
    const [p, q] = [minus(plus(x1!, times(t!, x2!)), e!), minus(plus(x3!, times(x4!, s!)), k!)];
    return plus(square(p) as T, square(q) as T);
  }),
  "17 Osborne 1": squares((_, [x1, x2, x3, x4, x5], constant) => {
    const t = constant(up(33).map((i) => 10 * (i - 1)));
    return minus(constant(c.osborne1), plus(x1!, times(x2!, decays(t, x4!)), times(x3!, decays(t, x5!))));
  }),
  "18 Biggs": squares((_, [x1, x2, x3, x4, x5, x6], constant) => {
    const i = up(13);
    const t = constant(i.map((k) => k / 10));
    const y = constant(i.map((k) => Math.exp(-k / 10) - 5 * Math.exp(-k) + 3 * Math.exp(-0.4 * k)));
    const model = minus(times(x3!, decays(t, x1!)), times(x4!, decays(t, x2!)));
    return minus(plus(model, times(x6!, decays(t, x5!))), y);
  }),
  "19 Osborne 2": squares((_, x, constant) => {
    const t = constant(up(65).map((i) => (i - 1) / 10));
    const bells = [1, 2, 3].map((k) => times(x[k]!, decays(square(minus(t, x[k + 7]!)) as T, x[k + 4]!)));
    return minus(constant(c.osborne2), plus(times(x[0]!, decays(t, x[4]!)), ...bells));
  }),
  "20 Watson": squares((x, [x1, x2], constant) => {
    const n = x.size;
    const rows = (value: (t: number, j: number) => number): T =>
      constant(
        up(29).flatMap((i) => up(n).map((j) => value(i / 29, j - 1))),
        [29, n],
      );
    const times29 = (matrix: T): T => reshape(matmul(matrix, reshape(x, [n, 1])) as T, [29]) as T;
    const slopes = times29(rows((t, j) => (j === 0 ? 0 : j * t ** (j - 1))));
    const inner = times29(rows((t, j) => t ** j));
    return [minus(minus(slopes, square(inner) as T), 1), x1!, minus(minus(x2!, square(x1!) as T), 1)];
  }),
  "21 Rosenbrock, extended": squares((x) => rosenbrock(column(x, 0, 2), column(x, 1, 2))),
  "22 Powell, extended": squares((x) => singular(column(x, 0, 4), column(x, 1, 4), column(x, 2, 4), column(x, 3, 4))),
  "23 Penalty I": squares((x) => [times(Math.sqrt(1e-5), minus(x, 1)), minus(sum(square(x)) as T, 0.25)]),
  "24 Penalty II": squares((x, [x1], constant) => {
    const n = x.size;
    const a = Math.sqrt(1e-5);
    const y = constant(up(n - 1).map((i) => Math.exp((i + 1) / 10) + Math.exp(i / 10)));
    const e = exp(over(x, 10)) as T;
    const [low, high] = [part(e, 0, n - 1), part(e, 1, n)];
    const weights = constant(up(n).map((i) => n - i + 1));
    return [
      minus(x1!, 0.2),
      times(a, minus(plus(high, low), y)),
      times(a, minus(high, Math.exp(-0.1))),
      minus(sum(times(weights, square(x) as T)) as T, 1),
    ];
  }),
  "25 variably dimensioned": squares((x, _, constant) => {
    const s = sum(times(constant(up(x.size)), minus(x, 1))) as T;
    return [minus(x, 1), s, square(s) as T];
  }),
  "27 Brown, almost linear": squares((x, elements) => [
    minus(plus(part(x, 0, x.size - 1), total(x)), x.size + 1),
    minus(times(...(elements as [T])), 1),
  ]),
  "28 boundary value": squares((x, _, constant) => {
    const h = 1 / (x.size + 1);
    const [before, after] = padded(x, constant);
    const cube = power(plus(x, constant(up(x.size).map((i) => i * h + 1))), 3) as T;
    return plus(minus(minus(times(2, x), before), after), times((h * h) / 2, cube));
  }),
  "29 integral equation": squares((x, _, constant) => {
    const n = x.size;
    const h = 1 / (n + 1);
    const t = up(n).map((i) => i * h);
    const kernel = constant(
      t.flatMap((a) => t.map((b) => (a >= b ? (1 - a) * b : a * (1 - b)))),
      [n, n],
    );
    const cubes = power(plus(x, constant(t.map((a) => a + 1))), 3) as T;
    return plus(x, times(h / 2, reshape(matmul(kernel, reshape(cubes, [n, 1])) as T, [n]) as T));
  }),
  "30 Broyden, tridiagonal": squares((x, _, constant) => {
    const [before, after] = padded(x, constant);
    return plus(minus(minus(times(minus(3, times(2, x)), x), before), times(2, after)), 1);
  }),
  "31 Broyden, banded": squares((x, _, constant) => {
    const n = x.size;
    const near = up(n).flatMap((i) => up(n).map((j) => Number(i !== j && j >= i - 5 && j <= i + 1)));
    const band = reshape(matmul(constant(near, [n, n]), reshape(times(x, plus(1, x)), [n, 1])) as T, [n]) as T;
    return minus(plus(times(x, plus(2, times(5, square(x) as T))), 1), band);
  }),
  "32 linear, full rank": squares((x, _, constant) => [
    minus(minus(x, over(sum(x) as T, 10)), 1),
    minus(times(neg(over(sum(x) as T, 10)) as T, constant(ones(10))), 1),
  ]),
  "33 linear, rank 1": squares((x, _, constant) =>
    minus(times(constant(up(20)), sum(times(constant(up(10)), x)) as T), 1),
  ),
  "logistic, badly scaled": logistic(0),
  "logistic, badly scaled, with decay": logistic(1e-3),
  flat: (x) => plus(times(sum(x) as T, 0), 7),
  "flat far away": (x) => sum(minus(1, exp(neg(over(square(x) as T, 100)) as T) as T)) as T,
  "flat at the minimum": (x) => sum(power(x, 8)) as T,
  "unbounded, linear": (x) => neg(sum(x)) as T,
  "unbounded, quadratic": (x) => sum(times(square(x) as T, tensor([1, -1], undefined, x.dtype) as T)) as T,
  "unbounded, cubic": (x) => sum(power(x, 3)) as T,
  kinks: (x) => {
    const away = minus(x, tensor([Math.SQRT2, -1], undefined, x.dtype) as T);
    return sum(where(less(away, 0), neg(away), times(2, away))) as T;
  },
  "maximum of three": (x) => {
    const [a, b] = [part(x, 0), part(x, 1)];
    const first = plus(square(a) as T, power(b, 4) as T);
    const second = plus(square(minus(2, a)) as T, square(minus(2, b)) as T);
    return sum(maximum(maximum(first, second) as T, times(2, exp(minus(b, a)) as T))) as T;
  },
  "wrong sign": (x) => minus(times(2, stopGradient(sum(square(x)) as T)), sum(square(x)) as T),
  "wrong sign of one": (x) => {
    const b = part(x, 1);
    const seen = sum(square(b)) as T;
    return minus(plus(sum(square(part(x, 0))) as T, times(11, stopGradient(seen))), times(10, seen));
  },
};
