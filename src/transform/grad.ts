// Gradients of whole functions: runs a function on a tape and walks the tape backwards. Must not know any op, except to add gradients.
import { DTypeError, ShapeError } from "../errors.js";
import { add } from "../ops/arithmetic.js";
import { fullLike } from "../ops/create.js";
import { describe } from "../ops/define.js";
import { broadcastTo } from "../ops/movement.js";
import { sumTo } from "../ops/reduce.js";
import { apart } from "../tensor/donated.js";
import { type FloatDType, isFloat } from "../tensor/dtype.js";
import { newestId } from "../tensor/lifetime.js";
import { ignorePromise, scope, scopeOfList } from "../tensor/scope.js";
import { formatShape, type Shape, sameShape } from "../tensor/shape.js";
import type { Storage } from "../tensor/storage.js";
import { type GradContext, isRecorded, type Saved, Tape } from "../tensor/tape.js";
import { type AnyTensor, aliasTensor, Tensor } from "../tensor/tensor.js";
import { activeTracer } from "../tensor/tracer.js";
import { mapTree, replaceTensors } from "../tensor/tree.js";
import type { Operand } from "../tensor/types.js";
import { checkTransform, positionsOf } from "./positions.js";

/** The positions of the arguments to differentiate: one or several. @inline */
export type ArgNums = number | readonly number[];

/** The gradient's type: the argument's type, or a tuple of the types of several arguments. */
export type GradientOf<Args extends readonly unknown[], N extends ArgNums> = N extends readonly number[]
  ? { -readonly [K in keyof N]: N[K] extends number ? Args[N[K]] : never }
  : N extends number
    ? Args[N]
    : never;

/** Options of `grad` and `valueAndGrad`. */
export interface GradOptions<N extends ArgNums> {
  /** The position or positions of the arguments to differentiate; default 0, the first. */
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
      const parts = scopeOfList(() => operandGradients(tape, index, g));
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

/** The gradient in its full shape: repeated along the axes where it is constant and has size 1. */
function whole(g: AnyTensor, shape: Shape): AnyTensor {
  return sameShape(g.extents, shape) ? g : broadcastTo(g, shape);
}

/**
 * The gradients of one node's operands, each under a handle of its own. They have the operands' shapes, or size 1 along axes where they
 * are constant. The gradient of a sum is repeated only if an op needs it whole. Elementwise ops on operands of one shape do not.
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
    // A rule may return g itself, or one result twice.
    const own = part !== incoming && part !== g && !handedOut.has(part) ? part : aliasTensor(part);
    handedOut.add(own);
    return own;
  });
}

/** Adds the gradient of a node's first operand to a total, in place if nothing else holds the total's bytes. */
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

/** The values that a node's rules read. */
function contextOf(tape: Tape, index: number, g: AnyTensor): GradContext {
  const { shapes, params } = tape.node(index);
  const recall = (name: Saved): Operand => {
    const kept = tape.recall(index, name);
    return typeof kept !== "number" && kept.isDisposed ? aliasTensor(kept) : kept;
  };
  return {
    g,
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
      return recall("y");
    },
  };
}

/** The tensor, or a copy if its bytes are already taken, so that every returned tensor has bytes of its own. */
function ownBytes(tensor: AnyTensor, taken: Set<Storage>): AnyTensor {
  if (!taken.has(tensor.storage)) {
    taken.add(tensor.storage);
    return tensor;
  }
  const copy = tensor.clone();
  tensor.dispose();
  return copy;
}

/** The tensors of the arguments at these positions. Errors name the positions. */
function variablesIn(name: string, args: readonly unknown[], positions: readonly number[]): AnyTensor[] {
  return positions.flatMap((position) => {
    const variables: AnyTensor[] = [];
    const root = `${name}: argument ${position}`;
    mapTree(
      args[position],
      (leaf, path) => {
        if (leaf === undefined && path !== root) return;
        if (!(leaf instanceof Tensor)) {
          throw new TypeError(`${path} is ${describe(leaf)}; only tensors have gradients`);
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
 * The function together with its gradient: `valueAndGrad(f)(...args)` is `[f(...args), df/dfirst]`. Reverse mode: f runs once, then one
 * walk goes back over its ops. Only values that gradients need are kept, and each is freed after its use. The gradient has the structure
 * and the types of its argument; `argnums` chooses other arguments. Gradients of gradients work: f may call `grad` itself.
 *
 * @param f - returns a scalar tensor, shape `[]`; runs once in a scope of its own
 * @throws ShapeError if f does not return a scalar, DTypeError for int32 variables, TypeError for variables that are not tensors, AliasError
 * if f overwrote (with `out`) a value that the gradient needs, RangeError for `argnums` beyond the call's arguments; and the errors of f
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

/** `valueAndGrad` under the caller's name, for messages. */
function differentiate<Args extends readonly unknown[], D extends FloatDType, N extends ArgNums>(
  name: string,
  f: (...args: Args) => Tensor<[], D>,
  options: GradOptions<N>,
): (...args: Args) => [value: Tensor<[], D>, gradients: GradientOf<Args, N>] {
  checkTransform(name, f, options, "argnums");
  const argnums: ArgNums = options.argnums ?? 0;
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
        // Second handles, so that the same tensor reached through a closure counts as a constant.
        const watched = inputs.map((tensor) => aliasTensor(tensor));
        const leaves = watched.map((tensor) => tape.watch(tensor));
        const inner: unknown[] = [...args];
        replaceTensors(chosen, watched).forEach((argument, i) => {
          inner[positions[i]!] = argument;
        });
        const newest = newestId();
        const recorded = (): AnyTensor =>
          tape.during(() =>
            scope(() => {
              // Cast: the arguments, with other handles on the tensors of some of them.
              const result = checkScalar(name, f(...(inner as unknown as Args)));
              // A result that f did not make, or only gave a new handle, stays its owner's.
              return result.storage.since < newest ? result.clone() : result;
            }),
          );
        const value = isRecorded() ? recorded() : apart(recorded);
        const taken = new Set(watched.map((tensor) => tensor.storage));
        const walked = apart(() => backward(tape, value, leaves, watched));
        const [own, ...gradients] = [value, ...walked].map((x) => ownBytes(x, taken));
        const tracer = activeTracer();
        for (const gradient of gradients) tracer?.isGradient(gradient);
        const trees = replaceTensors(chosen, gradients);
        // Cast: a gradient is like its argument.
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
 * @throws the errors of `valueAndGrad`: ShapeError, DTypeError, TypeError, RangeError, AliasError
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
