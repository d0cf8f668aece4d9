// The seed "backprop of a sparse autoencoder": the snippet's four gradients, and the whole cost and gradient.
// Must not know how it is timed.
import {
  add,
  div,
  linear,
  log,
  matmul,
  mean,
  mul,
  sigmoid,
  sigmoidBackward,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from "simdgrad";
import {
  type AutoencoderParameters,
  type CostAndGradient,
  costAndGradientLoop,
  costAndGradientVectorised,
  createWorkspace,
} from "../../examples/support/plain.js";
import type { Numbers } from "../check.js";
import { fresh, into, numpy, PRECISIONS, plain } from "../contenders.js";
import { defineTable, type Keep, type LocalContender, type Precision, type Rate, type Table } from "../harness.js";
import { createSnippet } from "../plain.js";
import { operations } from "../rates.js";

const ROWS = 10000;
const INPUTS = 64;
const HIDDEN = 25;

/** Products only; what is elementwise adds about 2 %. */
const products = (count: number): Rate => operations(count * 2 * ROWS * INPUTS * HIDDEN);

/** Sums over 10000 examples that cancel: float32 keeps about four digits of the largest. */
const TOLERANCE = { float32: 1e-4, float64: 1e-11 };

// ---- the snippet ----

interface SnippetTensors {
  readonly x: Tensor<[typeof ROWS, typeof INPUTS], Precision>;
  readonly a2: Tensor<[typeof ROWS, typeof HIDDEN], Precision>;
  readonly a3: Tensor<[typeof ROWS, typeof INPUTS], Precision>;
  readonly theta2: Tensor<[typeof HIDDEN, typeof INPUTS], Precision>;
  readonly sum2: Tensor<[typeof HIDDEN], Precision>;
}

/** The snippet's inputs and what its table shares with the peers' one. */
export const SNIPPET = {
  title: `four gradients of ${ROWS} examples, ${INPUTS}-${HIDDEN}-${INPUTS}`,
  rate: products(3),
  tolerance: TOLERANCE,
  data: {
    x: { seed: 1, shape: [ROWS, INPUTS], low: 0.1, high: 0.9 },
    a2: { seed: 2, shape: [ROWS, HIDDEN], low: 0.05, high: 0.95 },
    a3: { seed: 3, shape: [ROWS, INPUTS], low: 0.1, high: 0.9 },
    theta2: { seed: 4, shape: [HIDDEN, INPUTS], low: -0.25, high: 0.25 },
    sum2: { seed: 5, shape: [HIDDEN], low: -0.1, high: 0.1 },
  },
} as const;

type Arrays<Names extends PropertyKey> = Readonly<Record<Names, Float64Array>>;

/** The snippet line by line, every result into a tensor made beforehand. */
export function simdgradSnippet(
  data: Arrays<keyof typeof SNIPPET.data>,
  precision: Precision,
  keep: Keep,
): LocalContender {
  const { x, a2, a3, theta2, sum2 }: SnippetTensors = {
    x: keep(tensor(data.x, [ROWS, INPUTS], precision)),
    a2: keep(tensor(data.a2, [ROWS, HIDDEN], precision)),
    a3: keep(tensor(data.a3, [ROWS, INPUTS], precision)),
    theta2: keep(tensor(data.theta2, [HIDDEN, INPUTS], precision)),
    sum2: keep(tensor(data.sum2, [HIDDEN], precision)),
  };
  const delta3 = keep(zeros([ROWS, INPUTS], precision));
  const delta2 = keep(zeros([ROWS, HIDDEN], precision));
  const partial1 = keep(zeros([INPUTS, HIDDEN], precision));
  const partial2 = keep(zeros([HIDDEN, INPUTS], precision));
  const partial3 = keep(zeros([HIDDEN], precision));
  const partial4 = keep(zeros([INPUTS], precision));
  const partials = [partial1, partial2, partial3, partial4] as const;
  const apply = (): void => {
    sub(a3, x, { out: delta3 });
    sigmoidBackward(delta3, a3, { out: delta3 });
    matmul(delta3, theta2, { transposeB: true, out: delta2 });
    add(delta2, sum2, { out: delta2 });
    sigmoidBackward(delta2, a2, { out: delta2 });
    matmul(x, delta2, { transposeA: true, out: partial1 });
    matmul(a2, delta3, { transposeA: true, out: partial2 });
    sum(delta2, { axis: 0, out: partial3 });
    sum(delta3, { axis: 0, out: partial4 });
    div(partial1, ROWS, { out: partial1 });
    div(partial2, ROWS, { out: partial2 });
    div(partial3, ROWS, { out: partial3 });
    div(partial4, ROWS, { out: partial4 });
  };
  return into("simdgrad, eager with out", precision, apply, partials);
}

const snippet = defineTable({
  ...SNIPPET,
  name: "backprop/snippet",
  family: "snippet-forms",
  prepare(data, keep) {
    // Buffers of their own, or the second would read what the first has just left in the cache.
    const [vectorised, loop] = [createSnippet(data), createSnippet(data)];
    return [
      plain("plain JS, vectorised", vectorised.vectorised, vectorised.gradients),
      plain("plain JS, per example", loop.loop, loop.gradients),
      ...PRECISIONS.map((precision) => simdgradSnippet(data, precision, keep)),
      ...numpy("vectorised"),
      ...numpy("per example"),
    ];
  },
});

// ---- the whole cost and gradient ----

const RHO = 0.01;
const LAMBDA = 1e-4;
const BETA = 3;

interface Parameters {
  readonly w1: Tensor<[typeof INPUTS, typeof HIDDEN], Precision>;
  readonly b1: Tensor<[typeof HIDDEN], Precision>;
  readonly w2: Tensor<[typeof HIDDEN, typeof INPUTS], Precision>;
  readonly b2: Tensor<[typeof INPUTS], Precision>;
}

/** See costAndGradientLoop in examples/support/plain.ts for the formula. */
function costOf({ w1, b1, w2, b2 }: Parameters, x: SnippetTensors["x"]): Tensor<[], Precision> {
  const a2 = sigmoid(linear(x, w1, b1));
  const a3 = sigmoid(linear(a2, w2, b2));
  const rhoHat = mean(a2, { axis: 0 });
  const error = mul(sum(square(sub(a3, x))), 1 / (2 * ROWS));
  const decay = mul(add(sum(square(w1)), sum(square(w2))), LAMBDA / 2);
  const active = mul(log(div(RHO, rhoHat)), RHO);
  const silent = mul(log(div(1 - RHO, sub(1, rhoHat))), 1 - RHO);
  return add(add(error, decay), mul(sum(add(active, silent)), BETA));
}

const costAndGradient = valueAndGrad(costOf);

/** The cost's inputs and what its table shares with the peers' one. */
export const COST = {
  title: `cost and gradient of the sparse autoencoder, ${ROWS} examples, ${INPUTS}-${HIDDEN}-${INPUTS}`,
  rate: products(5),
  tolerance: TOLERANCE,
  data: {
    x: { seed: 1, shape: [ROWS, INPUTS], low: 0.1, high: 0.9 },
    w1: { seed: 6, shape: [INPUTS, HIDDEN], low: -0.25, high: 0.25 },
    b1: { seed: 7, shape: [HIDDEN], low: -0.1, high: 0.1 },
    w2: { seed: 8, shape: [HIDDEN, INPUTS], low: -0.25, high: 0.25 },
    b2: { seed: 9, shape: [INPUTS], low: -0.1, high: 0.1 },
  },
  family: "autoencoder",
} as const;

/** The cost as it is written down, and its gradients by autograd. */
export function simdgradCost(data: Arrays<keyof typeof COST.data>, precision: Precision, keep: Keep): LocalContender {
  const x = keep(tensor(data.x, [ROWS, INPUTS], precision));
  const p: Parameters = {
    w1: keep(tensor(data.w1, [INPUTS, HIDDEN], precision)),
    b1: keep(tensor(data.b1, [HIDDEN], precision)),
    w2: keep(tensor(data.w2, [HIDDEN, INPUTS], precision)),
    b2: keep(tensor(data.b2, [INPUTS], precision)),
  };
  return fresh("simdgrad, valueAndGrad", precision, () => {
    const [value, { w1, b1, w2, b2 }] = costAndGradient(p, x);
    return [value, w1, b1, w2, b2];
  });
}

/** One evaluation, run once for its results: both forms return what the next call may overwrite. */
function plainCost(name: string, evaluate: () => CostAndGradient): LocalContender {
  const outputs = (): readonly Numbers[] => {
    const { cost, gradient } = evaluate();
    return [Float64Array.of(cost), gradient.w1, gradient.b1, gradient.w2, gradient.b2];
  };
  return { name, precision: "float64", run: () => evaluate().cost, outputs };
}

const cost = defineTable({
  ...COST,
  name: "backprop/cost",
  prepare(data, keep) {
    const { x, ...weights } = data;
    const parameters: AutoencoderParameters = weights;
    const penalties = { rho: RHO, lambda: LAMBDA, beta: BETA };
    const workspace = createWorkspace(ROWS, INPUTS, HIDDEN);
    return [
      plainCost("plain JS, vectorised", () => costAndGradientVectorised(parameters, x, ROWS, penalties, workspace)),
      plainCost("plain JS, per example", () => costAndGradientLoop(parameters, x, ROWS, penalties)),
      ...PRECISIONS.map((precision) => simdgradCost(data, precision, keep)),
      ...numpy("by hand"),
    ];
  },
});

export const backprop: readonly Table[] = [snippet, cost];
