// Programs as several threads run them, one thread after the other: the same bits for any number of threads, every element
// written, and instructions in their order.
import { describe, expect, test, vi } from "vitest";
import { Abi, DTypeCode, Field } from "../../assembly/abi.js";
import { Op } from "../../assembly/ops.generated.js";
import * as sg from "../../src/index.js";
import { getRuntime, scratchAddress } from "../../src/runtime/memory/memory.js";
import { wordView } from "../../src/runtime/memory/views.js";
import { encode, type Instruction } from "../../src/runtime/program/instruction.js";
import { allocateTensor } from "../../src/tensor/tensor.js";
import { expectSameBits } from "../support/bits.js";

const MAX_THREADS = 8;
const split = vi.hoisted(() => ({ threads: 1, runs: 0 }));

// Every op runs its instructions through `execute`: here each of them as so many threads, one after the other. A thread
// waits for the others after each instruction, hence instruction by instruction.
vi.mock("../../src/runtime/program/instruction.js", async (original) => {
  const actual = await original<typeof import("../../src/runtime/program/instruction.js")>();
  const execute = (instructions: readonly Instruction[]): void => {
    for (const instruction of instructions) {
      actual.encode(instruction, getRuntime().program);
      runSplit(1);
    }
  };
  return { ...actual, execute };
});

/** Runs instructions from the eager program on, each by all threads. */
function runSplit(count: number): void {
  const { program, run } = getRuntime();
  split.runs++;
  for (let i = 0; i < count; i++) {
    const at = program + i * Abi.instructionBytes;
    wordView()[at / 4 + Field.scratch] = scratch.storage.address;
    wordView()[at / 4 + Field.locals] = locals.storage.address;
    for (let thread = 0; thread < split.threads; thread++) run(at, 1, thread, split.threads);
  }
}

// Before any scope, which would free it; the encoder's own comes first, for making it may grow the memory.
scratchAddress();
const scratch = allocateTensor("scratch", [(MAX_THREADS * Abi.scratchBytes) / 4], "float32");

const locals = allocateTensor("locals", [(MAX_THREADS * Abi.localsBytes) / 4], "float32");

/** Fills free memory with NaNs that no kernel makes, so that unwritten elements show. */
function poison(): void {
  const block = allocateTensor("poison", [1 << 19], "int32");
  block.data.fill(0x7fedcba9);
  block.dispose();
}

/** Runs a computation as 1, 2, 3 and 8 threads, and expects the same bits each time. */
function expectSameBitsForAnyThreads(compute: () => sg.AnyTensor | readonly sg.AnyTensor[]): void {
  const results = [1, 2, 3, MAX_THREADS].map((threads) => {
    split.threads = threads;
    split.runs = 0;
    poison();
    const result = [sg.scope(compute)].flat() as sg.AnyTensor[];
    expect(split.runs).toBeGreaterThan(0);
    split.threads = 1;
    return result;
  });
  for (const result of results) {
    result.forEach((tensor, i) => {
      expectSameBits(tensor.data, results[0]![i]!.data);
      expect(new Int32Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength / 4)).not.toContain(
        0x7fedcba9,
      );
    });
  }
  for (const tensor of results.flat()) tensor.dispose();
}

type Float = "float32" | "float64";
type Any = sg.Tensor<readonly number[], Float>;

const normal = (shape: readonly number[], seed: number, dtype: Float): Any => sg.random.normal(shape, { seed, dtype });

/** Around a vector, the grain of a share (64) and its multiples for eight threads. */
const SIZES = [1, 3, 4, 5, 63, 64, 65, 127, 129, 512, 1000, 1031];

describe.each(["float32", "float64"] as const)("any number of threads, %s", (dtype) => {
  const check = (title: string, compute: () => readonly sg.AnyTensor[]): void =>
    test(title, () => expectSameBitsForAnyThreads(compute));

  check("elementwise, one run", () =>
    SIZES.flatMap((n) => {
      const [x, y] = [normal([n], 1, dtype), normal([n], 2, dtype)];
      return [
        sg.neg(x),
        sg.exp(x),
        sg.add(x, y),
        sg.power(sg.abs(x), y),
        sg.where(sg.greater(x, 0), x, y),
        sg.mul(2, x),
      ];
    }),
  );

  check("elementwise, one run in place", () =>
    SIZES.map((n) => {
      const x = normal([n], 1, dtype);
      return sg.thresholdRelu(x, { below: 0.1, out: x });
    }),
  );

  check("elementwise, broadcast", () => {
    const x = normal([5, 1, 37], 1, dtype);
    return [
      sg.add(x, normal([7, 1], 2, dtype)),
      sg.sub(normal([37], 3, dtype), x),
      sg.mul(x, normal([5, 7, 37], 4, dtype)),
      sg.sigmoidBackward(x, normal([11, 1, 1, 1], 5, dtype)),
      sg.where(sg.greater(x, 0), normal([1, 37], 6, dtype), 0),
      sg.broadcastTo(x, [3, 5, 4, 37]),
      sg.add(normal([700, 7], 8, dtype), normal([7], 9, dtype)),
      sg.where(normal([7], 8, dtype), normal([700, 1], 9, dtype), normal([700, 7], 10, dtype)),
      sg.broadcastTo(normal([300, 1], 11, dtype), [300, 5]),
      sg.full([3, 100], 7, dtype),
    ];
  });

  check("reductions", () =>
    [
      [1, 1000],
      [9, 131],
      [131, 9],
      [3, 40, 17],
      [300, 71],
      [2, 40, 2100],
    ].flatMap((shape) => {
      const x = normal(shape, 1, dtype);
      const axes: (number | undefined)[] = [...shape.keys(), undefined];
      return axes.flatMap((axis) => {
        const options = { axis } as object;
        return [sg.sum(x, options), sg.max(x, options), sg.min(x, options), sg.mean(x, options), sg.argMax(x, options)];
      });
    }),
  );

  check("long sums", () => {
    const x = normal([3, 5000], 1, dtype);
    return [sg.sum(x), sg.sum(x, { axis: 1 }), sg.sum(x, { axis: 0 })];
  });

  check("rows", () =>
    [
      [1, 10],
      [13, 1],
      [13, 37],
      [4, 9, 100],
    ].flatMap((shape) => {
      const x = normal(shape, 1, dtype);
      return [sg.softmax(x), sg.logSoftmax(x), sg.logSumExp(x), sg.softmax(x, { axis: 0 }), sg.softmax(x, { out: x })];
    }),
  );

  check("rows' backward passes", () => {
    const x = normal([13, 37], 1, dtype);
    const labels = sg.random.uniform([13, 37], { seed: 2, dtype });
    const indices = sg.astype(sg.mul(sg.slice(labels, [0, 0], [13, 1]), 37), "int32");
    const slope = (f: (x: Any) => sg.AnyTensor): sg.AnyTensor =>
      sg.grad((x: Any) => sg.sum(sg.square(f(x) as Any)) as sg.Tensor<[], Float>)(x);
    return [
      slope((x) => sg.softmax(x)),
      slope((x) => sg.logSoftmax(x)),
      slope((x) => sg.softmaxCrossEntropy(x, labels as never)),
      slope((x) => sg.softmaxCrossEntropy(x, sg.reshape(indices, [13]) as never)),
    ];
  });

  const products: readonly (readonly [m: number, n: number, k: number])[] = [
    [1, 1, 1],
    [7, 9, 5],
    [64, 64, 64],
    [65, 33, 129],
    [200, 17, 300],
    [3, 200, 700],
    [150, 1, 40],
    [1, 150, 40],
    [25, 64, 600],
  ];
  check("products, stored in any way", () =>
    products.flatMap(([m, n, k]) => [
      sg.matmul(normal([m, k], 1, dtype), normal([k, n], 2, dtype)),
      sg.matmul(normal([m, k], 1, dtype), normal([n, k], 2, dtype), { transposeB: true }),
      sg.matmul(normal([k, m], 1, dtype), normal([k, n], 2, dtype), { transposeA: true }),
      sg.matmul(normal([k, m], 1, dtype), normal([n, k], 2, dtype), { transposeA: true, transposeB: true }),
      sg.linear(normal([m, k], 1, dtype), normal([k, n], 2, dtype), normal([n], 3, dtype)),
    ]),
  );

  check("products of batches", () => [
    sg.matmul(normal([5, 20, 30], 1, dtype), normal([5, 30, 10], 2, dtype)),
    sg.matmul(normal([5, 20, 30], 1, dtype), normal([30, 10], 2, dtype)),
    sg.matmul(normal([20, 30], 1, dtype), normal([5, 30, 10], 2, dtype)),
    sg.matmul(normal([2, 1, 9, 7], 1, dtype), normal([3, 7, 8], 2, dtype)),
    sg.matmul(normal([13, 3, 2], 1, dtype), normal([13, 3, 4], 2, dtype), { transposeA: true }),
  ]);

  check("copies", () => {
    const x = normal([7, 33, 10], 1, dtype);
    return [
      sg.transpose(x),
      sg.transpose(x, [0, 2, 1]),
      sg.transpose(x, [1, 0, 2]),
      sg.transpose(normal([256, 37], 3, dtype)),
      sg.slice(normal([3, 500], 4, dtype), [0, 1], [3, 500], { steps: [1, 2] }),
      sg.slice(x, [1, 2, 3], [6, 30, 9], { steps: [2, 3, 1] }),
      sg.concat([x, x, sg.mul(x, 2)], { axis: 1 }),
      sg.reshape(x, [7 * 33 * 10], { out: normal([7 * 33 * 10], 2, dtype) as never }),
    ];
  });

  check("rows taken by index, and given back", () => {
    const x = normal([40, 3, 5], 1, dtype);
    const indices = sg.tensor([0, 39, -1, 7, 7, 7, -40, 12], undefined, "int32");
    const few = sg.tensor([0, 2, 2, -1, 1], undefined, "int32");
    const back = (axis: number, at: sg.Tensor<readonly number[], "int32">): sg.AnyTensor =>
      sg.grad((x: Any) => sg.sum(sg.square(sg.take(x, at, { axis }))))(x);
    return [
      sg.take(x, indices),
      sg.take(x, few, { axis: 1 }),
      sg.take(x, few, { axis: -1 }),
      back(0, indices),
      back(1, few),
      back(2, few),
    ];
  });

  check("gradients of slices", () => {
    const x = normal([9, 31], 1, dtype);
    return [sg.grad((x: Any) => sg.sum(sg.square(sg.slice(x, [2, 1], [8, 30], { steps: [2, 3] }))))(x)];
  });

  check("casts", () =>
    SIZES.flatMap((n) => {
      const x = sg.mul(normal([n], 1, dtype), 100);
      const whole = sg.astype(x, "int32");
      return [whole, sg.astype(x, "float32"), sg.astype(x, "float64"), sg.astype(whole, dtype)];
    }),
  );

  check("random numbers", () =>
    SIZES.flatMap((n) => [
      normal([n], 3, dtype),
      sg.random.uniform([n], { seed: 4, dtype }),
      sg.random.he([n, 5], { seed: 5, dtype }),
    ]),
  );
});

test("any number of threads, int32", () => {
  expectSameBitsForAnyThreads(() =>
    SIZES.flatMap((n) => {
      const x = sg.arange(-n, n, 2, "int32");
      return [sg.mul(x, x), sg.maximum(x, 1), sg.sum(x), sg.max(x), sg.argMax(x), sg.equal(x, 0)];
    }),
  );
});

describe("an encoded program", () => {
  const words = 3 * (Abi.instructionBytes / 4);

  test("runs its instructions in their order", () => {
    const x = sg.tensor([1, 2, 3, 4, 5]);
    const y = allocateTensor("y", [5], "float32");
    const total = allocateTensor("total", [], "float32");
    const program = allocateTensor("program", [words], "int32");
    const at = ({ storage }: sg.AnyTensor): { address: number; strides: number[] } => ({
      address: storage.address,
      strides: [1],
    });
    const base = { dtype: DTypeCode.float32, dims: [5] };
    const instructions: Instruction[] = [
      { ...base, op: Op.mul, out: y.storage.address, operands: [at(x), 10] },
      { ...base, op: Op.add, out: y.storage.address, operands: [at(y), at(x)] },
      { ...base, op: Op.sum, out: total.storage.address, operands: [at(y)], extents: [1, 5, 1], needsScratch: true },
    ];
    scratchAddress();
    instructions.forEach((instruction, i) => {
      encode(instruction, program.storage.address + i * Abi.instructionBytes);
    });
    const { run } = getRuntime();
    run(program.storage.address, 0, 0, 1);
    y.data.fill(-1);
    run(program.storage.address, 0, 0, 1);
    expect(y.toArray()).toEqual([-1, -1, -1, -1, -1]);
    run(program.storage.address, 1, 0, 1);
    expect(y.toArray()).toEqual([10, 20, 30, 40, 50]);
    run(program.storage.address, 3, 0, 1);
    expect(y.toArray()).toEqual([11, 22, 33, 44, 55]);
    expect(total.item()).toBe(165);
    // A program is data: it can be run again on other contents.
    x.data.set([1, 1, 1, 1, 1]);
    run(program.storage.address, 3, 0, 1);
    expect(total.item()).toBe(55);
    for (const tensor of [x, y, total, program]) tensor.dispose();
  });

  test("writes nothing but its own words", () => {
    const program = allocateTensor("program", [words], "int32");
    program.data.fill(0x5a5a5a5a);
    const middle = program.storage.address + Abi.instructionBytes;
    encode(
      {
        op: Op.add,
        dtype: DTypeCode.float64,
        out: 64,
        dims: [2, 3, 4, 5, 6, 7, 8, 9],
        outStrides: [1, 2, 3, 4, 5, 6, 7, 8],
        operands: [{ address: 128, strides: [1, 0, 1, 0, 1, 0, 1, 0] }, 1.5],
        extents: [1, 2, 3],
        flags: [4, 5],
      },
      middle,
    );
    const all = program.data;
    const own = all.subarray(words / 3, (2 * words) / 3);
    expect([...all.subarray(0, words / 3), ...all.subarray((2 * words) / 3)].every((w) => w === 0x5a5a5a5a)).toBe(true);
    expect(Array.from(own.subarray(Field.dims, Field.dims + 8))).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    // A number is an operand of its own, inside the instruction, with strides of 0.
    expect(own[Field.b]).toBe(middle + Field.scalar1 * 4);
    expect(Array.from(own.subarray(Field.strideB, Field.strideB + 8))).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(new Float64Array(own.buffer, own.byteOffset + Field.scalar1 * 4, 1)[0]).toBe(1.5);
    program.dispose();
  });

  test("of an unknown opcode is refused by the kernels", () => {
    const program = allocateTensor("program", [words], "int32");
    program.data.fill(0);
    program.data[Field.op] = 9999;
    expect(() => getRuntime().run(program.storage.address, 1, 0, 1)).toThrow(WebAssembly.RuntimeError);
    program.dispose();
  });
});
