// What first-order optimizers have in common: options, state, structures of parameters walked together. Must not know any one rule.
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
import { mapTree, matchTree, replaceTensors } from "../tensor/tree.js";

/** A number, or a scalar tensor, whose value a compiled step reads anew on every run: a schedule without a program for each rate. */
export type LearningRate = number | Tensor<[], FloatDType>;

/** What an optimizer's `update` takes. */
export interface UpdateOptions {
  /** True writes the new values into the parameters' and the state's own tensors and returns those: nothing is allocated to stay. */
  readonly donate?: boolean | undefined;
  /**
   * This step's learning rate, in place of the optimizer's. A tensor is converted to the parameters' dtype; one of float64 gives
   * the bits that the same number gives.
   */
  readonly learningRate?: LearningRate | undefined;
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
   * @throws TypeError where anything but tensors, and undefined for those left out, is in the parameters, or nothing, DisposedError for a tensor that is gone,
   * OutOfMemoryError where the memory ends
   */
  init<P>(params: P): OptimizerState<P>;
  /**
   * One step against the gradient. Gradients and state belong to the parameters of the same keys, in whichever order.
   * @throws TypeError where gradients or state are not structured like the parameters, have anything but tensors in them, or the state is
   * not this optimizer's; ShapeError where they differ in shape, or the learning rate is a tensor that is no scalar; DTypeError where they
   * differ in dtype, or the learning rate is an int32 tensor; DisposedError for a tensor that is gone; AliasError where donated tensors are
   * not apart. Nothing is written then.
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

/** What an optimizer does besides walking structures. */
export interface Rule<O> {
  /** The options besides the learning rate: the interval of each, empty for a flag. */
  readonly settings: Readonly<Partial<Record<keyof O & string, string>>>;
  /** Names of what is remembered of each parameter, in the order in which a step takes and gives it. */
  readonly parts: readonly string[];
  /** True where the state counts the steps. */
  readonly counts?: boolean | undefined;
  /** Computes what an update needs only once, and gives the parameters' step; `count` is a float64 scalar, from 1 on. */
  readonly begin: (options: O, rate: LearningRate, count: Tensor<[], "float64"> | undefined) => Step;
}

/** What a state's count of steps is like, for which its structure has false. */
const COUNT = { extents: [], dtype: "float64", label: "a float64 scalar" } as const;

/** Makes an optimizer of a rule. */
export function makeOptimizer<O extends { readonly learningRate: LearningRate }>(
  name: string,
  options: O,
  { settings, parts, counts = false, begin }: Rule<O>,
): Optimizer {
  checkSettings(name, options, { learningRate: "", ...settings });
  const usual = checkRate(name, options?.learningRate);
  const own = { ...options };

  const stateOf = (count: unknown, part: (k: number) => unknown): OptimizerState<never> => {
    const state: Record<string, unknown> = counts ? { step: count } : {};
    for (let k = 0; k < parts.length; k++) state[parts[k]!] = part(k);
    return state as never;
  };
  return {
    init(params) {
      variablesOf("init", params);
      const part = (): unknown => mapTree(params, (leaf) => leaf && fullLike(leaf as AnyTensor, 0));
      return stateOf(counts && zeros([], "float64"), part);
    },
    update(params, gradients, state, options = {}) {
      checkOptions("update", options, ["donate", "learningRate"]);
      const { donate = false, learningRate = usual } = options;
      const rate = checkRate("update", learningRate);
      // All of it is checked before anything is written: a donated parameter can't be taken back.
      const variables = variablesOf("update", params);
      const slopes = tensorsLike("update: gradients", gradients, params);
      const like = stateOf(false, () => params);
      const remembered = tensorsLike("update: state", state, like);
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
        const tree = (k: number): never => {
          const results = stepped.map((tensors) => tensors[k]);
          return replaceTensors(params, results) as never;
        };
        // Counted last: a step that fails has changed nothing.
        return [tree(0), stateOf(donate && counted ? identity(count!, { out: counted }) : count, (k) => tree(k + 1))];
      });
    },
  };
}

/** @throws AliasError where a tensor that is written is another one, too, or the gradient of another one */
function checkApart(written: readonly AnyTensor[], slopes: readonly AnyTensor[]): void {
  const places = new Map(written.map(({ storage }, i) => [storage, i]));
  if (places.size < written.length || slopes.some(({ storage }, i) => (places.get(storage) ?? i) !== i)) {
    throw new AliasError("update: donated tensors share their memory with each other or with another's gradient");
  }
}

/** The tensors of a structure in the order of `like`, whose shapes and dtypes they must have. */
function tensorsLike(name: string, tree: unknown, like: unknown): AnyTensor[] {
  const found: AnyTensor[] = [];
  matchTree(tree, like, name, (value, path, other) => {
    if (other === undefined) {
      if (value === undefined) return;
      throw new TypeError(`${path}: expected undefined, got ${describe(value)}`);
    }
    const tensor = checkTensor(path, value);
    const expected = (other === false ? COUNT : other) as AnyTensor;
    const isShaped = sameShape(tensor.extents, expected.extents);
    if (!isShaped || tensor.dtype !== expected.dtype) {
      const differ = `${path} is ${tensor.label}, expected ${expected.label}`;
      throw isShaped ? new DTypeError(differ) : new ShapeError(differ);
    }
    found.push(tensor);
  });
  return found;
}

/** The tensors of parameters: at least one, and nothing else but undefined for those left out. */
function variablesOf(op: string, params: unknown): AnyTensor[] {
  const variables = tensorsLike(`${op}: params`, params, params);
  if (variables.length === 0) throw new TypeError(`${op}: there is no tensor in params`);
  return variables;
}

/** The learning rate, if it is one. */
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
  const misfit = `${name}: learningRate is a number or a float scalar, got ${isTensor ? rate.label : describe(rate)}`;
  throw isScalar ? new DTypeError(misfit) : isTensor ? new ShapeError(misfit) : new TypeError(misfit);
}

/** A scalar as an operand beside a tensor: a number as it is, a tensor in the other one's dtype. */
export function beside(tensor: AnyTensor, scalar: number | AnyTensor): number | AnyTensor {
  return typeof scalar === "number" || scalar.dtype === tensor.dtype ? scalar : astype(scalar, tensor.dtype);
}
