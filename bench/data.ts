// Seeded inputs, described so that another process can make the same ones. Must not know who uses them.
import { createRandom } from "../examples/support/random.js";

/** Uniform numbers on [low, high), from mulberry32: element i depends on seed and i alone, so NumPy makes them too. */
export interface DataSpec {
  readonly seed: number;
  readonly shape: readonly number[];
  readonly low: number;
  readonly high: number;
}

export function makeData({ seed, shape, low, high }: DataSpec): Float64Array {
  const random = createRandom(seed);
  const data = new Float64Array(shape.reduce((product, extent) => product * extent, 1));
  for (let i = 0; i < data.length; i++) data[i] = low + (high - low) * random();
  return data;
}
