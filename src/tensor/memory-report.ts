// Reports the use of the memory's bytes. Must not change anything.
import { getRuntime, programBytes } from "../runtime/memory/memory.js";
import { liveTensors } from "./lifetime.js";
import { liveBytes } from "./storage.js";

/** The result of `memory()`. `bytes`, `programs` and `kernels` together are in use; `reserved` is the whole memory. */
export interface MemoryInfo {
  /** The number of tensors that are not disposed. */
  readonly tensors: number;
  /** Their bytes, rounded up to the allocator's blocks. Shared bytes count once. Results of compiled functions count under `programs`. */
  readonly bytes: number;
  /** The bytes of compiled functions: their instructions, their results, and the arena that they share. */
  readonly programs: number;
  /** The bytes that the kernels work in, allocated at their first use and kept: 1.25 MB for each thread, and a few KB. */
  readonly kernels: number;
  /** The bytes of the whole linear memory, which grows and never shrinks. */
  readonly reserved: number;
}

/**
 * The number of live tensors, and the bytes in use.
 * @throws BackendError if nothing was computed before and the kernels cannot run here
 * @example
 * const before = memory().bytes;
 * scope(() => sum(zeros([1000]))).dispose();
 * memory().bytes === before; // true
 */
export function memory(): MemoryInfo {
  const { allocator, memory } = getRuntime();
  const kernels = allocator.used - liveBytes - programBytes;
  return {
    tensors: liveTensors,
    bytes: liveBytes,
    programs: programBytes,
    kernels,
    reserved: memory.buffer.byteLength,
  };
}
