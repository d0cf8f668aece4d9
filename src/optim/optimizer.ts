// The common part of first-order optimizers: options, state, and the walk over structures of parameters. Must not know any one rule.
import { AliasError, checkNumber, checkOptions, checkSettings, DTypeError, FROM_ZERO, ShapeError } from "../errors.js";
import { add } from "../ops/arithmetic.js";
import { fullLike, zeros } from "../ops/create.js";
import { checkTensor, describe } from "../ops/define.js";
import { identity } from "../ops/elementwise.js";
import { astype } from "../ops/movement.js";
import { type FloatDType, isFloat } from "../tensor/dtype.js";
import { scope } from "../tensor/scope.js";
import { sameShape } from "../tensor/shape.js";
import { type AnyTensor, Tensor } from "../tensor/tensor.js";
import { activeTracer } from "../tensor/tracer.js";
import { matchTree, replaceTensors } from "../tensor/tree.js";

/** A number, or a scalar tensor. A compiled step reads the tensor's value on every run, so a schedule needs only one program. */
export type LearningRate = number | Tensor<[], FloatDType>;

/** Options of an optimizer's `update`. */
export interface UpdateOptions {
  /** True writes the new values into the tensors of the parameters and the state and returns these tensors. No new memory stays in use. */
  readonly donate?: boolean | undefined;
  /**
   * The learning rate of this step, instead of the optimizer's. A tensor is converted to the parameters' dtype. A float64 tensor gives the
   * same bits as the same number.
   */
  readonly learningRate?: LearningRate | undefined;
}

/**
 * A first-order optimizer. It is pure: it takes parameters, gradients and state, and returns new parameters and a new state in the same
 * structure (nested objects, arrays and tuples of tensors). Without `donate` the old tensors are unchanged, and their owner frees them.
 * @example
 * const optimizer: optim.Optimizer = optim.sgd({ learningRate: 0.5 });
 * const params = { w: tensor([1, 2]) };
 * const [next] = optimizer.update(params, { w: tensor([2, 2]) }, optimizer.init(params));
 * next.w.toArray(); // [0, 1]
 */
export interface Optimizer {
  /**
   * The state before the first step.
   * @throws TypeError if the parameters hold no tensor, or anything except tensors and undefined, DisposedError for a disposed tensor,
   * OutOfMemoryError if the memory has no room
   */
  init<P>(params: P): OptimizerState<P>;
  /**
   * One step against the gradient. Gradients and state belong to the parameters with the same keys, in any order. After an error nothing is
   * written.
   * @throws TypeError if gradients or state have another structure than the parameters, hold anything except tensors, or the state belongs
   * to another optimizer; ShapeError if shapes differ, or the learning rate is a tensor but not a scalar; DTypeError if dtypes differ, or
   * the learning rate is an int32 tensor; DisposedError for a disposed tensor; AliasError if donated tensors share memory
   */
  update<P>(
    params: P,
    gradients: P,
    state: OptimizerState<P>,
    options?: UpdateOptions,
  ): [params: P, state: OptimizerState<P>];
}

/** The memory of an optimizer between steps. Its parts depend on the optimizer. */
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

/** The part of an optimizer that is its own. */
export interface Rule<O> {
  /** The interval of each option except the learning rate; empty for a flag. */
  readonly settings: Readonly<Partial<Record<keyof O & string, string>>>;
  /** The names of the state's parts for each parameter, in the order of a step's `parts` and results. */
  readonly parts: readonly string[];
  /** True if the state counts the steps. */
  readonly counts?: boolean | undefined;
  /** Computes the values that all parameters of an update share, and returns their step. `count` is a float64 scalar, at least 1. */
  readonly begin: (options: O, rate: LearningRate, count: Tensor<[], "float64"> | undefined) => Step;
}

/** The expected count of steps. The expected structure of the state has `false` in its place. */
const COUNT = { extents: [], dtype: "float64", label: "a float64 scalar" } as const;

/** Makes an optimizer from a rule. */
export function makeOptimizer<O extends { readonly learningRate: LearningRate }>(
  name: string,
  options: O,
  { settings, parts, counts = false, begin }: Rule<O>,
): Optimizer {
  checkSettings(name, options, { learningRate: "", ...settings });
  const usual = checkRate(name, options?.learningRate);
  const own = { ...options };

  const stateOf = <P, C>(count: C | undefined, part: (k: number) => P): Record<string, P | C> => {
    const state: Record<string, P | C> = count === undefined ? {} : { step: count };
    for (let k = 0; k < parts.length; k++) state[parts[k]!] = part(k);
    return state;
  };
  return {
    init(params) {
      const variables = variablesOf("init", params);
      const zerosLike = (x: AnyTensor): AnyTensor => fullLike(x, 0);
      return stateOf(counts ? zeros([], "float64") : undefined, () => replaceTensors(params, variables.map(zerosLike)));
    },
    update(params, gradients, state, options = {}) {
      checkOptions("update", options, ["donate", "learningRate"]);
      const { donate = false, learningRate = usual } = options;
      const rate = checkRate("update", learningRate);
      // Everything is checked before anything is written, because donated parameters cannot be restored.
      const variables = variablesOf("update", params);
      const slopes = tensorsLike("update: gradients", gradients, params);
      const like = stateOf(counts ? false : undefined, () => params);
      const remembered = tensorsLike("update: state", state, like);
      // Cast: like COUNT.
      const counted = counts ? (remembered.shift() as Tensor<[], "float64">) : undefined;
      if (donate) checkApart([...variables, ...remembered], slopes);
      const into = (tensor: AnyTensor): { readonly out?: AnyTensor } => (donate ? { out: tensor } : {});
      const tracer = activeTracer();
      return scope(() => {
        const count = counted && add(counted, 1);
        const step = begin(own, rate, count);
        const stepped = variables.map((variable, i) => {
          const before = parts.map((_, k) => remembered[k * variables.length + i]!);
          const after = scope(() => step(variable, slopes[i]!, before, into));
          [variable, ...before].forEach((old, k) => {
            tracer?.succeeds(after[k]!, old);
          });
          return after;
        });
        if (counted) tracer?.succeeds(count!, counted);
        const tree = (k: number): typeof params =>
          replaceTensors(
            params,
            stepped.map((tensors) => tensors[k]),
          );
        // The count comes last, so a step that fails does not count.
        return [tree(0), stateOf(donate && counted ? identity(count!, { out: counted }) : count, (k) => tree(k + 1))];
      });
    },
  };
}

/** @throws AliasError if two written tensors share bytes, or one shares bytes with the gradient of another */
function checkApart(written: readonly AnyTensor[], slopes: readonly AnyTensor[]): void {
  const places = new Map(written.map(({ storage }, i) => [storage, i]));
  if (places.size < written.length || slopes.some(({ storage }, i) => (places.get(storage) ?? i) !== i)) {
    throw new AliasError("update: donated tensors share their memory with each other or with another's gradient");
  }
}

/** The tensors of a structure, in the order of `like` and with its shapes and dtypes. */
function tensorsLike(name: string, tree: unknown, like: unknown): AnyTensor[] {
  const found: AnyTensor[] = [];
  matchTree(tree, like, name, (value, path, other) => {
    if (other === undefined) {
      if (value === undefined) return;
      throw new TypeError(`${path}: expected undefined, got ${describe(value)}`);
    }
    const tensor = checkTensor(path, value);
    const expected = other instanceof Tensor ? other : COUNT;
    const isShaped = sameShape(tensor.extents, expected.extents);
    if (!isShaped || tensor.dtype !== expected.dtype) {
      const differ = `${path} is ${tensor.label}, expected ${expected.label}`;
      throw isShaped ? new DTypeError(differ) : new ShapeError(differ);
    }
    found.push(tensor);
  });
  return found;
}

/** The tensors of parameters. There must be at least one. Other leaves must be undefined. */
function variablesOf(op: string, params: unknown): AnyTensor[] {
  const variables = tensorsLike(`${op}: params`, params, params);
  if (variables.length === 0) throw new TypeError(`${op}: there is no tensor in params`);
  return variables;
}

/** The learning rate, checked. */
function checkRate(name: string, rate: LearningRate): LearningRate {
  if (typeof rate === "number") {
    checkNumber(`${name}: learningRate`, rate, FROM_ZERO);
    return rate;
  }
  const isTensor = rate instanceof Tensor;
  const isScalar = isTensor && rate.extents.length === 0;
  if (isScalar && isFloat(rate.dtype)) {
    rate.assertAlive(`${name}: learningRate`);
    return rate;
  }
  const misfit = `${name}: learningRate must be a number or a float scalar, got ${isTensor ? rate.label : describe(rate)}`;
  throw isScalar ? new DTypeError(misfit) : isTensor ? new ShapeError(misfit) : new TypeError(misfit);
}

/** A scalar in the dtype of a tensor; numbers are unchanged. */
export function beside(tensor: AnyTensor, scalar: number | AnyTensor): number | AnyTensor {
  return typeof scalar === "number" || scalar.dtype === tensor.dtype ? scalar : astype(scalar, tensor.dtype);
}
