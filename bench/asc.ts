// Runs the AssemblyScript compiler on a source of the benchmark's. Must not know what is in it. Pages have `browser/asc.ts` in its place.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const compiler = fileURLToPath(new URL("../node_modules/assemblyscript/bin/asc.js", import.meta.url));

/** The package's own options (asconfig.json), without its entries. */
const OPTIONS =
  "--runtime stub --noAssert --use abort= --importMemory --initialMemory 1 --maximumMemory 65536 --memoryBase 1024 -O3 --converge";

/** The binary of one source with everything that it imports. */
export function runCompiler(source: URL, features: readonly string[]): Uint8Array<ArrayBuffer> {
  const path = fileURLToPath(source);
  // A folder of its own: several processes may compile at once.
  const folder = mkdtempSync(join(tmpdir(), "simdgrad-bench-"));
  try {
    const outFile = join(folder, "kernels.wasm");
    // asc reads the asconfig.json of its base, and would add the package's entries to these.
    const args = [basename(path), "--baseDir", dirname(path), "--outFile", outFile, ...OPTIONS.split(" ")];
    const enabled = features.flatMap((feature) => ["--enable", feature]);
    execFileSync(process.execPath, [compiler, ...args, ...enabled], { stdio: "pipe" });
    return new Uint8Array(readFileSync(outFile));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
