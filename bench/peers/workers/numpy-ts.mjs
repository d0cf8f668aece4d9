// numpy-ts' tasks: a call is done when it returns. What a call makes on the way is disposed of within it.
// Must not know how tasks are asked for (node_worker.ts) or reported.
import * as np from "numpy-ts";
import { versionOf } from "./version.mjs";

export const versions = { "numpy-ts": versionOf("numpy-ts") };
export const precisions = ["float32", "float64"];
export const place = (values, shape, precision) => np.array(values, precision).reshape(...shape);
export const read = (array) => array.data;
export const release = (array) => array.dispose();

/** Runs `work`, which hands over what is to be disposed of. */
function scoped(work) {
  const made = [];
  try {
    return work((array) => {
      made.push(array);
      return array;
    });
  } finally {
    for (const array of made) array.dispose();
  }
}

const transposed = (array) => np.transpose(array);

function snippet({ x, a2, a3, theta2, sum2 }) {
  const m = x.shape[0];
  // Numbers are accepted on the right only.
  const one = np.array(1, x.dtype);
  const gradients = (own) => {
    const slope3 = own(np.multiply(a3, own(np.subtract(one, a3))));
    const delta3 = own(np.multiply(own(np.subtract(a3, x)), slope3));
    const slope2 = own(np.multiply(a2, own(np.subtract(one, a2))));
    const upstream = own(np.add(own(np.matmul(delta3, own(transposed(theta2)))), sum2));
    const delta2 = own(np.multiply(upstream, slope2));
    return [
      np.divide(own(np.matmul(own(transposed(x)), delta2)), m),
      np.divide(own(np.matmul(own(transposed(a2)), delta3)), m),
      np.divide(own(np.sum(delta2, 0)), m),
      np.divide(own(np.sum(delta3, 0)), m),
    ];
  };
  return { vectorised: () => scoped(gradients) };
}

export const families = {
  product: ({ a, b }) => ({ "matmul(a, b)": () => np.matmul(a, b) }),
  "product-nt": ({ a, b }) => ({ "matmul(a, b.T)": () => scoped((own) => np.matmul(a, own(transposed(b)))) }),
  "product-tn": ({ a, b }) => ({ "matmul(a.T, b)": () => scoped((own) => np.matmul(own(transposed(a)), b)) }),
  linear: ({ x, w, b }) => ({ "add(matmul(x, w), b)": () => scoped((own) => np.add(own(np.matmul(x, w)), b)) }),
  "linear-nt": ({ x, w, b }) => ({
    "add(matmul(x, w.T), b)": () => scoped((own) => np.add(own(np.matmul(x, own(transposed(w)))), b)),
  }),
  sigmoid: ({ x }) => ({
    "1 / (1 + exp(-x))": () => scoped((own) => np.reciprocal(own(np.add(own(np.exp(own(np.negative(x)))), 1)))),
  }),
  relu: ({ x }) => ({ "maximum(x, 0)": () => np.maximum(x, 0) }),
  snippet,
};
