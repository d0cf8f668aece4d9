// What first-order optimizers have in common: structures of parameters, walked together. Must not know any one rule.

import { DTypeError, ShapeError } from "../errors.js";
import { scope } from "../tensor/scope.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import type { AnyTensor } from "../tensor/tensor.js";
import { replaceTensors, tensorsOf } from "../tensor/tree.js";

export interface UpdateOptions {
  /** True writes the new values into the parameters' and the state's own tensors and returns those: nothing is allocated to stay. */
  readonly donate?: boolean;
  /** This step's learning rate, in place of the optimizer's. */
  readonly learningRate?: number;
}

/**
 * A first-order optimizer, pure: parameters, gradients and state in, new parameters and state out, in the same structure
 * (nested objects, arrays and tuples of tensors). Without `donate` the old tensors stay as they were, to be freed by their owner.
 */
export interface Optimizer {
  /** The state before the first step. */
  init<P>(params: P): OptimizerState<P>;
  /** One step against the gradient. @throws {ShapeError} where gradients and parameters differ in shape */
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

function describe(tensor: AnyTensor): string {
  return `${tensor.dtype} ${formatShape(tensor.extents)}`;
}
