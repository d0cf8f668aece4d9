// The benchmark's own kernels, in AssemblyScript like the package's, each source compiled once. Must not know what they compute,
// nor where the compiler runs.
import { runCompiler } from "./asc.js";

/** A module's functions over a memory of its own. */
export interface Kernels<Names extends string> {
  readonly memory: WebAssembly.Memory;
  readonly call: Readonly<Record<Names, (...args: number[]) => void>>;
}

const PAGE = 65536;

/** Where a caller may put what it likes; asc takes the bytes before it for unused. */
export const MEMORY_BASE = 1024;

/** Compiled sources, by path and features: an instance more takes no second run of asc. */
const modules = new Map<string, WebAssembly.Module>();

function compile(source: URL, features: readonly string[]): WebAssembly.Module {
  const key = [source.href, ...features].join(" ");
  let module = modules.get(key);
  if (module === undefined) {
    module = new WebAssembly.Module(runCompiler(source, features));
    modules.set(key, module);
  }
  return module;
}

/**
 * A new instance of a source's kernels.
 * @throws {Error} if this engine does not know an instruction that the features allow
 */
export function loadKernels<Names extends string>(source: URL, features: readonly string[] = []): Kernels<Names> {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: PAGE });
  try {
    const { exports } = new WebAssembly.Instance(compile(source, features), { env: { memory } });
    return { memory, call: exports as Kernels<Names>["call"] };
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    throw new Error(`this engine does not run ${features.at(-1)}: ${error.message.split(" @")[0]}`);
  }
}

/**
 * Sees to it that a memory holds at least so many bytes; views made before are detached. What is new is written to: until
 * then the system may back all of it by one page of zeros, which is read from the first cache.
 */
export function reserve({ memory }: Kernels<string>, bytes: number): void {
  const held = memory.buffer.byteLength;
  if (bytes <= held) return;
  memory.grow(Math.ceil((bytes - held) / PAGE));
  new Uint8Array(memory.buffer, held).fill(1);
}
