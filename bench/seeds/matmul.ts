// The seed "matmul in four memory orders": either operand stored as it is used (N) or transposed (T).
// Must not know how it is timed.
import { matmul, tensor, transpose, zeros } from "simdgrad";
import { operations } from "../ceiling/rates.js";
import { into, PRECISIONS, plain } from "../harness/contenders.js";
import { defineTable, type Table } from "../harness/table.js";
import { addProduct } from "../plain/plain-product.js";

const ORDERS = ["NN", "NT", "TN", "TT"] as const;
type Order = (typeof ORDERS)[number];

/** C [m x n] = A [m x k] B [k x n] in some orders; all give the same C. */
function matmulTable(m: number, k: number, n: number, orders: readonly [Order, ...Order[]], why: string): Table {
  const square = m === k && k === n;
  const plainOrder = orders[0];
  const reference = `plain JS i-k-j, ${plainOrder}`;
  return defineTable({
    name: square ? `matmul/${n}` : `matmul/${m}x${k}x${n}`,
    title: `${m} x ${k} times ${k} x ${n}, ${why}`,
    rate: operations(2 * m * k * n),
    tolerance: { float32: 1e-5, float64: 1e-13 },
    data: {
      a: { seed: 31, shape: [m, k], low: -1, high: 1 },
      b: { seed: 32, shape: [k, n], low: -1, high: 1 },
    },
    family: "product-orders",
    prepare({ a, b }, keep) {
      const transposed = plainOrder.startsWith("T");
      const storedA = transposed ? transposedCopy(a, m, k) : a;
      const c = new Float64Array(m * n);
      return [
        plain(reference, () => addProduct(c.fill(0), storedA, b, { m, k, n, transposed }), [c]),
        ...PRECISIONS.flatMap((precision) => {
          const rowsA = keep(tensor(a, [m, k], precision));
          const rowsB = keep(tensor(b, [k, n], precision));
          const columnsA = keep(transpose(rowsA));
          const columnsB = keep(transpose(rowsB));
          const out = keep(zeros([m, n], precision));
          const apply: Record<Order, () => unknown> = {
            NN: () => matmul(rowsA, rowsB, { out }),
            NT: () => matmul(rowsA, columnsB, { transposeB: true, out }),
            TN: () => matmul(columnsA, rowsB, { transposeA: true, out }),
            TT: () => matmul(columnsA, columnsB, { transposeA: true, transposeB: true, out }),
          };
          return orders.map((order) => into(`simdgrad ${order}`, precision, apply[order], [out]));
        }),
      ];
    },
  });
}

function transposedCopy(x: Float64Array, rows: number, columns: number): Float64Array {
  return x.map((_, at) => x[(at % rows) * columns + Math.floor(at / rows)]!);
}

export const matmulTables: readonly Table[] = [
  ...[64, 128, 256, 512].map((n) => matmulTable(n, n, n, ORDERS, "all orders")),
  matmulTable(10000, 64, 25, ["NN", "NT"], "the autoencoder's x w1 and delta3 w2^T"),
  matmulTable(10000, 25, 64, ["NN"], "the autoencoder's a2 w2"),
  matmulTable(64, 10000, 25, ["TN"], "the autoencoder's x^T delta2"),
];
