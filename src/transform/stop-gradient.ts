// Makes a value a constant for gradients. Must not know any op.

import { checkTensor } from "../ops/define.js";
import type { DType } from "../tensor/dtype.js";
import type { Shape } from "../tensor/shape.js";
import { follow } from "../tensor/tape.js";
import { shareTensor, type Tensor } from "../tensor/tensor.js";

/**
 * y = x (the same bytes), but a constant for every gradient in progress. Gradient: 0.
 * Shapes: any, kept. Dtypes: any. Accuracy: exact.
 * @throws DisposedError for a disposed tensor
 * @example grad((x: Tensor<[]>) => mul(x, stopGradient(x)))(tensor(3)).item(); // 3
 */
export function stopGradient<S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> {
  checkTensor("stopGradient", x);
  const constant = shareTensor(x, x.extents);
  follow(constant, undefined);
  return constant;
}
