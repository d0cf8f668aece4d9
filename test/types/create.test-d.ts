// Types of functions that make tensors: shapes and dtypes come from the arguments, never from an annotation.
import { describe, expectTypeOf, test } from "vitest";
import {
  arange,
  type DType,
  type FloatDType,
  full,
  linspace,
  ones,
  optim,
  random,
  type Shape,
  sum,
  type Tensor,
  type TensorParts,
  tensor,
  zeros,
} from "../../src/index.js";

type Wide = Tensor<[2], "float64">;
type Line = Tensor<[number], "float64">;
declare const maybe: "float64" | undefined;
declare const either: FloatDType;

describe("dtypes", () => {
  test("cannot be had by annotating a variable", () => {
    // @ts-expect-error: float32
    const a: Wide = tensor([1, 2]);
    // @ts-expect-error: float32
    const b: Wide = tensor([1, 2], [2]);
    // @ts-expect-error: float32
    const c: Wide = tensor([1, 2], { shape: [2] });
    // @ts-expect-error: float32
    const d: Wide = tensor(Uint8Array.of(1, 2), [2]);
    // @ts-expect-error: float32
    const e: Wide = zeros([2]);
    // @ts-expect-error: float32
    const f: Wide = ones([2]);
    // @ts-expect-error: float32
    const g: Wide = full([2], 1);
    // @ts-expect-error: float32
    const h: Line = arange(0, 2);
    // @ts-expect-error: float32
    const i: Line = linspace(0, 2);
    // @ts-expect-error: float32
    const j: Wide = random.uniform([2], { seed: 1 });
    // @ts-expect-error: float32
    const k: Wide = random.normal([2], { seed: 1 });
    // @ts-expect-error: float32
    const l: Tensor<[2, 3], "float64"> = random.glorot([2, 3], { seed: 1 });
    // @ts-expect-error: float32
    const m: Tensor<[2, 3], "float64"> = random.he([2, 3], { seed: 1 });
    // @ts-expect-error: float64
    const n: Tensor<[number]> = tensor(Float64Array.of(1));
    void [a, b, c, d, e, f, g, h, i, j, k, l, m, n];
  });

  test("cannot be had by type arguments alone, nor from what may be undefined", () => {
    expectTypeOf(zeros<[2], "float64">([2])).toEqualTypeOf<Tensor<[2], FloatDType>>();
    expectTypeOf(zeros([2], maybe)).toEqualTypeOf<Tensor<[2], FloatDType>>();
    expectTypeOf(full([2], 1, maybe)).toEqualTypeOf<Tensor<[2], FloatDType>>();
    expectTypeOf(arange(0, 1, 1, maybe)).toEqualTypeOf<Tensor<[number], FloatDType>>();
    expectTypeOf(tensor([1], undefined, either)).toEqualTypeOf<Tensor<[1], FloatDType>>();
    expectTypeOf(tensor([1], [1], maybe)).toEqualTypeOf<Tensor<[1], FloatDType>>();
    expectTypeOf(tensor([1], { dtype: maybe })).toEqualTypeOf<Tensor<[1], FloatDType>>();
    expectTypeOf(random.normal([2], { seed: 1, dtype: maybe })).toEqualTypeOf<Tensor<[2], FloatDType>>();
  });

  test("follow the arguments in class fields, results, arguments and objects", () => {
    class Layer {
      // @ts-expect-error: float32
      readonly w: Wide = zeros([2]);
      readonly b: Wide = zeros([2], "float64");
    }
    // @ts-expect-error: float32
    const make = (): Wide => ones([2]);
    const take = (x: Wide): Wide => x;
    // @ts-expect-error: float32
    take(random.normal([2], { seed: 1 }));
    // @ts-expect-error: float32
    take(tensor([1, 2]));
    take(tensor([1, 2], { dtype: "float64" }));
    // @ts-expect-error: float32
    const net: { w: Wide } = { w: full([2], 0) };
    void [Layer, make, net];
  });

  test("follow the arguments in generic code", () => {
    expectTypeOf(<D extends DType>(dtype: D): Tensor<[2], D> => zeros([2], dtype)).toBeFunction();
    expectTypeOf(<D extends DType>(dtype: D): Tensor<[2], D> => full([2], 1, dtype)).toBeFunction();
    expectTypeOf(<D extends DType>(dtype: D): Tensor<[number], D> => arange(0, 1, 1, dtype)).toBeFunction();
    expectTypeOf(<D extends DType>(dtype: D): Tensor<[2], D> => tensor([1, 2], undefined, dtype)).toBeFunction();
    expectTypeOf(<D extends DType>(dtype: D): Tensor<[2], D> => tensor([1, 2], { dtype })).toBeFunction();
    expectTypeOf(<D extends FloatDType>(dtype: D): Tensor<[2], D> => random.he([2], { seed: 1, dtype })).toBeFunction();
    expectTypeOf(<N extends number>(n: N): Tensor<[N, 3]> => zeros([n, 3])).toBeFunction();
    // @ts-expect-error: float32
    expectTypeOf(<D extends DType>(): Tensor<[2], D> => zeros([2])).toBeFunction();
    // @ts-expect-error: float32
    expectTypeOf(<D extends DType>(): Tensor<[2], D> => tensor([1, 2])).toBeFunction();
    // @ts-expect-error: float32
    expectTypeOf(<D extends FloatDType>(): Tensor<[2], D> => random.normal([2], { seed: 1 })).toBeFunction();
  });

  test("of minimize's start are those of its function", () => {
    const f = (x: Tensor<[3], "float64">): Tensor<[], "float64"> => sum(x);
    // @ts-expect-error: float32
    optim.minimize(f, zeros([3]));
    // @ts-expect-error: float32
    optim.minimize(f, tensor([1, 2, 3]));
    expectTypeOf(optim.minimize(f, zeros([3], "float64")).x).toEqualTypeOf<Tensor<[3], "float64">>();
  });

  test("that do not exist are refused", () => {
    // @ts-expect-error: unknown dtype
    zeros([2], "float16");
    // @ts-expect-error: unknown dtype
    tensor([1], undefined, "float16");
    // @ts-expect-error: unknown dtype
    tensor([1], { dtype: "float16" });
    // @ts-expect-error: no floats
    random.normal([2], { seed: 1, dtype: "int32" });
  });
});

describe("shapes", () => {
  test("cannot be had by annotating", () => {
    // @ts-expect-error: of unknown length
    const a: Tensor<[5]> = tensor(Float32Array.of(1));
    // @ts-expect-error: of another length
    const b: Tensor<[3]> = tensor([1, 2]);
    // @ts-expect-error: of another length
    const c: Tensor<[3]> = zeros([2]);
    void [a, b, c];
  });

  test("from options, or else from data", () => {
    expectTypeOf(tensor([1, 2, 3, 4], { shape: [2, 2] })).toEqualTypeOf<Tensor<[2, 2]>>();
    expectTypeOf(tensor([1, 2], { shape: [2, 1], dtype: "int32" })).toEqualTypeOf<Tensor<[2, 1], "int32">>();
    expectTypeOf(tensor([[1, 2]], { dtype: "float64" })).toEqualTypeOf<Tensor<[1, 2], "float64">>();
    expectTypeOf(tensor([1, 2], {})).toEqualTypeOf<Tensor<[2]>>();
    expectTypeOf(tensor([1, 2], { shape: undefined })).toEqualTypeOf<Tensor<[2]>>();
    expectTypeOf(tensor([1, 2], { shape: [2] as [2] | undefined })).toEqualTypeOf<Tensor<Shape>>();
    expectTypeOf(tensor(Float64Array.of(1), { shape: [1] })).toEqualTypeOf<Tensor<[1], "float64">>();
    // @ts-expect-error: dtype
    tensor([1], { dtyp: "float64" });
    // @ts-expect-error: dtype
    tensor([1], { shape: [1], dtyp: "float64" });
    // @ts-expect-error: neither a shape nor options
    tensor([1], ["1"]);
  });
});

describe("data", () => {
  test("may be typed arrays of any number type, and rows of them", () => {
    expectTypeOf(tensor(new Uint8Array(2))).toEqualTypeOf<Tensor<[number]>>();
    expectTypeOf(tensor(new Uint32Array(2), { dtype: "float64" })).toEqualTypeOf<Tensor<[number], "float64">>();
    expectTypeOf(tensor([new Float32Array(2), new Float32Array(2)])).toEqualTypeOf<Tensor<[2, number]>>();
    expectTypeOf(tensor([[new Float64Array(2)]])).toEqualTypeOf<Tensor<[1, 1, number], "float64">>();
    const rows: Int32Array[] = [];
    expectTypeOf(tensor(rows)).toEqualTypeOf<Tensor<[number, number], "int32">>();
    expectTypeOf(tensor([])).toEqualTypeOf<Tensor<[0]>>();
    expectTypeOf(tensor([[], []])).toEqualTypeOf<Tensor<[2, 0]>>();
    // @ts-expect-error: bigints
    tensor(BigInt64Array.of(1n));
    // @ts-expect-error: bigints
    tensor([1n]);
    // @ts-expect-error: strings
    tensor(["1"]);
    // @ts-expect-error: a tensor
    tensor(zeros([2]));
  });

  test("may be of any depth, or unknown", () => {
    type Tree = number | readonly Tree[];
    expectTypeOf(tensor([] as Tree[])).toExtend<Tensor>();
    expectTypeOf(tensor((zeros([2]) as Tensor).toArray() as readonly Tree[])).toExtend<Tensor>();
    // biome-ignore lint/suspicious/noExplicitAny: as JSON.parse gives it
    expectTypeOf(tensor(JSON.parse("[1]") as any)).toEqualTypeOf<Tensor<Shape, DType>>();
  });

  test("may be JSON", () => {
    const x = zeros([2, 3], "float64");
    expectTypeOf(tensor(x.toJSON())).toEqualTypeOf<Tensor<[2, 3], "float64">>();
    expectTypeOf(tensor({} as TensorParts)).toEqualTypeOf<Tensor<Shape, DType>>();
    expectTypeOf(tensor({ shape: [1], dtype: "int32", data: [1] })).toEqualTypeOf<Tensor<[1], "int32">>();
    const file: { shape: number[]; dtype: string; data: (number | string)[] } = { shape: [], dtype: "", data: [] };
    expectTypeOf(tensor(file)).toEqualTypeOf<Tensor<Shape, DType>>();
    expectTypeOf(tensor(file, { dtype: "float32" })).toEqualTypeOf<Tensor<Shape>>();
  });
});
