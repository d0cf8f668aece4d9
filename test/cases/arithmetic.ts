// Cases of arithmetic, comparison and selection. Must not know the test runner.
import { between, either, integers, positive, sizes } from "../support/reference-samples.js";
import { ulps } from "../tolerances.js";
import { ANY, elementwise, NUMBERS, type Operand, operand, SMALL_INTEGERS } from "./case.js";

const WIDE = operand(either(between(-10, 10), sizes(1e-30, 1e30)));
const POSITIVE = operand(either(positive(sizes(1e-37, 1e37)), between(0.5, 2)), [0.4, 3]);
/** Whole numbers, so that equals occur. */
const FEW: Operand = operand(integers(-2, 2), [-2, 2], { integers: integers(-2, 2) });
const TRANSCENDENTAL = { ulp: ulps.transcendental } as const;

/** C's and NumPy's power, where JavaScript's differs: 1 to any power is 1, and so is -1 to an infinite one. */
function power(a: number, b: number): number {
  if (a === 1 || (a === -1 && Math.abs(b) === Infinity)) return 1;
  return a ** b;
}

function extremum(pick: (a: number, b: number) => number) {
  return { dtypes: NUMBERS, operands: [FEW, FEW], at: pick, ties: true };
}

/** A comparison has no gradient: it is 0 wherever it exists. */
function comparison(holds: (a: number, b: number) => boolean) {
  return {
    dtypes: NUMBERS,
    operands: [FEW, FEW],
    at: (a: number, b: number) => Number(holds(a, b)),
    differentiable: [],
    ties: true,
  };
}

export const arithmetic = {
  neg: elementwise("neg", { dtypes: NUMBERS, operands: [WIDE], at: (x) => -x }),
  abs: elementwise("abs", { dtypes: NUMBERS, operands: [WIDE], at: Math.abs, kinks: [0] }),
  sign: elementwise("sign", { dtypes: NUMBERS, operands: [FEW], at: Math.sign, differentiable: [], kinks: [0] }),
  square: elementwise("square", {
    dtypes: NUMBERS,
    operands: [WIDE],
    at: (x) => x * x,
    integer: (x) => Math.imul(x, x),
  }),
  sqrt: elementwise("sqrt", { operands: [POSITIVE], at: Math.sqrt }),
  exp: elementwise("exp", { operands: [operand(between(-105, 90))], at: Math.exp, ...TRANSCENDENTAL }),
  expm1: elementwise("expm1", {
    operands: [operand(either(between(-20, 89), sizes(1e-30, 1)))],
    at: Math.expm1,
    ...TRANSCENDENTAL,
  }),
  log: elementwise("log", { operands: [POSITIVE], at: Math.log, ...TRANSCENDENTAL }),
  log1p: elementwise("log1p", {
    operands: [operand(either(between(-0.999, 3), positive(sizes(1e-30, 1e30)), sizes(1e-30, 0.5)), [-0.6, 3])],
    at: Math.log1p,
    ...TRANSCENDENTAL,
  }),
  add: elementwise("add", { dtypes: NUMBERS, operands: [WIDE, WIDE], at: (a, b) => a + b }),
  sub: elementwise("sub", { dtypes: NUMBERS, operands: [WIDE, WIDE], at: (a, b) => a - b }),
  mul: elementwise("mul", { dtypes: NUMBERS, operands: [WIDE, WIDE], at: (a, b) => a * b, integer: Math.imul }),
  div: elementwise("div", { operands: [WIDE, operand(WIDE.sample, [0.5, 2])], at: (a, b) => a / b }),
  maximum: elementwise("maximum", extremum(Math.max)),
  minimum: elementwise("minimum", extremum(Math.min)),
  power: elementwise("power", {
    operands: [operand(positive(sizes(1e-3, 1e3)), [0.3, 3]), operand(between(-12, 12), [-2, 2.5])],
    at: power,
    ...TRANSCENDENTAL,
  }),
  greater: elementwise(
    "greater",
    comparison((a, b) => a > b),
  ),
  greaterEqual: elementwise(
    "greaterEqual",
    comparison((a, b) => a >= b),
  ),
  less: elementwise(
    "less",
    comparison((a, b) => a < b),
  ),
  lessEqual: elementwise(
    "lessEqual",
    comparison((a, b) => a <= b),
  ),
  equal: elementwise(
    "equal",
    comparison((a, b) => a === b),
  ),
  notEqual: elementwise(
    "notEqual",
    comparison((a, b) => a !== b),
  ),
  where: elementwise("where", {
    dtypes: NUMBERS,
    operands: [
      operand(integers(0, 1), [-1, 1], { integers: integers(0, 1) }),
      WIDE,
      { ...ANY, integers: SMALL_INTEGERS },
    ],
    at: (condition, a, b) => (condition !== 0 ? a : b),
    kinks: [0],
  }),
};
