// What all bytes of the memory are in use for. Must not change anything.
import { getRuntime, programBytes } from "../runtime/memory/memory.js";
import { liveTensors } from "./lifetime.js";
import { liveBytes } from "./storage.js";

/** What `memory()` reports. `bytes`, `programs` and `kernels` together are all that is in use of `reserved`. */
export interface MemoryInfo {
  /** Tensors that are not disposed. */
  readonly tensors: number;
  /** Bytes that they hold, rounded up to the allocator's blocks; shared bytes count once, results of compiled functions under `programs`. */
  readonly bytes: number;
  /** Bytes of compiled functions: their instructions, their results, and one arena for what any of them needs while it runs. */
  readonly programs: number;
  /** Bytes that the kernels work in, made at their first use and kept: 1.25 MB for each thread, and a few KB. */
  readonly kernels: number;
  /** Bytes of the whole linear memory, which grows and never shrinks. */
  readonly reserved: number;
}

/**
 * Live tensors, and all bytes that are in use.
 * @throws BackendError where the kernels cannot run, if nothing was computed before
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
