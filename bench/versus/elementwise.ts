// Activations against everyone, short and far beyond every cache. Must not know how they are timed.
import { relu, sigmoid, softmax, tensor, zeros } from "simdgrad";
import { traffic } from "../ceiling/rates.js";
import { fresh, into, PRECISIONS } from "../harness/contenders.js";
import type { Numbers } from "../harness/table.js";
import { defineTable, type Precision, type Table } from "../harness/table.js";

/** One array read, one written: who takes several passes moves more and comes out slower. */
const rateOf = (size: number) => traffic({ reads: 1, writes: 1 }, size);

function sigmoidTable(n: number, precision: Precision): Table {
  return defineTable({
    name: `peers/sigmoid/${n}/${precision}`,
    title: `sigmoid of ${n.toLocaleString("en")} elements, ${precision}`,
    rate: rateOf(n),
    tolerance: { float32: 1e-6, float64: 1e-14 },
    data: { x: { seed: 11, shape: [n], low: -10, high: 10 } },
    family: "sigmoid",
    invites: [precision],
    prepare(data, keep) {
      const x = keep(tensor(data.x, [n], precision));
      const out = keep(zeros([n], precision));
      return [
        into("simdgrad sigmoid(x, { out })", precision, () => sigmoid(x, { out }), [out]),
        fresh("simdgrad sigmoid(x)", precision, () => [sigmoid(x)]),
      ];
    },
  });
}

function reluTable(precision: Precision): Table {
  const shape = [5000, 5000] as const;
  return defineTable({
    name: `peers/relu/5000x5000/${precision}`,
    title: `ReLU of 5000 x 5000, ${precision}`,
    rate: rateOf(shape[0] * shape[1]),
    tolerance: { float32: 0, float64: 0 },
    data: { x: { seed: 21, shape, low: -1, high: 1 } },
    family: "relu",
    invites: [precision],
    prepare(data, keep) {
      const x = keep(tensor(data.x, shape, precision));
      const out = keep(zeros(shape, precision));
      const restore = (): void => (out.data as Numbers).set(x.data as Numbers);
      return [
        into("simdgrad relu(x, { out })", precision, () => relu(x, { out }), [out]),
        into("simdgrad relu(x, { out: x })", precision, () => relu(out, { out }), [out], restore),
        fresh("simdgrad relu(x)", precision, () => [relu(x)]),
      ];
    },
  });
}

const softmaxTable = defineTable({
  name: "peers/softmax/1024x1000",
  title: "softmax of 1024 rows of 1000, float32",
  rate: rateOf(1024 * 1000),
  // Sums of a thousand terms.
  tolerance: { float32: 1e-5, float64: 1e-13 },
  data: { x: { seed: 22, shape: [1024, 1000], low: -5, high: 5 } },
  family: "softmax",
  invites: ["float32"],
  prepare(data, keep) {
    const x = keep(tensor(data.x, [1024, 1000], "float32"));
    const out = keep(zeros([1024, 1000], "float32"));
    return [
      into("simdgrad softmax(x, { out })", "float32", () => softmax(x, { out }), [out]),
      fresh("simdgrad softmax(x)", "float32", () => [softmax(x)]),
    ];
  },
});

export const elementwise: readonly Table[] = [
  ...[1001, 1_000_000].flatMap((n) => PRECISIONS.map((precision) => sigmoidTable(n, precision))),
  ...PRECISIONS.map(reluTable),
  softmaxTable,
];
