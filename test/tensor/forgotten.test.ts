// Tensors and programs that nobody disposes: the garbage collector frees them. The tests force it, which only Node allows.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import {
  type AnyTensor,
  compile,
  exp,
  memory,
  ones,
  reshape,
  scope,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from "../../src/index.js";
import { getRuntime } from "../../src/runtime/memory/memory.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** The collector may need several turns: code in compilation holds its objects. */
async function collectUntil(condition: () => boolean): Promise<void> {
  while (!condition()) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("tensors that are forgotten", () => {
  test("are freed when the garbage collector finds them", async () => {
    const before = memory();
    (() => {
      for (let i = 0; i < 200; i++) zeros([100]);
    })();
    expect(memory().tensors).toBe(before.tensors + 200);
    await collectUntil(() => memory().tensors <= before.tensors);
    expect(memory()).toMatchObject({ tensors: before.tensors, bytes: before.bytes });
  });

  test("are not freed twice when they were disposed, or belonged to a scope", async () => {
    const kept = tensor([1, 2, 3]);
    const before = memory();
    (() => {
      for (let i = 0; i < 50; i++) {
        zeros([10]).dispose();
        scope(() => zeros([10])).dispose();
        scope(() => void zeros([10]));
      }
    })();
    for (let i = 0; i < 5; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(memory()).toMatchObject({ tensors: before.tensors, bytes: before.bytes });
    expect(kept.toArray()).toEqual([1, 2, 3]);
    kept.dispose();
  });

  test("leave no trace in the JavaScript heap when they are disposed in a long synchronous loop", () => {
    const heapAfter = (count: number): number => {
      for (let i = 0; i < count; i++) zeros([4]).dispose();
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = heapAfter(1000);
    // A registry that still knew them would hold more than 100 bytes a tensor.
    expect(heapAfter(50_000) - before).toBeLessThan(50_000 * 20);
  });

  test("keep their bytes while another tensor shares them", async () => {
    const view = (() => reshape(tensor([1, 2, 3, 4]), [2, 2]))();
    for (let i = 0; i < 5; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const other = zeros([4]);
    expect(view.data).toEqual(Float32Array.of(1, 2, 3, 4));
    for (const tensor of [view, other]) tensor.dispose();
  });
});

test("a compiled function that nobody holds gives its memory back; its last result stays", async () => {
  const x = ones([100, 100]) as Tensor<[100, 100]>;
  const used = (): number => getRuntime().allocator.used;
  let y: AnyTensor | undefined;
  const once = (): void => {
    y = compile((x: Tensor<[100, 100]>) => exp(transpose(exp(x))))(x);
  };
  once();
  const whole = used();
  await collectUntil(() => used() < whole);
  expect(y!.data[0]).toBeCloseTo(Math.exp(Math.E), 4);
  for (const tensor of [x, y!]) tensor.dispose();
});
