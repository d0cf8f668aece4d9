// Cases of the activations and their derivatives. Must not know the test runner.
import { map } from "../support/reference.js";
import { between, either, sizes } from "../support/reference-samples.js";
import { ROUND } from "../support/ulp.js";
import { ulps } from "../tolerances.js";
import { ANY, type Case, elementwise, isFloat, type Options, operand, scenario } from "./case.js";

const TRANSCENDENTAL = { ulp: ulps.transcendental } as const;
/** Both tails of the sigmoids down to float32's subnormals, and the middle. */
const TAILS = operand(either(between(-105, 105), between(-4, 4), sizes(1e-30, 1)), [-4, 4]);
/** A sigmoid's or a tanh's output. */
const OUTPUT = operand(between(0, 1), [0.1, 0.9]);

/** e^x / (1 + e^x) from the side where nothing overflows. */
export function sigmoid(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

export function sigmoidGrad(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return e / ((1 + e) * (1 + e));
}

/** x sigmoid(x), in two factors where sigmoid is subnormal; its limit -0 at -Infinity. */
function silu(x: number): number {
  if (x > -500) return x * sigmoid(x);
  const root = Math.exp(x / 2);
  return root === 0 ? -0 : x * root * root;
}

export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

export function logSigmoid(x: number): number {
  return -softplus(-x);
}

/** x itself where it is NaN or -0. */
function relu(x: number): number {
  if (x < 0) return 0;
  return x;
}

function step(x: number): number {
  return Number.isNaN(x) ? x : Number(x > 0);
}

/** The options of `thresholdRelu` in the dtype that the kernel reads them in. */
function slopes(options: Options, round: (x: number) => number): { threshold: number; above: number; below: number } {
  const at = (name: string, otherwise: number): number => round((options[name] as number | undefined) ?? otherwise);
  return { threshold: at("threshold", 0), above: at("above", 1), below: at("below", 0) };
}

/** Alphas that are exact in float32, so that the product is rounded once. */
const ALPHAS: readonly Options[] = [{}, { alpha: 0.5 }, { alpha: 2 }];

function elu(): Case {
  const kinks = [0];
  return {
    ...elementwise("elu", { operands: [TAILS], at: (x) => x, kinks, ...TRANSCENDENTAL }),
    reference: ([x], { alpha = 1 }) => ({ value: map((a) => (a > 0 ? a : (alpha as number) * Math.expm1(a)), x!) }),
    scenarios: (size) => ALPHAS.map((options) => scenario([[size]], options)),
    gradients: ALPHAS.map((options) => scenario([[7]], options)),
  };
}

/** Two slopes that meet at a threshold; `translate` gives them from the op's own options. */
function bent(
  name: "thresholdRelu" | "leakyRelu",
  choices: readonly Options[],
  kinks: readonly number[],
  translate: (options: Options) => Options,
): Case {
  return {
    ...elementwise(name, { operands: [ANY], at: (x) => x, kinks }),
    reference: ([x], options, dtype) => {
      const { threshold, above, below } = slopes(translate(options), ROUND[isFloat(dtype) ? dtype : "float64"]);
      return { value: map((a) => a * (a > threshold ? above : below), x!) };
    },
    scenarios: (size) => choices.map((options) => scenario([[size]], options)),
    gradients: choices.map((options) => scenario([[7]], options)),
  };
}

export const activation = {
  sigmoid: elementwise("sigmoid", { operands: [TAILS], at: sigmoid, ...TRANSCENDENTAL }),
  sigmoidGrad: elementwise("sigmoidGrad", { operands: [TAILS], at: sigmoidGrad, ...TRANSCENDENTAL }),
  sigmoidBackward: elementwise("sigmoidBackward", {
    operands: [ANY, OUTPUT],
    at: (dy, y) => dy * (y * (1 - y)),
    rounded: (round, dy, y) => round(dy * round(y * round(1 - y))),
  }),
  silu: elementwise("silu", { operands: [TAILS], at: silu, ...TRANSCENDENTAL }),
  tanh: elementwise("tanh", {
    operands: [operand(either(between(-10, 10), between(-1, 1), sizes(1e-30, 1)))],
    at: Math.tanh,
    ...TRANSCENDENTAL,
  }),
  tanhBackward: elementwise("tanhBackward", {
    operands: [ANY, OUTPUT],
    at: (dy, y) => dy * (1 - y * y),
    rounded: (round, dy, y) => round(dy * round(1 - round(y * y))),
  }),
  relu: elementwise("relu", { operands: [ANY], at: relu, kinks: [0] }),
  reluGrad: elementwise("reluGrad", { operands: [ANY], at: step, differentiable: [], kinks: [0] }),
  reluBackward: elementwise("reluBackward", {
    operands: [ANY, ANY],
    at: (dy, x) => (Number.isNaN(x) ? x : x > 0 ? dy : 0),
    kinks: [0],
  }),
  softplus: elementwise("softplus", { operands: [TAILS], at: softplus, ...TRANSCENDENTAL }),
  logSigmoid: elementwise("logSigmoid", { operands: [TAILS], at: logSigmoid, ...TRANSCENDENTAL }),
  elu: elu(),
  thresholdRelu: bent(
    "thresholdRelu",
    [{}, { threshold: 1.5 }, { threshold: -0.7, below: 0.1, above: 2.5 }, { below: -0.3 }],
    [0, 1.5, -0.7],
    (options) => options,
  ),
  leakyRelu: bent("leakyRelu", [{}, { slope: 0.2 }, { slope: 0 }], [0], ({ slope = 0.01 }) => ({ below: slope })),
};
