// The one linear memory: its growth, its blocks and its instance of the kernels. Must not know tensors, shapes or ops.
import { demangle } from "@assemblyscript/loader";
import { Abi } from "../../../assembly/abi.js";
import { OutOfMemoryError } from "../../errors.js";
import { plainModule } from "../load/binaries.js";
import { Allocator, type Block } from "./allocator.js";

/** What `assembly/index.ts` exports. */
export type Kernels = {
  run(program: number, count: number, thread: number, threads: number): void;
  heapBase(): number;
  memory: WebAssembly.Memory;
};

/** Bytes of a page, and how many of them 32-bit addresses reach. */
export const PAGE = 65536;
export const MAXIMUM_PAGES = 65536;

/** The kernels' module over its memory, with everything that is allocated in it. */
export interface Runtime {
  readonly memory: WebAssembly.Memory;
  readonly allocator: Allocator;
  readonly run: Kernels["run"];
  /** The eager program: room for a few instructions, written anew by every call. */
  readonly program: number;
}

/** Instructions that one eager op may need at most: a concatenation's, one an input, is run in groups of these. */
export const EAGER_INSTRUCTIONS = 16;

type Changing = { -readonly [K in keyof Runtime]: Runtime[K] };
let runtime: Changing | undefined;

/** How often the memory has grown, or become another one: views that were made before are stale. */
export let growths = 0;

/** `memory.grow`, which throws where the engine will not give more: undefined then. */
function grow(memory: WebAssembly.Memory, end: number): number | undefined {
  // The last bytes are never handed out, so that kernels may read past any tensor's end.
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

/** The kernels over a memory. Of the loader `demangle` alone: its instantiation brings strings and arrays, which no kernel has. */
function instantiate<K extends Kernels>(module: WebAssembly.Module, memory: WebAssembly.Memory): K {
  return demangle<K>(new WebAssembly.Instance(module, { env: { memory } }).exports);
}

function load(): Runtime {
  // First, as its errors say why there is no wasm.
  const module = plainModule();
  const memory = new WebAssembly.Memory({ initial: 16, maximum: MAXIMUM_PAGES });
  const kernels = instantiate(module, memory);
  const end = memory.buffer.byteLength - Abi.overreadBytes;
  const allocator = new Allocator(kernels.heapBase() >>> 0, end, (end) => grow(getRuntime().memory, end));
  const { address } = allocator.allocate(EAGER_INSTRUCTIONS * Abi.instructionBytes) as Block;
  return { memory, allocator, run: kernels.run, program: address };
}

/**
 * The runtime, instantiated at its first use: importing the package runs nothing.
 * @throws BackendError where the kernels cannot run here
 */
export function getRuntime(): Runtime {
  runtime ??= load();
  return runtime;
}

/** Goes on with another binary of the kernels, over the same memory. */
export function useBinary<K extends Kernels>(module: WebAssembly.Module): K {
  const here = getRuntime() as Changing;
  const kernels = instantiate<K>(module, here.memory);
  here.run = kernels.run;
  return kernels;
}

/**
 * Goes on in another memory, with another binary. Everything keeps its address; views of the memory until now are detached as by
 * growth, so that whoever holds one takes it anew.
 * @param kept - bytes that are in use there already, and not copied
 * @throws RangeError where the other memory is too small and does not grow; nothing has changed then
 */
export function moveTo<K extends Kernels>(
  memory: WebAssembly.Memory,
  module: WebAssembly.Module,
  kept: { readonly address: number; readonly bytes: number },
): K {
  const here = getRuntime() as Changing;
  const old = here.memory;
  const missing = (old.buffer.byteLength - memory.buffer.byteLength) / PAGE;
  if (missing > 0) memory.grow(missing);
  const kernels = instantiate<K>(module, memory);
  // In words of 8 bytes: 2^32 elements are too many for some engines' arrays. The program is what the allocator gave first; below
  // it are constants, which the instance has brought.
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
 * Bytes for a tensor or for scratch.
 * @throws OutOfMemoryError naming who asked; nothing has changed then.
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

/** Bytes that compiled programs hold: their code, their arena and their results. */
export let programBytes = 0;

/** Counts bytes as a program's; negative ones when they are given back. */
export function countForPrograms(bytes: number): void {
  programBytes += bytes;
}

export function release(block: Block): void {
  getRuntime().allocator.release(block);
}

/** Memory that each of so many threads needs, made at its first use. What there was for fewer is kept: programs name it. */
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

/** Where so many threads keep packed panels and partial sums. */
export const scratchAddress: ReturnType<typeof perThread> = perThread(Abi.scratchBytes, "scratch memory");

/** Where so many threads keep what they need for a row. */
export const localsAddress: ReturnType<typeof perThread> = perThread(Abi.localsBytes, "locals");
