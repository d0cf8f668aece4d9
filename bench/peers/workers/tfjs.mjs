// TensorFlow.js' tasks, on its wasm backend: a call is done when it returns, nothing is read back.
// Must not know how they are asked for (node_worker.ts) or reported.
import * as tf from "@tensorflow/tfjs";
import { version_wasm } from "@tensorflow/tfjs-backend-wasm";

await tf.setBackend("wasm");

export const versions = { "TensorFlow.js": tf.version.tfjs, "tfjs-backend-wasm": version_wasm };
export const precisions = ["float32"];
export const place = (values, shape) => tf.tensor(Float32Array.from(values), shape);
export const read = (array) => array.dataSync();
export const release = (array) => array.dispose();

const product =
  (transposeA, transposeB) =>
  ({ a, b }) => ({
    "matMul(a, b)": () => tf.matMul(a, b, transposeA, transposeB),
  });

const linear =
  (transposeB) =>
  ({ x, w, b }) => ({
    "fused.matMul({ bias })": () => tf.fused.matMul({ a: x, b: w, bias: b, transposeB }),
    "add(matMul(x, w), b)": () => tf.tidy(() => tf.add(tf.matMul(x, w, false, transposeB), b)),
  });

function snippet({ x, a2, a3, theta2, sum2 }) {
  const m = x.shape[0];
  const gradients = () => {
    const delta3 = a3.sub(x).mul(a3).mul(tf.sub(1, a3));
    const delta2 = tf.matMul(delta3, theta2, false, true).add(sum2).mul(a2).mul(tf.sub(1, a2));
    const partials = [tf.matMul(x, delta2, true), tf.matMul(a2, delta3, true), delta2.sum(0), delta3.sum(0)];
    return partials.map((partial) => partial.div(m));
  };
  return { vectorised: () => tf.tidy(gradients) };
}

function autoencoder({ x, w1, b1, w2, b2 }) {
  const [rho, decay, beta] = [0.01, 1e-4, 3];
  const cost = (w1, b1, w2, b2) => {
    const a2 = x.matMul(w1).add(b1).sigmoid();
    const a3 = a2.matMul(w2).add(b2).sigmoid();
    const rhoHat = a2.mean(0);
    const active = tf.div(rho, rhoHat).log().mul(rho);
    const silent = tf
      .div(1 - rho, tf.sub(1, rhoHat))
      .log()
      .mul(1 - rho);
    const error = a3
      .sub(x)
      .square()
      .sum()
      .div(2 * x.shape[0]);
    const penalty = w1
      .square()
      .sum()
      .add(w2.square().sum())
      .mul(decay / 2);
    return error.add(penalty).add(active.add(silent).sum().mul(beta));
  };
  const costAndGradients = tf.valueAndGrads(cost);
  const call = () => {
    const { value, grads } = costAndGradients([w1, b1, w2, b2]);
    return [value, ...grads];
  };
  return { valueAndGrads: () => tf.tidy(call) };
}

/** Loss and new parameters after one SGD step. */
const classifier =
  (activation) =>
  ({ x, labels, w1, b1, w2, b2 }) => {
    const rate = 0.1;
    const oneHot = tf.tidy(() => tf.oneHot(tf.cast(labels, "int32"), b2.shape[0]).toFloat());
    const loss = (w1, b1, w2, b2) => {
      const logits = activation(x.matMul(w1).add(b1)).matMul(w2).add(b2);
      return tf.losses.softmaxCrossEntropy(oneHot, logits);
    };
    const lossAndGradients = tf.valueAndGrads(loss);
    const parameters = [w1, b1, w2, b2];
    const step = () => {
      const { value, grads } = lossAndGradients(parameters);
      return [value, ...parameters.map((parameter, i) => parameter.sub(grads[i].mul(rate)))];
    };
    return { "valueAndGrads and sub": () => tf.tidy(step) };
  };

export const families = {
  product: product(false, false),
  "product-nt": product(false, true),
  "product-tn": product(true, false),
  linear: linear(false),
  "linear-nt": linear(true),
  sigmoid: ({ x }) => ({ "sigmoid(x)": () => tf.sigmoid(x) }),
  relu: ({ x }) => ({ "relu(x)": () => tf.relu(x) }),
  softmax: ({ x }) => ({ "softmax(x)": () => tf.softmax(x) }),
  snippet,
  autoencoder,
  "classifier-relu": classifier(tf.relu),
  "classifier-sigmoid": classifier(tf.sigmoid),
};
