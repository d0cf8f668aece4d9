// What a traced function computes: values, each made by one op from others. Must not know memory, instructions or order of
// execution beyond that of dependence.
import { Op } from "../../../assembly/ops.generated.js";
import type { Runnable } from "../../ops/define.js";
import { spread } from "../../ops/instructions.js";
import type { Identity, Kind, Params } from "../../ops/kind.js";
import type { DType } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/shape.js";
import type { Storage } from "../../tensor/storage.js";

/** An op with the params that it runs with. */
export type Call<K extends Kind = Kind> = {
  readonly [P in K]: { readonly op: Runnable<P>; readonly params: Params[P] };
}[K];

/** A value under a shape of as many elements: `reshape` makes another view of the same value. */
export interface View {
  readonly value: Value;
  readonly shape: Shape;
}

/** What an op reads: a value, or a number for every element. */
export type Read = View | number;

/** Where a value comes from. */
export type Origin =
  /** `path` is its place among the arguments: `[0].layers[1].w`. */
  | { readonly kind: "input"; readonly index: number; readonly path: string }
  /** A tensor from outside, read anew on each run. */
  | { readonly kind: "constant"; readonly storage: Storage }
  | { readonly kind: "op"; readonly call: Call; readonly operands: readonly Read[] };

/** Elements that are written once, or lie there from the start. */
export interface Value {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly origin: Origin;
}

/** A value that an argument's tensor holds. */
export type Input = Value & { readonly origin: Extract<Origin, { kind: "input" }> };

/** A value that an op computes. */
export type Computed = Value & { readonly origin: Extract<Origin, { kind: "op" }> };

/** One tensor of what a function returns. */
export interface Output extends View {
  /** Its place in what the function returns. */
  readonly path: string;
  /** The input whose tensor it is. */
  readonly passed: Input | undefined;
  /** The input that it is the next value of, after so many updates, where an optimizer said so. */
  readonly heir: { readonly of: Value; readonly updates: number } | undefined;
  readonly isGradient: boolean;
}

/** The values of one function for one signature of arguments. */
export interface Graph {
  /** In an order in which each op comes after its operands. */
  readonly values: readonly Value[];
  /** What the function returns, leaf by leaf. */
  readonly results: readonly Output[];
  /** Inputs that hold another value after the run. */
  readonly writes: readonly Write[];
}

export interface Write {
  readonly input: Input;
  readonly value: Value;
}

/** The same elements at another place. */
export const COPY: Runnable<"elementwise"> = {
  name: "copy",
  kind: "elementwise",
  op: Op.identity,
  instructions: spread,
};

export function copyOf(value: Value): Computed {
  const { shape, dtype } = value;
  return { shape, dtype, origin: { kind: "op", call: { op: COPY, params: undefined }, operands: [{ value, shape }] } };
}

export function isComputed(value: Value): value is Computed {
  return value.origin.kind === "op";
}

/** The op that computes a value. */
export function opOf({ origin }: Computed): Identity {
  return origin.call.op;
}

/** The kernel that computes each element of a value from one of each operand, where one does: what can be fused. */
export function kernelOf(value: Computed): Op | undefined {
  const { kind, op } = opOf(value);
  return kind === "elementwise" ? op : kind === "repeat" ? Op.identity : undefined;
}

/** What an op reads of other values. */
export function viewsOf(value: Value): readonly View[] {
  return isComputed(value) ? value.origin.operands.filter((operand) => typeof operand !== "number") : [];
}

/** The values that an op reads. */
export function operandsOf(value: Value): readonly Value[] {
  return viewsOf(value).map((view) => view.value);
}

/** Numbers things in the order in which they are first asked for. */
export function numbering<T>(): (thing: T) => number {
  const numbers = new Map<T, number>();
  return (thing) => {
    const number = numbers.get(thing) ?? numbers.size;
    numbers.set(thing, number);
    return number;
  };
}

/** A number as a key: -0 is not 0. */
export function keyOf(x: number): string {
  return Object.is(x, -0) ? "-0" : String(x);
}

/**
 * The graph with every computed value replaced by what `replace` makes of it, its operands replaced already; what nothing
 * needs any more is still there. `replace` may give another value, new ones included, of the same size and dtype.
 */
export function rewrite(graph: Graph, replace: (value: Computed) => Value): Graph {
  const values = new Set<Value>();
  const replaced = new Map<Value, Value>();
  const renew = <T extends { readonly value: Value }>(part: T): T => ({
    ...part,
    value: replaced.get(part.value) ?? part.value,
  });
  for (const value of graph.values) {
    let next = value;
    if (isComputed(value)) {
      const { origin } = value;
      const operands = origin.operands.map((operand) => (typeof operand === "number" ? operand : renew(operand)));
      const isMoved = operandsOf(value).some((operand) => replaced.has(operand));
      next = replace(isMoved ? { ...value, origin: { ...origin, operands } } : value);
    }
    if (next !== value) replaced.set(value, next);
    values.add(next);
  }
  return { values: [...values], results: graph.results.map(renew), writes: graph.writes.map(renew) };
}
