// Types of options: undefined means the default, unknown options give open types, and literal ranges give literal sizes.
import { describe, expectTypeOf, test } from "vitest";
import {
  argMax,
  checkGrad,
  compile,
  grad,
  logSumExp,
  matmul,
  mean,
  optim,
  type Shape,
  slice,
  softmax,
  sum,
  type Tensor,
  take,
  tensor,
  zeros,
} from "../../src/index.js";

declare const m23: Tensor<[2, 3]>;
declare const m33: Tensor<[3, 3]>;
declare const rows: Tensor<[number, 13]>;
declare const images: Tensor<[60, 784]>;
declare const many: Tensor<[60000, 3]>;
declare const anyShape: Tensor;
declare const indices: Tensor<[2], "int32">;
declare const n: number;
declare const list: number[];
declare const axis: number | undefined;
declare const either: 0 | 1;
declare const flag: boolean | undefined;

describe("undefined", () => {
  test("is as good as no option", () => {
    expectTypeOf(sum(m23, { axis: undefined, keepDims: undefined, out: undefined })).toEqualTypeOf<Tensor<[]>>();
    expectTypeOf(mean(m23, { axis: 1, keepDims: undefined })).toEqualTypeOf<Tensor<[2]>>();
    expectTypeOf(argMax(m23, { axis: undefined, keepDims: undefined })).toEqualTypeOf<Tensor<[], "int32">>();
    expectTypeOf(logSumExp(m23, { axis: undefined, keepDims: undefined })).toEqualTypeOf<Tensor<[2]>>();
    expectTypeOf(softmax(m23, { axis: undefined })).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(take(m23, indices, { axis: undefined })).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matmul(m23, m33, { transposeA: undefined, transposeB: undefined })).toEqualTypeOf<Tensor<[2, 3]>>();
    optim.adamW({ learningRate: 1, beta1: undefined, beta2: undefined, epsilon: undefined, weightDecay: undefined });
    optim.momentum({ learningRate: 1, momentum: undefined, nesterov: undefined });
    optim.minimize((x: Tensor<[2]>) => sum(x), zeros([2]), { tolerance: undefined, onIteration: undefined });
    compile((x: Tensor) => sum(x), { donate: undefined });
    grad((x: Tensor) => sum(x), { argnums: undefined });
    checkGrad((x: Tensor<[], "float64">) => x, [tensor(1, { dtype: "float64" })], { seed: undefined, step: undefined });
  });

  test("among others leaves the result open", () => {
    expectTypeOf(sum(m23, { axis })).toEqualTypeOf<Tensor<Shape>>();
    expectTypeOf(sum(m23, { axis, keepDims: true })).toEqualTypeOf<Tensor<[number, number]>>();
    expectTypeOf(sum(m23, { axis: either })).toEqualTypeOf<Tensor<Shape>>();
    expectTypeOf(sum(m23, { axis: either, keepDims: true })).toEqualTypeOf<Tensor<[number, number]>>();
    expectTypeOf(sum(m23, { axis: [0, 1] })).toEqualTypeOf<Tensor<[]>>();
    expectTypeOf(sum(m23, { keepDims: flag })).toEqualTypeOf<Tensor<Shape>>();
    expectTypeOf(logSumExp(m23, { axis })).toEqualTypeOf<Tensor<Shape>>();
    expectTypeOf(take(m23, indices, { axis })).toEqualTypeOf<Tensor<Shape>>();
    expectTypeOf(matmul(m33, m33, { transposeB: flag })).toEqualTypeOf<Tensor<[3, number]>>();
  });
});

describe("slices", () => {
  test("keep the sizes of axes that they leave whole", () => {
    expectTypeOf(slice(rows, [n], [n])).toEqualTypeOf<Tensor<[number, 13]>>();
    expectTypeOf(slice(images, [0, n])).toEqualTypeOf<Tensor<[60, number]>>();
    expectTypeOf(slice(many, [0, 1], [60000])).toEqualTypeOf<Tensor<[60000, 2]>>();
    expectTypeOf(slice(images, [0], [n], { steps: [1] })).toEqualTypeOf<Tensor<[number, 784]>>();
    expectTypeOf(<B extends number>(x: Tensor<[B, 13]>): Tensor<[B, 12]> => slice(x, [0, 1])).toBeFunction();
  });

  test("have the sizes of literal ranges within literal sizes", () => {
    expectTypeOf(slice(m23, [0], [1])).toEqualTypeOf<Tensor<[1, 3]>>();
    expectTypeOf(slice(images, [2, 783], [5, 784])).toEqualTypeOf<Tensor<[3, 1]>>();
    expectTypeOf(slice(images, [60])).toEqualTypeOf<Tensor<[0, 784]>>();
  });

  test("leave other sizes to run time", () => {
    expectTypeOf(slice(rows, [2], [5])).toEqualTypeOf<Tensor<[number, 13]>>();
    expectTypeOf(slice(images, [-2, 1], [60, 785])).toEqualTypeOf<Tensor<[number, number]>>();
    expectTypeOf(slice(images, [5], [3])).toEqualTypeOf<Tensor<[number, 784]>>();
    expectTypeOf(slice(images, [0], [-1])).toEqualTypeOf<Tensor<[number, 784]>>();
    expectTypeOf(slice(images, [0], [60], { steps: [2] })).toEqualTypeOf<Tensor<[number, 784]>>();
    expectTypeOf(slice(images, [0], [60], { steps: list })).toEqualTypeOf<Tensor<[number, number]>>();
    expectTypeOf(slice(many, [0], [50])).toEqualTypeOf<Tensor<[number, 3]>>();
    expectTypeOf(slice(images, list)).toEqualTypeOf<Tensor<[number, number]>>();
    expectTypeOf(slice(anyShape, [0], [1])).toEqualTypeOf<Tensor<number[]>>();
    // @ts-expect-error: steps
    slice(images, [0], [1], { step: [2] });
  });
});
