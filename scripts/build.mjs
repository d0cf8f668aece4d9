// Builds everything: kernels (asc), what is inlined of them and of the worker, the bundles (rolldown) and their types (tsc).
// `--kernels` stops after what is inlined, which is all that tests need. Kernels are compiled again only when their sources changed.
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import wabt from "wabt";
import { BINARIES, FILES, MODULES, packageExports } from "./entries.mjs";
import { asLiteral, customSection } from "./inline.mjs";
import { opFiles } from "./ops.mjs";
import { opsPage } from "./ops-page.mjs";
import { shrink } from "./shrink.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const at = (path) => join(root, path);

const textOf = ({ target }) => at(`build/${target}.wat`);
const wasmOf = ({ target }) => at(`build/${target}.wasm`);
const run = (script, ...args) => execFileSync(process.execPath, [at(script), ...args], { cwd: root, stdio: "inherit" });

/** Every file below a folder, in a fixed order. */
function filesBelow(folder) {
  return readdirSync(at(folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** What the kernels are made of, as 12 digits: two binaries of one number differ in their variant only. */
function idOfKernels() {
  const hash = createHash("sha256");
  for (const file of [...filesBelow("assembly"), at("asconfig.json"), at("scripts/shrink.mjs")])
    hash.update(readFileSync(file));
  const { devDependencies } = JSON.parse(readFileSync(at("package.json"), "utf8"));
  hash.update(devDependencies.assemblyscript + devDependencies.wabt);
  return hash.digest("hex").slice(0, 12);
}

async function buildKernels() {
  mkdirSync(at("build"), { recursive: true });
  const id = idOfKernels();
  const isFresh = (binary) =>
    existsSync(wasmOf(binary)) &&
    readFileSync(wasmOf(binary)).indexOf(nameOf(binary, id)) >= 0 &&
    existsSync(textOf(binary));
  const stale = BINARIES.filter((binary) => !isFresh(binary));
  if (stale.length > 0) {
    console.log("building the kernels, which takes up to a minute the first time and after each change of theirs ...");
    const began = performance.now();
    const sizes = await Promise.all(stale.map((binary) => buildBinary(binary, id)));
    console.log(`built the kernels in ${Math.round((performance.now() - began) / 1000)} s: ${sizes.join(", ")}`);
  }
  generate("src/runtime/load/id.generated.ts", `export const kernels = "${id}";\n`);
  for (const binary of BINARIES) {
    generate(binary.generated, `export const wasmText: string =\n  ${asLiteral(readFileSync(wasmOf(binary)))};\n`);
  }
}

/** The custom section in which a binary says which it is: see `src/runtime/load/supplied.ts`. */
const nameOf = ({ target }, id) => customSection("simdgrad", `${target} ${id}`);

/** Returns what was built and its size. */
async function buildBinary(binary, id) {
  const asc = at("node_modules/assemblyscript/bin/asc.js");
  const args = [asc, ...binary.entries, "--config", "asconfig.json", "--target", binary.target];
  const { stderr } = await promisify(execFile)(process.execPath, args, { cwd: root });
  process.stderr.write(stderr);
  const text = shrink(readFileSync(textOf(binary), "utf8"));
  writeFileSync(textOf(binary), text);
  const bytes = Buffer.concat([await assemble(textOf(binary), text), nameOf(binary, id)]);
  writeFileSync(wasmOf(binary), bytes);
  return `${binary.target} ${bytes.length} bytes`;
}

const FEATURES = { simd: true, threads: true, relaxed_simd: true };

async function assemble(path, text) {
  const { parseWat } = await wabt();
  const module = parseWat(path, text, FEATURES);
  module.validate(FEATURES);
  return module.toBinary({}).buffer;
}

/** Written only if it changed, for those who watch. */
function generate(path, text) {
  if (!existsSync(at(path)) || readFileSync(at(path), "utf8") !== text) writeFileSync(at(path), text);
}

/**
 * Dead code goes; names and lines stay, for those who meet them in the trace of an error: Node prints the whole line that threw before its
 * message. Consumers' bundlers minify.
 */
const TIDY = { compress: true, mangle: false, codegen: { removeWhitespace: false } };

async function bundle(input, output, options = {}) {
  const { rolldown } = await import("rolldown");
  const build = await rolldown({ input, cwd: root, platform: "neutral", ...options });
  const result = await build[output.dir ? "write" : "generate"]({ format: "esm", ...output });
  await build.close();
  return result.output;
}

async function buildWorker() {
  const [{ code }] = await bundle("src/runtime/threads/worker.ts", { minify: true });
  generate(
    "src/runtime/threads/worker.generated.ts",
    `export const workerSource: string = ${JSON.stringify(code.trim())};\n`,
  );
  return code;
}

/**
 * Ops are made by calls, and a consumer's bundler leaves out one that nobody uses only where its call is marked, and spreads no object
 * (`...shared`) in its arguments: a getter might have effects.
 */
const markPure = {
  name: "mark-pure",
  transform: {
    filter: { id: /src\/ops\// },
    handler: (code) => ({ code: code.replace(/(?<= =\s+)(?=define[A-Z]\w*[(<])/g, "/* @__PURE__ */ "), map: null }),
  },
};

/**
 * What the loader's `demangle` asks of an export's name, answered for kernels: they are functions with plain names, in no namespace (`.`) or class
 * (`#`), and no accessors; and what the loader does where it is imported. The minifier drops what is never reached then.
 */
const LOADER = [
  ["parts.length > 1", "false"],
  ['name.indexOf("#")', "-1"],
  ["/^(get|set):/.test(name)", "false"],
  ["Object.hasOwn = Object.hasOwn ||", "const hasOwn ="],
  ['new TextDecoder("utf-16le", { fatal: true })', "undefined"],
];
const plainExports = {
  name: "plain-exports",
  transform: {
    filter: { id: /assemblyscript\/loader/ },
    handler(code) {
      for (const [question, answer] of LOADER) {
        if (!code.includes(question)) throw new Error(`the loader does not say ${question} any more`);
        code = code.replaceAll(question, answer);
      }
      return { code, map: null };
    },
  },
};

/** What `index` exports as a namespace is a module beside it. */
const keepNamespaces = {
  name: "keep-namespaces",
  resolveId(id, importer) {
    if (importer !== at("src/index.ts")) return undefined;
    const found = FILES.find(({ source }) => at(source) === join(dirname(importer), id.replace(/js$/, "ts")));
    return found && { id: `./${found.name}.js`, external: true };
  },
};

/** The entry for edge platforms imports a compiled module instead of inlining bytes. */
const importKernels = {
  name: "import-kernels",
  resolveId: {
    filter: { id: /\/(?:inlined\.js|simd\.wasm)$/ },
    handler: (id) =>
      id.endsWith(".wasm") ? { id: "../simd.wasm", external: true } : { id: at("src/runtime/load/imported.ts") },
  },
};

/**
 * Texts of kernels go past the bundler: its minifier would make them template literals, which Parcel 2.16 takes for octal
 * escapes. Files of their own, as what follows them on a line would be elsewhere than its source map says.
 */
const KERNELS = /wasm(?:-[a-z-]+)?\.generated/;
const putAside = {
  name: "put-aside",
  load: { filter: { id: KERNELS }, handler: (id) => `export const wasmText = "kernels:${basename(id)}";` },
};
const putBack = (code) =>
  code.replace(/["`]kernels:(.+?)["`]/, (_, name) => {
    const { target } = BINARIES.find(({ generated }) => basename(generated) === name);
    return asLiteral(readFileSync(wasmOf({ target })));
  });

/** What every entry needs: the loader too, so that the files work as they lie; and the bundler's helpers. */
const CORE =
  /src\/(?:errors|tensor|ops|optim|runtime\/(?!load\/wasm-))|assembly\/|assemblyscript\/loader|rolldown\/runtime/;

async function buildPackage(worker) {
  rmSync(at("dist"), { recursive: true, force: true });
  const entries = Object.fromEntries(FILES.map(({ name, source }) => [name, at(source)]));
  // Each binary but the plain one is a chunk of its own, for only `init` imports it.
  const output = {
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    codeSplitting: {
      groups: [
        { name: "kernels", test: /wasm\.generated/, priority: 1 },
        { name: "core", test: CORE },
      ],
    },
    sourcemap: true,
    minify: TIDY,
    comments: { annotation: true, jsdoc: false },
  };
  const shared = { plugins: [markPure, plainExports, keepNamespaces, putAside] };
  const edge = { ...shared, plugins: [markPure, plainExports, keepNamespaces, importKernels] };
  for (const [folder, options] of [
    ["dist", shared],
    ["dist/workerd", edge],
  ]) {
    for (const { fileName, code } of await bundle(entries, { ...output, dir: at(folder) }, options)) {
      if (code?.includes("kernels:")) {
        writeFileSync(at(`${folder}/${fileName}`), putBack(code.replace(/\/\/# sourceMappingURL.*/, "")));
        rmSync(at(`${folder}/${fileName}.map`));
      }
      if (code) console.log(`${folder}/${fileName}: ${statSync(at(`${folder}/${fileName}`)).size} bytes`);
    }
  }
  writeFileSync(at("dist/worker.js"), worker);
  run("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json");
  for (const { name, source } of MODULES) {
    writeFileSync(at(`dist/${name}.d.ts`), `export * from "./types/${source.replace(/ts$/, "js")}";\n`);
  }
  dropTypesBeside(MODULES.map(({ name }) => `dist/${name}.d.ts`));
  writeFileSync(at("dist/worker.d.ts"), "export {};\n");
  writeFileSync(
    at("dist/wasm.d.ts"),
    "/** As edge platforms import it. */\ndeclare const module: object;\nexport default module;\n",
  );
  copyFileSync(at("node_modules/assemblyscript/LICENSE"), at("dist/assemblyscript-loader.LICENSE"));
  for (const binary of BINARIES) copyFileSync(wasmOf(binary), at(`dist/${binary.target}.wasm`));
  const manifest = { ...JSON.parse(readFileSync(at("package.json"), "utf8")), exports: packageExports() };
  generate("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Removes declarations that no entry leads to. */
function dropTypesBeside(entries) {
  const needed = new Set(entries.map(at));
  for (const file of needed) {
    const imports = readFileSync(file, "utf8").matchAll(/(?:\bfrom |\bimport\()"(\.[^"]+)\.js"/g);
    for (const [, path] of imports) needed.add(join(dirname(file), `${path}.d.ts`));
  }
  for (const file of filesBelow("dist/types")) if (!needed.has(file)) rmSync(file);
}

for (const [path, text] of Object.entries(await opFiles())) generate(path, text);
await buildKernels();
const worker = await buildWorker();
if (!process.argv.includes("--kernels")) {
  await buildPackage(worker);
  generate("docs/ops.md", await opsPage());
}
