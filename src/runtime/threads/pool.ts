// The pool of workers: starts them, runs programs on all, and goes on without lost ones. Must not know tensors or ops.
// The protocol between the threads is in `assembly/core/conduct.ts`.
import { Abi, Control } from "../../../assembly/abi.js";
import { messageOf } from "../../errors.js";
import { moduleOf } from "../load/binaries.js";
import { type Variant, variantOf } from "../load/variant.js";
import { allocate, getRuntime, type Kernels, MAXIMUM_PAGES, moveTo, PAGE, useBinary } from "../memory/memory.js";
import { runOn, threadCount } from "../program/instruction.js";
import { sharesOf } from "../program/shares.js";
import type { CreateWorker, WorkerHandle } from "./spawn.js";

/** The exports of `assembly/core/conduct.ts` for the main thread. */
type ThreadedKernels = Kernels & {
  conduct(program: number, count: number, control: number): number;
  join(control: number): number;
};

/** How long workers may take to start. */
const START_MS = 30_000;
/** How long a worker may take after the main thread has finished its own share, and how many times the main thread's time. */
const PATIENCE_MS = 10_000;
const PATIENCE_FACTOR = 10;

interface Pool {
  readonly control: number;
  readonly workers: Map<number, WorkerHandle>;
}

/** The binary in use. */
let variant: Variant = "simd";
/** The threaded kernels, once there was a pool. */
let kernels: ThreadedKernels | undefined;
/** True from the first pool on: the memory is shared and stays so. */
let shared = false;
let pool: Pool | undefined;
/** Why the last call did not get all it asked for. */
let said = new Set<string>();

/** Makes programs run on the pool's workers and the main thread. */
function useThreads(): void {
  const threads = pool ? pool.workers.size + 1 : 1;
  runOn(threads === 1 ? undefined : { threads, sharesOf, conduct });
}

/** The binary, the number of threads, and why the last call did not get all it asked for. */
export function describeThreads(): { variant: Variant; threads: number; reasons: string[] } {
  return { variant, threads: threadCount(), reasons: [...said] };
}

/** Switches to these workers, or to one thread, and ends the old workers. */
function usePool(next: Pool | undefined, reasons: Set<string>): void {
  if (pool) terminateAll(pool.workers);
  pool = next;
  said = reasons;
  useThreads();
}

function terminateAll(workers: Map<number, WorkerHandle>): void {
  const handles = [...workers.values()];
  // Cleared first, so that their ends do not count as losses.
  workers.clear();
  for (const worker of handles) worker.terminate();
}

/**
 * Switches to this number of threads, or to fewer and adds to `reasons`. Keeps the pool if it fits; otherwise the old one works until the
 * new one is ready. Never rejects.
 */
export async function changeThreads(
  wanted: number,
  relaxed: boolean,
  createWorker: CreateWorker,
  reasons: Set<string>,
): Promise<void> {
  const next = variantOf(relaxed, shared);
  if (wanted === threadCount() && next === variant) {
    said = reasons;
    return;
  }
  try {
    if (wanted > 1 && (await openPool(wanted, relaxed, createWorker, reasons))) return;
  } catch (error) {
    reasons.add(`threads could not be set up: ${messageOf(error)}`);
  }
  usePool(undefined, reasons);
  try {
    if (next !== variant) useBinary(await moduleOf(next));
    variant = next;
  } catch (error) {
    reasons.add(`another binary could not be loaded: ${messageOf(error)}`);
  }
}

/** A shared memory of the present size. Some engines reserve its maximum at once, so the maximum is halved until it fits. */
function sharedMemory(): WebAssembly.Memory {
  const initial = getRuntime().memory.buffer.byteLength / PAGE;
  for (let maximum = MAXIMUM_PAGES; ; maximum = Math.max(initial, maximum / 2)) {
    try {
      return new WebAssembly.Memory({ initial, maximum, shared: true });
    } catch (error) {
      if (maximum === initial) throw error;
    }
  }
}

/**
 * Starts workers for `wanted` threads, including the main one. Resolves when each worker serves or has failed, which adds to `reasons`;
 * to false if all failed. Meanwhile programs run as before.
 */
async function openPool(
  wanted: number,
  relaxed: boolean,
  createWorker: CreateWorker,
  reasons: Set<string>,
): Promise<boolean> {
  const next = variantOf(relaxed, true);
  const module = await moduleOf(next);
  // Never released: a worker being terminated may still read it.
  const control = allocate(Control.bytes, () => "the threads' control block").address;
  const memory = shared ? getRuntime().memory : sharedMemory();
  const block = new Int32Array(memory.buffer, control, Control.bytes / 4).fill(0);
  block[Control.maySleep / 4] = Number(maySleep(block));

  const workers = new Map<number, WorkerHandle>();
  const lose = (index: number, reason: string): void => {
    if (!workers.delete(index)) return;
    (pool?.workers === workers ? said : reasons).add(reason);
    useThreads();
  };
  for (let index = 0; index < wanted - 1; index++) {
    try {
      workers.set(
        index,
        createWorker({ module, memory, control, index }, (reason) => lose(index, reason)),
      );
    } catch (error) {
      reasons.add(`a worker could not be created: ${messageOf(error)}`);
    }
  }
  await untilReady(new Uint8Array(memory.buffer, control + Control.ready, wanted - 1), workers, lose);
  if (workers.size === 0) return false;
  try {
    kernels = shared ? useBinary(module) : moveTo(memory, module, { address: control, bytes: Control.bytes });
  } catch (error) {
    terminateAll(workers);
    throw error;
  }
  shared = true;
  variant = next;
  block[Control.workers / 4] = workers.size;
  usePool({ control, workers }, reasons);
  return true;
}

/** Polls instead of waiting for messages: a worker that never gets to run must not make this wait forever. */
async function untilReady(
  ready: Uint8Array,
  workers: ReadonlyMap<number, WorkerHandle>,
  lose: (index: number, reason: string) => void,
): Promise<void> {
  const waiting = (): number[] => [...workers.keys()].filter((index) => Atomics.load(ready, index) === 0);
  const deadline = performance.now() + START_MS;
  while (waiting().length > 0 && performance.now() < deadline) await new Promise((wake) => setTimeout(wake, 1));
  for (const index of waiting()) {
    workers.get(index)!.terminate();
    lose(index, `a worker did not start within ${START_MS / 1000} s`);
  }
}

/** False on a browser's main thread, which must not sleep and spins instead. */
function maySleep(block: Int32Array): boolean {
  try {
    Atomics.wait(block, Control.state / 4, 1, 0);
    return true;
  } catch {
    return false;
  }
}

/** Runs `count` encoded instructions on all threads of the pool. */
function conduct(program: number, count: number): void {
  const began = performance.now();
  let left = kernels!.conduct(program, count, pool!.control);
  while (left > 0) {
    awaitWorkers(performance.now() - began);
    left--;
    left = kernels!.conduct(program + (count - left) * Abi.instructionBytes, left, pool!.control);
  }
}

/**
 * Waits for the shares that workers have taken. They began about when the main thread began its own.
 * @throws Error if that takes very long; the pool is closed then, and the instruction's result is incomplete
 */
function awaitWorkers(elapsed: number): void {
  const deadline = performance.now() + Math.max(PATIENCE_MS, PATIENCE_FACTOR * elapsed);
  while (kernels!.join(pool!.control) === 0) {
    if (performance.now() < deadline) continue;
    const reason = "a worker stopped within an instruction";
    usePool(undefined, new Set());
    said.add(reason);
    throw new Error(`${reason}: its result is lost; from now on everything runs on one thread`);
  }
}
