// What a traced function computes: values, each made by one op from others. Must not know memory, instructions or order of
// execution beyond that of dependence.
import { FULL } from "../../ops/create.js";
import type { Runnable } from "../../ops/define.js";
import type { DType } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/shape.js";
import type { Storage } from "../../tensor/tensor.js";

/** An op as the graph holds it. */
export type GraphOp = Runnable<unknown>;

/** A value under a shape of as many elements: `reshape` makes another view of the same value. */
export interface View {
  readonly value: Value;
  readonly shape: Shape;
}

export type Operand = View | number;

/** Where a value comes from. */
export type Origin =
  | { readonly kind: "input"; readonly index: number }
  /** A tensor from outside, read anew on each run. */
  | { readonly kind: "constant"; readonly storage: Storage }
  | { readonly kind: "op"; readonly op: GraphOp; readonly operands: readonly Operand[]; readonly params: unknown };

/** Elements that are written once, or lie there from the start. */
export interface Value {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly origin: Origin;
}

/** A value that an op computes. */
export type Computed = Value & { readonly origin: Extract<Origin, { kind: "op" }> };

/** The values of one function for one signature of arguments. */
export interface Graph {
  /** In an order in which each op comes after its operands. */
  readonly values: readonly Value[];
  /** What the function returns, leaf by leaf. */
  readonly results: readonly View[];
  /** Inputs that hold another value after the run. */
  readonly writes: readonly Write[];
}

export interface Write {
  readonly input: Value;
  readonly value: Value;
}

export function isComputed(value: Value): value is Computed {
  return value.origin.kind === "op";
}

/** The values that an op reads. */
export function operandsOf(value: Value): readonly Value[] {
  const values: Value[] = [];
  if (isComputed(value))
    for (const operand of value.origin.operands) if (typeof operand === "object") values.push(operand.value);
  return values;
}

/** The number that fills a value, where it is made of one. */
export function uniformValue(value: Value): number | undefined {
  if (!isComputed(value) || value.origin.op !== FULL) return undefined;
  return value.origin.operands[0] as number;
}

/**
 * The graph with every computed value replaced by what `replace` makes of it, its operands replaced already; what nothing
 * needs any more is still there. `replace` may give another value, new ones included, of the same size and dtype.
 */
export function rewrite(graph: Graph, replace: (value: Computed, emit: (value: Value) => void) => Value): Graph {
  const values: Value[] = [];
  const replaced = new Map<Value, Value>();
  const emitted = new Set<Value>();
  const emit = (value: Value): void => {
    if (emitted.has(value)) return;
    emitted.add(value);
    values.push(value);
  };
  const now = (value: Value): Value => replaced.get(value) ?? value;
  for (const value of graph.values) {
    if (!isComputed(value)) {
      emit(value);
      continue;
    }
    const { origin } = value;
    const moved = origin.operands.some((operand) => typeof operand !== "number" && replaced.has(operand.value));
    const operands = moved
      ? origin.operands.map((operand) =>
          typeof operand === "number" ? operand : { value: now(operand.value), shape: operand.shape },
        )
      : origin.operands;
    const next = replace(moved ? { ...value, origin: { ...origin, operands } } : value, emit);
    if (next !== value) replaced.set(value, next);
    emit(next);
  }
  return {
    values,
    results: graph.results.map(({ value, shape }) => ({ value: now(value), shape })),
    writes: graph.writes.map(({ input, value }) => ({ input, value: now(value) })),
  };
}
