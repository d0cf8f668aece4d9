// Reductions along each axis of several shapes, against the bandwidth of reading. Must not know how they are timed.
import { max, mean, sum } from "simdgrad";
import { traffic } from "../ceiling/rates.js";
import type { Table } from "../harness/table.js";
import { type Limit, limitTable, sizeOf } from "./limit.js";

interface Reduction {
  readonly op: (x: Parameters<Limit["op"]>[0][number], axis: number, out: Parameters<Limit["op"]>[1]) => unknown;
  readonly start: number;
  readonly join: (y: number, x: number) => number;
  readonly divides?: boolean;
}

const plus = (y: number, x: number): number => y + x;

const REDUCTIONS: Readonly<Record<string, Reduction>> = {
  sum: { op: (x, axis, out) => sum(x, { axis, out }), start: 0, join: plus },
  mean: { op: (x, axis, out) => mean(x, { axis, out }), start: 0, join: plus, divides: true },
  max: { op: (x, axis, out) => max(x, { axis, out }), start: Number.NEGATIVE_INFINITY, join: Math.max },
};

const SHAPES = [
  [1024, 1000],
  [100_000, 16],
  [64, 10_000],
  [64, 50, 200],
] as const;

function reductionTable(name: string, { op, start, join, divides }: Reduction, shape: readonly number[], axis: number) {
  const outer = sizeOf(shape.slice(0, axis));
  const extent = shape[axis]!;
  const inner = sizeOf(shape.slice(axis + 1));
  return limitTable({
    name: `reduce/${name}/${shape.join("x")}/axis-${axis}`,
    title: `${name} of [${shape.join(", ")}] along axis ${axis}`,
    rate: traffic({ reads: 1, writes: 0 }, sizeOf(shape)),
    operands: [shape],
    result: shape.filter((_, i) => i !== axis),
    loop: (y, [x]) => {
      y.fill(start);
      for (let o = 0, at = 0; o < outer; o++) {
        for (let a = 0; a < extent; a++) {
          for (let i = 0; i < inner; i++, at++) y[o * inner + i] = join(y[o * inner + i]!, x![at]!);
        }
      }
      if (divides) for (let i = 0; i < y.length; i++) y[i]! /= extent;
    },
    op: ([x], out) => op(x!, axis, out),
    // Sums of up to 10^5 terms that cancel.
    tolerance: { float32: 1e-5, float64: 1e-12 },
  });
}

export const reductionTables: readonly Table[] = Object.entries(REDUCTIONS).flatMap(([name, reduction]) =>
  SHAPES.flatMap((shape) => shape.map((_, axis) => reductionTable(name, reduction, shape, axis))),
);
