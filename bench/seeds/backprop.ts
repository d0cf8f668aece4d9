// The seed "backprop of a sparse autoencoder": the snippet's four gradients, and the whole cost and gradient.
// Must not know how it is timed.
import {
  add,
  compile,
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
import { operations } from "../ceiling/rates.js";
import { compiled, fresh, into, PRECISIONS, plain } from "../harness/contenders.js";
import type { Numbers } from "../harness/table.js";
import {
  defineTable,
  type Keep,
  type LocalContender,
  type Precision,
  type Rate,
  type Table,
} from "../harness/table.js";
import {
  type AutoencoderParameters,
  type CostAndGradient,
  costAndGradientLoop,
  costAndGradientVectorised,
  createWorkspace,
} from "../plain/plain-autoencoder.js";
import { createSnippet } from "../plain/plain-snippet.js";

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

/** What the eager form writes into. */
interface SnippetWork {
  readonly delta3: SnippetTensors["x"];
  readonly delta2: SnippetTensors["a2"];
  readonly partial1: Tensor<[typeof INPUTS, typeof HIDDEN], Precision>;
  readonly partial2: SnippetTensors["theta2"];
  readonly partial3: SnippetTensors["sum2"];
  readonly partial4: Tensor<[typeof INPUTS], Precision>;
}

/** The snippet line by line; with `work` every result goes into a tensor made beforehand. */
function snippetGradients({ x, a2, a3, theta2, sum2 }: SnippetTensors, work?: SnippetWork) {
  const into = <Name extends keyof SnippetWork>(name: Name): { readonly out?: SnippetWork[Name] } =>
    work === undefined ? {} : { out: work[name] };
  const delta3 = sigmoidBackward(sub(a3, x, into("delta3")), a3, into("delta3"));
  const upstream = add(matmul(delta3, theta2, { transposeB: true, ...into("delta2") }), sum2, into("delta2"));
  const delta2 = sigmoidBackward(upstream, a2, into("delta2"));
  return [
    div(matmul(x, delta2, { transposeA: true, ...into("partial1") }), ROWS, into("partial1")),
    div(matmul(a2, delta3, { transposeA: true, ...into("partial2") }), ROWS, into("partial2")),
    div(sum(delta2, { axis: 0, ...into("partial3") }), ROWS, into("partial3")),
    div(sum(delta3, { axis: 0, ...into("partial4") }), ROWS, into("partial4")),
  ] as const;
}

/** The snippet, op by op and compiled. */
export function simdgradSnippet(
  data: Arrays<keyof typeof SNIPPET.data>,
  precision: Precision,
  keep: Keep,
): readonly LocalContender[] {
  const tensors: SnippetTensors = {
    x: keep(tensor(data.x, [ROWS, INPUTS], precision)),
    a2: keep(tensor(data.a2, [ROWS, HIDDEN], precision)),
    a3: keep(tensor(data.a3, [ROWS, INPUTS], precision)),
    theta2: keep(tensor(data.theta2, [HIDDEN, INPUTS], precision)),
    sum2: keep(tensor(data.sum2, [HIDDEN], precision)),
  };
  const work: SnippetWork = {
    delta3: keep(zeros([ROWS, INPUTS], precision)),
    delta2: keep(zeros([ROWS, HIDDEN], precision)),
    partial1: keep(zeros([INPUTS, HIDDEN], precision)),
    partial2: keep(zeros([HIDDEN, INPUTS], precision)),
    partial3: keep(zeros([HIDDEN], precision)),
    partial4: keep(zeros([INPUTS], precision)),
  };
  const partials = [work.partial1, work.partial2, work.partial3, work.partial4];
  const program = keep(compile((inputs: SnippetTensors) => snippetGradients(inputs)));
  return [
    into("simdgrad, eager with out", precision, () => snippetGradients(tensors, work), partials),
    compiled("simdgrad, compiled", precision, () => program(tensors)),
  ];
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
      ...PRECISIONS.flatMap((precision) => simdgradSnippet(data, precision, keep)),
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

/** See costAndGradientLoop in plain/plain-autoencoder.ts for the formula. */
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

export const costAndGradient = valueAndGrad(costOf);

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

/** The cost's parameters and examples as tensors. */
export function costTensors(data: Arrays<keyof typeof COST.data>, precision: Precision, keep: Keep) {
  const x = keep(tensor(data.x, [ROWS, INPUTS], precision));
  const parameters: Parameters = {
    w1: keep(tensor(data.w1, [INPUTS, HIDDEN], precision)),
    b1: keep(tensor(data.b1, [HIDDEN], precision)),
    w2: keep(tensor(data.w2, [HIDDEN, INPUTS], precision)),
    b2: keep(tensor(data.b2, [INPUTS], precision)),
  };
  return [parameters, x] as const;
}

/** The cost as it is written down, and its gradients by autograd; op by op and compiled. */
export function simdgradCost(
  data: Arrays<keyof typeof COST.data>,
  precision: Precision,
  keep: Keep,
): readonly LocalContender[] {
  const tensors = costTensors(data, precision, keep);
  const results = (evaluate: typeof costAndGradient) => () => {
    const [value, { w1, b1, w2, b2 }] = evaluate(...tensors);
    return [value, w1, b1, w2, b2];
  };
  return [
    fresh("simdgrad, valueAndGrad", precision, results(costAndGradient)),
    compiled("simdgrad, compiled valueAndGrad", precision, results(keep(compile(costAndGradient)))),
  ];
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
      ...PRECISIONS.flatMap((precision) => simdgradCost(data, precision, keep)),
    ];
  },
});

export const backprop: readonly Table[] = [snippet, cost];
