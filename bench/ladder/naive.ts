// The naive kernels as contenders, each in a memory of its own. Must not know tables nor the package.

import { BYTES } from "../harness/contenders.js";
import { loadKernels, MEMORY_BASE, reserve } from "../harness/own-kernels.js";
import type { LocalContender, Precision } from "../harness/table.js";

type NaiveOp = "matmul" | "exp" | "sigmoid" | "sum";
type Name = `${NaiveOp}${"Float32" | "Float64"}`;

const SUFFIXES = { float32: "Float32", float64: "Float64" } as const;
const ARRAYS = { float32: Float32Array, float64: Float64Array };

/** The constants of exp lie above the base, the arrays above those. */
const FIRST = MEMORY_BASE + 8192;

/** Calls the op's kernel with the addresses of result and operands, then the sizes. */
export function naive(
  op: NaiveOp,
  precision: Precision,
  operands: readonly ArrayLike<number>[],
  resultSize: number,
  sizes: readonly number[],
): LocalContender {
  const kernels = loadKernels<Name>(new URL("assembly/naive.ts", import.meta.url));
  const addresses: number[] = [];
  let end = FIRST;
  for (const length of [resultSize, ...operands.map((operand) => operand.length)]) {
    addresses.push(end);
    end += Math.ceil((length * BYTES[precision]) / 64) * 64;
  }
  reserve(kernels, end);
  const arrayAt = (i: number, length: number) => new ARRAYS[precision](kernels.memory.buffer, addresses[i], length);
  operands.forEach((operand, i) => {
    arrayAt(i + 1, operand.length).set(operand);
  });
  const kernel = kernels.call[`${op}${SUFFIXES[precision]}`];
  const run = (): number => {
    kernel(...addresses, ...sizes);
    return resultSize;
  };
  return {
    name: "naive: scalar AssemblyScript",
    precision,
    run,
    outputs() {
      run();
      return [arrayAt(0, resultSize)];
    },
  };
}
