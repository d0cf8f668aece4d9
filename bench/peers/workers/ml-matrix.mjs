// ml-matrix' tasks, in float64: a call is done when it returns, and the garbage collector takes what it made.
// Must not know how tasks are asked for (node_worker.ts) or reported.
import { Matrix } from "ml-matrix";
import { versionOf } from "./version.mjs";

/** Its products are plain loops: larger ones take seconds. */
const LARGEST = 512;

export const versions = { "ml-matrix": versionOf("ml-matrix") };
export const precisions = ["float64"];
export const place = (values, shape) => Matrix.from1DArray(shape.length < 2 ? 1 : shape[0], shape.at(-1), values);
export const read = (matrix) => Float64Array.from(matrix.to1DArray());

const complement = (a) => Matrix.mul(a, -1).add(1);

function snippet({ x, a2, a3, theta2, sum2 }) {
  const gradients = () => {
    const delta3 = Matrix.sub(a3, x).mul(a3).mul(complement(a3));
    const delta2 = delta3.mmul(theta2.transpose()).addRowVector(sum2).mul(a2).mul(complement(a2));
    return [
      x.transpose().mmul(delta2).div(x.rows),
      a2.transpose().mmul(delta3).div(x.rows),
      Matrix.rowVector(delta2.sum("column")).div(x.rows),
      Matrix.rowVector(delta3.sum("column")).div(x.rows),
    ];
  };
  return { vectorised: gradients };
}

export const families = {
  product: ({ a, b }) => (a.rows > LARGEST ? {} : { "a.mmul(b)": () => a.mmul(b) }),
  snippet,
};
