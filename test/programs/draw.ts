// Draws random programs as numbers and a few settings. Must not know their meaning.
import fc from "fast-check";
import type { FloatType, Rule } from "./program.js";

/** One step: its action, its operands, and numbers for its choices. Smaller numbers make simpler steps. */
export interface Draw {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly choice: number;
  /** Whether the result is written into an existing tensor, and into which. */
  readonly out: number;
}

export interface Draws {
  readonly dtype: FloatType;
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly steps: readonly Draw[];
  /** How many results there are, and their order. */
  readonly results: number;
  /** Which inputs are donated, as bits; often none. */
  readonly donate: number;
  readonly isDictionary: boolean;
  /** The optimizer of a training step at the end, if there is to be one. */
  readonly optimizer: Rule["name"] | undefined;
  /** Whether the optimizer's state is among the inputs. */
  readonly hasState: boolean;
  readonly seed: number;
}

const number = fc.nat(999);
const step: fc.Arbitrary<Draw> = fc.record({
  op: fc.nat(99_999),
  a: number,
  b: number,
  choice: number,
  out: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 999 }) }),
});
const size = fc.oneof(
  { weight: 24, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 3, arbitrary: fc.integer({ min: 5, max: 20 }) },
  { weight: 1, arbitrary: fc.integer({ min: 21, max: 100 }) },
);

export const draws: fc.Arbitrary<Draws> = fc.record({
  dtype: fc.constantFrom("float64" as const, "float32" as const),
  rows: size,
  columns: size,
  inner: size,
  steps: fc.array(step, { minLength: 1, maxLength: 28, size: "max" }),
  results: number,
  donate: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: number }),
  isDictionary: fc.boolean(),
  optimizer: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom("sgd" as const, "momentum" as const, "adam" as const) },
  ),
  hasState: fc.boolean(),
  seed: number,
});
