// Gradient descent, momentum, Adam and AdamW, written in ops. Must not know wasm or memory.
import { FROM_ZERO } from "../errors.js";
import { div, mul, power, sqrt, sub } from "../ops/arithmetic.js";
import { blend, blendSquare, descend, overRoot } from "../ops/optimizer-steps.js";
import { beside, type LearningRate, makeOptimizer, type Optimizer, type Rule } from "./optimizer.js";

/**
 * Gradient descent: p' = p - learningRate g.
 * @param options - the learning rate
 * @throws TypeError for an unknown option or a value of another type, RangeError for a number out of range
 * @example
 * const optimizer = optim.sgd({ learningRate: 0.1 });
 * const params = { w: tensor([1, 2]) };
 * const [next] = optimizer.update(params, { w: tensor([1, 1]) }, optimizer.init(params));
 */
export function sgd(options: {
  /** The factor of the step, >= 0. */
  readonly learningRate: LearningRate;
}): Optimizer {
  return makeOptimizer("optim.sgd", options, {
    settings: {},
    parts: [],
    begin: (_, rate) => (p, g, __, into) => [descend(p, g, beside(p, rate), into(p))],
  });
}

/**
 * Gradient descent with momentum: v' = momentum v + g, p' = p - learningRate v'; with `nesterov`
 * p' = p - learningRate (g + momentum v'), as in PyTorch.
 * @param options - the learning rate, the velocity's decay, and Nesterov's variant
 * @throws TypeError for an unknown option or a value of another type, RangeError for a number out of range
 * @example
 * const optimizer = optim.momentum({ learningRate: 0.1 });
 * const params = tensor([1, 2]);
 * const [next] = optimizer.update(params, tensor([1, 1]), optimizer.init(params));
 * next.toArray(); // [0.9, 1.9]
 */
export function momentum(options: {
  /** The factor of the step, >= 0. */
  readonly learningRate: LearningRate;
  /** The decay of the velocity, >= 0; default 0.9. */
  readonly momentum?: number | undefined;
  /** True takes the step from a point further along the velocity; default false. */
  readonly nesterov?: boolean | undefined;
}): Optimizer {
  return makeOptimizer("optim.momentum", options, {
    settings: { momentum: FROM_ZERO, nesterov: "" },
    parts: ["velocity"],
    begin:
      ({ momentum: mu = 0.9, nesterov = false }, rate) =>
      (p, g, [v], into) => {
        const velocity = blend(v!, g, mu, 1, into(v!));
        const slope = nesterov ? blend(velocity, g, mu, 1) : velocity;
        return [descend(p, slope, beside(p, rate), into(p)), velocity];
      },
  });
}

/** Options of Adam. @inline */
interface AdamOptions {
  /** About the greatest step of a parameter, >= 0. */
  readonly learningRate: LearningRate;
  /** The decay of the mean gradient, in [0, 1); default 0.9. */
  readonly beta1?: number | undefined;
  /** The decay of the mean squared gradient, in [0, 1); default 0.999. */
  readonly beta2?: number | undefined;
  /** Added to the denominator, >= 0; default 1e-8. */
  readonly epsilon?: number | undefined;
}

/** Options of AdamW. @inline */
interface AdamWOptions extends AdamOptions {
  /** Each step shrinks the weights by this times the learning rate, >= 0; default 0.01. */
  readonly weightDecay?: number | undefined;
}

const DECAY = "[0, 1)";
const ADAM = { beta1: DECAY, beta2: DECAY, epsilon: FROM_ZERO } as const;

/** Adam's rule with a default decay of weights. */
const adaptive = (settings: Rule<AdamWOptions>["settings"], decay: number): Rule<AdamWOptions> => ({
  settings,
  parts: ["first", "second"],
  counts: true,
  begin({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = decay }, rate, count) {
    const step = count!;
    const exact = beside(step, rate);
    // The part of a weight that the decay leaves. For a number it is computed without an op, with the same bits.
    const kept = typeof exact === "number" ? 1 - exact * weightDecay : sub(1, mul(exact, weightDecay));
    const firstScale = div(exact, sub(1, power(beta1, step)));
    const secondScale = sqrt(sub(1, power(beta2, step)));
    return (p, g, [m, v], into) => {
      const mean = blend(m!, g, beta1, 1 - beta1, into(m!));
      const variance = blendSquare(v!, g, beta2, 1 - beta2, into(v!));
      const ratio = overRoot(mean, variance, beside(p, secondScale), epsilon);
      const decayed = weightDecay === 0 ? p : mul(p, beside(p, kept), into(p));
      return [descend(decayed, ratio, beside(p, firstScale), into(p)), mean, variance];
    };
  },
});

/**
 * Adam (Kingma and Ba, 2015): m' = beta1 m + (1 - beta1) g, v' = beta2 v + (1 - beta2) g^2,
 * p' = p - learningRate (m' / (1 - beta1^t)) / (sqrt(v' / (1 - beta2^t)) + epsilon). The state counts t in float64.
 * @throws TypeError for an unknown option or a value of another type, RangeError for a number out of range
 * @example
 * const optimizer = optim.adam({ learningRate: 1e-3 });
 * let params = { w: tensor([1, 2]) };
 * let state = optimizer.init(params);
 * [params, state] = optimizer.update(params, { w: tensor([1, 1]) }, state, { donate: true });
 */
export function adam(options: AdamOptions): Optimizer {
  return makeOptimizer("optim.adam", options, adaptive(ADAM, 0));
}

/**
 * AdamW (Loshchilov and Hutter, 2019): Adam with a decay of weights separate from the gradient,
 * p' = (1 - learningRate weightDecay) p - Adam's step. The default decay is PyTorch's, 0.01.
 * @param options - the options of Adam, and the decay of weights
 * @throws TypeError for an unknown option or a value of another type, RangeError for a number out of range
 * @example
 * const optimizer = optim.adamW({ learningRate: 0.1 });
 * const params = tensor([1, 2]);
 * const [next] = optimizer.update(params, tensor([1, 1]), optimizer.init(params));
 * next.toArray(); // [0.899, 1.898]
 */
export function adamW(options: AdamWOptions): Optimizer {
  return makeOptimizer("optim.adamW", options, adaptive({ ...ADAM, weightDecay: FROM_ZERO }, 0.01));
}
