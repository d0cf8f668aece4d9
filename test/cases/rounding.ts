// Cases of rounding, remainders and limits. Must not know the test runner.
import { between, either, integers, sizes } from "../support/reference-samples.js";
import { elementwise, NUMBERS, type Operand, operand } from "./case.js";

/** Halves and whole numbers among fractions and sizes at which every number is whole. */
const FRACTIONS: Operand = operand(
  either(between(-10, 10), (random) => integers(-20, 20)(random) / 2, sizes(1e-30, 1e30)),
);
/** The nearest integer, the even one of two; the sign of zero stays. */
function toEven(x: number): number {
  const down = Math.floor(x);
  const isUp = x - down === 0.5 ? down % 2 !== 0 : x - down > 0.5;
  return isUp ? -Math.floor(-x) : down;
}

/** NumPy's remainder: `%`, plus the divisor if the signs differ. */
function mod(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return b > 0 ? 0 : -0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

/** Steps have no slope. */
const STEPS = { dtypes: NUMBERS, operands: [FRACTIONS], differentiable: [], integer: (x: number) => x };

export const rounding = {
  floor: elementwise("floor", { ...STEPS, at: Math.floor }),
  ceil: elementwise("ceil", { ...STEPS, at: Math.ceil }),
  round: elementwise("round", { ...STEPS, at: toEven }),
  isNaN: elementwise("isNaN", { ...STEPS, at: (x) => Number(Number.isNaN(x)), integer: () => 0 }),
  clip: elementwise("clip", {
    dtypes: NUMBERS,
    operands: [FRACTIONS, operand(between(-4, 4), [-3, -1]), operand(between(-4, 4), [1, 3])],
    at: (x, low, high) => Math.min(Math.max(x, low), high),
    ties: true,
  }),
  mod: elementwise("mod", {
    dtypes: NUMBERS,
    operands: [FRACTIONS, operand(either(between(0.1, 9), between(-9, -0.1), sizes(1e-30, 1e30)), [2, 3])],
    at: mod,
    integer: (a, b) => (b === 0 ? 0 : mod(a, b)),
    kinks: [0],
  }),
};
