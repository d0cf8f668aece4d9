// Seeded random numbers (mulberry32): the same on every engine. Knows nothing of what they are drawn for.

/** Draws the next number, uniform in [0, 1), a multiple of 2^-32. */
export type Random = () => number;

/**
 * A generator with 32 bits of state, period 2^32; equal seeds give equal sequences.
 * Math.random cannot be seeded, so no result of an example could be repeated with it.
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An integer, uniform in 0 .. end - 1. */
export function randomInteger(random: Random, end: number): number {
  return Math.floor(random() * end);
}
