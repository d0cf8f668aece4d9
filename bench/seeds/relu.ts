// The seed "ReLU, five ways" on a matrix of 25 million elements. Must not know how it is timed.
import {
  type AnyTensor,
  abs,
  add,
  greater,
  maximum,
  mul,
  ones,
  relu,
  reluBackward,
  reluGrad,
  scope,
  tensor,
  thresholdRelu,
  zeros,
} from "simdgrad";
import { traffic } from "../ceiling/rates.js";
import { fresh, into, PRECISIONS, plain } from "../harness/contenders.js";
import type { Numbers } from "../harness/table.js";
import { defineTable, type Precision, type Table } from "../harness/table.js";

/** 200 MB in float64: far from every cache. */
const N = 5000;
const SHAPE = [N, N] as const;
const DATA = { x: { seed: 21, shape: SHAPE, low: -1, high: 1 } };
const EXACT = { float32: 0, float64: 0 };

/** One array read, one written: forms that take several passes move more and come out slower. */
const RATE = traffic({ reads: 1, writes: 1 }, N * N);

const ARRAYS = { float32: Float32Array, float64: Float64Array };

function fillRelu(y: Numbers, x: Numbers): void {
  for (let i = 0; i < x.length; i++) y[i] = Math.max(x[i]!, 0);
}

function fillReluGradient(y: Numbers, x: Numbers): void {
  for (let i = 0; i < x.length; i++) y[i] = x[i]! > 0 ? 1 : 0;
}

const forward = (precision: Precision): Table =>
  defineTable({
    name: `relu/${precision}`,
    title: `max(x, 0), ${N} x ${N}`,
    rate: RATE,
    tolerance: EXACT,
    data: DATA,
    family: "relu-forms",
    invites: [precision],
    prepare(data, keep) {
      const x = ARRAYS[precision].from(data.x);
      const y = new ARRAYS[precision](x.length);
      const input = keep(tensor(x, SHAPE));
      const out = keep(zeros(SHAPE, precision));
      const made = (name: string, apply: () => AnyTensor) => fresh(`simdgrad ${name}`, precision, () => [scope(apply)]);
      return [
        plain("plain JS Math.max", () => fillRelu(y, x), [y]),
        plain(
          "plain JS Math.max in place",
          () => fillRelu(y, y),
          [y],
          () => y.set(x),
        ),
        made("relu(x)", () => relu(input)),
        into("simdgrad relu(x, { out })", precision, () => relu(input, { out }), [out]),
        into(
          "simdgrad relu(x, { out: x })",
          precision,
          () => relu(out, { out }),
          [out],
          () => (out.data as Numbers).set(x),
        ),
        made("maximum(x, 0)", () => maximum(input, 0)),
        made("mul(x, greater(x, 0))", () => mul(input, greater(input, 0))),
        made("mul(add(x, abs(x)), 0.5)", () => mul(add(input, abs(input)), 0.5)),
        made("thresholdRelu(x)", () => thresholdRelu(input)),
      ];
    },
  });

/** dy is ones where a form takes it, so that all results are the same. */
const gradient = (precision: Precision): Table =>
  defineTable({
    name: `relu-gradient/${precision}`,
    title: `ReLU's derivative, ${N} x ${N}`,
    rate: RATE,
    tolerance: EXACT,
    data: DATA,
    family: "relu-gradient",
    invites: [precision],
    prepare(data, keep) {
      const x = ARRAYS[precision].from(data.x);
      const y = new ARRAYS[precision](x.length);
      const input = keep(tensor(x, SHAPE));
      const dy = keep(ones(SHAPE, precision));
      const out = keep(zeros(SHAPE, precision));
      return [
        plain("plain JS x > 0 ? 1 : 0", () => fillReluGradient(y, x), [y]),
        fresh("simdgrad reluGrad(x)", precision, () => [reluGrad(input)]),
        into("simdgrad reluGrad(x, { out })", precision, () => reluGrad(input, { out }), [out]),
        fresh("simdgrad reluBackward(dy, x)", precision, () => [reluBackward(dy, input)]),
        into("simdgrad reluBackward(dy, x, { out })", precision, () => reluBackward(dy, input, { out }), [out]),
        fresh("simdgrad greater(x, 0)", precision, () => [greater(input, 0)]),
      ];
    },
  });

export const reluTables: readonly Table[] = PRECISIONS.flatMap((precision) => [
  forward(precision),
  gradient(precision),
]);
