// Which binaries of the kernels there are. Knows no engine, as users' compilers read this without its types.

/** 128-bit SIMD; the same over shared memory; and both with fused multiply-adds, where the processor has them. @inline */
export type Variant = "simd" | "threads" | "relaxed" | "relaxed-threads";

export function variantOf(relaxed: boolean, threaded: boolean): Variant {
  if (relaxed) return threaded ? "relaxed-threads" : "relaxed";
  return threaded ? "threads" : "simd";
}
