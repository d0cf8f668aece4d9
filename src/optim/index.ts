// Optimizers. Re-exports only.
export { adam, adamW, momentum, sgd } from "./first-order.js";
export {
  type IterationInfo,
  type MinimizeOptions,
  type MinimizeResult,
  type MinimizeStatus,
  minimize,
} from "./minimize.js";
export type { LearningRate, Optimizer, OptimizerState, UpdateOptions } from "./optimizer.js";
