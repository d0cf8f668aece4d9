// The public face: re-exports only.
/**
 * Typed backprop on SIMD wasm. Every function documents its formula, shapes, dtypes, errors and an example. This page documents what
 * all ops have in common.
 *
 * Notation: y is the result, g the incoming gradient, `x [m, n]` a tensor of that shape. "kept" means that the result has the input's
 * shape or dtype. `Shapes: a and b broadcast` is NumPy's broadcasting: shapes are aligned at the last axis; sizes are equal, or one of
 * them is 1. A tensor has at most 8 axes.
 *
 * Errors of every op. After each of them nothing has changed.
 * - TypeError: an operand is not a tensor (or a number, if the op takes numbers).
 * - DisposedError: an operand was disposed.
 * - DTypeError: a number next to int32 tensors is not an int32, or `out` has another dtype than the result.
 * - ShapeError: `out` has another shape than the result.
 * - AliasError: `out` holds a value that a gradient needs, or shares bytes with an input. Elementwise ops, `reshape` and the softmaxes
 *   may write over their input.
 * - OutOfMemoryError: the memory has no room for the result.
 * - BackendError: the kernels cannot run here. Only the first computation throws it.
 *
 * @module simdgrad
 */

export { type Compiled, type CompileOptions, compile } from "./compile/compile.js";
export type { ExplainedStep, Explanation, Profile, ProfiledStep } from "./compile/explain/explain.js";
export {
  AliasError,
  BackendError,
  DisposedError,
  DTypeError,
  OutOfMemoryError,
  ShapeError,
  TraceError,
} from "./errors.js";
export * from "./ops/index.js";
export * as random from "./ops/random.js";
export * as optim from "./optim/index.js";
export { type Backend, backend, type InitOptions, init } from "./runtime/init.js";
export type { TensorInput, TensorJSON, TensorParts } from "./tensor/data.js";
export type { DType, FloatDType, TensorData, TypedArrayOf } from "./tensor/dtype.js";
export { type MemoryInfo, memory } from "./tensor/memory-report.js";
export type { InspectOptions } from "./tensor/print.js";
export { scope } from "./tensor/scope.js";
export type { Shape } from "./tensor/shape.js";
export { type AnyTensor, Tensor } from "./tensor/tensor.js";
export { type CheckGradOptions, checkGrad, GradientError } from "./transform/check-grad.js";
export { type GradOptions, grad, valueAndGrad } from "./transform/grad.js";
export { stopGradient } from "./transform/stop-gradient.js";
