// Holds the built package to its rules: how large it is where it is used, what its code may not say, what publint and attw say.
// Prints the sizes; fails at the end if anything is amiss. Must not know what the code does.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { MODULES, packageExports, specifierOf } from "./entries.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

const CORE = 'export { matmul, sigmoid, tensor } from "simdgrad";';
const STEP = "linear, relu, scope, softmaxCrossEntropy, tensor, valueAndGrad";
const OPTIMIZER = 'import { optim, random } from "simdgrad"; export const [adam, he] = [optim.adam, random.he];';
/** What consumers bundle, minified, and how many bytes it may be with gzip; chunks that only `init` loads are not in it. */
const SIZES = [
  { what: "core: tensor, matmul, sigmoid", code: CORE, limit: 37_250 },
  { what: "core", code: CORE, edge: true, limit: 9_430 },
  { what: "a training step", code: `export { ${STEP} } from "simdgrad"; ${OPTIMIZER}`, limit: 44_380 },
  { what: "the same, compiled", code: `export { compile, ${STEP} } from "simdgrad"; ${OPTIMIZER}`, limit: 55_800 },
  ...MODULES.flatMap((module) => {
    const [what, code] = [`everything of ${specifierOf(module)}`, `export * from "${specifierOf(module)}";`];
    return [
      { what, code, limit: module.limit },
      { what, code, edge: true, limit: module.edge },
    ];
  }),
];

/** What a bundler would look for, what strict pages forbid, and what some engines don't know by its bare name. */
const FORBIDDEN = [
  { what: "an import of Node's", pattern: /\b(?:from|import|require)\s*\(?\s*["'`]node:/ },
  { what: "a request", pattern: /(?<![.\w$])(?:fetch|XMLHttpRequest|importScripts)\b(?!:)/ },
  { what: "a path", pattern: /import\.meta|__dirname|__filename/ },
  { what: "code from text", pattern: /\beval\(|new Function\b/ },
  {
    what: "a bare name",
    pattern: /(?<![.\w$"'`-])(?:SharedArrayBuffer|navigator|Buffer|process|window|self|document)\b(?!["'`:-])/,
  },
];

const failures = [];

async function sizeOf({ code, edge = false }) {
  const conditions = edge ? ["workerd"] : [];
  const entry = "\0consumer";
  const build = await rolldown({
    input: entry,
    platform: "neutral",
    resolve: { conditionNames: [...conditions, "import", "default"], mainFields: ["module", "main"] },
    plugins: [
      {
        name: "consumer",
        resolveId: (id, importer) => {
          if (id === entry) return id;
          // As from a project that has the package installed.
          if (importer === entry) return { id: fileOf(id, conditions) };
          return id.endsWith(".wasm") ? { id, external: true } : undefined;
        },
        load: (id) => (id === entry ? code : undefined),
      },
    ],
  });
  const { output } = await build.generate({ format: "esm", minify: true });
  await build.close();
  // Chunks that are imported at once belong to it.
  const entries = output.filter((chunk) => chunk.isEntry);
  const needed = new Set(entries.flatMap((chunk) => [chunk.fileName, ...chunk.imports]));
  return output
    .filter((chunk) => needed.has(chunk.fileName))
    .reduce((sum, chunk) => sum + gzipSync(chunk.code, { level: 9 }).length, 0);
}

function fileOf(specifier, conditions) {
  const entry = packageExports()[specifier.replace("simdgrad", ".")];
  return join(root, entry[conditions.find((condition) => condition in entry) ?? "default"]);
}

for (const size of SIZES) {
  const bytes = await sizeOf(size);
  const what = size.what + (size.edge ? ", edge (its wasm is apart)" : "");
  console.log(`${what.padEnd(60)} ${String(bytes).padStart(6)} of ${size.limit} bytes gzip`);
  if (bytes > size.limit) failures.push(`${what}: ${bytes} bytes of gzip are over the limit of ${size.limit}`);
}

for (const file of readdirSync(dist, { recursive: true }).filter((name) => name.endsWith(".js"))) {
  const code = readFileSync(join(dist, file), "utf8").replace(/(["`])\+\x8c\x9e\x98(?:\\.|(?!\1)[\s\S])*\1/g, '""');
  for (const { what, pattern } of FORBIDDEN) {
    const found = pattern.exec(code);
    if (found)
      failures.push(`dist/${file} says ${what}: ${code.slice(Math.max(0, found.index - 30), found.index + 40)}`);
  }
  // What is within a function is indented.
  if (/^(?!.*\basync\b)\S.*\bawait\s/m.test(code)) failures.push(`dist/${file} awaits at its top level`);
  const longest = Math.max(...code.split("\n").map((line) => line.length));
  if (longest > 2000)
    failures.push(`dist/${file} has a line of ${longest} characters, which Node prints with an error`);
}

const tool = (name, ...args) => {
  try {
    execFileSync(join(root, "node_modules/.bin", name), args, { cwd: root, stdio: "pipe", encoding: "utf8" });
    console.log(`${name}: clean`);
  } catch (error) {
    failures.push(`${name}: ${error.stdout}${error.stderr}`);
  }
};
tool("publint", "--strict");
// ESM only: `require` works where Node can require ESM, which attw does not count.
tool("attw", "--pack", ".", "--profile", "esm-only");

for (const failure of failures) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;
