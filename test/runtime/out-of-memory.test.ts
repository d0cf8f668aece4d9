// The end of the memory: tensors that do not fit are refused, older ones are intact, and high addresses work like low ones.
import { afterAll, describe, expect, test } from "vitest";
import * as sg from "../../src/index.js";
import { getRuntime } from "../../src/runtime/memory/memory.js";
import { allocateTensor } from "../../src/tensor/tensor.js";
import { expectSameBits } from "../support/bits.js";
import { copiesOf, expectNoLeak, freshLibrary, freshModule } from "../support/memory.js";

const { OutOfMemoryError } = sg;

const GIB = 2 ** 30;
/** Reserved and never touched, so that a test that holds 4 GiB costs next to nothing. */
const untouched = (op: string, bytes: number): sg.AnyTensor => allocateTensor(op, [bytes / 4], "float32");

/** Holds everything there is, in ever smaller pieces. */
function takeAll(take: typeof untouched): sg.AnyTensor[] {
  const fill: sg.AnyTensor[] = [];
  for (let bytes = GIB; bytes >= 64; bytes /= 4) {
    for (;;) {
      try {
        fill.push(take("fill", bytes));
      } catch (error) {
        expect((error as Error).name).toBe("OutOfMemoryError");
        break;
      }
    }
  }
  return fill;
}

/** Runs kernels of every kind, on tensors at the first free address. */
function compute(): sg.AnyTensor[] {
  const x = sg.random.normal([37, 29], { seed: 1 });
  const wide = sg.random.normal([37, 29], { seed: 2, dtype: "float64" });
  const w = sg.random.normal([29, 31], { seed: 3 });
  const indices = sg.tensor([0, -1, 7, 7], undefined, "int32");
  const loss = (w: sg.Tensor<[29, 31]>): sg.Tensor<[]> => sg.mean(sg.square(sg.sigmoid(sg.matmul(x, w))));
  return [
    x,
    wide,
    sg.exp(x),
    sg.add(wide, sg.slice(wide, [0], [1])),
    sg.matmul(x, w),
    sg.matmul(wide, wide, { transposeA: true }),
    sg.sum(x, { axis: 0 }),
    sg.max(wide, { axis: 1 }),
    sg.softmax(x),
    sg.transpose(wide),
    sg.concat([x, x]),
    sg.take(x, indices),
    sg.astype(x, "int32"),
    ...sg.valueAndGrad(loss)(w),
  ];
}

describe("one tensor that is too large", () => {
  const requests: readonly (readonly [title: string, make: () => unknown, ...names: string[]])[] = [
    [
      "zeros",
      () => sg.zeros([2 ** 30, 2], "float64"),
      "zeros: a float64 tensor [1073741824, 2]",
      "17179869184 bytes",
      "; use scope or dispose",
    ],
    ["just more than there are addresses", () => sg.ones([2 ** 30]), "float32 tensor [1073741824]", "4294967296 bytes"],
    ["whose size wraps around at 2^32 elements", () => sg.zeros([2 ** 36 + 16_000]), "zeros", "68719492736"],
    ["whose bytes wrap around", () => sg.zeros([2 ** 32, 2 ** 32]), "zeros", "4294967296, 4294967296"],
    ["at the end of whole numbers", () => sg.zeros([2 ** 53 - 1]), "zeros", "9007199254740991"],
    ["past them", () => sg.zeros([2 ** 53]), "zeros: the memory cannot hold a tensor of shape [9007199254740992]"],
    ["past them, none of it", () => sg.tensor([], [2 ** 60, 0]), "tensor: the memory cannot hold a tensor of shape"],
    [
      "linspace past them",
      () => sg.linspace(0, 1, 1e300),
      "linspace: the memory cannot hold a tensor of shape [1e+300]",
    ],
    ["beyond them", () => sg.zeros([2 ** 50, 2 ** 50, 2 ** 50]), "zeros"],
    ["arange", () => sg.arange(2 ** 33), "arange: a float32 tensor [8589934592]"],
    ["random", () => sg.random.normal([2 ** 31], { seed: 1 }), "random.normal: a float32 tensor [2147483648]"],
    ["broadcastTo", () => sg.scope(() => sg.broadcastTo(sg.zeros([]), [2 ** 31])), "broadcastTo: a float32 tensor"],
    [
      "add",
      () => sg.scope(() => sg.add(sg.zeros([2 ** 16, 1]), sg.zeros([2 ** 16]))),
      "add: a float32 tensor [65536, 65536]",
    ],
    ["matmul", () => sg.scope(() => sg.matmul(sg.zeros([2 ** 16, 1]), sg.zeros([1, 2 ** 16]))), "matmul: a float32"],
    ["concat", () => sg.scope(() => concatenated()), "concat: a float32 tensor"],
  ];

  function concatenated(): sg.AnyTensor {
    const part = sg.broadcastTo(sg.zeros([]), [2 ** 20]);
    return sg.concat(new Array(1024).fill(part) as sg.Tensor[]);
  }

  test.each(requests.map(([title, make, ...names]) => ({ title, make, names })))("is refused: $title", (row) => {
    using before = sg.tensor([1, 2, 3]);
    expectNoLeak(() => {
      let thrown: unknown;
      try {
        row.make();
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(OutOfMemoryError);
      expect(thrown).toBeInstanceOf(RangeError);
      for (const name of row.names) expect((thrown as Error).message).toContain(name);
    });
    expect(before.toArray()).toEqual([1, 2, 3]);
    expect(sg.scope(() => sg.sum(before).item())).toBe(6);
  });
});

describe("a memory that is full", () => {
  const low = sg.scope(compute);
  const expected = copiesOf(low);
  const fill: sg.AnyTensor[] = [];
  afterAll(() => {
    for (const tensor of [...low, ...fill]) tensor.dispose();
  });

  test("refuses one more byte, for any op, and leaves everything as it was", () => {
    fill.push(...takeAll(untouched));
    const { allocator } = getRuntime();
    expect(sg.memory().reserved).toBeGreaterThan(3 * GIB);
    expect(allocator.end - allocator.used).toBeLessThan(sg.memory().reserved / 1000);
    const [x] = low as [sg.Tensor<[37, 29]>];
    const before = sg.memory();
    const calls: readonly (() => unknown)[] = [
      () => sg.zeros([1]),
      () => sg.tensor([1, 2]),
      () => sg.random.uniform([3], { seed: 1 }),
      () => x.clone(),
      () => sg.exp(x),
      () => sg.softmax(x, { axis: 0 }),
      () => sg.sum(x, { axis: 0 }),
      () => sg.matmul(x, x, { transposeA: true }),
      () => sg.concat([x, x]),
      () => sg.meanSquaredError(x, x),
      () => sg.grad((x: sg.Tensor<[37, 29]>) => sg.sum(sg.square(x)))(x),
      () => sg.optim.minimize((x: sg.Tensor<[37, 29]>) => sg.sum(sg.square(x)), x),
      () => sg.optim.adam({ learningRate: 1 }).init(x),
    ];
    for (const call of calls) {
      expect(call).toThrow(OutOfMemoryError);
      expect(sg.memory()).toEqual(before);
    }
    expect(() => sg.exp(x)).toThrow(/^exp: a float32 tensor \[37, 29\] beside \d+ others: 4292 bytes do not fit/);
    low.forEach((tensor, i) => {
      expectSameBits(tensor.data, expected[i]!);
    });
  });

  test("still runs ops in place and views", () => {
    const [x] = low as [sg.Tensor<[37, 29]>];
    sg.neg(x, { out: x });
    sg.neg(x, { out: x });
    expectSameBits(x.data, expected[0]!);
    sg.reshape(x, [29, 37]).dispose();
  });

  test("computes the same at its upper end, beyond 2^31, as it did at the lower one", () => {
    const { allocator } = getRuntime();
    // What lies highest makes room for small tensors; everything below stays taken.
    const highest = fill
      .filter(({ size }) => size * 4 >= 2 ** 24)
      .sort((a, b) => b.storage.address - a.storage.address)[0]!;
    expect(highest.storage.address).toBeGreaterThan(2.5 * GIB);
    highest.dispose();
    const high = sg.scope(compute);
    for (const { storage } of high) expect(storage.address).toBeGreaterThan(2.5 * GIB);
    high.forEach((tensor, i) => {
      expectSameBits(tensor.data, expected[i]!);
      tensor.dispose();
    });
    expect(allocator.used).toBeGreaterThan(2.5 * GIB);
  });

  test("works as before once there is room again", () => {
    for (const tensor of fill.splice(0)) tensor.dispose();
    expectNoLeak(() => {
      const again = sg.scope(compute);
      again.forEach((tensor, i) => {
        expectSameBits(tensor.data, expected[i]!);
        tensor.dispose();
      });
    });
  });
});

test("scratch memory that does not fit any more leaves no result behind, and is made once there is room", async () => {
  const library = await freshLibrary();
  const { allocateTensor: allocate } = await freshModule<typeof import("../../src/tensor/tensor.js")>("tensor/tensor");
  const x = library.ones([3, 3]);
  const room = library.zeros([500]);
  const fill = takeAll((op, bytes) => allocate(op, [bytes / 4], "float32"));
  room.dispose();
  const before = library.memory();
  const calls = [() => library.matmul(x, x), () => library.sum(x), () => library.random.normal([3], { seed: 1 })];
  for (const call of calls) {
    expect(call).toThrow(/^scratch memory: \d+ bytes do not fit/);
    expect(library.memory()).toEqual(before);
  }
  for (const tensor of fill) tensor.dispose();
  expect(library.matmul(x, x).toArray()).toEqual(new Array(3).fill([3, 3, 3]));
});

test("a tensor of one value that cannot be filled is not left behind", async () => {
  const library = await freshLibrary();
  const { allocateTensor: allocate } = await freshModule<typeof import("../../src/tensor/tensor.js")>("tensor/tensor");
  const room = allocate("room", [500], "float32");
  const fill = takeAll((op, bytes) => allocate(op, [bytes / 4], "float32"));
  room.dispose();
  const before = library.memory();
  for (const make of [() => library.zeros([3]), () => library.ones([3]), () => library.full([3], 7)]) {
    expect(make).toThrow(/^locals: \d+ bytes do not fit/);
    expect(library.memory()).toEqual(before);
  }
  for (const tensor of fill) tensor.dispose();
  expect(library.full([2], 7).toArray()).toEqual([7, 7]);
});
