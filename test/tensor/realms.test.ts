// Objects of another realm, as Jest, `vm` and iframes make them: plain ones hold tensors as this realm's do.
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import {
  add,
  compile,
  grad,
  init,
  mul,
  optim,
  scope,
  sum,
  type Tensor,
  type TensorParts,
  tensor,
} from "../../src/index.js";
import { isPlainObject } from "../../src/tensor/tree.js";
import { expectNoLeak } from "../support/memory.js";

interface Params {
  w: Tensor<[2]>;
  scale: number;
  list: [Tensor<[2]>];
}

/** A plain object and an array that another realm made. */
function foreignParams(scale = 2): Params {
  const make = runInNewContext("(w, v, scale) => ({ w, scale, list: [v] })") as (...parts: unknown[]) => Params;
  return make(tensor([1, 2]), tensor([3, 4]), scale);
}

function disposeAll({ w, list }: Pick<Params, "w" | "list">): void {
  for (const x of [w, ...list]) x.dispose();
}

test("plain objects are those of any realm, and those without a prototype", () => {
  const foreign = (code: string): unknown => runInNewContext(code);
  expect(Object.getPrototypeOf(foreign("({})"))).not.toBe(Object.prototype);
  for (const value of [
    {},
    Object.create(null),
    foreign("({})"),
    foreign("Object.create(null)"),
    foreign("Object.prototype"),
  ]) {
    expect(isPlainObject(value)).toBe(true);
  }
  class Bare {
    x = 1;
  }
  class Rootless {
    static make = (): object => Object.create(Rootless.prototype) as object;
  }
  Object.setPrototypeOf(Rootless.prototype, null);
  const made = [
    new Bare(),
    Rootless.make(),
    Object.create({}),
    new Map(),
    new Date(),
    [],
    () => 1,
    "x",
    1,
    null,
    undefined,
  ];
  const foreigners = [
    "new (class A {})",
    "Object.create({})",
    "Object.create(Object.create(null))",
    "new Map()",
    "[]",
    "new Float32Array(1)",
  ];
  for (const value of [...made, ...foreigners.map(foreign), tensor(1)]) expect(isPlainObject(value)).toBe(false);
});

test("a scope keeps the tensors in them", () => {
  expectNoLeak(() => {
    const kept = scope(() => foreignParams());
    expect([kept.w.toArray(), kept.list[0].toArray()]).toEqual([
      [1, 2],
      [3, 4],
    ]);
    disposeAll(kept);
  });
});

test("gradients have their structure, and optimizers go through them", () => {
  expectNoLeak(() =>
    scope(() => {
      const { w, list } = foreignParams();
      const params = runInNewContext("(w, v) => ({ w, list: [v] })")(w, list[0]) as Omit<Params, "scale">;
      const slopes = grad((p: Omit<Params, "scale">) => sum(mul(p.w, p.list[0])))(params);
      expect([slopes.w.toArray(), slopes.list[0].toArray()]).toEqual([
        [3, 4],
        [1, 2],
      ]);
      const { init, update } = optim.sgd({ learningRate: 1 });
      const [stepped] = update(params, slopes, init(params));
      expect([stepped.w.toArray(), stepped.list[0].toArray()]).toEqual([
        [-2, -2],
        [2, 2],
      ]);
    }),
  );
});

test("a compiled function sees what changes in them", () => {
  const f = compile((p: Params) => ({ y: add(mul(p.w, p.scale), p.list[0]) }));
  const params = foreignParams(2);
  expect(f(params).y.toArray()).toEqual([5, 8]);
  params.scale = 10;
  expect(f(params).y.toArray()).toEqual([13, 24]);
  disposeAll(params);
  params.w = tensor([10, 20]);
  params.list[0] = tensor([0, 1]);
  expect(f(params).y.toArray()).toEqual([100, 201]);
  disposeAll(params);
  f.dispose();
});

test("a compiled function may return one of them", () => {
  const make = runInNewContext("(y) => ({ y, list: [y] })") as (y: Tensor<[2]>) => {
    y: Tensor<[2]>;
    list: [Tensor<[2]>];
  };
  const f = compile((x: Tensor<[2]>) => make(add(x, 1)));
  using x = tensor([1, 2]);
  const { y, list } = f(x);
  expect([y.toArray(), list[0].toArray()]).toEqual([
    [2, 3],
    [2, 3],
  ]);
  f.dispose();
});

test("kernels may come as the bytes of one", async () => {
  const bytes = runInNewContext("new ArrayBuffer(8)") as ArrayBuffer;
  expect(bytes instanceof ArrayBuffer).toBe(false);
  await expect(init({ module: bytes })).rejects.toThrow("init: module: the buffer is not wasm");
});

test("arrays of another realm are taken like our own", () => {
  scope(() => {
    const foreign = <T>(code: string): T => runInNewContext(code) as T;
    expect(tensor(foreign<Float64Array>("Float64Array.of(0.1, 0.2)")).data).toEqual(Float64Array.of(0.1, 0.2));
    expect(tensor(foreign<Uint8Array>("Uint8Array.of(1, 2)")).data).toEqual(Float32Array.of(1, 2));
    expect(tensor(foreign<number[][]>("[[1, 2], [3, 4]]")).toArray()).toEqual([[1, 2], [3, 4]]); // biome-ignore format: a table
    expect(tensor(foreign<Float32Array[]>("[Float32Array.of(1, 2)]")).shape).toEqual([1, 2]);
    expect(tensor([1, 2, 3, 4], foreign<[2, 2]>("[2, 2]")).shape).toEqual([2, 2]);
    expect(tensor([1], foreign<{ dtype: "int32" }>("({ dtype: 'int32' })")).dtype).toBe("int32");
    expect(tensor(foreign<TensorParts>("({ shape: [1], dtype: 'int32', data: [5] })")).data).toEqual(Int32Array.of(5));
  });
});

test("Node's buffers are taken, as bytes", () => {
  scope(() => expect(tensor(Buffer.from([1, 255])).toArray()).toEqual([1, 255]));
});
