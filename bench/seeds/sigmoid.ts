// The seed "sigmoid and its gradient", for a short vector and a long one. Must not know how it is timed.
import { ones, sigmoid, sigmoidBackward, sigmoidGrad, tensor, zeros } from "simdgrad";
import { traffic } from "../ceiling/rates.js";
import { fresh, into, PRECISIONS, plain } from "../harness/contenders.js";
import type { Numbers } from "../harness/table.js";
import { defineTable, type Table } from "../harness/table.js";

const SIZES = [1001, 1_000_000];
const TOLERANCE = { float32: 1e-6, float64: 1e-14 };

function fillSigmoid(y: Numbers, x: Numbers): void {
  for (let i = 0; i < x.length; i++) y[i] = 1 / (1 + Math.exp(-x[i]!));
}

function fillProduct(dx: Numbers, y: Numbers): void {
  for (let i = 0; i < y.length; i++) dx[i] = y[i]! * (1 - y[i]!);
}

/** Every form reads one array and writes one; those that read more are the slower for it. */
const rateOf = (n: number) => traffic({ reads: 1, writes: 1 }, n);

const inputOf = (n: number) => ({ x: { seed: 11, shape: [n], low: -10, high: 10 } });

const forward = (n: number): Table =>
  defineTable({
    name: `sigmoid/${n}`,
    title: `1 / (1 + e^-x), n = ${n}`,
    rate: rateOf(n),
    tolerance: TOLERANCE,
    data: inputOf(n),
    family: "sigmoid",
    prepare({ x }, keep) {
      const y = new Float64Array(n);
      return [
        plain("plain JS Math.exp", () => fillSigmoid(y, x), [y]),
        ...PRECISIONS.flatMap((precision) => {
          const input = keep(tensor(x, [n], precision));
          const out = keep(zeros([n], precision));
          return [
            fresh("simdgrad sigmoid(x)", precision, () => [sigmoid(input)]),
            into("simdgrad sigmoid(x, { out })", precision, () => sigmoid(input, { out }), [out]),
          ];
        }),
      ];
    },
  });

/** dy is ones where a form takes it, so that all results are the same. */
const gradient = (n: number): Table =>
  defineTable({
    name: `sigmoid-gradient/${n}`,
    title: `the sigmoid's derivative, n = ${n}`,
    rate: rateOf(n),
    tolerance: TOLERANCE,
    data: inputOf(n),
    family: "sigmoid-gradient",
    prepare({ x }, keep) {
      const [y, dx] = [new Float64Array(n), new Float64Array(n)];
      fillSigmoid(y, x);
      return [
        plain("plain JS y * (1 - y)", () => fillProduct(dx, y), [dx]),
        ...PRECISIONS.flatMap((precision) => {
          const input = keep(tensor(x, [n], precision));
          const output = keep(sigmoid(input));
          const dy = keep(ones([n], precision));
          const out = keep(zeros([n], precision));
          return [
            fresh("simdgrad sigmoidGrad(x)", precision, () => [sigmoidGrad(input)]),
            into("simdgrad sigmoidGrad(x, { out })", precision, () => sigmoidGrad(input, { out }), [out]),
            fresh("simdgrad sigmoidBackward(dy, y)", precision, () => [sigmoidBackward(dy, output)]),
            into("simdgrad sigmoidBackward(dy, y, { out })", precision, () => sigmoidBackward(dy, output, { out }), [
              out,
            ]),
          ];
        }),
      ];
    },
  });

export const sigmoidTables: readonly Table[] = SIZES.flatMap((n) => [forward(n), gradient(n)]);
