// Three rungs beside each other: the tests' float64 reference, naive scalar kernels, the package. Must not know how they
// are timed.
import { exp, matmul, sigmoid, sum, type Tensor, tensor, zeros } from "simdgrad";
import { cases } from "../../test/cases.js";
import { operations, traffic } from "../ceiling/rates.js";
import { into, PRECISIONS, plain } from "../harness/contenders.js";
import { defineTable, type Precision, type Rate, type Table } from "../harness/table.js";
import { naive } from "./naive.js";

interface Rungs {
  readonly op: "matmul" | "exp" | "sigmoid" | "sum";
  readonly size: number;
  readonly rate: Rate;
  readonly operands: readonly (readonly number[])[];
  readonly result: readonly number[];
  /** What the naive kernel takes after the addresses. */
  readonly sizes: readonly number[];
  readonly fast: (operands: readonly Tensor<readonly number[], Precision>[], out: never) => unknown;
}

const product = (n: number): Rungs => ({
  op: "matmul",
  size: n,
  rate: operations(2 * n ** 3),
  operands: [
    [n, n],
    [n, n],
  ],
  result: [n, n],
  sizes: [n, n, n],
  fast: ([a, b], out) => matmul(a!, b!, { out }),
});

const unary = (op: "exp" | "sigmoid", fast: typeof exp, n: number): Rungs => ({
  op,
  size: n,
  rate: traffic({ reads: 1, writes: 1 }, n),
  operands: [[n]],
  result: [n],
  sizes: [n],
  fast: ([x], out) => fast(x!, { out }),
});

const total = (n: number): Rungs => ({
  op: "sum",
  size: n,
  rate: traffic({ reads: 1, writes: 0 }, n),
  operands: [[n]],
  result: [],
  sizes: [n],
  fast: ([x], out) => sum(x!, { out }),
});

/** Operands are positive, so that the sum is as large as its terms and the naive one's error shows for what it is. */
const ladderTable = ({ op, size, rate, operands, result, sizes, fast }: Rungs): Table =>
  defineTable({
    name: `ladder/${op}/${size}`,
    title: `${op}: reference, naive, fast`,
    onRequest: true,
    rate,
    tolerance: { float32: 1e-3, float64: 1e-11 },
    data: Object.fromEntries(operands.map((shape, i) => [`x${i}`, { seed: 71 + i, shape, low: 0, high: 1 }])),
    prepare(data, keep) {
      const inputs = operands.map((shape, i) => ({ shape, data: data[`x${i}`]! }));
      const arrays = inputs.map((input) => input.data);
      const y = new Float64Array(result.reduce((count, extent) => count * extent, 1));
      return [
        plain("reference: TypeScript for clarity", () => y.set(cases[op].reference(inputs, {}, "float64").value.data), [
          y,
        ]),
        ...PRECISIONS.map((precision) => naive(op, precision, arrays, y.length, sizes)),
        ...PRECISIONS.map((precision) => {
          const tensors = inputs.map(({ shape, data: values }) => keep(tensor(values, shape, precision)));
          const out = keep(zeros(result, precision));
          return into("fast: simdgrad", precision, () => fast(tensors, out as never), [out]);
        }),
      ];
    },
  });

export const ladderTables: readonly Table[] = [
  product(64),
  product(256),
  unary("exp", exp, 100_000),
  unary("sigmoid", sigmoid, 100_000),
  total(1000),
  total(100_000),
].map(ladderTable);
