// Every elementwise op on 10^5 elements, from the tests' cases, beside its plain reference. Must not know how it is timed.
import { allCases, type Case, drawInputs, toTensors } from "../test/cases.js";
import { into, PRECISIONS, plain } from "./contenders.js";
import { defineTable, type Table } from "./harness.js";
import { traffic } from "./rates.js";

const SIZE = 100_000;
const SEED = 23;
/** Results are compared relative to the largest one, so a few roundings of the operands are all that may show. */
const TOLERANCE = { float32: 1e-6, float64: 1e-14 };

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
    family: "ops",
    prepare(_, keep) {
      const scenario = { shapes: c.operands.map(() => [SIZE]), options: {} };
      // Exact in float32, so that both dtypes see the same operands.
      const inputs = drawInputs(moderate(c), scenario, "float32", SEED);
      const y = new Float64Array(SIZE);
      return [
        plain("the tests' naive reference", () => y.set(c.reference(inputs, {}, "float64").value.data), [y]),
        ...PRECISIONS.map((precision) => {
          const tensors = toTensors(c, inputs, {}, precision).map((tensor) => keep(tensor));
          const out = keep(c.run(tensors, {}));
          return into(`simdgrad ${c.name}`, precision, () => c.run(tensors, { out }), [out]);
        }),
      ];
    },
  });

export const opTables = allCases.filter(({ elementwise }) => elementwise).map(tableOf);
