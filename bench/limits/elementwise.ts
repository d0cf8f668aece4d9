// Light elementwise ops against the bandwidth of what they move: in the first cache, in the second, and beyond the last.
// Must not know how they are timed.
import { add, mul, relu, reluBackward, sigmoidBackward, where } from "simdgrad";
import { traffic } from "../ceiling/rates.js";
import type { Table } from "../harness/table.js";
import { type Limit, limitTable } from "./limit.js";

type Op = Pick<Limit, "loop" | "op"> & { readonly reads: 1 | 2 | 3 };

const OPS: Readonly<Record<string, Op>> = {
  relu: {
    reads: 1,
    loop: (y, [x]) => {
      for (let i = 0; i < y.length; i++) y[i] = Math.max(x![i]!, 0);
    },
    op: ([x], out) => relu(x!, { out }),
  },
  reluBackward: {
    reads: 2,
    loop: (y, [g, x]) => {
      for (let i = 0; i < y.length; i++) y[i] = x![i]! > 0 ? g![i]! : 0;
    },
    op: ([g, x], out) => reluBackward(g!, x!, { out }),
  },
  sigmoidBackward: {
    reads: 2,
    loop: (y, [g, s]) => {
      for (let i = 0; i < y.length; i++) y[i] = g![i]! * s![i]! * (1 - s![i]!);
    },
    op: ([g, s], out) => sigmoidBackward(g!, s!, { out }),
  },
  add: {
    reads: 2,
    loop: (y, [a, b]) => {
      for (let i = 0; i < y.length; i++) y[i] = a![i]! + b![i]!;
    },
    op: ([a, b], out) => add(a!, b!, { out }),
  },
  mul: {
    reads: 2,
    loop: (y, [a, b]) => {
      for (let i = 0; i < y.length; i++) y[i] = a![i]! * b![i]!;
    },
    op: ([a, b], out) => mul(a!, b!, { out }),
  },
  // The condition is never 0: which operand is taken changes nothing about what is read.
  where: {
    reads: 3,
    loop: (y, [c, a, b]) => {
      for (let i = 0; i < y.length; i++) y[i] = c![i]! !== 0 ? a![i]! : b![i]!;
    },
    op: ([c, a, b], out) => where(c!, a!, b!, { out }),
  },
};

const SIZES = [2000, 20_000, 5_000_000];

export const elementwiseTables: readonly Table[] = SIZES.flatMap((size) =>
  Object.entries(OPS).map(([name, { reads, loop, op }]) =>
    limitTable({
      name: `elementwise/${name}/${size}`,
      title: `${name} of ${size} elements`,
      rate: traffic({ reads, writes: 1 }, size),
      operands: Array.from({ length: reads }, () => [size]),
      result: [size],
      loop,
      op,
    }),
  ),
);
