// The graph of a traced function: values, each computed by one op from others. Must not know memory or instructions.
import { Op } from "../../../assembly/ops.generated.js";
import type { Runnable } from "../../ops/define.js";
import { spread } from "../../ops/instructions.js";
import type { Identity, Kind, Params } from "../../ops/kind.js";
import type { DType } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/shape.js";
import type { Storage } from "../../tensor/storage.js";

/** An op with its params. */
export type Call<K extends Kind = Kind> = {
  readonly [P in K]: { readonly op: Runnable<P>; readonly params: Params[P] };
}[K];

/** A value in some shape of the same size: `reshape` makes another view of a value. */
export interface View {
  readonly value: Value;
  readonly shape: Shape;
}

/** An operand of an op: a value, or a number for every element. */
export type Read = View | number;

/** The origin of a value. */
export type Origin =
  /** `path` is its place among the arguments: `[0].layers[1].w`. */
  | { readonly kind: "input"; readonly index: number; readonly path: string }
  /** A tensor from outside. Each run reads it again. */
  | { readonly kind: "constant"; readonly storage: Storage }
  | { readonly kind: "op"; readonly call: Call; readonly operands: readonly Read[] };

/** A value: elements that are written once, or exist from the start. */
export interface Value {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly origin: Origin;
}

/** The value of an argument's tensor. */
export type Input = Value & { readonly origin: Extract<Origin, { kind: "input" }> };

/** A value computed by an op. */
export type Computed = Value & { readonly origin: Extract<Origin, { kind: "op" }> };

/** One tensor in a function's result. */
export interface Output extends View {
  /** Its place in the result. */
  readonly path: string;
  /** The input whose tensor it is, if it is one. */
  readonly passed: Input | undefined;
  /** The input whose next value it is, and after how many updates, if an optimizer said so. */
  readonly heir: { readonly of: Value; readonly updates: number } | undefined;
  readonly isGradient: boolean;
}

/** The values of one function for one signature of arguments. */
export interface Graph {
  /** Each op comes after its operands. */
  readonly values: readonly Value[];
  /** The leaves of the function's result. */
  readonly results: readonly Output[];
  /** Inputs that hold another value after the run. */
  readonly writes: readonly Write[];
}

export interface Write {
  readonly input: Input;
  readonly value: Value;
}

/** The op that copies a value. */
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

/** The kernel of a value's op if it is elementwise, so that it can be fused; else undefined. */
export function kernelOf(value: Computed): Op | undefined {
  const { kind, op } = opOf(value);
  return kind === "elementwise" ? op : kind === "repeat" ? Op.identity : undefined;
}

/** The operands that are values. */
export function viewsOf(value: Value): readonly View[] {
  return isComputed(value) ? value.origin.operands.filter((operand) => typeof operand !== "number") : [];
}

/** The values that an op reads. */
export function operandsOf(value: Value): readonly Value[] {
  return viewsOf(value).map((view) => view.value);
}

/** Numbers objects in the order of their first use. */
export function numbering<T>(): (thing: T) => number {
  const numbers = new Map<T, number>();
  return (thing) => {
    const number = numbers.get(thing) ?? numbers.size;
    numbers.set(thing, number);
    return number;
  };
}

/** A number as a key. -0 differs from 0. */
export function keyOf(x: number): string {
  return Object.is(x, -0) ? "-0" : String(x);
}

/**
 * The graph with every computed value replaced by the result of `replace`, which gets it with its operands already replaced. The result is
 * any value of the same size and dtype. Values that become unused stay in the graph.
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
