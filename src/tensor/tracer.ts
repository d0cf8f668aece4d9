// The current recording for `compile`, if any. Ops report to it instead of running kernels. Must not know any op, graph or program.
import type { DType } from "./dtype.js";
import type { Shape } from "./shape.js";
import type { AnyTensor, Tensor } from "./tensor.js";
import type { Operand } from "./types.js";

/** An op with its params. Their type is known to `src/ops/define.ts`, which makes them, and to the readers of the graph. */
export interface Traceable {
  readonly op: { readonly name: string };
  readonly params: unknown;
}

/** Records which op ran on which operands. */
export interface Tracer {
  /** `result` is abstract, or the tensor given as `out`. */
  apply(call: Traceable, operands: readonly Operand[], result: AnyTensor): void;
  /** Notes that a tensor will be read under another handle. */
  reads(x: AnyTensor): void;
  /** Records a copy and returns it. */
  copy<S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D>;
  /** Notes that a tensor is a gradient, so it is not the next value of an argument. */
  isGradient(x: AnyTensor): void;
  /** Notes the next value of a tensor, so that `compile` can write it over the old one. */
  succeeds(next: AnyTensor, previous: AnyTensor): void;
  /** Notes that indices must be checked before each run. `check` throws if one is out of bounds. */
  guard(indices: AnyTensor, check: (data: ArrayLike<number>) => void): void;
}

let active: Tracer | undefined;

/** The current recording. */
export function activeTracer(): Tracer | undefined {
  return active;
}

/** Records the ops of `body`. With undefined it runs them, even during a recording. */
export function tracing<R>(tracer: Tracer | undefined, body: () => R): R {
  const outer = active;
  active = tracer;
  try {
    return body();
  } finally {
    active = outer;
  }
}
