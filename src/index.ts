// The public face: re-exports only.
/**
 * Typed backprop on SIMD wasm. Every function says its formula, shapes, dtypes, errors and an example; what all ops have in
 * common is said here.
 *
 * Notation: y is the result, g the gradient that comes in, `x [m, n]` a tensor's shape, "kept" that the result has the input's.
 * `Shapes: a and b broadcast` is NumPy's broadcasting: aligned at the last axis, sizes are equal or one of them is 1. At most 8 axes.
 *
 * Every op throws a TypeError for an operand that is no tensor (or number, where it takes one), a DisposedError for one that is gone, a
 * DTypeError for a number beside int32 tensors that is no int32, a ShapeError or a DTypeError for an `out` that does not fit, an
 * AliasError for an `out` that holds what a gradient still needs, or shares bytes with an input (elementwise ops, `reshape` and the
 * softmaxes may write over theirs), an OutOfMemoryError where the memory ends, and, if it is the first to compute anything, a
 * BackendError where the kernels cannot run. Nothing has changed then.
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
