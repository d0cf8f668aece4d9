// Every public op, by family. Re-exports only.
export * from "./activation.js";
export * from "./arithmetic.js";
export { equal, greater, greaterEqual, less, lessEqual, notEqual, where } from "./comparison.js";
export { arange, full, linspace, ones, tensor, zeros } from "./create.js";
export type { OutOption } from "./define.js";
export { concat, type SliceOptions, slice, take } from "./indexing.js";
export { meanSquaredError, sigmoidCrossEntropy, softmaxCrossEntropy } from "./loss.js";
export { linear, matmul } from "./matmul.js";
export { astype, broadcastTo, reshape, transpose } from "./movement.js";
export { argMax, max, mean, min, sum } from "./reduce.js";
export * from "./rounding.js";
export { type AxisOption, logSoftmax, logSumExp, softmax } from "./softmax.js";
