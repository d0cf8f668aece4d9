// Builds everything: kernels (asc), their inlined bytes, the bundle (rolldown) and its types (tsc). `--kernels` stops after
// the bytes, which is all that tests need. Kernels are compiled again only when their sources changed.
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const at = (path) => join(root, path);

/** The binaries: each target of asconfig.json, its entries beside the common one, and the module that holds its bytes. */
const BINARIES = [
  { target: "simd", entries: [], generated: at("src/runtime/wasm.generated.ts") },
  ...["threads", "relaxed", "relaxed-threads"].map((target) => ({
    target,
    entries: target.includes("threads") ? ["assembly/threads.ts"] : [],
    generated: at(`src/runtime/wasm-${target}.generated.ts`),
  })),
];
const wasmOf = ({ target }) => at(`build/${target}.wasm`);
const run = (script, ...args) => execFileSync(process.execPath, [at(script), ...args], { cwd: root, stdio: "inherit" });

/** Every file below a folder, in a fixed order. */
function filesBelow(folder) {
  return readdirSync(at(folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

async function buildKernels() {
  const hash = createHash("sha256");
  for (const file of [...filesBelow("assembly"), at("asconfig.json"), fileURLToPath(import.meta.url)]) {
    hash.update(readFileSync(file));
  }
  const stamp = `// ${hash.digest("hex")}\n`;
  const isFresh = (binary) =>
    existsSync(binary.generated) &&
    existsSync(wasmOf(binary)) &&
    readFileSync(binary.generated, "utf8").startsWith(stamp);
  mkdirSync(at("build"), { recursive: true });
  await Promise.all(BINARIES.filter((binary) => !isFresh(binary)).map((binary) => buildBinary(binary, stamp)));
}

async function buildBinary(binary, stamp) {
  const asc = at("node_modules/assemblyscript/bin/asc.js");
  const args = [asc, ...binary.entries, "--config", "asconfig.json", "--target", binary.target];
  const { stderr } = await promisify(execFile)(process.execPath, args, { cwd: root });
  process.stderr.write(stderr);
  const bytes = readFileSync(wasmOf(binary));
  writeFileSync(binary.generated, `${stamp}export const wasmBase64: string =\n  "${bytes.toString("base64")}";\n`);
  console.log(`kernels, ${binary.target}: ${bytes.length} bytes`);
}

async function buildPackage() {
  const { rolldown } = await import("rolldown");
  rmSync(at("dist"), { recursive: true, force: true });
  const bundle = await rolldown({
    input: at("src/index.ts"),
    external: ["@assemblyscript/loader"],
    cwd: root,
    platform: "neutral",
  });
  // Each binary but the plain one is a chunk of its own, for only `init` imports it.
  const { output } = await bundle.write({
    dir: at("dist"),
    entryFileNames: "index.js",
    chunkFileNames: "[name].js",
    format: "esm",
    sourcemap: true,
  });
  await bundle.close();
  run("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json");
  writeFileSync(at("dist/index.d.ts"), 'export * from "./types/src/index.js";\n');
  for (const binary of BINARIES) copyFileSync(wasmOf(binary), at(`dist/${binary.target}.wasm`));
  for (const { fileName, code } of output) if (code) console.log(`dist/${fileName}: ${code.length} bytes`);
}

await buildKernels();
if (!process.argv.includes("--kernels")) await buildPackage();
