// The public face: re-exports only.
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
export type { DType, FloatDType, TypedArrayOf } from "./tensor/dtype.js";
export { scope } from "./tensor/scope.js";
export type { Shape } from "./tensor/shape.js";
export { type AnyTensor, type MemoryInfo, memory, Tensor } from "./tensor/tensor.js";
export { type CheckGradOptions, checkGrad, GradientError } from "./transform/check-grad.js";
export { type Compiled, type CompileOptions, compile } from "./transform/compile/compile.js";
export type { ExplainedStep, Explanation, Profile, ProfiledStep } from "./transform/compile/explain.js";
export { type GradOptions, grad, valueAndGrad } from "./transform/grad.js";
export { stopGradient } from "./transform/stop-gradient.js";
