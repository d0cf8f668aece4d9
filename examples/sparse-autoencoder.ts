// The sparse autoencoder of the seed problem, as simdgrad writes it. Knows the model, not the data or the training.
import {
  add,
  div,
  type FloatDType,
  linear,
  log,
  mean,
  mul,
  random,
  sigmoid,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
} from "simdgrad";

/** Weights and biases: w1 [inputs, hidden], b1 [hidden], w2 [hidden, inputs], b2 [inputs]. */
export type Parameters<D extends FloatDType> = {
  readonly w1: Tensor<[number, number], D>;
  readonly b1: Tensor<[number], D>;
  readonly w2: Tensor<[number, number], D>;
  readonly b2: Tensor<[number], D>;
};

/** Target activity of the hidden units, weight decay, weight of the sparsity term. */
export interface Penalties {
  readonly rho: number;
  readonly lambda: number;
  readonly beta: number;
}

export const PENALTIES: Penalties = { rho: 0.01, lambda: 1e-4, beta: 3 };

/** The exercise's first weights: uniform on [-r, r], r = sqrt(6 / (inputs + hidden + 1)); biases 0. */
export function initialParameters<D extends FloatDType>(
  inputs: number,
  hidden: number,
  dtype: D,
  seed: number,
): Parameters<D> {
  const r = Math.sqrt(6 / (inputs + hidden + 1));
  return {
    w1: random.uniform([inputs, hidden], { seed: 2 * seed, low: -r, high: r, dtype }),
    b1: tensor(new Float64Array(hidden), [hidden], dtype),
    w2: random.uniform([hidden, inputs], { seed: 2 * seed + 1, low: -r, high: r, dtype }),
    b2: tensor(new Float64Array(inputs), [inputs], dtype),
  };
}

/** Sum over the units of KL(rho || activity): rho log(rho / r) + (1 - rho) log((1 - rho) / (1 - r)). */
function divergence<D extends FloatDType>(rho: number, activity: Tensor<[number], D>): Tensor<[], D> {
  const active = mul(rho, log(div(rho, activity)));
  const inactive = mul(1 - rho, log(div(1 - rho, sub(1, activity))));
  return sum(add(active, inactive));
}

/**
 * The cost of reconstructing x [m, inputs]: 1/2m sum|a3 - x|^2 + lambda/2 sum(w^2) + beta sum_j KL(rho || activity_j),
 * a2 = sigmoid(x w1 + b1), a3 = sigmoid(a2 w2 + b2), activity = mean of a2 over the rows.
 */
export function cost<D extends FloatDType>(
  { w1, b1, w2, b2 }: Parameters<D>,
  x: Tensor<[number, number], D>,
  { rho, lambda, beta }: Penalties = PENALTIES,
): Tensor<[], D> {
  const a2 = sigmoid(linear(x, w1, b1));
  const a3 = sigmoid(linear(a2, w2, b2));
  const reconstruction = div(sum(square(sub(a3, x))), 2 * x.shape[0]);
  const decay = mul(lambda / 2, add(sum(square(w1)), sum(square(w2))));
  const sparsity = mul(beta, divergence(rho, mean(a2, { axis: 0 })));
  return add(add(reconstruction, decay), sparsity);
}
