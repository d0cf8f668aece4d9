// The benchmark's own kernels, in AssemblyScript like the package's, each source compiled once. Must not know what they compute.

/** A module's functions over a memory of its own. */
export interface Kernels<Names extends string> {
  readonly memory: WebAssembly.Memory;
  readonly call: Readonly<Record<Names, (...args: number[]) => void>>;
}

const PAGE = 65536;

/** Where a caller may put what it likes; asc takes the bytes before it for unused. */
export const MEMORY_BASE = 1024;

/** Where a page's server compiles. */
export const COMPILER_PATH = "/compile";

/** The package's own options (asconfig.json), without its entries. */
const OPTIONS =
  "--runtime stub --noAssert --use abort= --importMemory --initialMemory 1 --maximumMemory 65536 --memoryBase 1024 -O3 --converge";

/** Compiled sources, by path and features: an instance more takes no second run of asc. */
const modules = new Map<string, WebAssembly.Module>();

/**
 * A new instance of a source's kernels.
 * @throws {Error} if this engine does not know an instruction that the features allow
 */
export function loadKernels<Names extends string>(source: URL, features: readonly string[] = []): Kernels<Names> {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: PAGE });
  const key = [source.href, ...features].join(" ");
  try {
    const compile = globalThis.process === undefined ? askServer : runCompiler;
    const module = modules.get(key) ?? new WebAssembly.Module(compile(source, features));
    modules.set(key, module);
    return { memory, call: new WebAssembly.Instance(module, { env: { memory } }).exports as Kernels<Names>["call"] };
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    throw new Error(`this engine does not run ${features.at(-1)}: ${error.message.split(" @")[0]}`);
  }
}

/** Runs asc, in Node: the binary of one source with everything that it imports. */
export function runCompiler(source: URL, features: readonly string[]): Uint8Array<ArrayBuffer> {
  const { mkdtempSync, readFileSync, rmSync } = process.getBuiltinModule("node:fs");
  const { basename, dirname, join } = process.getBuiltinModule("node:path");
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  const compiler = fileURLToPath(new URL("../../node_modules/assemblyscript/bin/asc.js", import.meta.url));
  const path = fileURLToPath(source);
  // A folder of its own: several processes may compile at once.
  const folder = mkdtempSync(join(process.getBuiltinModule("node:os").tmpdir(), "simdgrad-bench-"));
  try {
    const outFile = join(folder, "kernels.wasm");
    // asc reads the asconfig.json of its base, and would add the package's entries to these.
    const args = [basename(path), "--baseDir", dirname(path), "--outFile", outFile, ...OPTIONS.split(" ")];
    const enabled = features.flatMap((feature) => ["--enable", feature]);
    const { execFileSync } = process.getBuiltinModule("node:child_process");
    execFileSync(process.execPath, [compiler, ...args, ...enabled], { stdio: "pipe" });
    return new Uint8Array(readFileSync(outFile));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asks a page's server for the same, and waits, as only workers may. */
function askServer(source: URL, features: readonly string[]): Uint8Array<ArrayBuffer> {
  const request = new XMLHttpRequest();
  const query = new URLSearchParams({ source: source.pathname, features: features.join(",") });
  request.open("GET", `${COMPILER_PATH}?${query}`, false);
  request.responseType = "arraybuffer";
  request.send();
  if (request.status !== 200) throw new Error(`${source.pathname} could not be compiled: ${request.statusText}`);
  return new Uint8Array(request.response as ArrayBuffer);
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
