// The one recording for `compile` that may be going on: what runs is told to it instead of to the kernels. Must not know any
// op, graph or program.
import type { AnyTensor } from "./tensor.js";
import type { Operand } from "./types.js";

/** An op with the params that it runs with: what they are is known to who made them, `src/ops/define.ts`, and to who reads them. */
export interface Traceable {
  readonly op: { readonly name: string };
  readonly params: unknown;
}

/** Takes down which op ran on what. */
export interface Tracer {
  /** `result` is abstract, or the tensor given as `out`. */
  apply(call: Traceable, operands: readonly Operand[], result: AnyTensor): void;
  /** Notes that a tensor is read under another handle. */
  reads(x: AnyTensor): void;
  /** A value of its own with the same elements. */
  copy(x: AnyTensor): AnyTensor;
  /** Notes that a tensor is a gradient: no next value of anything. */
  isGradient(x: AnyTensor): void;
  /** Notes what a tensor becomes, so that `compile` can write it where the old one is. */
  succeeds(next: AnyTensor, previous: AnyTensor): void;
  /** Notes that integers must be checked before each run: `check` throws where one is out of bounds. */
  guard(indices: AnyTensor, check: (data: ArrayLike<number>) => void): void;
}

let active: Tracer | undefined;

/** The recording that is going on. */
export function activeTracer(): Tracer | undefined {
  return active;
}

/** Runs `body` with its ops recorded; with undefined, with its ops run although a recording is going on. */
export function tracing<R>(tracer: Tracer | undefined, body: () => R): R {
  const outer = active;
  active = tracer;
  try {
    return body();
  } finally {
    active = outer;
  }
}
