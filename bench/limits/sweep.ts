// Square products of every size up to 160, a line each, beside somewhat smaller ones: a size that is slower shows. Must not know
// how they are timed.
import { matmul, ones, tensor, zeros } from "simdgrad";
import { into, PRECISIONS, plain } from "../harness/contenders.js";
import { significant } from "../harness/report.js";
import {
  type Ceiling,
  defineTable,
  type Keep,
  type Precision,
  type Table,
  type TableResult,
} from "../harness/table.js";
import { addProduct } from "../plain/plain-product.js";

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

/** Sizes below this fraction of their best smaller neighbour are marked. */
const DIP = 0.8;

/** A table of a sweep in one line: the rate, and its fraction of the best of somewhat smaller sizes, marked where it dips. */
export function formatSweepLine({ name, rows, unit }: TableResult): string {
  const cells = rows.flatMap(({ name: who, precision, rate, ofCeiling, ceiling, problem }) => {
    if (ceiling || !who.startsWith("simdgrad")) return [];
    if (rate === undefined) return [`${precision} ${problem ?? "not timed"}`];
    const compared =
      ofCeiling === undefined ? "" : `${ofCeiling.toFixed(2)} of smaller${ofCeiling < DIP ? " <--" : ""}`;
    return [`${precision} ${`${significant(rate)} ${unit}`.padStart(14)}  ${compared}`];
  });
  return `${name.padEnd(10)} ${cells.map((cell) => cell.padEnd(48)).join("")}`.trimEnd();
}

function sweepTable(n: number): Table {
  let smaller: readonly Ceiling[] = [];
  return defineTable({
    name: `sweep/${n}`,
    title: `${n} x ${n} times ${n} x ${n}, beside smaller ones`,
    onRequest: true,
    format: formatSweepLine,
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
