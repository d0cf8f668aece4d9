// The networks with one hidden layer whose training steps are measured, and simdgrad's forms of a step. Must not know tables
// nor how they are timed.
import {
  compile,
  linear,
  optim,
  relu,
  scope,
  sigmoid,
  softmaxCrossEntropy,
  type Tensor,
  tensor,
  valueAndGrad,
} from "simdgrad";
import { operations } from "./ceiling/rates.js";
import { advancing, compiled, fresh } from "./harness/contenders.js";
import type { DataSpec, Keep, LocalContender, Precision } from "./harness/table.js";

const ACTIVATIONS = { relu, sigmoid } as const;

export interface Network {
  readonly inputs: number;
  readonly hidden: number;
  readonly classes: number;
  /** Examples of a batch. */
  readonly rows: number;
  readonly activation: keyof typeof ACTIVATIONS;
}

/** As large as for handwritten digits, and so small that all of its time is overhead. */
export const NETWORKS: readonly Network[] = [
  { inputs: 784, hidden: 128, classes: 10, rows: 128, activation: "relu" },
  { inputs: 2, hidden: 8, classes: 2, rows: 4, activation: "sigmoid" },
];

export const nameOf = ({ inputs, hidden, classes }: Network): string => `${inputs}-${hidden}-${classes}`;

type Names = "x" | "labels" | "w1" | "b1" | "w2" | "b2";

/** What every table of a network's step has in common. */
export function stepOf(network: Network) {
  const { inputs, hidden, classes, rows, activation } = network;
  const spread = 1 / Math.sqrt(inputs);
  const data: Readonly<Record<Names, DataSpec>> = {
    x: { seed: 41, shape: [rows, inputs], low: -1, high: 1 },
    // Classes, once they are rounded down.
    labels: { seed: 42, shape: [rows], low: 0, high: classes },
    w1: { seed: 43, shape: [inputs, hidden], low: -spread, high: spread },
    b1: { seed: 44, shape: [hidden], low: -0.1, high: 0.1 },
    w2: { seed: 45, shape: [hidden, classes], low: -0.3, high: 0.3 },
    b2: { seed: 46, shape: [classes], low: -0.1, high: 0.1 },
  };
  return {
    title: `training step ${nameOf(network)}, ${activation}, batch ${rows}, float32`,
    // Five products: two forward, three backward, the hidden layer's input has no gradient.
    rate: operations(2 * rows * hidden * (2 * inputs + 3 * classes)),
    tolerance: { float32: 1e-5, float64: 1e-13 },
    data,
  };
}

interface Parameters {
  readonly w1: Tensor<[number, number], Precision>;
  readonly b1: Tensor<[number], Precision>;
  readonly w2: Tensor<[number, number], Precision>;
  readonly b2: Tensor<[number], Precision>;
}

const sgd = optim.sgd({ learningRate: 0.1 });

/**
 * Softmax cross-entropy, its gradients, and the parameters after a step of gradient descent. Op by op the parameters stay as they
 * are; compiled, the step is made on the parameters themselves, as in training.
 */
export function simdgradSteps(
  { inputs, hidden, classes, rows, activation }: Network,
  data: Readonly<Record<Names, Float64Array>>,
  keep: Keep,
): readonly LocalContender[] {
  const place = (): Parameters => ({
    w1: keep(tensor(data.w1, [inputs, hidden], "float32")),
    b1: keep(tensor(data.b1, [hidden], "float32")),
    w2: keep(tensor(data.w2, [hidden, classes], "float32")),
    b2: keep(tensor(data.b2, [classes], "float32")),
  });
  const x: Tensor<[number, number], Precision> = keep(tensor(data.x, [rows, inputs], "float32"));
  const labels: Tensor<[number], "int32"> = keep(tensor(Int32Array.from(data.labels), [rows]));
  const lossAndGradients = valueAndGrad(({ w1, b1, w2, b2 }: Parameters, from: typeof x, to: typeof labels) =>
    softmaxCrossEntropy(linear(ACTIVATIONS[activation](linear(from, w1, b1)), w2, b2), to),
  );
  const step = (parameters: Parameters, from: typeof x, to: typeof labels) => {
    const [loss, gradients] = lossAndGradients(parameters, from, to);
    const [{ w1, b1, w2, b2 }] = sgd.update(parameters, gradients, {});
    return [loss, w1, b1, w2, b2];
  };
  const program = keep(compile(step, { donate: 0 }));
  const [fixed, moving] = [place(), place()];
  const restore = (): void => {
    for (const name of ["w1", "b1", "w2", "b2"] as const) moving[name].data.set(data[name]);
  };
  return [
    fresh("simdgrad, valueAndGrad and sgd", "float32", () => scope(() => step(fixed, x, labels))),
    advancing(
      compiled("simdgrad, compiled and donated", "float32", () => program(moving, x, labels)),
      restore,
    ),
  ];
}
