// Compiles the benchmark's own kernels, in AssemblyScript like the package's. Must not know what they compute.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const compiler = fileURLToPath(new URL("../node_modules/assemblyscript/bin/asc.js", import.meta.url));

/** The package's own options (asconfig.json), without its entries. */
const OPTIONS =
  "--runtime stub --noAssert --use abort= --importMemory --initialMemory 1 --maximumMemory 65536 --memoryBase 1024 -O3 --converge";

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

/** Compiles one source with everything that it imports, once. */
function compile(source: URL, features: readonly string[]): WebAssembly.Module {
  const path = fileURLToPath(source);
  const key = [path, ...features].join(" ");
  const found = modules.get(key);
  if (found !== undefined) return found;
  // A folder of its own: several processes may compile at once.
  const folder = mkdtempSync(join(tmpdir(), "simdgrad-bench-"));
  try {
    const outFile = join(folder, "kernels.wasm");
    // asc reads the asconfig.json of its base, and would add the package's entries to these.
    const args = [basename(path), "--baseDir", dirname(path), "--outFile", outFile, ...OPTIONS.split(" ")];
    const enabled = features.flatMap((feature) => ["--enable", feature]);
    execFileSync(process.execPath, [compiler, ...args, ...enabled], { stdio: "pipe" });
    const module = new WebAssembly.Module(readFileSync(outFile));
    modules.set(key, module);
    return module;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
