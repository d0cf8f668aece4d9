// Philox4x32-10 in plain JavaScript, after Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
// and the library's way of laying out its words. Must not know the library.

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;

type Words = readonly [number, number, number, number];

/** High and low halves of a 32-bit product. */
function multiply(a: number, b: number): readonly [high: number, low: number] {
  const product = BigInt(a) * BigInt(b);
  return [Number(product >> 32n), Number(product & 0xffffffffn)];
}

/** Ten rounds on one counter under one key; all words unsigned. */
export function philox(counter: Words, key: readonly [number, number]): Words {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = multiply(MULTIPLIERS[0], c0);
    const [high1, low1] = multiply(MULTIPLIERS[1], c2);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + WEYL[0]) >>> 0;
    k1 = (k1 + WEYL[1]) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/**
 * The words that a seed gives, 16 to a block: four counters in a row, their first words first, then their second ones, and
 * so on. Uniform numbers are stream 0, normal ones stream 1.
 */
export function wordsOf(seed: number, stream: number, count: number): number[] {
  const key = [seed % 2 ** 32, Math.floor(seed / 2 ** 32)] as const;
  const words: number[] = [];
  for (let block = 0; words.length < count; block++) {
    const four = [0, 1, 2, 3].map((lane) => philox([(block * 4 + lane) >>> 0, stream, 0, 0], key));
    for (let word = 0; word < 4; word++) words.push(...four.map((output) => output[word]!));
  }
  return words.slice(0, count);
}

/** Uniform float32 elements: the upper 24 bits of one word each. */
export function uniforms32(words: readonly number[]): number[] {
  return words.map((word) => (word >>> 8) * 2 ** -24);
}

/** Uniform float64 elements: the upper 53 bits of two words each, the lower one first. */
export function uniforms64(words: readonly number[]): number[] {
  return Array.from({ length: Math.floor(words.length / 2) }, (_, i) => {
    const [low, high] = [BigInt(words[2 * i]!), BigInt(words[2 * i + 1]!)];
    return Number(((high << 32n) | low) >> 11n) * 2 ** -53;
  });
}

/** Box and Muller's transform of two uniform numbers. */
export function boxMuller(u: number, v: number): number {
  return Math.sqrt(-2 * Math.log1p(-u)) * Math.cos(2 * Math.PI * v);
}
