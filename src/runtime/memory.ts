// The one linear memory: its growth, its blocks and its instance of the kernels. The only file that says WebAssembly.
// Must not know tensors, shapes or ops.
import { instantiateSync } from "@assemblyscript/loader";
import { Abi } from "../../assembly/opcodes.js";
import { OutOfMemoryError } from "../errors.js";
import { Allocator, type Block } from "./allocator.js";
import { wasmBase64 } from "./wasm.generated.js";

/** What `assembly/index.ts` exports. */
type Kernels = {
  run(program: number, count: number, thread: number, threads: number): void;
  heapBase(): number;
  memory: WebAssembly.Memory;
};

const PAGE = 65536;
const MAXIMUM_PAGES = 65536;

/** The kernels' module over its memory, with everything that is allocated in it. */
export interface Runtime {
  readonly memory: WebAssembly.Memory;
  readonly allocator: Allocator;
  readonly run: Kernels["run"];
  /** The eager program: room for a few instructions, written anew by every call. */
  readonly program: number;
  /** Where kernels keep what they need for a row. */
  readonly locals: number;
}

/** Instructions that one eager op may need at most: a concatenation's, one an input, is run in groups of these. */
export const EAGER_INSTRUCTIONS = 16;

let runtime: Runtime | undefined;

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * Not by `atob`: after one call of it, as of anything else in Node that codes base64, all kernels of the process run at 0.87 of
 * their speed on a Xeon of 2019 (chains of multiplications and additions 22.4 GFLOP/s before, 19.5 from then on; likely because
 * its AVX2 code leaves the upper halves of the vector registers in use). This takes 4 ms longer, once.
 */
function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const values = new Uint8Array(128);
  for (let i = 0; i < BASE64.length; i++) values[BASE64.charCodeAt(i)] = i;
  const end = text.indexOf("=");
  const length = end < 0 ? text.length : end;
  const bytes = new Uint8Array((length * 3) >> 2);
  for (let i = 0, to = 0; i < length; i += 4) {
    const word =
      (values[text.charCodeAt(i)]! << 18) |
      (values[text.charCodeAt(i + 1)]! << 12) |
      (values[text.charCodeAt(i + 2)]! << 6) |
      values[text.charCodeAt(i + 3)]!;
    // Bytes beyond the end, after padding, are dropped.
    bytes[to++] = word >> 16;
    bytes[to++] = word >> 8;
    bytes[to++] = word;
  }
  return bytes;
}

/** `memory.grow`, which throws where the engine will not give more: undefined then. */
function grow(memory: WebAssembly.Memory, end: number): number | undefined {
  // The last bytes are never handed out, so that kernels may read past any tensor's end.
  const pages = Math.ceil((end + Abi.overreadBytes) / PAGE);
  const missing = pages - memory.buffer.byteLength / PAGE;
  if (pages > MAXIMUM_PAGES) return undefined;
  if (missing > 0) {
    try {
      memory.grow(missing);
    } catch {
      return undefined;
    }
  }
  return memory.buffer.byteLength - Abi.overreadBytes;
}

function load(): Runtime {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: MAXIMUM_PAGES });
  const { instance } = instantiateSync<Kernels>(decodeBase64(wasmBase64), { env: { memory } });
  // The loader wraps exports; the raw functions are on the instance.
  const kernels = instance.exports as unknown as Kernels;
  const allocator = new Allocator(kernels.heapBase() >>> 0, memory.buffer.byteLength - Abi.overreadBytes, (end) =>
    grow(memory, end),
  );
  const programBytes = EAGER_INSTRUCTIONS * Abi.instructionBytes;
  const { address } = allocator.allocate(programBytes + Abi.localsBytes) as Block;
  return { memory, allocator, run: kernels.run, program: address, locals: address + programBytes };
}

/** The runtime, instantiated at its first use: importing the package runs nothing. */
export function getRuntime(): Runtime {
  runtime ??= load();
  return runtime;
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
      `${forWhat()}: ${bytes} bytes do not fit: ${allocator.used} are in use, of 4 GiB or what the engine allows`,
    );
  }
  return block;
}

export function release(block: Block): void {
  getRuntime().allocator.release(block);
}

let scratch: Block | undefined;

/** Scratch memory for one thread's packed panels and partial sums, made at its first use. */
export function scratchAddress(): number {
  scratch ??= allocate(Abi.scratchBytes, () => "scratch memory");
  return scratch.address;
}
