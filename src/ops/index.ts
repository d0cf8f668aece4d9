// Every public op, by family. Re-exports only.
export * from "./activation.js";
export * from "./arithmetic.js";
export { arange, full, linspace, ones, type TensorData, tensor, zeros } from "./create.js";
export type { OutOption } from "./define.js";
export { meanSquaredError, sigmoidCrossEntropy, softmaxCrossEntropy } from "./loss.js";
export { linear, matmul } from "./matmul.js";
export { astype, broadcastTo, concat, reshape, type SliceOptions, slice, take, transpose } from "./movement.js";
export { argMax, max, mean, min, sum } from "./reduce.js";
export { type AxisOption, logSoftmax, logSumExp, softmax } from "./softmax.js";
