// The names of the kernels' binaries. Must not mention an engine's types: users' compilers read this file without them.

/** 128-bit SIMD, the same over shared memory, and both with fused multiply-adds if the processor has them. @inline */
export type Variant = "simd" | "threads" | "relaxed" | "relaxed-threads";

export function variantOf(relaxed: boolean, threaded: boolean): Variant {
  if (relaxed) return threaded ? "relaxed-threads" : "relaxed";
  return threaded ? "threads" : "simd";
}
