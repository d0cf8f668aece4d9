// Gradients and training steps against everyone: the seed's backprop, and whole steps of two networks.
// Must not know how they are timed.
import { linear, optim, relu, scope, softmaxCrossEntropy, type Tensor, tanh, tensor, valueAndGrad } from "simdgrad";
import { fresh, PRECISIONS } from "../contenders.js";
import { defineTable, type Table } from "../harness.js";
import { operations } from "../rates.js";
import { COST, SNIPPET, simdgradCost, simdgradSnippet } from "../seeds/backprop.js";

const seedTables: readonly Table[] = PRECISIONS.flatMap((precision) => [
  defineTable({
    ...SNIPPET,
    name: `peers/snippet/${precision}`,
    title: `sparse autoencoder: the four gradients, ${precision}`,
    family: "snippet",
    invites: precision,
    prepare: (data, keep) => [simdgradSnippet(data, precision, keep)],
  }),
  defineTable({
    ...COST,
    name: `peers/cost/${precision}`,
    title: `sparse autoencoder: cost and gradients, ${precision}`,
    invites: precision,
    prepare: (data, keep) => [simdgradCost(data, precision, keep)],
  }),
]);

interface Parameters {
  readonly w1: Tensor<[number, number]>;
  readonly b1: Tensor<[number]>;
  readonly w2: Tensor<[number, number]>;
  readonly b2: Tensor<[number]>;
}

const ACTIVATIONS = { relu, tanh } as const;

const sgd = optim.sgd({ learningRate: 0.1 });

/**
 * Softmax cross-entropy of a network with one hidden layer, its gradients, and the parameters after a step of gradient
 * descent; the parameters stay as they are, so that every call is the same step.
 */
function stepTable(
  [inputs, hidden, classes]: readonly [number, number, number],
  rows: number,
  activation: keyof typeof ACTIVATIONS,
): Table {
  const network = `${inputs}-${hidden}-${classes}`;
  const spread = 1 / Math.sqrt(inputs);
  return defineTable({
    name: `peers/step/${network}`,
    title: `training step ${network}, ${activation}, batch ${rows}, float32`,
    // Five products: two forward, three backward, the hidden layer's input has no gradient.
    rate: operations(2 * rows * hidden * (2 * inputs + 3 * classes)),
    tolerance: { float32: 1e-5, float64: 1e-13 },
    data: {
      x: { seed: 41, shape: [rows, inputs], low: -1, high: 1 },
      // Classes, once they are rounded down.
      labels: { seed: 42, shape: [rows], low: 0, high: classes },
      w1: { seed: 43, shape: [inputs, hidden], low: -spread, high: spread },
      b1: { seed: 44, shape: [hidden], low: -0.1, high: 0.1 },
      w2: { seed: 45, shape: [hidden, classes], low: -0.3, high: 0.3 },
      b2: { seed: 46, shape: [classes], low: -0.1, high: 0.1 },
    },
    family: `classifier-${activation}`,
    invites: "float32",
    prepare(data, keep) {
      const x = keep(tensor(data.x, [rows, inputs], "float32"));
      const labels = keep(tensor(Int32Array.from(data.labels), [rows]));
      const parameters: Parameters = {
        w1: keep(tensor(data.w1, [inputs, hidden], "float32")),
        b1: keep(tensor(data.b1, [hidden], "float32")),
        w2: keep(tensor(data.w2, [hidden, classes], "float32")),
        b2: keep(tensor(data.b2, [classes], "float32")),
      };
      const lossAndGradients = valueAndGrad(({ w1, b1, w2, b2 }: Parameters) =>
        softmaxCrossEntropy(linear(ACTIVATIONS[activation](linear(x, w1, b1)), w2, b2), labels),
      );
      const step = () =>
        scope(() => {
          const [loss, gradients] = lossAndGradients(parameters);
          const [{ w1, b1, w2, b2 }] = sgd.update(parameters, gradients, {});
          return [loss, w1, b1, w2, b2];
        });
      return [fresh("simdgrad, valueAndGrad and sgd", "float32", step)];
    },
  });
}

export const training: readonly Table[] = [
  ...seedTables,
  stepTable([784, 128, 10], 128, "relu"),
  stepTable([2, 8, 2], 4, "tanh"),
];
