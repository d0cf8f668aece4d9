// Compiles the benchmark's own kernels, in AssemblyScript like the package's. Must not know what they compute.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf } from "../examples/support/errors.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const compiler = join(root, "node_modules/assemblyscript/bin/asc.js");
const folder = join(root, "build/bench");

/** The package's own options (asconfig.json), without its entries. */
const OPTIONS = "--runtime stub --noAssert --use abort= --importMemory --initialMemory 1 --maximumMemory 65536";
const OPTIMISATION = "--memoryBase 1024 -O3 --converge";

/** A module's functions over a memory of its own. */
export interface Kernels<Names extends string> {
  readonly memory: WebAssembly.Memory;
  readonly call: Readonly<Record<Names, (...args: number[]) => void>>;
}

const PAGE = 65536;

/** Where a caller may put what it likes; asc takes the bytes before it for unused. */
export const MEMORY_BASE = 1024;

/**
 * Compiles one source, with everything that it imports.
 * @throws {Error} if this engine does not know an instruction that the features allow
 */
export function compileKernels<Names extends string>(source: URL, features: readonly string[]): Kernels<Names> {
  const path = fileURLToPath(source);
  const name = basename(path);
  const outFile = join(folder, `${basename(path, ".ts")}.${features.join("-")}.wasm`);
  mkdirSync(folder, { recursive: true });
  // asc reads the asconfig.json of its base, and would add the package's entries to these.
  const args = [name, "--baseDir", dirname(path), ...OPTIONS.split(" "), ...OPTIMISATION.split(" ")];
  const enabled = features.flatMap((feature) => ["--enable", feature]);
  execFileSync(process.execPath, [compiler, ...args, ...enabled, "--outFile", outFile], { stdio: "pipe" });
  const memory = new WebAssembly.Memory({ initial: 1, maximum: PAGE });
  try {
    const module = new WebAssembly.Module(readFileSync(outFile));
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    return { memory, call: exports as Kernels<Names>["call"] };
  } catch (error) {
    throw new Error(`this engine does not run ${features.at(-1)}: ${messageOf(error).split(" @")[0]}`);
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
