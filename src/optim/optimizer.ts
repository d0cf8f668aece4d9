// What first-order optimizers have in common: structures of parameters, walked together. Must not know any one rule.
import { DTypeError, ShapeError } from "../errors.js";
import { astype } from "../ops/movement.js";
import { type FloatDType, isFloat } from "../tensor/dtype.js";
import { scope } from "../tensor/scope.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import { replaceTensors, tensorsOf } from "../tensor/tree.js";

/** A number, or a scalar tensor, whose value a compiled step reads anew on every run: a schedule without a program for each rate. */
export type LearningRate = number | Tensor<[], FloatDType>;

/** What an optimizer's `update` takes. */
export interface UpdateOptions {
  /** True writes the new values into the parameters' and the state's own tensors and returns those: nothing is allocated to stay. */
  readonly donate?: boolean;
  /**
   * This step's learning rate, in place of the optimizer's. A tensor is converted to the parameters' dtype; one of float64 gives
   * the bits that the same number gives.
   */
  readonly learningRate?: LearningRate;
}

/**
 * A first-order optimizer, pure: parameters, gradients and state in, new parameters and state out, in the same structure
 * (nested objects, arrays and tuples of tensors). Without `donate` the old tensors stay as they were, to be freed by their owner.
 * @example
 * const optimizer: optim.Optimizer = optim.sgd({ learningRate: 0.5 });
 * const params = { w: tensor([1, 2]) };
 * const [next] = optimizer.update(params, { w: tensor([2, 2]) }, optimizer.init(params));
 * next.w.toArray(); // [0, 1]
 */
export interface Optimizer {
  /**
   * The state before the first step.
   * @throws OutOfMemoryError where the memory ends
   */
  init<P>(params: P): OptimizerState<P>;
  /**
   * One step against the gradient.
   * @throws ShapeError where gradients and parameters differ in shape, or the learning rate is a tensor that is no scalar;
   * DTypeError where gradients and parameters differ in dtype, or the learning rate is an int32 tensor; DisposedError for a tensor that is
   * gone
   */
  update<P>(
    params: P,
    gradients: P,
    state: OptimizerState<P>,
    options?: UpdateOptions,
  ): [params: P, state: OptimizerState<P>];
}

/** What an optimizer remembers between steps; its parts are the optimizer's own. */
export interface OptimizerState<P> {
  readonly [part: string]: P | AnyTensor;
}

/** One parameter's step: its new value and its parts of the new state. */
export type Step = (
  parameter: AnyTensor,
  gradient: AnyTensor,
  parts: readonly AnyTensor[],
  into: (tensor: AnyTensor) => { readonly out?: AnyTensor },
) => readonly [AnyTensor, ...AnyTensor[]];

/**
 * Applies a step to every parameter. `parts` are structures like the parameters', one for each thing that is remembered of
 * a parameter; they come back in the same order.
 */
export function updateAll<P>(
  params: P,
  gradients: P,
  parts: readonly P[],
  donate: boolean,
  step: Step,
): [params: P, parts: P[]] {
  const variables = tensorsOf(params);
  const slopes = tensorsOf(gradients);
  const remembered = parts.map((part) => tensorsOf(part));
  if (variables.length !== slopes.length) {
    throw new ShapeError(`update: ${variables.length} parameters, but ${slopes.length} gradients`);
  }
  // All of it is checked before anything is written: a donated parameter can't be taken back.
  variables.forEach((variable, i) => {
    for (const other of [slopes[i]!, ...remembered.map((part) => part[i]!)]) {
      const differ = `update: parameter ${i} is ${describe(variable)}, its gradient or state ${describe(other)}`;
      if (!sameShape(variable.extents, other.extents)) throw new ShapeError(differ);
      if (variable.dtype !== other.dtype) throw new DTypeError(differ);
    }
    for (const tensor of [variable, slopes[i]!, ...remembered.map((part) => part[i]!)]) tensor.assertAlive("update");
  });
  const into = (tensor: AnyTensor): { readonly out?: AnyTensor } => (donate ? { out: tensor } : {});
  return scope(() => {
    const stepped = variables.map((variable, i) =>
      scope(() =>
        step(
          variable,
          slopes[i]!,
          remembered.map((part) => part[i]!),
          into,
        ),
      ),
    );
    const tree = (k: number): P =>
      replaceTensors(
        params,
        stepped.map((results) => results[k]!),
      ) as P;
    return [tree(0), parts.map((_, k) => tree(k + 1))];
  });
}

/** The learning rate, if it is one. */
export function checkRate(rate: LearningRate): LearningRate {
  if (typeof rate === "number") return rate;
  rate.assertAlive("update: learningRate");
  const { extents, dtype }: AnyTensor = rate;
  if (extents.length > 0) throw new ShapeError(`update: learningRate is a scalar, got ${formatShape(extents)}`);
  if (!isFloat(dtype)) throw new DTypeError(`update: learningRate is a float, got ${dtype}`);
  return rate;
}

/** A scalar as an operand beside a tensor: a number as it is, a tensor in the other one's dtype. */
export function beside(tensor: AnyTensor, scalar: number | AnyTensor): number | AnyTensor {
  return typeof scalar === "number" || scalar.dtype === tensor.dtype ? scalar : astype(scalar, tensor.dtype);
}

function describe(tensor: AnyTensor): string {
  return `${tensor.dtype} ${formatShape(tensor.extents)}`;
}
