// The linear memory: its growth, its blocks and the instance of the kernels over it. Must not know tensors, shapes or ops.
import { demangle } from "@assemblyscript/loader";
import { Abi } from "../../../assembly/abi.js";
import { OutOfMemoryError } from "../../errors.js";
import { plainModule } from "../load/binaries.js";
import { Allocator, type Block } from "./allocator.js";

/** The exports of `assembly/index.ts`. */
export type Kernels = {
  run(program: number, count: number, thread: number, threads: number): void;
  heapBase(): number;
  memory: WebAssembly.Memory;
};

/** The bytes of a page, and the number of pages within reach of 32-bit addresses. */
export const PAGE = 65536;
export const MAXIMUM_PAGES = 65536;

/** The kernels over their memory, with the allocator of that memory. */
export interface Runtime {
  readonly memory: WebAssembly.Memory;
  readonly allocator: Allocator;
  readonly run: Kernels["run"];
  /** The address of the eager program: room for a few instructions, which every call overwrites. */
  readonly program: number;
}

/** The instructions of the eager program. An op with more, such as `concat` of many tensors, runs in groups. */
export const EAGER_INSTRUCTIONS = 16;

type Changing = { -readonly [K in keyof Runtime]: Runtime[K] };
let runtime: Changing | undefined;

/** How often the memory has grown or been replaced. Views from before are stale. */
export let growths = 0;

/** Grows the memory to `end` and returns the new end, or undefined if the engine refuses. */
function grow(memory: WebAssembly.Memory, end: number): number | undefined {
  // The last bytes are never handed out: kernels may read past a tensor's end.
  const pages = Math.ceil((end + Abi.overreadBytes) / PAGE);
  const missing = pages - memory.buffer.byteLength / PAGE;
  if (pages > MAXIMUM_PAGES) return undefined;
  if (missing > 0) {
    try {
      memory.grow(missing);
      growths++;
    } catch {
      return undefined;
    }
  }
  return memory.buffer.byteLength - Abi.overreadBytes;
}

/** The kernels over a memory. Uses only `demangle` of the loader, whose `instantiate` brings code for strings and arrays. */
function instantiate<K extends Kernels>(module: WebAssembly.Module, memory: WebAssembly.Memory): K {
  return demangle<K>(new WebAssembly.Instance(module, { env: { memory } }).exports);
}

function load(): Runtime {
  // This comes first: its errors say why there is no wasm.
  const module = plainModule();
  const memory = new WebAssembly.Memory({ initial: 16, maximum: MAXIMUM_PAGES });
  const kernels = instantiate(module, memory);
  const end = memory.buffer.byteLength - Abi.overreadBytes;
  const allocator = new Allocator(kernels.heapBase() >>> 0, end, (end) => grow(getRuntime().memory, end));
  const { address } = allocator.allocate(EAGER_INSTRUCTIONS * Abi.instructionBytes)!;
  return { memory, allocator, run: kernels.run, program: address };
}

/**
 * The runtime. It is instantiated at its first use, so importing the package runs nothing.
 * @throws BackendError if the kernels cannot run here
 */
export function getRuntime(): Runtime {
  runtime ??= load();
  return runtime;
}

/** Switches to another binary of the kernels over the same memory. */
export function useBinary<K extends Kernels>(module: WebAssembly.Module): K {
  runtime ??= load();
  const here = runtime;
  const kernels = instantiate<K>(module, here.memory);
  here.run = kernels.run;
  return kernels;
}

/**
 * Moves to another memory and another binary. Everything keeps its address. Views of the old memory are detached, as by growth.
 * @param kept - bytes already in use in the other memory, which are not overwritten
 * @throws RangeError if the other memory is too small and cannot grow; nothing has changed then
 */
export function moveTo<K extends Kernels>(
  memory: WebAssembly.Memory,
  module: WebAssembly.Module,
  kept: { readonly address: number; readonly bytes: number },
): K {
  runtime ??= load();
  const here = runtime;
  const old = here.memory;
  const missing = (old.buffer.byteLength - memory.buffer.byteLength) / PAGE;
  if (missing > 0) memory.grow(missing);
  const kernels = instantiate<K>(module, memory);
  // In words of 8 bytes, because some engines allow no array of 2^32 elements. The eager program is the allocator's first block; below it
  // lie the constants, which the instance has written.
  const [from, to] = [new BigInt64Array(old.buffer), new BigInt64Array(memory.buffer)];
  const copy = (begin: number, end: number): void => to.set(from.subarray(begin / 8, end / 8), begin / 8);
  copy(here.program, kept.address);
  copy(kept.address + kept.bytes, old.buffer.byteLength);
  here.memory = memory;
  here.run = kernels.run;
  old.grow(0);
  growths++;
  return kernels;
}

/**
 * A block for a tensor, a program or scratch.
 * @param forWhat - names the purpose in the error's message
 * @throws OutOfMemoryError; nothing has changed then
 */
export function allocate(bytes: number, forWhat: () => string): Block {
  const { allocator } = getRuntime();
  const block = allocator.allocate(bytes);
  if (block === undefined) {
    throw new OutOfMemoryError(
      `${forWhat()}: ${bytes} bytes do not fit: ${allocator.used} are in use; use scope or dispose`,
    );
  }
  return block;
}

/** Bytes held by compiled programs: their code, their arena and their results. */
export let programBytes = 0;

/** Counts bytes as a program's. A negative number gives them back. */
export function countForPrograms(bytes: number): void {
  programBytes += bytes;
}

export function release(block: Block): void {
  getRuntime().allocator.release(block);
}

/** Memory for each thread, allocated at its first use. A smaller block from before is kept, because programs hold its address. */
function perThread(bytes: number, name: string): (threads?: number) => number {
  let block: Block | undefined;
  let most = 0;
  return (threads = 1) => {
    if (threads > most) {
      block = allocate(threads * bytes, () => name);
      most = threads;
    }
    return block!.address;
  };
}

/** The address of the threads' packed panels and partial sums. */
export const scratchAddress: ReturnType<typeof perThread> = perThread(Abi.scratchBytes, "scratch memory");

/** The address of the threads' data for a row. */
export const localsAddress: ReturnType<typeof perThread> = perThread(Abi.localsBytes, "locals");
