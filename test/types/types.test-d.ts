// Types of shapes: results for literal shapes, errors, and cases left to the run-time check.
import { describe, expectTypeOf, test } from "vitest";
import {
  type AnyTensor,
  add,
  arange,
  argMax,
  astype,
  broadcastTo,
  concat,
  type DType,
  equal,
  exp,
  type FloatDType,
  full,
  linear,
  linspace,
  logSumExp,
  matmul,
  max,
  maximum,
  mean,
  mul,
  ones,
  random,
  reshape,
  type Shape,
  sigmoid,
  softmax,
  stopGradient,
  sub,
  sum,
  type Tensor,
  take,
  tensor,
  transpose,
  where,
  zeros,
} from "../../src/index.js";

declare const scalar: Tensor<[]>;
declare const v2: Tensor<[2]>;
declare const v3: Tensor<[3]>;
declare const m23: Tensor<[2, 3]>;
declare const m21: Tensor<[2, 1]>;
declare const m13: Tensor<[1, 3]>;
declare const m45: Tensor<[4, 5]>;
declare const c234: Tensor<[2, 3, 4]>;
declare const wide23: Tensor<[2, 3], "float64">;
declare const int23: Tensor<[2, 3], "int32">;
declare const labels2: Tensor<[2], "int32">;
declare const anyShape: Tensor;
declare const rows3: Tensor<[number, 3]>;
declare const n: number;

describe("making tensors", () => {
  test("literal shapes and dtypes flow through", () => {
    expectTypeOf(zeros([2, 3])).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(ones([], "float64")).toEqualTypeOf<Tensor<[], "float64">>();
    expectTypeOf(full([4], 1, "int32")).toEqualTypeOf<Tensor<[4], "int32">>();
    expectTypeOf(random.normal([2, 3], { seed: 1 })).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(random.uniform([2], { seed: 1, dtype: "float64" })).toEqualTypeOf<Tensor<[2], "float64">>();
    expectTypeOf(random.glorot([2, 3], { seed: 1 })).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(random.he([2, 3], { seed: 1 })).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(arange(3)).toEqualTypeOf<Tensor<[number], "float32">>();
    expectTypeOf(arange(0, 3, 1, "int32")).toEqualTypeOf<Tensor<[number], "int32">>();
    expectTypeOf(linspace(0, 1, 3, "float64")).toEqualTypeOf<Tensor<[number], "float64">>();
  });

  test("nested arrays and typed arrays give their shapes and dtypes", () => {
    expectTypeOf(tensor(5)).toEqualTypeOf<Tensor<[], "float32">>();
    expectTypeOf(tensor([1, 2, 3])).toEqualTypeOf<Tensor<[3], "float32">>();
    expectTypeOf(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    ).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(tensor([[[1], [2]]], undefined, "float64")).toEqualTypeOf<Tensor<[1, 2, 1], "float64">>();
    expectTypeOf(tensor([1, 2, 3, 4], [2, 2])).toEqualTypeOf<Tensor<[2, 2], "float32">>();
    expectTypeOf(tensor(new Float64Array(6), [2, 3])).toEqualTypeOf<Tensor<[2, 3], "float64">>();
    expectTypeOf(tensor(new Int32Array(6))).toEqualTypeOf<Tensor<[number], "int32">>();
    const rows: number[][] = [];
    expectTypeOf(tensor(rows)).toEqualTypeOf<Tensor<[number, number], "float32">>();
  });

  test("sizes that are numbers stay numbers", () => {
    expectTypeOf(zeros([n, 3])).toEqualTypeOf<Tensor<[number, 3], "float32">>();
    const shape: number[] = [];
    expectTypeOf(zeros(shape)).toEqualTypeOf<Tensor<Shape, "float32">>();
  });

  test("data and arrays have the dtype's and the rank's types", () => {
    expectTypeOf(m23.data).toEqualTypeOf<Float32Array>();
    expectTypeOf(wide23.data).toEqualTypeOf<Float64Array>();
    expectTypeOf(int23.data).toEqualTypeOf<Int32Array>();
    expectTypeOf(scalar.toArray()).toEqualTypeOf<number>();
    expectTypeOf(v3.toArray()).toEqualTypeOf<number[]>();
    expectTypeOf(m23.toArray()).toEqualTypeOf<number[][]>();
    expectTypeOf(c234.toArray()).toEqualTypeOf<number[][][]>();
    expectTypeOf(m23.shape).toEqualTypeOf<[2, 3]>();
    expectTypeOf(m23.clone()).toEqualTypeOf<Tensor<[2, 3], "float32">>();
  });

  test("a tensor of a literal shape is a tensor of any", () => {
    expectTypeOf(m23).toExtend<Tensor>();
    expectTypeOf(m23).toExtend<Tensor<[number, number]>>();
    expectTypeOf(m23).toExtend<AnyTensor>();
    expectTypeOf(wide23).toExtend<AnyTensor>();
    expectTypeOf(wide23).toExtend<Tensor<Shape, FloatDType>>();
    expectTypeOf(int23).toExtend<Tensor<Shape, DType>>();
    expectTypeOf(m23).not.toExtend<Tensor<[3, 2]>>();
    expectTypeOf(m23).not.toExtend<Tensor<[2, 3], "float64">>();
    expectTypeOf(m23).not.toExtend<Tensor<[number]>>();
    expectTypeOf(anyShape).not.toExtend<Tensor<[2, 3]>>();
    expectTypeOf<Tensor>().toEqualTypeOf<Tensor<Shape, "float32">>();
  });
});

describe("elementwise ops", () => {
  test("broadcast", () => {
    expectTypeOf(add(m23, v3)).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(add(v3, m23)).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(mul(m21, m13)).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(sub(m23, m21)).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(maximum(scalar, c234)).toEqualTypeOf<Tensor<[2, 3, 4], "float32">>();
    expectTypeOf(add(scalar, scalar)).toEqualTypeOf<Tensor<[], "float32">>();
    expectTypeOf(equal(int23, int23)).toEqualTypeOf<Tensor<[2, 3], "int32">>();
  });

  test("take numbers on either side", () => {
    expectTypeOf(add(m23, 1)).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(sub(1, wide23)).toEqualTypeOf<Tensor<[2, 3], "float64">>();
    expectTypeOf(mul(n, scalar)).toEqualTypeOf<Tensor<[], "float32">>();
    expectTypeOf(where(m23, 1, v3)).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(where(v3, m21, 0)).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(where(scalar, 1, 0)).toEqualTypeOf<Tensor<[], "float32">>();
  });

  test("leave sizes that are numbers to the run-time check", () => {
    expectTypeOf(add(rows3, v3)).toEqualTypeOf<Tensor<[number, 3], "float32">>();
    expectTypeOf(add(rows3, m23)).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(add(rows3, m21)).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(add(rows3, m13)).toEqualTypeOf<Tensor<[number, 3], "float32">>();
    expectTypeOf(add(anyShape, m23)).toEqualTypeOf<Tensor<Shape, "float32">>();
    expectTypeOf(add(m23, anyShape)).toEqualTypeOf<Tensor<Shape, "float32">>();
  });

  test("refuse sizes that do not broadcast", () => {
    // @ts-expect-error: 3 and 2
    add(m23, v2);
    // @ts-expect-error: 3 and 5
    mul(m23, m45);
    // @ts-expect-error: 3 and 2, under a number
    sub(rows3, v2);
    // @ts-expect-error: 3 and 2
    where(m23, v2, 1);
    // @ts-expect-error: 3 and 2, of the last two
    where(scalar, m23, v2);
  });

  test("refuse different dtypes, and dtypes an op is not defined for", () => {
    // @ts-expect-error: float32 and float64
    add(m23, wide23);
    // @ts-expect-error: float32 and int32
    mul(int23, m23);
    // @ts-expect-error: int32
    exp(int23);
    // @ts-expect-error: int32
    softmax(int23);
    // @ts-expect-error: no tensor
    add([1, 2], m23);
    // @ts-expect-error: no tensor
    exp("x");
  });

  test("keep shape and dtype with one operand", () => {
    expectTypeOf(exp(wide23)).toEqualTypeOf<Tensor<[2, 3], "float64">>();
    expectTypeOf(sigmoid(rows3)).toEqualTypeOf<Tensor<[number, 3], "float32">>();
    expectTypeOf(softmax(c234, { axis: 1 })).toEqualTypeOf<Tensor<[2, 3, 4], "float32">>();
    expectTypeOf(stopGradient(wide23)).toEqualTypeOf<Tensor<[2, 3], "float64">>();
    expectTypeOf(astype(m23, "int32")).toEqualTypeOf<Tensor<[2, 3], "int32">>();
  });

  test("write into what fits", () => {
    add(m23, v3, { out: m23 });
    exp(m23, { out: m23 });
    // @ts-expect-error: another shape
    add(m23, v3, { out: m45 });
    // @ts-expect-error: another dtype
    exp(m23, { out: wide23 });
    // @ts-expect-error: another shape
    softmax(m23, { out: m45 });
  });
});

describe("products", () => {
  test("of matrices, stored in any way", () => {
    expectTypeOf(matmul(zeros([2, 3]), zeros([3, 4]))).toEqualTypeOf<Tensor<[2, 4], "float32">>();
    expectTypeOf(matmul(zeros([2, 3]), zeros([4, 3]), { transposeB: true })).toEqualTypeOf<Tensor<[2, 4], "float32">>();
    expectTypeOf(matmul(zeros([3, 2]), zeros([3, 4]), { transposeA: true })).toEqualTypeOf<Tensor<[2, 4], "float32">>();
    expectTypeOf(matmul(zeros([3, 2]), zeros([4, 3]), { transposeA: true, transposeB: true })).toEqualTypeOf<
      Tensor<[2, 4], "float32">
    >();
    expectTypeOf(matmul(wide23, wide23, { transposeA: true })).toEqualTypeOf<Tensor<[3, 3], "float64">>();
    expectTypeOf(matmul(rows3, zeros([3, 4]))).toEqualTypeOf<Tensor<[number, 4], "float32">>();
  });

  test("of batches", () => {
    expectTypeOf(matmul(zeros([5, 2, 3]), zeros([5, 3, 4]))).toEqualTypeOf<Tensor<[5, 2, 4], "float32">>();
    expectTypeOf(matmul(zeros([5, 2, 3]), zeros([3, 4]))).toEqualTypeOf<Tensor<[5, 2, 4], "float32">>();
    expectTypeOf(matmul(zeros([2, 3]), zeros([5, 3, 4]))).toEqualTypeOf<Tensor<[5, 2, 4], "float32">>();
    expectTypeOf(matmul(zeros([6, 1, 2, 3]), zeros([5, 3, 4]))).toEqualTypeOf<Tensor<[6, 5, 2, 4], "float32">>();
  });

  test("with vectors", () => {
    expectTypeOf(matmul(v3, v3)).toEqualTypeOf<Tensor<[], "float32">>();
    expectTypeOf(matmul(m23, v3)).toEqualTypeOf<Tensor<[2], "float32">>();
    expectTypeOf(matmul(v2, m23)).toEqualTypeOf<Tensor<[3], "float32">>();
    expectTypeOf(matmul(c234, zeros([4]))).toEqualTypeOf<Tensor<[2, 3], "float32">>();
  });

  test("of unknown rank", () => {
    expectTypeOf(matmul(anyShape, m23)).toEqualTypeOf<Tensor<Shape, "float32">>();
    expectTypeOf(matmul(m23, anyShape)).toEqualTypeOf<Tensor<Shape, "float32">>();
  });

  test("refuse inner sizes and batches that differ", () => {
    // @ts-expect-error: 3 and 4
    matmul(m23, m45);
    // @ts-expect-error: 2 and 3
    matmul(m23, zeros([3, 4]), { transposeA: true });
    // @ts-expect-error: 3 and 4
    matmul(m23, zeros([3, 4]), { transposeB: true });
    // @ts-expect-error: 3 and 2
    matmul(v3, m23);
    // @ts-expect-error: batches of 5 and 6
    matmul(zeros([5, 2, 3]), zeros([6, 3, 4]));
    // @ts-expect-error: float32 and float64
    matmul(m23, zeros([3, 4], "float64"));
    // @ts-expect-error: int32
    matmul(int23, int23, { transposeB: true });
  });

  test("in a linear layer", () => {
    expectTypeOf(linear(m23, zeros([3, 4]), zeros([4]))).toEqualTypeOf<Tensor<[2, 4], "float32">>();
    expectTypeOf(linear(v3, zeros([3, 4]), zeros([4]))).toEqualTypeOf<Tensor<[4], "float32">>();
    expectTypeOf(linear(c234, m45, zeros([5]))).toEqualTypeOf<Tensor<[2, 3, 5], "float32">>();
    expectTypeOf(linear(rows3, zeros([3, 4]), zeros([4]))).toEqualTypeOf<Tensor<[number, 4], "float32">>();
    // @ts-expect-error: 3 and 4
    linear(m23, m45, zeros([5]));
    // @ts-expect-error: a bias of 3 for 4 columns
    linear(m23, zeros([3, 4]), v3);
    // @ts-expect-error: float32 and float64
    linear(m23, zeros([3, 4], "float64"), zeros([4]));
  });
});

describe("reductions", () => {
  test("drop or keep axes", () => {
    expectTypeOf(sum(c234)).toEqualTypeOf<Tensor<[], "float32">>();
    expectTypeOf(sum(c234, { axis: 1 })).toEqualTypeOf<Tensor<[2, 4], "float32">>();
    expectTypeOf(mean(wide23, { axis: -1 })).toEqualTypeOf<Tensor<[2], "float64">>();
    expectTypeOf(max(c234, { axis: [0, -1] })).toEqualTypeOf<Tensor<[3], "float32">>();
    expectTypeOf(max(c234, { axis: [0, 1, 2] })).toEqualTypeOf<Tensor<[], "float32">>();
    expectTypeOf(sum(c234, { axis: 1, keepDims: true })).toEqualTypeOf<Tensor<[2, 1, 4], "float32">>();
    expectTypeOf(sum(c234, { axis: [-1, 0], keepDims: true })).toEqualTypeOf<Tensor<[1, 3, 1], "float32">>();
    expectTypeOf(sum(c234, { keepDims: true })).toEqualTypeOf<Tensor<[1, 1, 1], "float32">>();
    expectTypeOf(sum(c234, { axis: 2, keepDims: false })).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(argMax(m23, { axis: 1 })).toEqualTypeOf<Tensor<[2], "int32">>();
    expectTypeOf(argMax(wide23)).toEqualTypeOf<Tensor<[], "int32">>();
    expectTypeOf(logSumExp(c234)).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(logSumExp(c234, { axis: 0, keepDims: true })).toEqualTypeOf<Tensor<[1, 3, 4], "float32">>();
    expectTypeOf(logSumExp(c234, { keepDims: true })).toEqualTypeOf<Tensor<[2, 3, 1], "float32">>();
  });

  test("over an axis that is a number", () => {
    expectTypeOf(sum(m23, { axis: n, keepDims: true })).toEqualTypeOf<Tensor<[number, number], "float32">>();
    expectTypeOf(sum(anyShape)).toEqualTypeOf<Tensor<[], "float32">>();
    expectTypeOf(sum(anyShape, { axis: 0 })).toEqualTypeOf<Tensor<Shape, "float32">>();
  });

  test("refuse axes that do not exist, and int32 if the result is not an integer", () => {
    // @ts-expect-error: two axes
    sum(m23, { axis: 2 });
    // @ts-expect-error: two axes
    max(m23, { axis: -3 });
    // @ts-expect-error: two axes
    argMax(m23, { axis: 2 });
    // @ts-expect-error: one axis does not exist
    mean(m23, { axis: [0, 2] });
    // @ts-expect-error: int32
    mean(int23);
  });

  test("refuse unknown options next to valid ones", () => {
    // @ts-expect-error: keepDims
    sum(m23, { axis: 0, keepdims: true });
    // @ts-expect-error: { axis: 0 }
    sum(m23, 0);
    // @ts-expect-error: keepDims
    mean(m23, { axis: 0, keepDim: true });
    // @ts-expect-error: axis alone
    max(m23, { axis: 1, dim: 1 });
    // @ts-expect-error: keepDims
    argMax(m23, { axis: 1, keepdims: true });
    // @ts-expect-error: keepDims
    logSumExp(m23, { axis: 1, keepdims: true });
    // @ts-expect-error: axis alone
    take(m23, labels2, { axis: 0, dim: 0 });
    // @ts-expect-error: transposeA
    matmul(m23, m23, { transposeB: true, transA: true });
    sum(m23, { axis: 0, out: zeros([3]) });
    matmul(m23, m23, { transposeB: true, out: zeros([2, 2]) });
    const options: { readonly axis: number; readonly keepDims: boolean } = { axis: 0, keepDims: true };
    expectTypeOf(sum(m23, options)).toExtend<Tensor<Shape, "float32">>();
  });
});

describe("moving elements", () => {
  test("transpose", () => {
    expectTypeOf(transpose(m23)).toEqualTypeOf<Tensor<[3, 2], "float32">>();
    expectTypeOf(transpose(c234)).toEqualTypeOf<Tensor<[4, 3, 2], "float32">>();
    expectTypeOf(transpose(c234, [0, 2, 1])).toEqualTypeOf<Tensor<[2, 4, 3], "float32">>();
    expectTypeOf(transpose(c234, [-1, 0, 1])).toEqualTypeOf<Tensor<[4, 2, 3], "float32">>();
    expectTypeOf(transpose(anyShape)).toEqualTypeOf<Tensor<Shape, "float32">>();
  });

  test("reshape", () => {
    expectTypeOf(reshape(m23, [6])).toEqualTypeOf<Tensor<[6], "float32">>();
    expectTypeOf(reshape(wide23, [3, 2])).toEqualTypeOf<Tensor<[3, 2], "float64">>();
    expectTypeOf(reshape(m23, [])).toEqualTypeOf<Tensor<[], "float32">>();
    expectTypeOf(reshape(anyShape, [2, -1])).toEqualTypeOf<Tensor<[2, number], "float32">>();
  });

  test("the others", () => {
    expectTypeOf(broadcastTo(v3, [2, 3])).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(take(m23, labels2)).toEqualTypeOf<Tensor<[2, 3], "float32">>();
    expectTypeOf(take(c234, labels2, { axis: 1 })).toExtend<Tensor<Shape, "float32">>();
    expectTypeOf(take(m23, int23)).toEqualTypeOf<Tensor<[2, 3, 3], "float32">>();
    expectTypeOf(concat([m23, m23])).toExtend<Tensor<Shape, "float32">>();
    // @ts-expect-error: float indices
    take(m23, v2);
  });
});
