// Gradients of whole functions: kinks, losses, structures, gradients within gradients. Must not know the tape.
import { describe, expect, it } from "vitest";
import {
  type AnyTensor,
  abs,
  add,
  astype,
  compile,
  div,
  exp,
  type FloatDType,
  full,
  grad,
  max,
  maximum,
  mean,
  meanSquaredError,
  min,
  minimum,
  mul,
  power,
  relu,
  reshape,
  sigmoid,
  sigmoidCrossEntropy,
  softmax,
  softmaxCrossEntropy,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from "../../src/index.js";

type Scalar = Tensor<[], FloatDType>;
const f64 = (data: number[]): Tensor<[number], "float64"> => tensor(new Float64Array(data));
const scalar = (x: number): Tensor<[], "float64"> => tensor(x, undefined, "float64");
type Vector = Tensor<[number], "float64">;

function expectAll(got: ArrayLike<number>, expected: readonly number[]): void {
  expect(got.length).toBe(expected.length);
  expected.forEach((x, i) => {
    expect(got[i]).toBeCloseTo(x, 14);
  });
}

describe("gradients where the derivative jumps", () => {
  const slope = (f: (x: Vector) => AnyTensor, at: number[]): number[] => [
    ...grad((x: Vector) => sum(f(x) as Tensor) as Scalar)(f64(at)).data,
  ];

  it("is 0 at 0 for relu and abs", () => {
    expect(slope(relu, [-1, 0, 2])).toEqual([0, 0, 1]);
    expect(slope(abs, [-1, 0, 2])).toEqual([-1, 0, 1]);
  });

  it("is NaN where relu's input is", () => {
    expect(slope(relu, [NaN, 1])).toEqual([NaN, 1]);
  });

  it("is shared where two are equally great", () => {
    expect(slope((x) => maximum(x, f64([1, 2, 3])), [2, 2, 2])).toEqual([1, 0.5, 0]);
    expect(slope((x) => minimum(f64([1, 2, 3]), x), [2, 2, 2])).toEqual([0, 0.5, 1]);
    expect(slope((x) => maximum(x, 0), [-1, 0, 1])).toEqual([0, 0.5, 1]);
  });

  it("is shared among all that are extreme", () => {
    expect(slope(max, [3, 1, 3, 3, 2]).map((x) => x * 3)).toEqual([1, 0, 1, 1, 0]);
    expect(slope(min, [1, 1])).toEqual([0.5, 0.5]);
    const matrix = tensor([[1, 1], [5, 2]], undefined, "float64"); // biome-ignore format: a matrix
    const rows = grad((x: Tensor<[2, 2], "float64">) => sum(max(x, { axis: 1 })))(matrix);
    expect(rows.toArray()).toEqual([[0.5, 0.5], [1, 0]]); // biome-ignore format: a matrix
  });

  it("of a power at 0 and below", () => {
    expect(slope((x) => power(x, 2), [0, -3])).toEqual([0, -6]);
    expect(slope((x) => power(x, 3), [0, -2])).toEqual([0, 12]);
    expect(slope((x) => power(x, 1), [0, -2])).toEqual([1, 1]);
    expect(slope((x) => power(x, 0), [0, -2, 3]).map(Math.abs)).toEqual([0, 0, 0]);
    expect(slope((x) => power(x, f64([2, 0, 1])), [0, 0, 0])).toEqual([0, 0, 1]);
    expect(slope((b) => power(f64([0, 0, 1]), b), [2, 1, 5]).map(Math.abs)).toEqual([0, 0, 0]);
    expect(slope((b) => power(0, b), [2, 1]).map(Math.abs)).toEqual([0, 0]);
    expect(slope(sqrt, [0])).toEqual([Infinity]);
  });
});

describe("losses", () => {
  const logits = [[1, -2, 0.5], [0.3, 0.1, -1]]; // biome-ignore format: a matrix
  const x = () => tensor(logits, [2, 3], "float64");

  it("softmaxCrossEntropy: (softmax - p) / m, for indices and for their one-hot rows alike", () => {
    const indices = tensor([2, 0], undefined, "int32");
    const rows = tensor([0, 0, 1, 1, 0, 0], [2, 3], "float64");
    const expected = [...(div(sub(softmax(x()), rows), 2) as Tensor<[2, 3], "float64">).data];
    expectAll(grad((z: Tensor<[2, 3], "float64">) => softmaxCrossEntropy(z, indices))(x()).data, expected);
    expectAll(grad((z: Tensor<[2, 3], "float64">) => softmaxCrossEntropy(z, rows))(x()).data, expected);
    expect(softmaxCrossEntropy(x(), indices).item()).toBeCloseTo(softmaxCrossEntropy(x(), rows).item(), 15);
  });

  it("softmaxCrossEntropy: a class of probability 0 and logit -Infinity adds nothing", () => {
    const z = tensor([[0, -Infinity]], [1, 2], "float64");
    const [value, g] = valueAndGrad((a: Tensor<[1, 2], "float64">) =>
      softmaxCrossEntropy(a, tensor([0], undefined, "int32")),
    )(z);
    expect(value.item()).toBeCloseTo(0, 15);
    expectAll(g.data, [0, 0]);
  });

  it("sigmoidCrossEntropy: (sigmoid - z) / n, in the tails too", () => {
    const at = f64([0, 800, -800, 3]);
    const targets = f64([1, 0, 1, 0.25]);
    const expected = [...(div(sub(sigmoid(at), targets), 4) as Vector).data];
    const [value, g] = valueAndGrad((z: Vector) => sigmoidCrossEntropy(z, targets))(at);
    expectAll(g.data, expected);
    expect(value.item()).toBeGreaterThan(400);
  });

  it("meanSquaredError: 2 (a - b) / n", () => {
    const [a, b] = [f64([1, 2, 5]), f64([1, 4, 2])];
    const [ga, gb] = grad((p: Vector, q: Vector) => meanSquaredError(p, q), { argnums: [0, 1] })(a, b);
    expectAll(ga.data, [0, -4 / 3, 2]);
    expectAll(gb.data, [0, 4 / 3, -2]);
  });
});

describe("gradients of functions", () => {
  it("stopGradient makes a constant", () => {
    expect(grad((x: Tensor<[], "float64">) => mul(x, stopGradient(x)))(scalar(3)).item()).toBe(3);
    expect(grad((x: Tensor<[], "float64">) => stopGradient(square(x)))(scalar(3)).item()).toBe(0);
  });

  it("clone and reshape let gradients through", () => {
    expect(grad((x: Tensor<[], "float64">) => mul(x.clone(), x))(scalar(3)).item()).toBe(6);
    expectAll(grad((x: Vector) => sum(square(reshape(x, [2, 2]))))(f64([1, 2, 3, 4])).data, [2, 4, 6, 8]);
  });

  it("a float64 detour keeps float32 gradients float32", () => {
    const g = grad((x: Tensor<[2]>) => sum(exp(astype(x, "float64"))))(tensor([0, 1]));
    expect(g.dtype).toBe("float32");
    expectAll(g.data, [1, Math.fround(Math.E)]);
  });

  it("whole numbers are constants", () => {
    const cut = (x: Vector) => sum(mul(astype(astype(x, "int32"), "float64"), x));
    expectAll(grad(cut)(f64([2.5, -3.9])).data, [2, -3]);
  });

  it("a tensor that is used twice gets both parts", () => {
    expect(grad((x: Tensor<[], "float64">) => add(mul(x, x), x))(scalar(3)).item()).toBe(7);
    expect(grad((x: Tensor<[], "float64">) => sub(x, x))(scalar(3)).item()).toBe(0);
    expect(grad((x: Tensor<[], "float64">) => x)(scalar(3)).item()).toBe(1);
    const two = grad((x: Tensor<[], "float64">, y: Tensor<[], "float64">) => mul(x, y), { argnums: [0, 1] });
    const same = scalar(5);
    expect(two(same, same).map((g) => g.item())).toEqual([5, 5]);
  });

  it("a function that does not depend on its argument has the gradient 0, in the argument's shape", () => {
    const g = grad((_: Tensor<[2, 3], "float64">) => scalar(1))(zeros([2, 3], "float64"));
    expect(g.shape).toEqual([2, 3]);
    expectAll(g.data, [0, 0, 0, 0, 0, 0]);
  });

  it("gradients have the structure of the argument", () => {
    const parameters = {
      layers: [
        { w: f64([1, 2]), b: scalar(1) },
        { w: f64([3]), b: scalar(2) },
      ],
      scale: scalar(2),
    };
    const g = grad((p: typeof parameters) =>
      mul(
        p.scale,
        p.layers.map(({ w, b }) => add(sum(square(w)), b)).reduce((total, part) => add(total, part)),
      ),
    )(parameters);
    expect(g.layers.map(({ w }) => [...w.data])).toEqual([[4, 8], [12]]);
    expect(g.layers.map(({ b }) => b.item())).toEqual([2, 2]);
    expect(g.scale.item()).toBe(1 + 4 + 1 + 9 + 2);
  });

  it("gradients within gradients do not mix up what they vary", () => {
    type S = Tensor<[], "float64">;
    const at = scalar(3);
    expect(grad((x: S) => mul(x, grad((y: S) => mul(x, y))(x)))(at).item()).toBe(6);
    expect(grad((x: S) => mul(x, grad((y: S) => add(x, y))(scalar(1))))(scalar(1)).item()).toBe(1);
    const cube = (x: S): S => mul(square(x), x) as S;
    expect(grad((x: S) => grad(cube)(x))(at).item()).toBe(18);
    expect(grad((x: S) => grad((y: S) => grad(cube)(y))(x))(at).item()).toBe(6);
  });

  it("valueAndGrad gives the value too, and both are new", () => {
    const x = f64([1, 2]);
    const [value, g] = valueAndGrad((v: Vector) => mean(square(v)))(x);
    expect(value.item()).toBe(2.5);
    expectAll(g.data, [1, 2]);
    g.data.fill(7);
    expectAll(x.data, [1, 2]);
  });

  it("a broadcast scalar's gradient is the sum", () => {
    const g = grad((s: Tensor<[], "float64">) => sum(mul(s, full([4, 5], 2, "float64"))))(scalar(1));
    expect(g.item()).toBe(40);
  });
});

it.each([
  ["grad", grad as (f: unknown) => unknown],
  ["valueAndGrad", valueAndGrad as (f: unknown) => unknown],
  ["compile", compile as (f: unknown) => unknown],
])("%s refuses at once a value that is not a function", (name, transform) => {
  expect(() => transform(zeros([2]))).toThrow(`${name}: expected a function, got a Tensor`);
  expect(() => transform(3)).toThrow(TypeError);
});
