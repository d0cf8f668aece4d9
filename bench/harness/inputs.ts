// Seeded inputs, and the order of turns. Must not know who uses them.
import type { DataSpec } from "./table.js";

/** Number i of a seed's, uniform in [0, 1): mulberry32, a hash of a counter, which workers in other languages compute as well. */
function uniform(seed: number, i: number): number {
  const state = (seed + Math.imul(i + 1, 0x6d2b79f5)) >>> 0;
  let bits = Math.imul(state ^ (state >>> 15), state | 1);
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
  return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
}

export function makeData({ seed, shape, low, high }: DataSpec): Float64Array {
  const data = new Float64Array(shape.reduce((product, extent) => product * extent, 1));
  for (let i = 0; i < data.length; i++) data[i] = low + (high - low) * uniform(seed, i);
  return data;
}

/** A permutation of 0 .. count - 1, another in each round, so that nobody always follows the same neighbour. */
export function turnOrder(count: number, round: number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(uniform(round, count - 1 - i) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
