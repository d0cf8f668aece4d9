// Into how many shares instructions are divided: as a function of the instruction, against the costs that it stands for.
import { describe, expect, test } from "vitest";
import { Abi, DTypeCode } from "../../assembly/abi.js";
import { Op } from "../../assembly/ops.generated.js";
import type { Instruction } from "../../src/runtime/program/instruction.js";
import { sharesOf } from "../../src/runtime/program/shares.js";

const at = { address: 1024, strides: [1] };

function elementwise(op: Op, dims: readonly number[], dtype = DTypeCode.float32): Instruction {
  return { op, dtype, out: 1024, dims, operands: [at] };
}

function whole(op: Op, extents: readonly [number, number, number], dims: readonly number[] = [1]): Instruction {
  return { op, dtype: DTypeCode.float32, out: 1024, dims, operands: [at], extents };
}

const countOf = (instruction: Instruction, threads: number): number => sharesOf(instruction, threads) % Abi.worthWaking;
const wakes = (instruction: Instruction): boolean => sharesOf(instruction, 8) >= Abi.worthWaking;

describe("an instruction is divided", () => {
  test("not at all for one thread or little work", () => {
    expect(sharesOf(elementwise(Op.add, [1e6]), 1)).toBe(1);
    expect(sharesOf(elementwise(Op.add, [100]), 8)).toBe(1);
    expect(sharesOf(whole(Op.matmul, [16, 16, 16]), 8)).toBe(1);
    expect(sharesOf(elementwise(Op.add, [0]), 8)).toBe(1);
  });

  test("among all threads if it is large", () => {
    for (const threads of [2, 3, 8, 64]) {
      expect(countOf(elementwise(Op.add, [1e6]), threads)).toBe(threads);
      expect(countOf(elementwise(Op.add, [1000, 1000]), threads)).toBe(threads);
      expect(countOf(whole(Op.matmul, [512, 512, 512]), threads)).toBe(threads);
      expect(countOf(whole(Op.softmax, [1000, 1000, 1]), threads)).toBe(threads);
      expect(countOf(whole(Op.cast, [1, 1e6, 1]), threads)).toBe(threads);
    }
  });

  test("sooner the more an element costs", () => {
    for (const [cheap, dear] of [
      [Op.add, Op.sigmoid],
      [Op.sigmoid, Op.power],
    ] as const) {
      const least = (op: Op): number => {
        let n = 64;
        while (countOf(elementwise(op, [n]), 2) === 1) n += 64;
        return n;
      };
      expect(least(dear)).toBeLessThan(least(cheap));
    }
    const n = [6000];
    expect(countOf(elementwise(Op.add, n, DTypeCode.float64), 2)).toBeGreaterThan(countOf(elementwise(Op.add, n), 2));
  });

  test("into no more shares than pieces", () => {
    expect(countOf(elementwise(Op.exp, [3, 1e6]), 8)).toBe(3);
    expect(countOf(elementwise(Op.power, [2 * 64 + 1]), 8)).toBe(1);
    expect(countOf(whole(Op.sum, [1, 1e6, 10]), 8)).toBe(1);
    expect(countOf(whole(Op.sum, [5, 1e6, 1]), 8)).toBe(5);
    // Wide rows are divided by columns, a cache line at least.
    expect(countOf(whole(Op.sum, [1, 1e6, 70]), 8)).toBe(5);
    expect(countOf({ ...whole(Op.max, [1, 1e6, 70]), dtype: DTypeCode.float64 }, 64)).toBe(9);
    expect(countOf(whole(Op.argMax, [1, 1e6, 70]), 8)).toBe(1);
    expect(countOf(whole(Op.take, [1, 6, 1e6]), 8)).toBe(6);
    // Four rows of a product by eight columns (four in float64) are one tile. A batch is divided by products if these are more.
    expect(countOf(whole(Op.matmul, [25, 9, 10_000]), 64)).toBe(14);
    expect(countOf({ ...whole(Op.matmul, [25, 9, 10_000]), dtype: DTypeCode.float64 }, 64)).toBe(21);
    expect(countOf(whole(Op.matmul, [4, 8, 100_000], [5, 1]), 8)).toBe(5);
  });

  test("and wakes sleeping threads only for work longer than waking", () => {
    expect(countOf(elementwise(Op.add, [20_000]), 2)).toBe(2);
    expect(wakes(elementwise(Op.add, [20_000]))).toBe(false);
    expect(wakes(elementwise(Op.add, [1e6]))).toBe(true);
    expect(wakes(whole(Op.matmul, [256, 256, 256]))).toBe(true);
  });
});
