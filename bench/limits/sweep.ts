// Square products of every size up to 160, a line each, beside somewhat smaller ones: a size that is slower shows. Must not know
// how they are timed or printed.
import { matmul, ones, tensor, zeros } from "simdgrad";
import { addProduct } from "../../examples/support/plain-product.js";
import { into, PRECISIONS, plain } from "../contenders.js";
import { type Ceiling, defineTable, type Keep, type Precision, type Table } from "../harness.js";

const LARGEST = 160;
/** How much smaller the others are at most. */
const SMALLER = 1.3;

/** The size before, and whole tiles: the best of the smaller sizes are among them. */
function smallerSizes(n: number): number[] {
  const sizes = Array.from({ length: n }, (_, size) => size).filter((size) => size > n / SMALLER);
  return sizes.filter((size) => size === n - 1 || size % 8 === 0);
}

const operationsOf = (n: number): number => 2 * n ** 3;

/** One of the smaller products, for the ceiling's place: it takes its turns in the same rounds, and is not checked again. */
function smallerProduct(n: number, precision: Precision, keep: Keep): Ceiling {
  const x = keep(ones([n, n], precision));
  const out = keep(zeros([n, n], precision));
  return {
    name: `simdgrad ${n} x ${n}`,
    precision,
    perCall: operationsOf(n),
    run: () => matmul(x, x, { out }).size,
  };
}

function sweepTable(n: number): Table {
  let smaller: readonly Ceiling[] = [];
  return defineTable({
    name: `sweep/${n}`,
    title: `${n} x ${n} times ${n} x ${n}, beside smaller ones`,
    onRequest: true,
    sweep: true,
    rate: {
      unit: "GFLOP/s",
      perCall: () => operationsOf(n),
      ceilings: (wanted) => smaller.filter(({ precision }) => precision === wanted),
    },
    tolerance: { float32: 1e-5, float64: 1e-13 },
    data: {
      a: { seed: 81, shape: [n, n], low: -1, high: 1 },
      b: { seed: 82, shape: [n, n], low: -1, high: 1 },
    },
    family: "sweep",
    prepare({ a, b }, keep) {
      const c = new Float64Array(n * n);
      smaller = PRECISIONS.flatMap((precision) => smallerSizes(n).map((size) => smallerProduct(size, precision, keep)));
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
}

export const sweepTables: readonly Table[] = Array.from({ length: LARGEST }, (_, i) => sweepTable(i + 1));
