// Cases of reductions and of the softmax family. Must not know the test runner.
import { axesOf, exactSum, map, type Nd, onRows, reduce } from "../support/reference.js";
import type { Expected } from "../support/reference-compare.js";
import { between, integers } from "../support/reference-samples.js";
import { sums } from "../tolerances.js";
import {
  ANY,
  type Case,
  call,
  DEFAULTS,
  NUMBERS,
  type OpName,
  type Options,
  operand,
  type Scenario,
  scenario,
} from "./case.js";

type Axis = number | readonly number[] | undefined;
type Fold = (values: readonly number[]) => number;

function axisOf(options: Options): Axis {
  return options["axis"] as Axis;
}

function keepsDims(options: Options): boolean {
  return options["keepDims"] === true;
}

/** How many elements of x make one of its reduction. */
function reducedCount(x: Nd, options: Options): number {
  return axesOf(x.shape.length, axisOf(options)).reduce((n, axis) => n * x.shape[axis]!, 1);
}

/** Rows, columns and the middle, with the edge on the reduced axis and beside it. */
function around(size: number): Scenario[] {
  return [
    scenario([[size]]),
    scenario([[3, size]], { axis: 1 }),
    scenario([[size, 3]], { axis: 0, keepDims: true }),
    scenario([[2, size, 5]], { axis: -2 }),
    scenario([[2, 3, size]], { axis: 1 }),
    scenario([[size, 2]], { axis: -1, keepDims: true }),
  ];
}

const GRADIENTS = [
  scenario([[5]]),
  scenario([[2, 3, 4]]),
  scenario([[2, 3, 4]], { axis: 1 }),
  scenario([[2, 3, 4]], { axis: -1, keepDims: true }),
];
const SEVERAL_AXES = [
  scenario([[2, 3, 4]], { axis: [0, 2] }),
  scenario([[2, 3, 2, 2]], { axis: [0, -1, 2], keepDims: true }),
  scenario([[2, 3]], { axis: [] }),
];

function reduction(name: OpName, fold: Fold, rest: Partial<Case> = {}): Case {
  return {
    ...DEFAULTS,
    name,
    dtypes: NUMBERS,
    operands: [{ ...ANY, integers: integers(-3, 3) }],
    run: ([x], options) => call(name, x, options),
    reference: ([x], options) => ({ value: reduce(x!, axisOf(options), keepsDims(options), fold) }),
    scenarios: around,
    gradients: [...GRADIENTS, ...SEVERAL_AXES],
    ...rest,
  };
}

/** The reference of a sum, with the error of the blocked order; `scale` from the number of its terms. */
function sumReference(scale: (n: number) => number): Case["reference"] {
  return ([x], options, dtype): Expected => {
    const [axis, keep] = [axisOf(options), keepsDims(options)];
    const n = reducedCount(x!, options);
    const value = reduce(x!, axis, keep, (values) => exactSum(values) * scale(n));
    // int32 wraps around.
    if (dtype === "int32") return { value: map((total) => total | 0, value) };
    const bound = sums.blocked(n) * scale(n);
    return { value, slack: reduce(x!, axis, keep, (values) => bound * exactSum(values.map(Math.abs))) };
  };
}

/** Nothing to choose from has no extremum. */
const NOT_EMPTY: Partial<Case> = {
  scenarios: (size) => around(size).filter((s) => !s.shapes[0]!.includes(0)),
  ties: true,
};

/** NumPy's: the first NaN, or the first of the greatest. */
function argMax(values: readonly number[]): number {
  const nan = values.findIndex(Number.isNaN);
  return nan >= 0 ? nan : values.indexOf(Math.max(...values));
}

/** The parts of a row that the softmax family is made of, and the error of its logarithm in epsilons. */
function rowParts(values: readonly number[]): { shift: number; log: number; loss: number } {
  const greatest = Math.max(...values);
  const shift = Number.isFinite(greatest) ? greatest : 0;
  const terms = values.map((x) => Math.exp(x - shift));
  const total = exactSum(terms);
  // The differences x - m are rounded, and their exponentials amplify it.
  const amplified = exactSum(terms.map((e, i) => (e === 0 ? 0 : e * Math.abs(values[i]! - shift)))) / total;
  return { shift, log: Math.log(total), loss: sums.blocked(values.length) + sums.extra + amplified };
}

/** One value for each element of a row, with its slack. */
function rowOp(
  name: "softmax" | "logSoftmax",
  one: (x: number, parts: ReturnType<typeof rowParts>) => readonly [value: number, slack: number],
): Case {
  return {
    ...DEFAULTS,
    name,
    operands: [operand(between(-20, 20), [-2, 2])],
    inPlace: true,
    run: ([x], options) => call(name, x, options),
    reference: ([x], options) => {
      const rows = (pick: 0 | 1): Nd =>
        onRows(x!, (options["axis"] as number | undefined) ?? -1, (values) => {
          const parts = rowParts(values);
          return values.map((element) => one(element, parts)[pick]);
        });
      return { value: rows(0), slack: rows(1) };
    },
    scenarios: (size) => ROWS(size).filter((s) => !s.shapes[0]!.includes(0)),
    gradients: ROWS(5),
  };
}

function ROWS(size: number): Scenario[] {
  return [
    scenario([[size]]),
    scenario([[3, size]]),
    scenario([[2, size, 3]], { axis: 1 }),
    scenario([[size, 2]], { axis: 0 }),
    scenario([[2, 3, size]], { axis: -1 }),
  ];
}

const byName = (values: readonly number[]): number => {
  const { shift, log } = rowParts(values);
  return log + shift;
};

export const reductions = {
  sum: reduction("sum", exactSum, { reference: sumReference(() => 1) }),
  mean: reduction("mean", exactSum, { dtypes: DEFAULTS.dtypes, reference: sumReference((n) => 1 / n) }),
  max: reduction("max", (values) => Math.max(...values), NOT_EMPTY),
  min: reduction("min", (values) => Math.min(...values), NOT_EMPTY),
  argMax: reduction("argMax", argMax, {
    ...NOT_EMPTY,
    resultDType: () => "int32",
    differentiable: [],
    gradients: [],
    operands: [{ ...ANY, sample: integers(-3, 3), integers: integers(-3, 3) }],
  }),
  softmax: rowOp("softmax", (x, { shift, log, loss }) => {
    const y = Math.exp(x - shift - log);
    return [y, y * (loss + Math.abs(x - shift))];
  }),
  logSoftmax: rowOp("logSoftmax", (x, { shift, log, loss }) => [
    x - shift - log,
    loss + 2 * (Math.abs(x - shift) + log),
  ]),
  logSumExp: {
    ...DEFAULTS,
    name: "logSumExp",
    operands: [operand(between(-20, 20), [-2, 2])],
    run: ([x], options) => call("logSumExp", x, options),
    reference: ([x], options) => {
      const [axis, keep] = [(options["axis"] as number | undefined) ?? -1, keepsDims(options)];
      return {
        value: reduce(x!, axis, keep, byName),
        slack: reduce(x!, axis, keep, (values) => {
          const { shift, log, loss } = rowParts(values);
          return loss + 2 * (log + Math.abs(shift));
        }),
      };
    },
    scenarios: (size) =>
      [...ROWS(size), scenario([[2, size]], { axis: 0, keepDims: true })].filter((s) => !s.shapes[0]!.includes(0)),
    gradients: [...ROWS(5), scenario([[2, 5]], { axis: 0, keepDims: true })],
  } satisfies Case as Case,
};
