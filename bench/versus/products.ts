// Matrix products against everyone: sizes, memory orders, batches, bias. Must not know how they are timed.
import { type AnyTensor, add, linear, matmul, tensor, zeros } from "simdgrad";
import { operations } from "../ceiling/rates.js";
import { fresh, into, PRECISIONS } from "../harness/contenders.js";
import { defineTable, type Precision, type Table } from "../harness/table.js";

const TOLERANCE = { float32: 1e-5, float64: 1e-13 };

type Order = "nn" | "nt" | "tn";

const TITLES: Readonly<Record<Order, string>> = {
  nn: "a b",
  nt: "a b^T",
  tn: "a^T b",
};

/** C [m x n], from operands stored as `order` says. */
function productTable(order: Order, n: number, precision: Precision): Table {
  const options = { transposeA: order === "tn", transposeB: order === "nt" };
  return defineTable({
    name: `peers/matmul-${order}/${n}/${precision}`,
    title: `matrix product ${TITLES[order]}, ${n} x ${n}, ${precision}`,
    rate: operations(2 * n ** 3),
    tolerance: TOLERANCE,
    data: {
      a: { seed: 31, shape: [n, n], low: -1, high: 1 },
      b: { seed: 32, shape: [n, n], low: -1, high: 1 },
    },
    family: order === "nn" ? "product" : `product-${order}`,
    invites: [precision],
    prepare(data, keep) {
      const a = keep(tensor(data.a, [n, n], precision));
      const b = keep(tensor(data.b, [n, n], precision));
      const out = keep(zeros([n, n], precision));
      return [
        into("simdgrad matmul(a, b, { out })", precision, () => matmul(a, b, { ...options, out }), [out]),
        fresh("simdgrad matmul(a, b)", precision, () => [matmul(a, b, options)]),
      ];
    },
  });
}

/** Many small products in one call. */
function batchTable(count: number, n: number): Table {
  const shape = [count, n, n] as const;
  return defineTable({
    name: `peers/matmul-batch/${count}x${n}`,
    title: `${count} matrix products of ${n} x ${n} in one call, float32`,
    rate: operations(2 * count * n ** 3),
    tolerance: TOLERANCE,
    data: { a: { seed: 33, shape, low: -1, high: 1 }, b: { seed: 34, shape, low: -1, high: 1 } },
    family: "product",
    invites: ["float32"],
    prepare(data, keep) {
      const a = keep(tensor(data.a, shape, "float32"));
      const b = keep(tensor(data.b, shape, "float32"));
      const out = keep(zeros(shape, "float32"));
      return [
        into("simdgrad matmul(a, b, { out })", "float32", () => matmul(a, b, { out }), [out]),
        fresh("simdgrad matmul(a, b)", "float32", () => [matmul(a, b)]),
      ];
    },
  });
}

const [ROWS, INPUTS, OUTPUTS] = [128, 784, 128] as const;

/** A dense layer without activation; its weights as simdgrad keeps them, or as PyTorch does. */
function linearTable(transposed: boolean): Table {
  return defineTable({
    name: transposed ? "peers/linear-nt" : "peers/linear",
    title: `dense layer x ${transposed ? "w^T" : "w"} + b, ${ROWS} x ${INPUTS} x ${OUTPUTS}, float32`,
    rate: operations(2 * ROWS * INPUTS * OUTPUTS),
    tolerance: TOLERANCE,
    data: {
      x: { seed: 35, shape: [ROWS, INPUTS], low: -1, high: 1 },
      w: { seed: 36, shape: transposed ? [OUTPUTS, INPUTS] : [INPUTS, OUTPUTS], low: -1, high: 1 },
      b: { seed: 37, shape: [OUTPUTS], low: -1, high: 1 },
    },
    family: transposed ? "linear-nt" : "linear",
    invites: ["float32"],
    prepare(data, keep) {
      const x = keep(tensor(data.x, [ROWS, INPUTS], "float32"));
      const b = keep(tensor(data.b, [OUTPUTS], "float32"));
      if (!transposed) {
        const w = keep(tensor(data.w, [INPUTS, OUTPUTS], "float32"));
        return [fresh("simdgrad linear(x, w, b)", "float32", () => [linear(x, w, b)])];
      }
      const w = keep(tensor(data.w, [OUTPUTS, INPUTS], "float32"));
      const biased = (): AnyTensor => {
        const y = matmul(x, w, { transposeB: true });
        return add(y, b, { out: y });
      };
      return [fresh("simdgrad matmul(x, w), add(y, b, { out: y })", "float32", () => [biased()])];
    },
  });
}

export const products: readonly Table[] = [
  ...PRECISIONS.flatMap((precision) => [256, 512, 1024].map((n) => productTable("nn", n, precision))),
  ...(["nt", "tn"] as const).flatMap((order) => [256, 512].map((n) => productTable(order, n, "float32"))),
  productTable("nn", 16, "float32"),
  batchTable(1000, 16),
  batchTable(4, 128),
  linearTable(false),
  linearTable(true),
];
