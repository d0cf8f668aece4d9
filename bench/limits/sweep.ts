// Square products of every size up to 160, a line each: a size that is slower than a smaller one shows. Must not know how
// they are timed or printed.
import { matmul, tensor, zeros } from "simdgrad";
import { addProduct } from "../../examples/support/plain-product.js";
import { into, PRECISIONS, plain } from "../contenders.js";
import { defineTable, type Table } from "../harness.js";
import { operations } from "../rates.js";

const LARGEST = 160;

const sweepTable = (n: number): Table =>
  defineTable({
    name: `sweep/${n}`,
    title: `${n} x ${n} times ${n} x ${n}`,
    onRequest: true,
    sweep: n,
    rate: operations(2 * n ** 3),
    tolerance: { float32: 1e-5, float64: 1e-13 },
    data: {
      a: { seed: 81, shape: [n, n], low: -1, high: 1 },
      b: { seed: 82, shape: [n, n], low: -1, high: 1 },
    },
    family: "sweep",
    prepare({ a, b }, keep) {
      const c = new Float64Array(n * n);
      return [
        plain("plain JS i-k-j", () => addProduct(c.fill(0), a, b, { m: n, k: n, n }), [c]),
        ...PRECISIONS.map((precision) => {
          const x = keep(tensor(a, [n, n], precision));
          const y = keep(tensor(b, [n, n], precision));
          const out = keep(zeros([n, n], precision));
          return into("simdgrad", precision, () => matmul(x, y, { out }), [out]);
        }),
      ];
    },
  });

export const sweepTables: readonly Table[] = Array.from({ length: LARGEST }, (_, i) => sweepTable(i + 1));
