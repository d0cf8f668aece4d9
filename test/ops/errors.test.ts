// Every wrong call: the class of its error, the names in its message, and that it leaves everything as it was.
import { describe, expect, test } from "vitest";
import * as sg from "../../src/index.js";
import { expectSameBits } from "../support/bits.js";
import { type ErrorCase, makeFixture, un } from "../support/error-case.js";
import { dtypeCases, outCases } from "../support/errors-of-dtypes.js";
import { axisCases, operandCases, shapeCases } from "../support/errors-of-shapes.js";
import { copiesOf } from "../support/memory.js";

const { AliasError, DTypeError, DisposedError, OutOfMemoryError, ShapeError } = sg;

const fixture = makeFixture();
const live = Object.values(fixture).filter((tensor) => !tensor.isDisposed);
const contents = copiesOf(live);
// Made by the first call that needs it.
sg.matmul(fixture.row3, fixture.row3).dispose();

/** Runs wrong calls, each on the same tensors, which must be as before. */
function testAll(cases: readonly ErrorCase[]): void {
  test.each(cases.map(([title, ...rest]) => ({ title, rest })))("$title", ({ rest: [call, error, ...names] }) => {
    const { tensors, bytes } = sg.memory();
    let thrown: unknown;
    try {
      call(fixture);
    } catch (caught) {
      thrown = caught;
    }
    expect(thrown, "what was thrown").toBeInstanceOf(error);
    const { message } = thrown as Error;
    for (const name of names) {
      if (typeof name === "string") expect(message).toContain(name);
      else expect(message).toMatch(name);
    }
    expect(sg.memory()).toMatchObject({ tensors, bytes });
    live.forEach((tensor, i) => {
      expectSameBits(tensor.data, contents[i]!);
    });
  });
}

test("errors are errors of JavaScript's own kinds, each with its name", () => {
  expect(new ShapeError("x")).toBeInstanceOf(RangeError);
  expect(new OutOfMemoryError("x")).toBeInstanceOf(RangeError);
  expect(new DTypeError("x")).toBeInstanceOf(TypeError);
  expect(new AliasError("x")).toBeInstanceOf(TypeError);
  expect(new DisposedError("x")).toBeInstanceOf(ReferenceError);
  expect(String(new ShapeError("matmul: x"))).toBe("ShapeError: matmul: x");
  for (const kind of [AliasError, DTypeError, DisposedError, OutOfMemoryError, ShapeError]) {
    expect(new kind("x").name).toBe(kind.name);
  }
});

describe("operands", () => testAll(operandCases()));
describe("shapes", () => testAll(shapeCases));
describe("axes", () => testAll(axisCases));
describe("dtypes", () => testAll(dtypeCases));
describe("out", () => testAll(outCases));

describe("tensors that are gone", () => {
  const message = (op: string): RegExp =>
    new RegExp(`^${op}: the float32 \\[1, 3\\] tensor is gone: dispose\\(\\) was called$`);
  testAll([
    ["data", ({ gone }) => gone.data, DisposedError, message("data")],
    ["toArray", ({ gone }) => gone.toArray(), DisposedError, message("data")],
    ["clone", ({ gone }) => gone.clone(), DisposedError, message("clone")],
    ["grad", ({ gone }) => sg.grad(un(sg.sum))(un(gone)), DisposedError, "grad: argument 0: the float32 ["],
  ]);
});

describe("making tensors", () => {
  const sizes = "sizes must be whole numbers >= 0";
  testAll([
    [
      "tensor: ragged",
      () => sg.tensor(un([[1, 2], [3]])),
      ShapeError,
      "tensor: ragged array: data[1] has 1 items, others 2",
    ],
    [
      "tensor: ragged further in",
      () =>
        sg.tensor(
          un([
            [[1], [2]],
            [[3], 4],
          ]),
        ),
      ShapeError,
      "tensor: ragged array: data[1][1] is not an array",
    ],
    ["tensor: an array among numbers", () => sg.tensor(un([1, [2]])), ShapeError, "tensor: ragged array: data[1]"],
    [
      "tensor: a string in it",
      () =>
        sg.tensor(
          un([
            [1, 2],
            [3, "4"],
          ]),
        ),
      DTypeError,
      'tensor: data[1][1] is "4"',
    ],
    ["tensor: null in it", () => sg.tensor(un([1, null])), DTypeError, "tensor: data[1] is null"],
    ["tensor: a boolean in it", () => sg.tensor(un([true])), DTypeError, "tensor: data[0] is true"],
    // biome-ignore lint/suspicious/noSparseArray: the test is about the hole
    ["tensor: a hole in it", () => sg.tensor(un([1, , 3])), DTypeError, "tensor: data[1] is undefined"],
    ["tensor: nothing", () => sg.tensor(un(undefined)), DTypeError, "tensor: ", "undefined"],
    ["tensor: null", () => sg.tensor(un(null)), DTypeError, "tensor: ", "null"],
    ["tensor: a string", () => sg.tensor(un("12")), DTypeError, "tensor: ", 'got "12"'],
    ["tensor: a DataView", () => sg.tensor(un(new DataView(new ArrayBuffer(8)))), DTypeError, "tensor: ", "DataView"],
    ["tensor: another tensor", (f) => sg.tensor(un(f.m23)), DTypeError, "tensor: ", "Tensor"],
    [
      "tensor: a fraction as int32",
      () => sg.tensor([1, 2.5], undefined, "int32"),
      DTypeError,
      "tensor: int32 cannot hold data[1] = 2.5 exactly",
    ],
    [
      "tensor: too large for int32",
      () => sg.tensor([2 ** 31], undefined, "int32"),
      DTypeError,
      "int32 cannot hold data[0] = 2147483648 exactly",
    ],
    [
      "tensor: NaN as int32",
      () => sg.tensor(Number.NaN, undefined, "int32"),
      DTypeError,
      "int32 cannot hold data = NaN exactly",
    ],
    ["tensor: floats as int32", () => sg.tensor(Float32Array.of(1, 1.5), [2], "int32"), DTypeError, "data[1] = 1.5"],
    ["tensor: too few", () => sg.tensor([1, 2, 3], [2, 2]), ShapeError, "tensor: 3 elements do not fit shape [2, 2]"],
    [
      "tensor: too many",
      () => sg.tensor(new Float32Array(5), [2, 2]),
      ShapeError,
      "tensor: 5 elements do not fit shape [2, 2]",
    ],
    ["tensor: -1", () => sg.tensor([1, 2], [-1]), ShapeError, `tensor: ${sizes}, got [-1]`],
    ["tensor: dtype", () => sg.tensor([1], undefined, un("float16")), DTypeError, 'tensor: unknown dtype "float16"'],
    ...Object.entries({ zeros: sg.zeros, ones: sg.ones }).flatMap(([op, make]): ErrorCase[] => [
      [`${op}: a negative size`, () => make([2, -1]), ShapeError, `${sizes}, got [2, -1]`],
      [`${op}: a fraction`, () => make([1.5]), ShapeError, `${sizes}, got [1.5]`],
      [`${op}: NaN`, () => make([Number.NaN]), ShapeError, `${sizes}, got [NaN]`],
      [`${op}: Infinity`, () => make([Infinity]), ShapeError, `${sizes}, got [Infinity]`],
      [`${op}: a string`, () => make(un(["2"])), ShapeError, sizes],
      [`${op}: no array`, () => make(un(3)), ShapeError, "a shape must be an array of sizes, got 3"],
      [`${op}: undefined`, () => make(un(undefined)), ShapeError, "a shape must be an array of sizes, got undefined"],
      [`${op}: nine axes`, () => make([1, 1, 1, 1, 1, 1, 1, 1, 1]), ShapeError, "at most 8 axes, got 9"],
      [`${op}: dtype`, () => make([1], un("int8")), DTypeError, 'unknown dtype "int8"'],
    ]),
    ["full: no number", () => sg.full([2], un("1")), DTypeError, 'full: the value must be a number, got "1"'],
    ...Object.entries({
      zeros: (dtype: never) => sg.zeros([2], dtype),
      ones: (dtype: never) => sg.ones([2], dtype),
      full: (dtype: never) => sg.full([2], 1, dtype),
      tensor: (dtype: never) => sg.tensor([1, 2], [2], dtype),
      arange: (dtype: never) => sg.arange(0, 2, 1, dtype),
      linspace: (dtype: never) => sg.linspace(0, 1, 2, dtype),
    }).map(([op, make]): ErrorCase => {
      const message = `${op}: unknown dtype an Object; write "float32", "float64" or "int32"`;
      return [`${op}: an option as dtype`, () => make(un({ dtype: "float64" })), DTypeError, message];
    }),
    ["zeros: an object as dtype", () => sg.zeros([2], un({})), DTypeError, "zeros: unknown dtype"],
    [
      "arange: an option as step",
      () => sg.arange(0, 2, un({ dtype: "int32" })),
      TypeError,
      "got an Object; a dtype comes last",
    ],
    ["linspace: an option as stop", () => sg.linspace(0, un({ dtype: "int32" })), TypeError, "a dtype comes last"],
    ["full: a fraction as int32", () => sg.full([2], 0.5, "int32"), DTypeError, "full: 0.5 is not an int32"],
    ["arange: a step of 0", () => sg.arange(0, 1, 0), ShapeError, "arange: "],
    ["arange: no end", () => sg.arange(Infinity), ShapeError, "arange: ", "Infinity"],
    ["arange: NaN", () => sg.arange(Number.NaN), ShapeError, "arange: ", "NaN"],
    ["arange: dtype", () => sg.arange(0, 1, 1, un("int64")), DTypeError, 'arange: unknown dtype "int64"'],
    ["arange: a string", () => sg.arange(un("3")), TypeError, 'arange: bounds must be numbers, got "3"'],
    ["arange: a bigint", () => sg.arange(0, un(3n)), TypeError, "arange: bounds must be numbers, got 3"],
    ["arange: a step", () => sg.arange(0, 3, un(null)), TypeError, "arange: bounds must be numbers, got null"],
    ["linspace: a string", () => sg.linspace(un("1"), 1, 3), TypeError, 'linspace: bounds must be numbers, got "1"'],
    ["linspace: a count", () => sg.linspace(0, 1, un("3")), ShapeError, "linspace: sizes must be whole numbers"],
    [
      "linspace: steps",
      () => sg.linspace(2 ** 30, 2 ** 30 + 1, 1e9, "int32"),
      DTypeError,
      "linspace: ",
      " is not an int32",
    ],
    ["arange: fractions as int32", () => sg.arange(0, 2, 0.5, "int32"), DTypeError, "arange: 0.5 is not an int32"],
    ["linspace: a negative count", () => sg.linspace(0, 1, -1), ShapeError, "linspace: ", "[-1]"],
    ["linspace: a fraction", () => sg.linspace(0, 1, 2.5), ShapeError, "linspace: ", "[2.5]"],
    ["linspace: fractions as int32", () => sg.linspace(0, 1, 3, "int32"), DTypeError, "linspace: 0.5 is not an int32"],
  ]);
});

describe("random tensors", () => {
  testAll([
    ...Object.entries(sg.random).flatMap(([name, generate]): ErrorCase[] => {
      const make = (options: unknown, shape: readonly number[] = [2, 2]): ErrorCase[1] => {
        return () => (generate as (shape: sg.Shape, options: unknown) => unknown)(shape, options);
      };
      const op = `random.${name}`;
      return [
        [`${op}: no options`, make(undefined), RangeError, `${op}: the seed`],
        [
          `${op}: no seed`,
          make({}),
          RangeError,
          `${op}: the seed must be a whole number`,
          "as in { seed: 1 }; got undefined",
        ],
        [`${op}: a negative seed`, make({ seed: -1 }), RangeError, `${op}: the seed`, "got -1"],
        [`${op}: a fraction`, make({ seed: 0.5 }), RangeError, `${op}: the seed`, "got 0.5"],
        [`${op}: a seed beyond 53 bits`, make({ seed: 2 ** 53 }), RangeError, `${op}: the seed`],
        [`${op}: a string`, make({ seed: "1" }), RangeError, `${op}: the seed`],
        [
          `${op}: dtype`,
          make({ seed: 1, dtype: "int32" }),
          DTypeError,
          `${op}: the dtype must be float32 or float64, got "int32"`,
        ],
        [`${op}: shape`, make({ seed: 1 }, [2, -2]), ShapeError, `${op}: sizes must be whole numbers`, "[2, -2]"],
      ];
    }),
    ["random.uniform: bounds", () => sg.random.uniform([2], { seed: 1, low: un("0") }), TypeError, "random.uniform: "],
    ["random.glorot: a vector", () => sg.random.glorot([3], { seed: 1 }), ShapeError, "random.glorot: ", "[3]"],
    ["random.he: a scalar", () => sg.random.he([], { seed: 1 }), ShapeError, "random.he: ", "[]"],
  ]);
});

describe("gradients", () => {
  const total = (x: sg.Tensor): sg.Tensor<[]> => sg.sum(x);
  const failing = (x: sg.Tensor): sg.Tensor<[]> => {
    sg.exp(sg.mul(x, 2));
    throw new Error("on purpose");
  };
  testAll([
    ["of no scalar", (f) => sg.grad(un(sg.exp))(un(f.m23)), ShapeError, "must return a scalar, shape [], got [2, 3]"],
    ["of a number", (f) => sg.grad(un(() => 1))(un(f.m23)), TypeError, "must return a scalar tensor, got 1"],
    ["of nothing", (f) => sg.grad(un(() => undefined))(un(f.m23)), TypeError, "got undefined"],
    ["of an int32", (f) => sg.grad(un(() => sg.sum(f.int23)))(un(f.m23)), DTypeError, "float scalar, got int32"],
    ["in int32", (f) => sg.grad(total)(un(f.int23)), DTypeError, "grad: argument 0 is int32"],
    [
      "in int32, further in",
      (f) => sg.grad(un(() => sg.tensor(1)))(un({ layers: [{ w: f.m23 }, { w: f.int23 }] })),
      DTypeError,
      "grad: argument 0.layers[1].w is int32",
    ],
    [
      "in what is no tensor",
      (f) => sg.grad(un(() => sg.tensor(1)))(un({ layers: [{ w: f.m23, rate: 0.1 }] })),
      TypeError,
      "grad: argument 0.layers[0].rate is 0.1",
    ],
    [
      "of a number, with its value",
      (f) => sg.valueAndGrad(un(() => 1))(un(f.m23)),
      TypeError,
      "valueAndGrad: the function",
    ],
    ["in null", () => sg.grad(total)(un([null])), TypeError, "argument 0[0] is null"],
    [
      "in an argument that there is not",
      (f) => sg.grad(total, { argnums: un(1) })(f.m23),
      RangeError,
      "argnums names argument 1, the call has 1",
    ],
    [
      "in argument -1",
      (f) => sg.grad(total, { argnums: un(-1) })(f.m23),
      RangeError,
      "grad: argnums must be a whole number in [0, Infinity), got -1",
    ],
    ["in one argument twice", (f) => sg.grad(total, { argnums: un([0, 0]) })(f.m23), RangeError, "argnums", "0"],
    [
      "in a second argument that is gone",
      (f) => sg.grad(un(total), { argnums: [0, 1] })(...([f.m23, f.gone] as never[] as [never])),
      DisposedError,
      "argument 1: the float32 [",
    ],
    ["of a function that fails", (f) => sg.grad(failing)(f.m23), Error, "on purpose"],
    [
      "of a function whose inner gradient fails",
      (f) => sg.grad((x: sg.Tensor): sg.Tensor<[]> => sg.sum(sg.mul(x, sg.grad(failing)(x))))(f.m23),
      Error,
      "on purpose",
    ],
    [
      "whose function overwrites what it is taken in",
      (f) => sg.grad((x: sg.Tensor): sg.Tensor<[]> => sg.sum(sg.square(x, { out: x })))(f.m23),
      AliasError,
      "square: out shares its memory with a, whose value the gradient needs",
    ],
    [
      "whose function overwrites an operand under another handle",
      (f) => sg.grad((x: sg.Tensor): sg.Tensor<[]> => sg.sum(sg.mul(x, x, { out: sg.reshape(x, x.shape) })))(f.m23),
      AliasError,
      "mul: out shares its memory with a",
    ],
    [
      "whose function overwrites a constant after its use",
      (f) =>
        sg.grad((x: sg.Tensor): sg.Tensor<[]> => {
          const weights = sg.ones([2, 3]);
          const y = sg.mul(x, weights);
          sg.add(weights, 1, { out: weights });
          return sg.sum(y);
        })(f.m23),
      AliasError,
      /^mul: its gradient needs the value of the float32 \[.*\] tensor, which was overwritten through out$/,
    ],
    [
      "whose function overwrites a result after its use",
      (f) =>
        sg.grad((x: sg.Tensor): sg.Tensor<[]> => {
          const y = sg.exp(x);
          const z = sg.sum(y);
          sg.neg(y, { out: y });
          return z;
        })(f.m23),
      AliasError,
      /^exp: its gradient needs the value of the float32 \[.*\] tensor/,
    ],
    [
      "checkGrad of float32",
      (f) => sg.checkGrad(un(total), un([f.m23])),
      DTypeError,
      "checkGrad: inputs must be float64",
    ],
    [
      "minimize: method",
      (f) => sg.optim.minimize(total, f.m23, { method: un("bfgs") }),
      RangeError,
      "minimize: ",
      "bfgs",
    ],
    [
      "minimize: iterations",
      (f) => sg.optim.minimize(total, f.m23, { maxIterations: -1 }),
      RangeError,
      "maxIterations",
    ],
    ["minimize: history", (f) => sg.optim.minimize(total, f.m23, { history: 0 }), RangeError, "minimize: history", "0"],
    ["minimize: a function that fails", (f) => sg.optim.minimize(failing, f.m23), Error, "on purpose"],
    ["minimize: no scalar", (f) => sg.optim.minimize(un(sg.exp), un(f.m23)), ShapeError, "got [2, 3]"],
    ["minimize: int32", (f) => sg.optim.minimize(total, un(f.int23)), DTypeError, "int32"],
  ]);

  test("work after one that failed, and record nothing outside of a function", () => {
    const { tensors, bytes } = sg.memory();
    expect(() => sg.grad(failing)(fixture.m23)).toThrow("on purpose");
    expect(() => sg.grad(un(sg.exp))(un(fixture.m23))).toThrow(ShapeError);
    const slope = sg.grad((x: sg.Tensor): sg.Tensor<[]> => sg.sum(sg.mul(x, 3)))(fixture.m23);
    expect(Array.from(slope.data)).toEqual([3, 3, 3, 3, 3, 3]);
    slope.dispose();
    // On a tape that was left active a product with what came from it would keep the bytes of its operands.
    const [value, gradient] = sg.valueAndGrad((x: sg.Tensor): sg.Tensor<[]> => sg.sum(sg.exp(x)))(fixture.m23);
    const [y, z] = [sg.mul(value, value), sg.mul(gradient, gradient)];
    for (const tensor of [value, gradient, y, z]) tensor.dispose();
    expect(sg.memory()).toMatchObject({ tensors, bytes });
  });

  test("leave callers' own tensors alone when the function returns one of them", () => {
    using constant = sg.tensor(3);
    using other = sg.tensor(4);
    using x = sg.tensor([1, 2]);
    const { tensors, bytes } = sg.memory();
    const constantly = (): sg.Tensor<[]> => constant;
    const slope = sg.grad(constantly as (x: sg.Tensor) => sg.Tensor<[]>)(x);
    expect(Array.from(slope.data)).toEqual([0, 0]);
    const [value, none] = sg.valueAndGrad((_: sg.Tensor, y: sg.Tensor<[]>) => y)(x, other);
    const [same, one] = sg.valueAndGrad((y: sg.Tensor<[]>) => y)(other);
    expect([value.item(), same.item(), one.item()]).toEqual([4, 4, 1]);
    for (const tensor of [slope, value, none, same, one]) tensor.dispose();
    expect([constant.item(), other.item(), ...x.toArray()]).toEqual([3, 4, 1, 2]);
    expect(sg.memory()).toMatchObject({ tensors, bytes });
  });

  test("pass through an op in place that keeps its result only", () => {
    using x = sg.tensor([-1, 0, 2]);
    const slope = sg.grad((x: sg.Tensor<[3]>) => {
      const y = sg.mul(x, 2);
      return sg.sum(sg.relu(y, { out: y }));
    })(x);
    expect(slope.toArray()).toEqual([0, 0, 2]);
    slope.dispose();
  });
});
