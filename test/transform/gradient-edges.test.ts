// Gradients where a factor is 0, infinite or NaN, where sizes are 0 and where elements tie, eager and compiled. Must not know the tape.
import { describe, expect, it } from "vitest";
import {
  type AnyTensor,
  abs,
  add,
  checkGrad,
  compile,
  exp,
  expm1,
  type FloatDType,
  grad,
  linear,
  log,
  matmul,
  max,
  maximum,
  min,
  minimum,
  mul,
  optim,
  power,
  relu,
  reluBackward,
  reshape,
  type Shape,
  ShapeError,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
  sqrt,
  sum,
  type Tensor,
  tensor,
  thresholdRelu,
  valueAndGrad,
  where,
  zeros,
} from "../../src/index.js";
import { expectNoLeak } from "../support/memory.js";
import { ulpError } from "../support/ulp.js";

type Any = Tensor<Shape, FloatDType>;
type Loss = (x: Any) => AnyTensor;
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const total = (x: unknown): Tensor<[]> => sum(x as Tensor) as never;
const f64 = (data: unknown): Any => tensor(data as number[], undefined, "float64") as never;

/** The gradient of f's sum at x, eager and compiled the same; zeros without their sign. */
function slope(f: Loss, x: unknown): unknown {
  const g = grad((x: Any) => total(f(x)));
  const at = f64(x);
  const eager = g(at);
  const compiled = compile(g)(at);
  expect([...compiled.data]).toEqual([...eager.data]);
  return (add(eager as AnyTensor, 0) as AnyTensor).toArray();
}

/** The derivative of the gradient's sum. */
const second = (f: Loss, x: unknown): unknown => slope((x) => grad((x: Any) => total(f(x)))(x), x);

describe("where a branch or a part is not taken, its gradient is 0 though the other is infinite", () => {
  it("where: in the condition and in the branch", () => {
    expect(slope((x) => log(where(x, 0, 1) as never), [1, 0])).toEqual([0, 0]);
    expect(slope((x) => log(where(f64([1, 0]), x, 0) as never), [0, 2])).toEqual([inf, 0]);
  });

  it("relu and its backward pass", () => {
    expect(slope((x) => log(relu(x)), [0, 2])).toEqual([0, 0.5]);
    expect(slope((x) => log(reluBackward(f64([0, 2]) as never, x as never)), [1, 2])).toEqual([0, 0]);
    expect(slope((x) => log(thresholdRelu(x, { threshold: 1 })), [0, 2])).toEqual([0, 0.5]);
    expect(slope((x) => log(abs(x)), [0, -2])).toEqual([0, -0.5]);
  });

  it("maximum and minimum", () => {
    expect(slope((x) => log(maximum(x, f64([-0.5, 0]) as never)), [-1, 0])).toEqual([0, inf]);
    expect(slope((x) => sqrt(minimum(x, f64([0, 1]) as never)), [1, 0])).toEqual([0, inf]);
    expect(slope((x) => log(max(x, { axis: 0 })), [0, -1])).toEqual([inf, 0]);
    expect(slope((x) => log(neg0(min(x))), [0, 1])).toEqual([inf, 0]);
  });

  it("power with exponent 0", () => {
    expect(slope((x) => log(add(power(x, 0), -1)), [2, 0])).toEqual([0, 0]);
    expect(slope((x) => log(add(power(x, f64([0, 0]) as never) as Any, -1)), [2, 0])).toEqual([0, 0]);
  });
});

const neg0 = (x: unknown): Any => mul(x as Any, -1) as never;

describe("power at base 0", () => {
  it("has no slope in the exponent", () => {
    expect(slope((b) => power(f64([0, 0, 0, 2]) as never, b as never), [-1, 0, 2, 0])).toEqual([0, 0, 0, Math.log(2)]);
    expect(slope((b) => power(0, b as never), [-1, 0, 2])).toEqual([0, 0, 0]);
  });

  it("has a second derivative in the base", () => {
    expect(second((a) => power(a, f64([0, 2]) as never), [0, 3])).toEqual([0, 2]);
    expect(second((a) => power(a, f64([0, 1, 2, 3]) as never), [0, 0, 0, 0])).toEqual([0, 0, 2, 0]);
    for (const [b, expected] of [
      [0, 0],
      [1, 0],
      [2, 2],
      [3, 0],
    ] as const) {
      expect(second((a) => power(a, b), [0])).toEqual([expected]);
    }
    expect(second((b) => power(f64([0, 2]) as never, b as never), [2, 0])).toEqual([0, Math.log(2) ** 2]);
  });
});

describe("NaN", () => {
  it("stays in the gradient of the operand that is NaN, and only there", () => {
    const b = f64([1, nan, nan, 2, 2]);
    expect(slope((x) => maximum(x, b as never), [nan, 1, nan, 3, 1])).toEqual([nan, 0, nan, 1, 0]);
    expect(slope((x) => minimum(x, b as never), [nan, 1, nan, 3, 1])).toEqual([nan, 0, nan, 0, 1]);
    expect(slope((x) => maximum(b as never, x as never), [nan, 1, nan, 3, 1])).toEqual([nan, 0, nan, 1, 0]);
    expect(slope((x) => maximum(x, 0), [nan, 1, -1, 0])).toEqual([nan, 1, 0, 0.5]);
    expect(slope((x) => maximum(x, nan), [nan, 1])).toEqual([nan, 0]);
  });

  it("is in the gradient of every element that it was reduced with", () => {
    expect(slope((x) => max(x, { axis: 1 }), [[1, nan], [3, 2]])).toEqual([[nan, nan], [1, 0]]); // biome-ignore format: a matrix
    expect(slope((x) => min(x), [1, nan])).toEqual([nan, nan]);
  });

  it("stays in second derivatives", () => {
    expect(second((x) => mul(maximum(x, 1), maximum(x, 1)), [nan, 3, 0])).toEqual([nan, 2, 0]);
    expect(second((x) => mul(max(x), max(x)), [3, 0])).toEqual([2, 0]);
  });
});

describe("extrema over axes that are not neighbours", () => {
  const x = [[[1, 1]], [[1, 0]]];
  const third = 1 / 3;

  it("share equally among all ties", () => {
    expect(slope((x) => max(x, { axis: [0, 2] }), x)).toEqual([[[third, third]], [[third, 0]]]);
    expect(slope((x) => min(x, { axis: [0, -1], keepDims: true }), [[[0, 1]], [[0, 0]]])).toEqual([
      [[third, 0]],
      [[third, third]],
    ]);
    expect(slope((x) => max(x, { axis: [0, 2] }), [[[1, nan]], [[1, 0]]])).toEqual([[[nan, nan]], [[nan, nan]]]);
  });

  it("have second derivatives, write into out, and leave nothing behind", () => {
    expect(second((x) => mul(max(x, { axis: [0, 2] }), max(x, { axis: [0, 2] })), [[[3, 1]], [[1, 0]]])).toEqual([
      [[2, 0]],
      [[0, 0]],
    ]);
    const out = zeros([1], "float64" as never);
    const g = grad((x: Any) => total(max(x, { axis: [0, 2], out: out as never })));
    expect(g(f64(x)).toArray()).toEqual([[[third, third]], [[third, 0]]]);
    const at = f64(x);
    expectNoLeak(() => g(at).dispose());
  });
});

describe("tensors of size 0", () => {
  const size0 = (f: Loss, shape: Shape): unknown => {
    const g = grad((x: Any) => total(f(x)));
    const at = zeros(shape as never) as never as Any;
    expect(compile(g)(at).shape).toEqual(shape);
    return g(at).toArray();
  };

  it("have gradients through products", () => {
    expect(size0((b) => matmul(zeros([2, 3, 0]), b as never), [0, 4])).toEqual([]);
    expect(size0((a) => matmul(a as never, zeros([0, 4])), [2, 3, 0])).toEqual([[[], [], []], [[], [], []]]); // biome-ignore format: a matrix
    expect(size0((w) => linear(zeros([2, 3, 0]), w as never, zeros([4])), [0, 4])).toEqual([]);
    expect(size0((b) => linear(zeros([2, 3, 0]), zeros([0, 4]), b as never), [4])).toEqual([6, 6, 6, 6]);
    expect(size0((w) => linear(zeros([0, 3, 2]), w as never, zeros([1])), [2, 1])).toEqual([[0], [0]]);
    expect(size0((b) => matmul(zeros([0, 3, 2]), b as never), [2, 0])).toEqual([[], []]);
  });

  it("take no -1 in a shape where it could be any size", () => {
    const [empty, six] = [zeros([0]), zeros([2, 3, 0])];
    expectNoLeak(() => {
      expect(() => reshape(six, [-1, 0])).toThrow(ShapeError);
      expect(() => reshape(empty, [0, -1])).toThrow(/reshape: .*-1/);
    });
    expect(reshape(zeros([0, 3]), [-1, 3]).shape).toEqual([0, 3]);
    expect(reshape(zeros([0]), [-1]).shape).toEqual([0]);
  });
});

describe("sigmoidCrossEntropy at infinite logits", () => {
  const value = (x: number, z: number): number => {
    const compiled = compile((x: Any, z: Any) => sigmoidCrossEntropy(x, z as never));
    const [a, b] = [f64([x]), f64([z])];
    const eager = sigmoidCrossEntropy(a, b as never).item();
    expect(compiled(a, b).item()).toBe(eager);
    return eager;
  };

  it("is 0 where the target agrees, and infinite where it doesn't", () => {
    expect([value(inf, 1), value(-inf, 0)]).toEqual([0, 0]);
    expect([value(inf, 0), value(-inf, 1), value(inf, 0.5), value(-inf, 0.5)]).toEqual([inf, inf, inf, inf]);
    expect([value(nan, 1), value(nan, 0), value(1, nan)]).toEqual([nan, nan, nan]);
  });

  it("has gradients and second derivatives", () => {
    const z = [1, 0, 0, 1, 0.5];
    const x = [inf, -inf, inf, -inf, inf];
    const loss = (x: unknown, z: unknown): AnyTensor => mul(sigmoidCrossEntropy(x as never, z as never), 5) as never;
    expect(slope((x) => loss(x, f64(z)), x)).toEqual([0, 0, 1, -1, 0.5]);
    expect(slope((z) => loss(f64(x), z), z)).toEqual([-inf, inf, -inf, inf, -inf]);
    expect(second((x) => loss(x, f64(z)), x)).toEqual([0, 0, 0, 0, 0]);
    expect(second((x) => loss(x, f64([1])), [0])).toEqual([1.25]);
    expect(second((z) => loss(f64(x), z), z)).toEqual([0, 0, 0, 0, 0]);
    expect(slope((x) => loss(x, f64([0])), [0])).toEqual([2.5]);
  });

  it("keeps its digits in both tails", () => {
    for (const [x, z] of [
      [50, 1],
      [-50, 0],
      [50, 0.25],
      [-50, 0.25],
      [700, 1],
      [0.3, 0.6],
    ] as const) {
      const expected = z * Math.log1p(Math.exp(-x)) + (1 - z) * (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))); // biome-ignore format: a formula
      expect(ulpError(value(x, z), expected, "float64", 0)).toBeLessThanOrEqual(4);
    }
  });
});

describe("expm1's gradient", () => {
  it.each(["float32", "float64"] as const)("is e^x within 2 ULP: %s", (dtype) => {
    const points = [-80, -40, -20, -10, -1, -1e-3, -1e-10, 0, 1e-10, 1e-3, 1, 10, 80];
    const x = tensor(points, undefined, dtype) as Any;
    const g = grad((x: Any) => total(expm1(x)))(x);
    points.forEach((_, i) => {
      expect(ulpError(g.data[i]!, Math.exp(x.data[i]!), dtype, 0)).toBeLessThanOrEqual(2);
    });
  });

  it("is right in second derivatives", () => {
    expect(second((x) => expm1(x), [0])).toEqual([1]);
    expect(second((x) => expm1(x), [-40])).toEqual([exp(f64(-40)).item()]);
  });
});

describe("functions that return promises", () => {
  const f = async (x: Any): Promise<AnyTensor> => {
    await null;
    return total(mul(x, x));
  };
  const calls: Record<string, (x: Any) => unknown> = {
    grad: (x) => grad(f as never)(x as never),
    valueAndGrad: (x) => valueAndGrad(f as never)(x as never),
    checkGrad: (x) => checkGrad(f as never, [x] as never),
    minimize: (x) => optim.minimize(f as never, x as never),
    "minimize, compiled": (x) => optim.minimize(f as never, x as never, { compile: true }),
  };

  it.each(Object.entries(calls))("are a TypeError, and nothing is left unhandled: %s", async (_, call) => {
    const x = f64([1, 2]);
    expectNoLeak(() => {
      expect(() => call(x)).toThrow(/returned a promise/);
    });
    // An unhandled rejection would fail the run.
    await new Promise((resolve) => setTimeout(resolve));
  });
});

describe("parameters that are left out", () => {
  interface Parameters {
    w: Any;
    b?: Any | undefined;
  }
  const loss = ({ w, b }: Parameters): Tensor<[]> => total(b === undefined ? mul(w, w) : add(w, b));

  it("pass through grad and optimizers as undefined", () => {
    const p: Parameters = { w: f64([1, 2]), b: undefined };
    const [value, g] = valueAndGrad(loss)(p);
    expect(value.item()).toBe(5);
    expect(g).toHaveProperty("b", undefined);
    expect(g.w.toArray()).toEqual([2, 4]);
    for (const optimizer of [optim.sgd({ learningRate: 0.5 }), optim.adam({ learningRate: 0.5 })]) {
      const state = optimizer.init(p);
      const [next] = optimizer.update(p, g, state);
      expect(Object.keys(next)).toEqual(["w", "b"]);
      expect(next.b).toBeUndefined();
    }
    const compiled = compile((p: Parameters) => grad(loss)(p));
    expect(compiled(p).w.toArray()).toEqual([2, 4]);
  });

  it("stay errors where they are anything else, or all there is", () => {
    const bad = { w: f64([1]), b: 3 } as never;
    expect(() => grad(loss)(bad)).toThrow(TypeError);
    expect(() => grad(loss)({ w: f64([1]), b: null } as never)).toThrow(TypeError);
    expect(() => grad(loss as never)(undefined as never)).toThrow(TypeError);
    expect(() => optim.sgd({ learningRate: 1 }).init({ b: undefined })).toThrow(TypeError);
    const optimizer = optim.sgd({ learningRate: 1 });
    const p = { w: f64([1]), b: undefined };
    const g = { w: f64([1]), b: f64([1]) };
    expect(() => optimizer.update(p, g as never, optimizer.init(p))).toThrow(TypeError);
  });
});

it("names the labels' dtype where labels do not fit", () => {
  const logits = zeros([2, 3]);
  expect(() => softmaxCrossEntropy(logits, zeros([2]) as never)).toThrow("labels float32 [2]");
  expect(() => softmaxCrossEntropy(logits, tensor([0], undefined, "int32") as never)).toThrow("labels int32 [1]");
});
