// Cases of the losses. Must not know the test runner.
import type { DType } from "../../src/index.js";
import { build, exactSum, map, type Nd, onRows, scalar } from "../support/reference.js";
import type { Expected } from "../support/reference-compare.js";
import { between } from "../support/reference-samples.js";
import { sums } from "../tolerances.js";
import { softplus } from "./activation.js";
import { ANY, type Case, call, DEFAULTS, type OpName, type Options, operand, scenario } from "./case.js";
import { drawIndices } from "./movement.js";

const LOGITS = operand(between(-20, 20), [-2, 2]);
const PROBABILITY = operand(between(0, 1), [0.1, 0.9]);

/** A mean of terms that are each right to a few epsilons, plus the terms' own errors. */
function meanOf(terms: readonly number[], n: number, own = 0): Expected {
  const value = exactSum(terms) / n;
  const size = exactSum(terms.map(Math.abs)) / n;
  return { value: scalar(value), slack: scalar(size * (sums.blocked(terms.length) + sums.extra) + own) };
}

function loss(name: OpName, rest: Pick<Case, "reference" | "operands"> & Partial<Case>): Case {
  return {
    ...DEFAULTS,
    name,
    differentiable: [0, 1],
    // What the labels are is the case's own, no option of the op.
    run: ([x, y], { labels: _, ...options }) => call(name, x, y, options),
    // No elements have no mean.
    scenarios: (size) =>
      size === 0
        ? []
        : [
            scenario([[size], [size]]),
            scenario([
              [3, size],
              [3, size],
            ]),
          ],
    gradients: [
      scenario([[5], [5]]),
      scenario([
        [2, 3],
        [2, 3],
      ]),
      scenario([[], []]),
    ],
    ...rest,
  };
}

function areIndices(options: Options): boolean {
  return options["labels"] === "indices";
}

/** log softmax of each row. */
function logSoftmax(x: Nd): Nd {
  return onRows(x, -1, (row) => {
    const greatest = Math.max(...row);
    const log = Math.log(exactSum(row.map((a) => Math.exp(a - greatest))));
    return row.map((a) => a - greatest - log);
  });
}

function crossEntropy([logits, labels]: readonly Nd[], options: Options): Expected {
  const [rows, classes] = logits!.shape as [number, number];
  const p = areIndices(options) ? build([rows, classes], ([i, j]) => Number(labels!.data[i!] === j)) : labels!;
  const picked = map((q, l) => (q === 0 ? 0 : -q * l), p, logSoftmax(logits!));
  // The error of each logarithm is the error of its sum.
  const own = (exactSum(map(Math.abs, p).data) / rows) * (sums.blocked(classes) + sums.extra + 40);
  return meanOf([...picked.data], rows, own);
}

const LABELS = {
  ...PROBABILITY,
  dtype: (options: Options): DType | undefined => (areIndices(options) ? "int32" : undefined),
};
const INDICES = { labels: "indices" };
const PROBABILITIES = { labels: "probabilities" };

export const losses = {
  softmaxCrossEntropy: loss("softmaxCrossEntropy", {
    operands: [LOGITS, LABELS],
    reference: crossEntropy,
    draw: ({ shapes: [logits, labels], options }, random) => [
      undefined,
      areIndices(options) ? drawIndices(labels!, logits!.at(-1)!, random, false) : undefined,
    ],
    scenarios: (size) =>
      size === 0
        ? []
        : [
            scenario([[size, 3], [size]], INDICES),
            scenario([[2, size], [2]], INDICES),
            scenario(
              [
                [3, size],
                [3, size],
              ],
              PROBABILITIES,
            ),
          ],
    gradients: [
      scenario([[4, 3], [4]], INDICES),
      scenario([[2, 37], [2]], INDICES),
      scenario(
        [
          [2, 19],
          [2, 19],
        ],
        PROBABILITIES,
      ),
      scenario(
        [
          [4, 3],
          [4, 3],
        ],
        PROBABILITIES,
      ),
    ],
  }),
  sigmoidCrossEntropy: loss("sigmoidCrossEntropy", {
    operands: [LOGITS, PROBABILITY],
    reference: ([x, z]) => {
      const terms = map((a, t) => t * softplus(-a) + (1 - t) * softplus(a), x!, z!);
      return meanOf([...terms.data], terms.data.length);
    },
  }),
  meanSquaredError: loss("meanSquaredError", {
    operands: [ANY, ANY],
    reference: ([a, b]) => {
      const terms = map((p, t) => (p - t) ** 2, a!, b!);
      return meanOf([...terms.data], terms.data.length);
    },
  }),
};
