// jax-js' tasks, on its wasm backend. Arrays are lazy: a call is done when blockUntilReady is, nothing is read back.
// Every use of an array consumes it, unless it is `.ref`. Must not know how tasks are asked for (node_worker.ts) or reported.
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { versionOf } from "./version.mjs";

await init("wasm");
defaultDevice("wasm");

export const versions = { "jax-js": versionOf("@jax-js/jax") };
// Its float64 needs a global Float16Array, which this Node lacks, and is computed through float32.
export const precisions = ["float32"];
export const async = true;
export const place = (values, shape) => np.array(Float32Array.from(values)).reshape([...shape]);
export const read = (array) => array.ref.dataSync();
export const release = (array) => array.dispose();

const ready = (call) => () => blockUntilReady(call());

const swap = (array) => np.swapaxes(array, -1, -2);

/** An operation called as it is, and compiled, whichever is faster. */
const bothWays =
  (name, operation) =>
  (...arrays) => {
    const references = () => arrays.map((array) => array.ref);
    const compiled = jit(operation);
    return {
      [name]: ready(() => operation(...references())),
      [`jit(${name})`]: ready(() => compiled(...references())),
    };
  };

const product = (left, right) => {
  const tasks = bothWays("np.matmul", (a, b) => np.matmul(left(a), right(b)));
  return ({ a, b }) => tasks(a, b);
};

const linear = (right) => {
  const tasks = bothWays("x w + b", (x, w, b) => np.matmul(x, right(w)).add(b));
  return ({ x, w, b }) => tasks(x, w, b);
};

const unary = (name, operation) => {
  const tasks = bothWays(name, operation);
  return ({ x }) => tasks(x);
};

function snippet({ x, a2, a3, theta2, sum2 }) {
  const m = x.shape[0];
  const gradients = jit((x, a2, a3, theta2, sum2) => {
    const delta3 = a3.ref.sub(x.ref).mul(a3.ref).mul(np.subtract(1, a3));
    const upstream = np.matmul(delta3.ref, np.transpose(theta2)).add(sum2);
    const delta2 = upstream.mul(a2.ref).mul(np.subtract(1, a2.ref));
    return [
      np.matmul(np.transpose(x), delta2.ref).div(m),
      np.matmul(np.transpose(a2), delta3.ref).div(m),
      delta2.sum(0).div(m),
      delta3.sum(0).div(m),
    ];
  });
  return { "jit(vectorised)": ready(() => gradients(x.ref, a2.ref, a3.ref, theta2.ref, sum2.ref)) };
}

function autoencoder({ x, ...weights }) {
  const [rho, decay, beta] = [0.01, 1e-4, 3];
  const m = x.shape[0];
  const cost = ({ w1, b1, w2, b2 }, x) => {
    const a2 = nn.sigmoid(np.matmul(x.ref, w1.ref).add(b1));
    const a3 = nn.sigmoid(np.matmul(a2.ref, w2.ref).add(b2));
    const rhoHat = a2.mean(0);
    const active = np.log(np.divide(rho, rhoHat.ref)).mul(rho);
    const silent = np.log(np.divide(1 - rho, np.subtract(1, rhoHat))).mul(1 - rho);
    const error = np
      .square(a3.sub(x))
      .sum()
      .mul(1 / (2 * m));
    const penalty = np
      .square(w1)
      .sum()
      .add(np.square(w2).sum())
      .mul(decay / 2);
    return error.add(penalty).add(active.add(silent).sum().mul(beta));
  };
  const costAndGradients = jit(valueAndGrad(cost));
  const call = () => {
    const [value, { w1, b1, w2, b2 }] = costAndGradients(referencesTo(weights), x.ref);
    return [value, w1, b1, w2, b2];
  };
  return { "jit(valueAndGrad)": ready(call) };
}

/** Loss and new parameters after one SGD step. */
const classifier =
  (activation) =>
  ({ x, labels, ...weights }) => {
    const rate = 0.1;
    const m = x.shape[0];
    const oneHot = nn.oneHot(labels.ref.astype(np.int32), weights.b2.shape[0]);
    const loss = ({ w1, b1, w2, b2 }, x, oneHot) => {
      const logits = np.matmul(activation(np.matmul(x, w1).add(b1)), w2).add(b2);
      return nn
        .logSoftmax(logits)
        .mul(oneHot)
        .sum()
        .mul(-1 / m);
    };
    const step = jit((parameters, x, oneHot) => {
      const { w1, b1, w2, b2 } = parameters;
      const [value, grads] = valueAndGrad(loss)(referencesTo(parameters), x, oneHot);
      const next = (parameter, gradient) => parameter.sub(gradient.mul(rate));
      return [value, next(w1, grads.w1), next(b1, grads.b1), next(w2, grads.w2), next(b2, grads.b2)];
    });
    return { "jit(valueAndGrad and sub)": ready(() => step(referencesTo(weights), x.ref, oneHot.ref)) };
  };

function referencesTo({ w1, b1, w2, b2 }) {
  return { w1: w1.ref, b1: b1.ref, w2: w2.ref, b2: b2.ref };
}

const same = (array) => array;

export const families = {
  product: product(same, same),
  "product-nt": product(same, swap),
  "product-tn": product(swap, same),
  linear: linear(same),
  "linear-nt": linear(np.transpose),
  sigmoid: unary("nn.sigmoid", (x) => nn.sigmoid(x)),
  relu: unary("nn.relu", (x) => nn.relu(x)),
  softmax: unary("nn.softmax", (x) => nn.softmax(x)),
  snippet,
  autoencoder,
  "classifier-relu": classifier(nn.relu),
  "classifier-sigmoid": classifier(nn.sigmoid),
};
