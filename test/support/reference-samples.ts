// Seeded random numbers and the domains that test inputs are drawn from. Must not know the library.

import { createRandom, type Random } from "../../examples/support/random.js";

export type { Random };
/** Numbers from 0 to 1, the same for the same seed. */
export const randomFrom = createRandom;

/** Draws one number. */
export type Sampler = (random: Random) => number;

export function between(low: number, high: number): Sampler {
  return (random) => low + (high - low) * random();
}

/** Either sign, sizes spread evenly over the exponents. */
export function sizes(low: number, high: number): Sampler {
  const [from, to] = [Math.log(low), Math.log(high)];
  return (random) => (random() < 0.5 ? -1 : 1) * Math.exp(from + (to - from) * random());
}

export function positive(sampler: Sampler): Sampler {
  return (random) => Math.abs(sampler(random));
}

/** Now one, now the other. */
export function either(...samplers: readonly Sampler[]): Sampler {
  return (random) => samplers[Math.floor(random() * samplers.length)]!(random);
}

export function integers(low: number, high: number): Sampler {
  return (random) => low + Math.floor((high - low + 1) * random());
}

/** The list in another order. */
export function shuffled<T>(list: readonly T[], random: Random): T[] {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
