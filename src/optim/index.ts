// Optimizers. Re-exports only.
/**
 * The optimizers as separate imports: the same functions as `optim` of `simdgrad`, over the same tensors.
 *
 * @module simdgrad/optim
 */
export { adam, adamW, momentum, sgd } from "./first-order.js";
export {
  type IterationInfo,
  type MinimizeOptions,
  type MinimizeResult,
  type MinimizeStatus,
  minimize,
} from "./minimize.js";
export type { LearningRate, Optimizer, OptimizerState, UpdateOptions } from "./optimizer.js";
