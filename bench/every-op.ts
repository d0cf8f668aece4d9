// Every elementwise op on 10^5 elements, from the tests' cases, beside its plain reference. Must not know how it is timed.
import * as sg from "simdgrad";
import { allCases, type Case, drawInputs } from "../test/cases.js";
import { traffic } from "./ceiling/rates.js";
import { into, PRECISIONS, plain } from "./harness/contenders.js";
import { defineTable, type Table } from "./harness/table.js";

const SIZE = 100_000;
const SEED = 23;
/** Results are compared relative to the largest one, so a few roundings of the operands are all that may show. */
const TOLERANCE = { float32: 1e-6, float64: 1e-14 };

type Op = (...operands: readonly unknown[]) => sg.AnyTensor;

/** The case on moderate values, so that no result is infinite in one dtype and finite in the other. */
function moderate(c: Case): Case {
  const operands = c.operands.map((operand) => {
    const [low, high] = operand.gradient;
    return { ...operand, sample: (random: () => number) => low + (high - low) * random() };
  });
  return { ...c, operands };
}

const tableOf = (c: Case): Table =>
  defineTable({
    name: `ops/${c.name}`,
    title: `${c.name} of ${SIZE} elements; the reference is written for clarity, not for speed`,
    onRequest: true,
    rate: traffic({ reads: c.operands.length as 1 | 2 | 3, writes: 1 }, SIZE),
    tolerance: TOLERANCE,
    data: {},
    prepare(_, keep) {
      // The built package's, as users import it: a case itself calls the sources.
      const op = (sg as unknown as Record<string, Op>)[c.name]!;
      const scenario = { shapes: c.operands.map(() => [SIZE]), options: {} };
      // Exact in float32, so that both dtypes see the same operands.
      const inputs = drawInputs(moderate(c), scenario, "float32", SEED);
      const y = new Float64Array(SIZE);
      return [
        plain("the tests' naive reference", () => y.set(c.reference(inputs, {}, "float64").value.data), [y]),
        ...PRECISIONS.map((precision) => {
          const operands = inputs.map(({ data, shape }, i) =>
            keep(sg.tensor(data, shape, c.operands[i]!.dtype?.({}) ?? precision)),
          );
          const out = keep(op(...operands));
          return into(`simdgrad ${c.name}`, precision, () => op(...operands, { out }), [out]);
        }),
      ];
    },
  });

export const opTables = allCases.filter(({ elementwise }) => elementwise).map(tableOf);
