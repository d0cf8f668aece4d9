// The most that the processor computes: multiply-add chains in registers, as contenders. Must not know any table.
import { loadKernels, MEMORY_BASE } from "../harness/own-kernels.js";
import type { Ceiling, Precision } from "../harness/table.js";

export type Instructions = "simd" | "relaxed-simd";

/** How many chains run beside each other; which is best depends on latencies and registers. */
const COUNTS = [8, 10, 12, 14] as const;

type Name = `${Precision}x${(typeof COUNTS)[number]}`;

/** Some 50 us: long beside a call, short beside a turn. */
const ROUNDS = 10_000;

const ARRAYS = { float32: Float32Array, float64: Float64Array };

/** The operand and as many beginnings as the longest kernel has chains. */
const VECTORS = 15;

/**
 * A contender for each number of chains.
 * @throws {Error} if this engine does not know the instructions
 */
export function arithmeticCeilings(precision: Precision, instructions: Instructions = "simd"): Ceiling[] {
  const features = instructions === "simd" ? ["simd"] : ["simd", instructions];
  const { memory, call } = loadKernels<Name>(new URL("assembly/chains.ts", import.meta.url), features);
  const lanes = 16 / ARRAYS[precision].BYTES_PER_ELEMENT;
  const values = new ARRAYS[precision](memory.buffer, MEMORY_BASE, VECTORS * lanes);
  const kind = instructions === "simd" ? "multiply, add" : "relaxed multiply-add";
  return COUNTS.map((count) => ({
    name: `ceiling: ${kind}, ${count} chains`,
    precision,
    perCall: 2 * ROUNDS * count * lanes,
    run() {
      for (let i = 0; i < values.length; i++) values[i] = i < lanes ? 0.5 : i / values.length;
      call[`${precision}x${count}`](MEMORY_BASE, ROUNDS);
      return values[values.length - 1]!;
    },
  }));
}
