// What every op does, in plain float64 numbers, one element at a time. Must not know the library.
import { broadcast, count } from "../support/reference.js";
import { build, type Handle, handle, indices, position, read, reader, type Shape, showing } from "./handles.js";
import type { Type } from "./program.js";
import { apply, constant, copy, dot, extremum, near, type Scalar, total } from "./scalar.js";

export function elementwise(name: string, dtype: Type, operands: readonly (Handle | number)[]): Handle {
  const shape = broadcast(...operands.map((x) => (typeof x === "number" ? [] : x.shape)));
  const at = operands.map((x) => (typeof x === "number" ? () => x : reader(x)));
  return build(shape, dtype, (index) => apply(name, ...at.map((of) => of(index))));
}

/** Folds the elements along axes. */
function reduce(x: Handle, axes: Shape, keepDims: boolean, fold: (elements: Scalar[]) => Scalar): Handle {
  const kept = x.shape.map((extent, i) => (axes.includes(i) ? 1 : extent));
  const groups: Scalar[][] = Array.from({ length: count(kept) }, () => []);
  const at = reader(x);
  for (const index of indices(x.shape)) groups[position(kept, index)]!.push(at(index));
  return handle(keepDims ? kept : x.shape.filter((_, i) => !axes.includes(i)), x.dtype, groups.map(fold));
}

/** The axes in an op's options; default all. */
function axesOf(rank: number, options: Options, otherwise?: number): number[] {
  const axis = options["axis"] ?? otherwise;
  const list = axis === undefined ? Array.from({ length: rank }, (_, i) => i) : [axis as number | number[]].flat();
  return list.map((i) => (i < 0 ? i + rank : i));
}

type Options = Readonly<Record<string, unknown>>;

/** A list with one entry, or several, for another one. */
const replaced = <T>(list: readonly T[], at: number, ...by: T[]): T[] => [
  ...list.slice(0, at),
  ...by,
  ...list.slice(at + 1),
];

function swapped(x: Handle): Handle {
  const rank = x.shape.length;
  return permuted(
    x,
    x.shape.map((_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i)),
  );
}

function permuted(x: Handle, order: Shape): Handle {
  const at = reader(x);
  const source = order.map(() => 0);
  return build(
    order.map((axis) => x.shape[axis]!),
    x.dtype,
    (index) => {
      order.forEach((axis, i) => {
        source[axis] = index[i]!;
      });
      return at(source);
    },
  );
}

const reshaped = (x: Handle, shape: Shape): Handle => ({ ...x, shape });

function matmul(a: Handle, b: Handle, options: Options = {}): Handle {
  if (a.shape.length === 1) {
    const y = matmul(reshaped(a, [1, ...a.shape]), b, { ...options, transposeA: false });
    return reshaped(y, replaced(y.shape, y.shape.length - 1 - Number(b.shape.length > 1)));
  }
  if (b.shape.length === 1) {
    const y = matmul(a, reshaped(b, [...b.shape, 1]), { ...options, transposeB: false });
    return reshaped(y, y.shape.slice(0, -1));
  }
  const left = options["transposeA"] ? swapped(a) : a;
  const right = options["transposeB"] ? swapped(b) : b;
  const [atA, atB] = [reader(left), reader(right)];
  const inner = Array.from({ length: left.shape.at(-1)! }, (_, k) => k);
  const batch = broadcast(left.shape.slice(0, -2), right.shape.slice(0, -2));
  return build([...batch, left.shape.at(-2)!, right.shape.at(-1)!], a.dtype, (index) => {
    const [lead, i, j] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
    return dot(
      inner.map((k) => atA([...lead, i, k])),
      inner.map((k) => atB([...lead, k, j])),
    );
  });
}

/** e^(x - m), m the greatest along an axis: m is a number, for it does not change the quotient. */
function exponentials(x: Handle, axes: Shape): { powers: Handle; greatest: Handle; sums: Handle } {
  const greatest = reduce(x, axes, true, (xs) => constant(Math.max(...xs.map(({ value }) => value))));
  const powers = elementwise("exp", x.dtype, [elementwise("sub", x.dtype, [x, greatest])]);
  return { powers, greatest, sums: reduce(powers, axes, true, total) };
}

function logSumExp(x: Handle, axes: Shape): Handle {
  const { greatest, sums } = exponentials(x, axes);
  return elementwise("add", x.dtype, [elementwise("log", x.dtype, [sums]), greatest]);
}

const meanOf = (xs: readonly Scalar[]): Scalar => apply("div", total(xs), xs.length);

type Op = (operands: readonly Handle[], extras: readonly never[], options: Options) => Handle;

const reduction =
  (fold: (elements: Scalar[]) => Scalar): Op =>
  ([x], _, options) =>
    reduce(x!, axesOf(x!.shape.length, options), !!options["keepDims"], fold);

const created =
  (at: (i: number, extras: readonly never[]) => number, shapeOf: (extras: readonly never[]) => Shape): Op =>
  (_, extras) => {
    const shape = shapeOf(extras);
    return handle(
      shape,
      extras.at(-1)!,
      Array.from({ length: count(shape) }, (_, i) => constant(at(i, extras))),
    );
  };

/** All ops that are not elementwise. */
export const OPS: Record<string, Op> = {
  zeros: created(
    () => 0,
    ([shape]) => shape!,
  ),
  ones: created(
    () => 1,
    ([shape]) => shape!,
  ),
  full: created(
    (_, [, value]) => value!,
    ([shape]) => shape!,
  ),
  arange: created(
    (i, [start, , step]) => start! + i * step!,
    ([start, stop, step]) => [Math.ceil((stop! - start!) / step!)],
  ),
  sum: reduction(total),
  mean: reduction(meanOf),
  max: reduction((xs) => extremum(xs, 1)),
  min: reduction((xs) => extremum(xs, -1)),
  argMax: ([x], _, options) => {
    const at = reduce(x!, axesOf(x!.shape.length, options), false, (xs) => {
      const values = xs.map(({ value }) => value);
      const most = Math.max(...values);
      for (const value of values) near(value - most);
      return constant(values.indexOf(most));
    });
    return { ...at, dtype: "int32" };
  },
  matmul: ([a, b], _, options) => matmul(a!, b!, options),
  linear: ([x, w, b]) => elementwise("add", x!.dtype, [matmul(x!, w!), b!]),
  softmax: ([x], _, options) => {
    const { powers, sums } = exponentials(x!, axesOf(x!.shape.length, options, -1));
    return elementwise("div", x!.dtype, [powers, sums]);
  },
  logSoftmax: ([x], _, options) =>
    elementwise("sub", x!.dtype, [x!, logSumExp(x!, axesOf(x!.shape.length, options, -1))]),
  logSumExp: ([x], _, options) => {
    const axes = axesOf(x!.shape.length, options, -1);
    const y = logSumExp(x!, axes);
    return options["keepDims"]
      ? y
      : reshaped(
          y,
          y.shape.filter((_, i) => !axes.includes(i)),
        );
  },
  softmaxCrossEntropy: ([x, labels]) => {
    const [rows, classes] = x!.shape as [number, number];
    const logs = read(elementwise("sub", x!.dtype, [x!, logSumExp(x!, [1])]));
    const of = read(labels!);
    const terms =
      labels!.dtype === "int32"
        ? of.map(({ value }, i) => logs[i * classes + value]!)
        : logs.map((log, i) => apply("mul", of[i]!, log));
    return handle([], x!.dtype, [apply("div", total(terms), -rows)]);
  },
  sigmoidCrossEntropy: ([x, z]) => {
    const terms = elementwise("sub", x!.dtype, [
      elementwise("softplus", x!.dtype, [x!]),
      elementwise("mul", x!.dtype, [z!, x!]),
    ]);
    return handle([], x!.dtype, [meanOf(read(terms))]);
  },
  meanSquaredError: ([a, b]) => {
    const terms = elementwise("square", a!.dtype, [elementwise("sub", a!.dtype, [a!, b!])]);
    return handle([], a!.dtype, [meanOf(read(terms))]);
  },
  reshape: ([x], [shape]) => reshaped(x!, shape!),
  stopGradient: ([x]) =>
    showing(
      x!,
      read(x!).map(({ value }) => constant(value)),
    ),
  clone: ([x]) => handle(x!.shape, x!.dtype, read(x!)),
  transpose: ([x], [axes]) => permuted(x!, axes ?? x!.shape.map((_, i) => x!.shape.length - 1 - i)),
  broadcastTo: ([x], [shape]) => build(shape!, x!.dtype, reader(x!)),
  slice: ([x], [starts, ends], options) => {
    const steps = (options["steps"] ?? x!.shape.map(() => 1)) as Shape;
    const extents = x!.shape.map((_, i) => Math.max(0, Math.ceil((ends![i]! - starts![i]!) / steps[i]!)));
    const at = reader(x!);
    return build(extents, x!.dtype, (index) => {
      const from = index.map((j, i) => (starts![i]! as number) + j * steps[i]!);
      return at(from);
    });
  },
  concat: (xs, _, options) => {
    const [axis] = axesOf(xs[0]!.shape.length, options, 0) as [number];
    const parts = xs.map((x) => ({ at: reader(x), size: x.shape[axis]! }));
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    return build(replaced(xs[0]!.shape, axis, size), xs[0]!.dtype, (index) => {
      let [which, along] = [0, index[axis]!];
      while (along >= parts[which]!.size) along -= parts[which++]!.size;
      return parts[which]!.at(replaced(index, axis, along));
    });
  },
  take: ([x, rows], _, options) => {
    const [axis] = axesOf(x!.shape.length, options, 0) as [number];
    const [at, row] = [reader(x!), reader(rows!)];
    const rank = rows!.shape.length;
    return build([...x!.shape.slice(0, axis), ...rows!.shape, ...x!.shape.slice(axis + 1)], x!.dtype, (index) => {
      const { value } = row(index.slice(axis, axis + rank));
      return at([...index.slice(0, axis), value < 0 ? value + x!.shape[axis]! : value, ...index.slice(axis + rank)]);
    });
  },
  astype: ([x], [dtype]) => {
    const whole = ({ value }: Scalar): Scalar => {
      near(Math.abs(value - Math.round(value)));
      return constant(Math.trunc(value));
    };
    const isFloat = (type: Type): boolean => type !== "int32";
    const smooth = isFloat(dtype!) && isFloat(x!.dtype);
    return handle(
      x!.shape,
      dtype!,
      read(x!).map(isFloat(dtype!) ? (smooth ? copy : ({ value }) => constant(value)) : whole),
    );
  },
};
