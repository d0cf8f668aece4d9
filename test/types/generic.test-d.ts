// Types of code that is generic over sizes, shapes and dtypes: what ops give there needs no cast. What does is in docs/guides/types.md.
import { describe, test } from "vitest";
import {
  add,
  div,
  exp,
  type FloatDType,
  grad,
  linear,
  logSumExp,
  matmul,
  max,
  mean,
  meanSquaredError,
  mul,
  random,
  relu,
  reshape,
  type Shape,
  softmax,
  softmaxCrossEntropy,
  square,
  sub,
  sum,
  type Tensor,
  transpose,
  where,
  zeros,
} from "../../src/index.js";

describe("over sizes", () => {
  test("products", () => {
    const layer = <B extends number>(x: Tensor<[B, 64]>, w: Tensor<[64, 10]>): Tensor<[B, 10]> => matmul(x, w);
    const product = <M extends number, K extends number, N extends number>(
      a: Tensor<[M, K]>,
      b: Tensor<[K, N]>,
    ): Tensor<[M, N]> => matmul(a, b);
    const similarity = <M extends number, K extends number, N extends number>(
      a: Tensor<[M, K]>,
      b: Tensor<[N, K]>,
    ): Tensor<[M, N]> => matmul(a, b, { transposeB: true });
    const gram = <K extends number, N extends number>(a: Tensor<[5, K, N]>): Tensor<[5, N, N]> =>
      matmul(a, a, { transposeA: true });
    const shared = <K extends number>(a: Tensor<[5, 2, K]>, b: Tensor<[K, 4]>): Tensor<[5, 2, 4]> => matmul(a, b);
    const onVector = <M extends number, K extends number>(a: Tensor<[M, K]>, b: Tensor<[K]>): Tensor<[M]> =>
      matmul(a, b);
    const ofVector = <K extends number, N extends number>(a: Tensor<[K]>, b: Tensor<[K, N]>): Tensor<[N]> =>
      matmul(a, b);
    const dot = <N extends number>(a: Tensor<[N]>, b: Tensor<[N]>): Tensor<[]> => matmul(a, b);
    const wide = <D extends FloatDType>(a: Tensor<[2, 3], D>, b: Tensor<[3, 4], D>): Tensor<[2, 4], D> => matmul(a, b);
    // @ts-expect-error: M and K
    const mixed = <M extends number, K extends number>(a: Tensor<[M, K]>, b: Tensor<[M]>): Tensor<[M]> => matmul(a, b);
    // @ts-expect-error: 64 and 65
    const misfit = <M extends number>(a: Tensor<[M, 64]>, b: Tensor<[65, M]>): Tensor<[M, M]> => matmul(a, b);
    void [layer, product, similarity, gram, shared, onVector, ofVector, dot, wide, mixed, misfit];
  });

  test("layers", () => {
    class Dense<I extends number, O extends number> {
      readonly w: Tensor<[I, O]>;
      readonly b: Tensor<[O]>;
      constructor(inputs: I, outputs: O) {
        this.w = random.he([inputs, outputs], { seed: 1 });
        this.b = zeros([outputs]);
      }
      apply<B extends number>(x: Tensor<[B, I]>): Tensor<[B, O]> {
        return relu(linear(x, this.w, this.b));
      }
    }
    const net = (x: Tensor<[32, 64]>): Tensor<[32, 10]> => new Dense(16, 10).apply(new Dense(64, 16).apply(x));
    const head = <B extends number>(x: Tensor<[B, 64]>, labels: Tensor<[B], "int32">): Tensor<[]> =>
      softmaxCrossEntropy(new Dense(64, 10).apply(x), labels);
    // @ts-expect-error: 16 and 15
    const misfit = (x: Tensor<[32, 64]>): Tensor<[32, 10]> => new Dense(15, 10).apply(new Dense(64, 16).apply(x));
    void [net, head, misfit];
  });

  test("elementwise ops and reductions", () => {
    const biased = <B extends number, N extends number>(x: Tensor<[B, N]>, b: Tensor<[N]>): Tensor<[B, N]> => add(x, b);
    const fixed = <B extends number>(x: Tensor<[B, 3]>, b: Tensor<[3]>): Tensor<[B, 3]> => add(x, b);
    const both = <B extends number, N extends number>(x: Tensor<[B, N]>, y: Tensor<[B, N]>): Tensor<[B, N]> =>
      mul(x, y);
    const rows = <B extends number>(x: Tensor<[B, 3]>): Tensor<[B]> => sum(x, { axis: 1 });
    const columns = <B extends number, N extends number>(x: Tensor<[B, N]>): Tensor<[N]> => mean(x, { axis: 0 });
    const kept = <B extends number, N extends number>(x: Tensor<[B, N]>): Tensor<[B, 1]> =>
      mean(x, { axis: -1, keepDims: true });
    const logs = <B extends number, N extends number>(x: Tensor<[B, N]>): Tensor<[B]> => logSumExp(x);
    const turned = <B extends number, N extends number>(x: Tensor<[B, N]>): Tensor<[N, B]> => transpose(x);
    const centred = <B extends number, N extends number>(x: Tensor<[B, N]>): Tensor<[B, N]> =>
      sub(x, mean(x, { axis: 0 }));
    const line = <N extends number>(n: N): Tensor<[N]> => zeros([n]);
    // @ts-expect-error: 3 and 4
    const misfit = <B extends number>(x: Tensor<[B, 3]>, b: Tensor<[4]>): Tensor<[B, 3]> => add(x, b);
    void [biased, fixed, both, rows, columns, kept, logs, turned, centred, line, misfit];
  });
});

describe("over shapes and dtypes", () => {
  test("elementwise ops", () => {
    const unary = <S extends Shape, D extends FloatDType>(x: Tensor<S, D>): Tensor<S, D> => exp(x);
    const right = <S extends Shape>(x: Tensor<S>): Tensor<S> => div(x, 2);
    const left = <S extends Shape>(x: Tensor<S>): Tensor<S> => sub(1, x);
    const alike = <S extends Shape, D extends FloatDType>(x: Tensor<S, D>, y: Tensor<S, D>): Tensor<S, D> => add(x, y);
    const scaled = <S extends Shape>(x: Tensor<S>, scale: Tensor<[]>): Tensor<S> => mul(x, scale);
    const chosen = <S extends Shape>(x: Tensor<S>): Tensor<S>[] => [where(x, x, 0), where(x, 0, x), where(x, x, x)];
    const flags = <S extends Shape>(x: Tensor<S>): Tensor<S> => where(x, 1, 0);
    const rows = <S extends Shape>(x: Tensor<S>): Tensor<S> => softmax(x);
    // @ts-expect-error: float32 and float64
    const misfit = <S extends Shape>(x: Tensor<S>, y: Tensor<S, "float64">): Tensor<S> => add(x, y);
    void [unary, right, left, alike, scaled, chosen, flags, rows, misfit];
  });

  test("reductions over all axes, and ops on their results", () => {
    const total = <S extends Shape, D extends FloatDType>(x: Tensor<S, D>): Tensor<[], D> => sum(square(x));
    const greatest = <S extends Shape>(x: Tensor<S>): Tensor<[]> => max(x);
    const standard = <S extends Shape, D extends FloatDType>(x: Tensor<S, D>): Tensor<S, D> => div(sub(x, mean(x)), 2);
    const product = <S extends Shape>(x: Tensor<S>): Tensor<S> => mul(sub(x, mean(x)), x);
    const loss = <S extends Shape>(x: Tensor<S>, y: Tensor<S>): Tensor<[]> => meanSquaredError(x, y);
    const slope = <S extends Shape>(x: Tensor<S>): Tensor<S> => grad((x: Tensor<S>) => sum(square(x)))(x);
    void [total, greatest, standard, product, loss, slope];
  });

  test("unknown types need the casts that the guide names", () => {
    // @ts-expect-error: a scalar first
    const first = <S extends Shape>(x: Tensor<S>): Tensor<S> => sub(mean(x), x);
    // @ts-expect-error: some axes of an unknown rank
    const rows = <S extends Shape>(x: Tensor<S>): Tensor<Shape> => sum(x, { axis: 0 });
    // @ts-expect-error: a shape that may be readonly
    const like = <S extends Shape>(x: Tensor<S>): Tensor<S> => zeros(x.shape);
    // @ts-expect-error: a size that may be -1
    const column = <N extends number>(x: Tensor<[N]>): Tensor<[N, 1]> => reshape(x, [x.shape[0], 1]);
    void [first, rows, like, column];
  });
});
