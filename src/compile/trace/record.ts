// Records the ops of a function as a graph. Must not know what `compile` does with the graph.
import { TraceError } from "../../errors.js";
import { apart } from "../../tensor/donated.js";
import type { DType } from "../../tensor/dtype.js";
import { newestId } from "../../tensor/lifetime.js";
import { ignorePromise, scope } from "../../tensor/scope.js";
import { formatShape, type Shape, sameShape } from "../../tensor/shape.js";
import type { Storage } from "../../tensor/storage.js";
import { type AnyTensor, abstractTensor, Tensor } from "../../tensor/tensor.js";
import { type Tracer, tracing } from "../../tensor/tracer.js";
import { findHidden, mapTree } from "../../tensor/tree.js";
import type { Operand } from "../../tensor/types.js";
import {
  type Call,
  COPY,
  type Graph,
  type Input,
  isComputed,
  type Output,
  type Read,
  type Value,
  type View,
} from "./graph.js";
import { type Check, type Guard, Integers } from "./guards.js";
import { Position } from "./structure.js";

/** The result of tracing a function. */
export interface Traced {
  readonly graph: Graph;
  readonly inputs: readonly Input[];
  /** The structure of the function's result, with a `Position` in the graph's results for each tensor. */
  readonly structure: unknown;
  readonly guards: readonly Guard[];
  /** The bytes of tensors that the function makes from data. The trace holds them until they are released. */
  readonly constants: readonly Storage[];
  /** The tensors from outside that the function reads. */
  readonly outside: readonly AnyTensor[];
}

/** The present values of abstract tensors. `out` gives a tensor another value. */
class Recorder implements Tracer {
  readonly values: Value[] = [];
  readonly guards: Guard[] = [];
  readonly constants: Storage[] = [];
  readonly outside = new Set<AnyTensor>();
  readonly gradients = new Set<Value>();
  readonly #newest = newestId();
  readonly #current = new Map<Storage, Value>();
  readonly #integers = new Integers();
  readonly #previous = new Map<Value, Value>();

  /** The value of a tensor. A tensor from outside becomes a constant, which each run reads while it is alive. */
  valueOf(x: AnyTensor): Value {
    const { storage } = x;
    const isOutside = x.id <= this.#newest && !storage.isAbstract;
    if (isOutside && !x.isDisposed) this.outside.add(x);
    let value = this.#current.get(storage);
    if (value === undefined) {
      if (storage.isAbstract) {
        throw new TraceError(`compile: the ${x.named} tensor is left from another trace: return it`);
      }
      if (!isOutside) this.constants.push(storage.retain());
      value = { shape: x.extents, dtype: x.dtype, origin: { kind: "constant", storage } };
      this.add(storage, value);
    }
    return value;
  }

  add(storage: Storage, value: Value): void {
    this.#current.set(storage, value);
    this.values.push(value);
    this.#integers.add(value);
  }

  apply(call: Call, operands: readonly Operand[], result: AnyTensor): void {
    const reads = operands.map((x): Read => (typeof x === "number" ? x : this.view(x)));
    const { extents: shape, dtype, storage } = result;
    if (!storage.isAbstract) {
      throw new TraceError(
        `compile: ${call.op.name} writes into the ${result.named} tensor from outside through out; pass it as an argument`,
      );
    }
    this.add(storage, { shape, dtype, origin: { kind: "op", call, operands: reads } });
  }

  reads(x: AnyTensor): void {
    if (!x.storage.isAbstract) this.valueOf(x);
  }

  copy<S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> {
    const copy = abstractTensor(x.extents, x.dtype);
    this.apply({ op: COPY, params: undefined }, [x], copy);
    return copy;
  }

  isGradient(x: AnyTensor): void {
    this.gradients.add(this.valueOf(x));
  }

  succeeds(next: AnyTensor, previous: AnyTensor): void {
    const [after, before] = [this.valueOf(next), this.valueOf(previous)];
    if (after !== before) this.#previous.set(after, before);
  }

  /** The input whose next value this is. */
  heirOf(value: Value): Output["heir"] {
    let of = value;
    let updates = 0;
    for (let before = this.#previous.get(of); before !== undefined; before = this.#previous.get(of)) {
      of = before;
      updates++;
    }
    return updates > 0 && of.origin.kind === "input" ? { of, updates } : undefined;
  }

  guard(indices: AnyTensor, check: Check): void {
    const value = this.valueOf(indices);
    if (this.#integers.pass(value, check)) return;
    if (isComputed(value) && !this.#integers.isEarly(value)) {
      throw new TraceError(
        `compile: indices ${formatShape(indices.extents)} that ${value.origin.call.op.name} computes can't be ` +
          "checked before the run; pass them as an argument",
      );
    }
    this.guards.push({ value, check });
  }

  view(x: AnyTensor): View {
    return { value: this.valueOf(x), shape: x.extents };
  }
}

/**
 * Runs a function once on abstract tensors with the arguments' shapes and dtypes.
 * @throws TraceError if it reads elements, keeps tensors, or writes into tensors from outside
 */
export function trace(f: (...args: unknown[]) => unknown, args: readonly unknown[]): Traced {
  const recorder = new Recorder();
  try {
    let traced: Traced | undefined;
    // Not returned by the scope, which would search it for tensors: a graph walked as a tree can take forever.
    scope(() => {
      traced = apart(() => record(recorder, f, args));
    });
    return traced!;
  } catch (error) {
    for (const storage of recorder.constants) storage.release();
    throw error;
  }
}

function record(recorder: Recorder, f: (...args: unknown[]) => unknown, args: readonly unknown[]): Traced {
  const inputs: Input[] = [];
  const abstract: AnyTensor[] = [];
  const traced = mapTree(args, (leaf, path) => {
    if (!(leaf instanceof Tensor)) return leaf;
    const { extents: shape, dtype }: AnyTensor = leaf;
    const x = abstractTensor(shape, dtype);
    const input: Input = { shape, dtype, origin: { kind: "input", index: inputs.length, path } };
    recorder.add(x.storage, input);
    inputs.push(input);
    abstract.push(x);
    return x;
  });
  const output = tracing(recorder, () => f(...traced));
  if (ignorePromise(output)) {
    throw new TraceError("compile: the function returned a promise; await outside");
  }
  const results: Output[] = [];
  const structure = mapTree(output, (leaf, path) => {
    if (!(leaf instanceof Tensor)) {
      if (typeof leaf === "function") throw new TraceError(`compile: result${path} is a function`);
      const hider = findHidden([Object(leaf)], new Set(), ({ storage }) => storage.isAbstract);
      if (hider !== undefined) throw new TraceError(`compile: result${path} hides tensors in ${hider}`);
      return leaf;
    }
    leaf.assertAlive(`compile: result${path}`);
    const view = recorder.view(leaf);
    const passed = inputs[abstract.findIndex((x) => x.storage === leaf.storage && sameShape(x.extents, leaf.extents))];
    const [heir, isGradient] = [recorder.heirOf(view.value), recorder.gradients.has(view.value)];
    return new Position(results.push({ ...view, path, passed, heir, isGradient }) - 1);
  });
  const { values, guards, constants, outside } = recorder;
  const writes = inputs
    .map((input, i) => ({ input, value: recorder.valueOf(abstract[i]!) }))
    .filter(({ input, value }) => value !== input);
  return { graph: { values, results, writes }, inputs, structure, guards, constants, outside: [...outside] };
}
