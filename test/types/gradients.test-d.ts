// Types of losses and gradients: scalars, and the structure of the variables.
import { describe, expectTypeOf, test } from "vitest";
import {
  exp,
  grad,
  linear,
  meanSquaredError,
  mul,
  optim,
  scope,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
} from "../../src/index.js";

declare const scalar: Tensor<[]>;
declare const v3: Tensor<[3]>;
declare const m23: Tensor<[2, 3]>;
declare const m45: Tensor<[4, 5]>;
declare const wide23: Tensor<[2, 3], "float64">;
declare const labels2: Tensor<[2], "int32">;

describe("losses", () => {
  test("are scalars of the logits' dtype", () => {
    expectTypeOf(softmaxCrossEntropy(m23, labels2)).toEqualTypeOf<Tensor<[], "float32">>();
    expectTypeOf(softmaxCrossEntropy(wide23, wide23)).toEqualTypeOf<Tensor<[], "float64">>();
    expectTypeOf(meanSquaredError(m23, m23)).toEqualTypeOf<Tensor<[], "float32">>();
    expectTypeOf(sigmoidCrossEntropy(wide23, wide23)).toEqualTypeOf<Tensor<[], "float64">>();
  });

  test("refuse shapes and dtypes that differ", () => {
    // @ts-expect-error: [2, 3] and [3]
    meanSquaredError(m23, v3);
    // @ts-expect-error: [2, 3] and [4, 5]
    sigmoidCrossEntropy(m23, m45);
    // @ts-expect-error: float32 and float64
    meanSquaredError(m23, wide23);
    // @ts-expect-error: labels must be int32 or of the logits' dtype
    softmaxCrossEntropy(m23, wide23);
  });
});

describe("gradients", () => {
  interface Layer {
    readonly w: Tensor<[3, 2]>;
    readonly b: Tensor<[2]>;
  }
  type Net = { readonly layers: readonly Layer[]; readonly pair: [Tensor<[]>, Tensor<[4]>] };
  const loss = (net: Net, x: Tensor<[5, 3]>, scale: Tensor<[], "float32">): Tensor<[]> =>
    mul(sum(linear(x, net.layers[0]!.w, net.layers[0]!.b)), scale);

  test("have the types of their variables", () => {
    expectTypeOf(grad(loss)).returns.toEqualTypeOf<Net>();
    expectTypeOf(grad(loss)).parameters.toEqualTypeOf<[net: Net, x: Tensor<[5, 3]>, scale: Tensor<[]>]>();
    expectTypeOf(grad(loss, { argnums: 1 })).returns.toEqualTypeOf<Tensor<[5, 3]>>();
    expectTypeOf(grad(loss, { argnums: [0, 2] })).returns.toEqualTypeOf<[Net, Tensor<[]>]>();
    expectTypeOf(grad(loss, { argnums: [] })).returns.toEqualTypeOf<[]>();
  });

  test("come with the value, of f's dtype", () => {
    expectTypeOf(valueAndGrad(loss)).returns.toEqualTypeOf<[value: Tensor<[], "float32">, gradients: Net]>();
    const wide = (x: Tensor<[2, 3], "float64">): Tensor<[], "float64"> => sum(x);
    expectTypeOf(valueAndGrad(wide)).returns.toEqualTypeOf<
      [value: Tensor<[], "float64">, gradients: Tensor<[2, 3], "float64">]
    >();
  });

  test("refuse functions whose result is not a scalar, and arguments that do not fit", () => {
    // @ts-expect-error: no scalar
    grad((x: Tensor<[2]>) => exp(x));
    // @ts-expect-error: no float
    grad((x: Tensor<[2], "int32">) => sum(x));
    // @ts-expect-error: another shape
    grad((x: Tensor<[2]>) => sum(x))(m23);
  });

  test("and what uses them keep structures", () => {
    const optimizer = optim.sgd({ learningRate: 1 });
    optim.adam({ learningRate: tensor(0.1) });
    // @ts-expect-error: the rate is a scalar
    optim.adamW({ learningRate: tensor([0.1]) });
    const params = { w: m23, rest: [v3] as [Tensor<[3]>] };
    const [next] = optimizer.update(params, params, optimizer.init(params));
    expectTypeOf(next).toEqualTypeOf<{ w: Tensor<[2, 3]>; rest: [Tensor<[3]>] }>();
    const update = { learningRate: tensor(0.1, undefined, "float64") };
    expectTypeOf(optimizer.update(params, params, {}, update)[0]).toEqualTypeOf<typeof next>();
    // @ts-expect-error: no scalar
    optimizer.update(params, params, {}, { learningRate: v3 });
    // @ts-expect-error: no float
    optimizer.update(params, params, {}, { learningRate: tensor(1, undefined, "int32") });
    const { x } = optim.minimize((p: { w: Tensor<[2, 3]> }) => sum(p.w), { w: m23 });
    expectTypeOf(x).toEqualTypeOf<{ w: Tensor<[2, 3]> }>();
    expectTypeOf(scope(() => [m23, 1] as const)).toEqualTypeOf<readonly [Tensor<[2, 3]>, 1]>();
  });
});
