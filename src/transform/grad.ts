// Gradients of whole functions: run once on a tape, walk it backwards. Must not know any op but those that add up.
import { DTypeError, ShapeError } from "../errors.js";
import { add } from "../ops/arithmetic.js";
import { fullLike } from "../ops/create.js";
import { describe } from "../ops/define.js";
import { broadcastTo } from "../ops/movement.js";
import { sumTo } from "../ops/reduce.js";
import { apart } from "../tensor/donated.js";
import { type FloatDType, isFloat } from "../tensor/dtype.js";
import { newestId } from "../tensor/lifetime.js";
import { ignorePromise, scope } from "../tensor/scope.js";
import { formatShape, type Shape, sameShape } from "../tensor/shape.js";
import type { Storage } from "../tensor/storage.js";
import { type GradContext, isRecorded, type Saved, Tape, type Variable } from "../tensor/tape.js";
import { type AnyTensor, aliasTensor, Tensor } from "../tensor/tensor.js";
import { activeTracer } from "../tensor/tracer.js";
import { mapTree, replaceTensors } from "../tensor/tree.js";
import { checkTransform, positionsOf } from "./positions.js";

/** Which arguments to differentiate in: one, or several. @inline */
export type ArgNums = number | readonly number[];

/** The gradient's type: that of the argument, or a tuple of those of several arguments. */
export type GradientOf<Args extends readonly unknown[], N extends ArgNums> = N extends readonly number[]
  ? { -readonly [K in keyof N]: N[K] extends number ? Args[N[K]] : never }
  : N extends number
    ? Args[N]
    : never;

/** What `grad` and `valueAndGrad` take. */
export interface GradOptions<N extends ArgNums> {
  /** Position, or positions, of the arguments to differentiate in; default the first. */
  readonly argnums?: N | undefined;
}

/** The gradient of the value with respect to each leaf. */
function backward(tape: Tape, value: AnyTensor, leaves: readonly number[], inputs: readonly AnyTensor[]): AnyTensor[] {
  const gradients: (AnyTensor | undefined)[] = new Array(tape.length);
  const last = tape.indexOf(value);
  if (last >= 0) gradients[last] = fullLike(value, 1);

  for (let index = last; index >= 0; index--) {
    const { op, inputs: sources } = tape.node(index);
    const g = gradients[index];
    if (op === undefined) continue;
    const total = op.accumulate && gradients[sources[0]!];
    if (g !== undefined && total !== undefined) {
      gradients[sources[0]!] = accumulate(tape, index, g, total);
    } else if (g !== undefined) {
      const parts = scope(() => operandGradients(tape, index, g));
      parts.forEach((part, i) => {
        if (part === undefined) return;
        const source = sources[i]!;
        const before = gradients[source];
        gradients[source] = before === undefined ? part : add(before, part);
        if (before !== undefined) {
          before.dispose();
          part.dispose();
        }
      });
    }
    g?.dispose();
    gradients[index] = undefined;
    tape.forget(index);
  }

  return leaves.map((leaf, i) => {
    const { extents: shape } = inputs[i]!;
    const gradient = gradients[leaf] ?? fullLike(inputs[i]!, 0);
    return scope(() => whole(gradient, shape));
  });
}

/** A gradient that is constant along some axes, of size 1 there, repeated over them. */
function whole(g: AnyTensor, shape: Shape): AnyTensor {
  return sameShape(g.extents, shape) ? g : broadcastTo(g, shape);
}

/**
 * The gradients of one node's operands under handles that nothing else holds. They are in the operands' own shapes, or have
 * size 1 along axes over which they are constant: the gradient of a sum is spread out only where an op needs it so, which
 * elementwise ops on operands of one shape do not.
 */
function operandGradients(tape: Tape, index: number, incoming: AnyTensor): (AnyTensor | undefined)[] {
  const { op, shape, inputs, shapes } = tape.node(index);
  const alike = op!.elementwise && shapes.every((own) => own === undefined || sameShape(own, shape));
  const g = alike ? incoming : whole(incoming, shape);
  const rules = op!.grad!(contextOf(tape, index, g));
  const handedOut = new Set<AnyTensor>();
  return inputs.map((source, i) => {
    const rule = rules[i];
    if (source < 0 || rule === undefined) return undefined;
    const part = sumTo(rule(), shapes[i]!);
    // A rule may pass on g itself, or one result twice: every gradient gets a handle of its own.
    const own = part !== incoming && part !== g && !handedOut.has(part) ? part : aliasTensor(part);
    handedOut.add(own);
    return own;
  });
}

/** A total with the gradient of a node's first operand added to it, in its own bytes where nobody else looks at them. */
function accumulate(tape: Tape, index: number, incoming: AnyTensor, total: AnyTensor): AnyTensor {
  const { op, shape, shapes } = tape.node(index);
  const sum = scope(() => {
    const before = whole(total, shapes[0]!);
    const options = before.storage.references > 1 ? {} : { out: before };
    return op!.accumulate!(contextOf(tape, index, whole(incoming, shape)), before, options);
  });
  if (sum !== total) total.dispose();
  return sum;
}

/** What a node's rules read. */
function contextOf(tape: Tape, index: number, g: AnyTensor): GradContext {
  const { shapes, params } = tape.node(index);
  const recall = (name: Saved): Variable | number => {
    const kept = tape.recall(index, name);
    return (typeof kept !== "number" && kept.isDisposed ? aliasTensor(kept) : kept) as Variable | number;
  };
  return {
    g: g as Variable,
    params,
    shapes,
    get a() {
      return recall("a");
    },
    get b() {
      return recall("b");
    },
    get c() {
      return recall("c");
    },
    get d() {
      return recall("d");
    },
    get y() {
      return recall("y") as Variable;
    },
  };
}

/** The tensor, or a copy where others look at the same bytes: what a caller gets is the caller's alone. */
function ownBytes(tensor: AnyTensor, taken: Set<Storage>): AnyTensor {
  if (!taken.has(tensor.storage)) {
    taken.add(tensor.storage);
    return tensor;
  }
  const copy = tensor.clone();
  tensor.dispose();
  return copy;
}

/** The tensors of arguments, by whose positions errors name them. */
function variablesIn(name: string, args: readonly unknown[], positions: readonly number[]): AnyTensor[] {
  return positions.flatMap((position) => {
    const variables: AnyTensor[] = [];
    const root = `${name}: argument ${position}`;
    mapTree(
      args[position],
      (leaf, path) => {
        if (leaf === undefined && path !== root) return;
        if (!(leaf instanceof Tensor)) {
          throw new TypeError(`${path} is ${describe(leaf)}; gradients are taken in tensors only`);
        }
        leaf.assertAlive(path);
        if (!isFloat(leaf.dtype)) throw new DTypeError(`${path} is ${leaf.dtype}; gradients need float32 or float64`);
        variables.push(leaf);
      },
      root,
    );
    return variables;
  });
}

/**
 * The function together with its gradient: `valueAndGrad(f)(...args)` is `[f(...args), df/dfirst]`. Reverse mode: one run of
 * f, one walk back; results of intermediate steps are freed as the walk goes, and only what a rule needs is kept for it.
 * The gradient has the structure and the types of the argument that it is taken in; `argnums` names others. Gradients of
 * gradients work: f may call `grad` itself.
 *
 * @param f - returns a scalar tensor, shape `[]`; runs once in a scope of its own
 * @throws ShapeError when f returns no scalar, DTypeError for int32 variables, TypeError for variables that are no tensors,
 * AliasError when f overwrote (with `out`) a value that the gradient needs, RangeError for `argnums` that the call does not have; and what
 * f throws
 * @example
 * const loss = (p: { w: Tensor<[2]> }, x: Tensor<[2]>) => sum(mul(p.w, x));
 * const [value, grads] = valueAndGrad(loss)({ w: tensor([1, 2]) }, tensor([3, 4]));
 * value.item(); // 11
 * grads.w.toArray(); // [3, 4]
 */
export function valueAndGrad<Args extends readonly unknown[], D extends FloatDType, const N extends ArgNums = 0>(
  f: (...args: Args) => Tensor<[], D>,
  options: GradOptions<N> = {},
): (...args: Args) => [value: Tensor<[], D>, gradients: GradientOf<Args, N>] {
  return differentiate("valueAndGrad", f, options);
}

/** `valueAndGrad` under the name of what was called. */
function differentiate<Args extends readonly unknown[], D extends FloatDType, N extends ArgNums>(
  name: string,
  f: (...args: Args) => Tensor<[], D>,
  options: GradOptions<N>,
): (...args: Args) => [value: Tensor<[], D>, gradients: GradientOf<Args, N>] {
  checkTransform(name, f, options, "argnums");
  const { argnums = 0 as N } = options;
  if (Array.isArray(argnums) && new Set(argnums).size !== argnums.length) {
    throw new RangeError(`${name}: argnums [${argnums.join(", ")}] names an argument twice`);
  }
  return (...args) => {
    const positions = positionsOf(`${name}: argnums`, argnums, args.length);
    const inputs = variablesIn(name, args, positions);
    const chosen = positions.map((position) => args[position]);

    return scope(() => {
      const tape = new Tape();
      try {
        // Second handles, so that the same tensor met through a closure counts as a constant.
        const watched = inputs.map((tensor) => aliasTensor(tensor));
        const leaves = watched.map((tensor) => tape.watch(tensor));
        const inner: unknown[] = [...args];
        (replaceTensors(chosen, watched) as unknown[]).forEach((argument, i) => {
          inner[positions[i]!] = argument;
        });
        const newest = newestId();
        const recorded = (): AnyTensor =>
          tape.during(() =>
            scope(() => {
              const result = checkScalar(name, f(...(inner as unknown as Args)));
              // What f did not make itself, or only a handle on it, stays its owner's.
              return result.storage.since < newest ? result.clone() : result;
            }),
          );
        const value = isRecorded() ? recorded() : apart(recorded);
        const taken = new Set(watched.map((tensor) => tensor.storage));
        const walked = apart(() => backward(tape, value, leaves, watched));
        const [own, ...gradients] = [value, ...walked].map((x) => ownBytes(x, taken));
        const tracer = activeTracer();
        for (const gradient of gradients) tracer?.isGradient(gradient);
        const trees = replaceTensors(chosen, gradients) as unknown[];
        return [own, typeof argnums === "number" ? trees[0] : trees] as never;
      } finally {
        tape.close();
      }
    });
  };
}

function checkScalar(name: string, value: unknown): AnyTensor {
  if (ignorePromise(value)) {
    throw new TypeError(`${name}: the function returned a promise; await outside`);
  }
  if (!(value instanceof Tensor)) {
    throw new TypeError(`${name}: the function must return a scalar tensor, got ${describe(value)}`);
  }
  value.assertAlive(`${name}: the function's result`);
  if (value.extents.length !== 0) {
    throw new ShapeError(
      `${name}: the function must return a scalar, shape [], got ${formatShape(value.extents)}; sum or mean it`,
    );
  }
  if (!isFloat(value.dtype))
    throw new DTypeError(`${name}: the function must return a float scalar, got ${value.dtype}`);
  return value;
}

/**
 * The gradient alone: see `valueAndGrad`.
 * @throws what `valueAndGrad` throws: ShapeError, DTypeError, TypeError, RangeError, AliasError
 * @example grad((x: Tensor<[]>) => square(x))(tensor(3)).item(); // 6
 */
export function grad<Args extends readonly unknown[], const N extends ArgNums = 0>(
  f: (...args: Args) => Tensor<[], FloatDType>,
  options: GradOptions<N> = {},
): (...args: Args) => GradientOf<Args, N> {
  const both = differentiate("grad", f, options);
  return (...args) => {
    const [value, gradients] = both(...args);
    value.dispose();
    return gradients;
  };
}
