// Builds everything: kernels (asc), their inlined bytes, the bundle (rolldown) and its types (tsc). `--kernels` stops after
// the bytes, which is all that tests need. Kernels are compiled again only when their sources changed.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const generated = join(root, "src/runtime/wasm.generated.ts");
const at = (path) => join(root, path);
const run = (script, ...args) => execFileSync(process.execPath, [at(script), ...args], { cwd: root, stdio: "inherit" });

/** Every file below a folder, in a fixed order. */
function filesBelow(folder) {
  return readdirSync(at(folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function buildKernels() {
  const hash = createHash("sha256");
  for (const file of [...filesBelow("assembly"), at("asconfig.json"), fileURLToPath(import.meta.url)]) {
    hash.update(readFileSync(file));
  }
  const stamp = `// ${hash.digest("hex")}\n`;
  if (existsSync(generated) && existsSync(at("build/simd.wasm")) && readFileSync(generated, "utf8").startsWith(stamp)) {
    return;
  }
  mkdirSync(at("build"), { recursive: true });
  run("node_modules/assemblyscript/bin/asc.js", "--config", "asconfig.json", "--target", "simd");
  const bytes = readFileSync(at("build/simd.wasm"));
  writeFileSync(generated, `${stamp}export const wasmBase64: string =\n  "${bytes.toString("base64")}";\n`);
  console.log(`kernels: ${bytes.length} bytes`);
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
  const { output } = await bundle.write({ file: at("dist/index.js"), format: "esm", sourcemap: true });
  await bundle.close();
  run("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json");
  writeFileSync(at("dist/index.d.ts"), 'export * from "./types/src/index.js";\n');
  copyFileSync(at("build/simd.wasm"), at("dist/simd.wasm"));
  console.log(`dist/index.js: ${output[0].code.length} bytes`);
}

buildKernels();
if (!process.argv.includes("--kernels")) await buildPackage();
