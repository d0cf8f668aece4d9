// The package's public entries, a row each: what is bundled, package.json's "exports", the API reference and the limits of size follow
// from it. Knows paths, never how anything is built.

/**
 * What users import. `name`: of the file in `dist` and, but for `index`, of the subpath. `limit` and `edge`: how many bytes all of it may be
 * with gzip, minified by its consumer, with the kernels that it needs and where they are a file of their own.
 */
export const MODULES = [
  { name: "index", source: "src/index.ts", limit: 65_730, edge: 38_800 },
  { name: "optim", source: "src/optim/index.ts", limit: 54_900, edge: 26_860 },
];

/**
 * Every module of `dist`. Those that `index` exports as namespaces stay modules beside it: bundled they would be objects, which
 * consumers' bundlers take whole.
 */
export const FILES = [...MODULES, { name: "random", source: "src/ops/random.ts" }];

/** The binaries: each target of asconfig.json, its entries beside the common one, and the module that holds its bytes. */
export const BINARIES = [
  { target: "simd", entries: [], generated: "src/runtime/load/wasm.generated.ts" },
  ...["threads", "relaxed", "relaxed-threads"].map((target) => ({
    target,
    entries: target.includes("threads") ? ["assembly/core/conduct.ts"] : [],
    generated: `src/runtime/load/wasm-${target}.generated.ts`,
  })),
];

/** What `import` of a name loads: `simdgrad`, or `simdgrad/optim`. */
export const specifierOf = ({ name }) => (name === "index" ? "simdgrad" : `simdgrad/${name}`);

/** The "exports" of package.json. Conditions are tried in order. */
export function packageExports() {
  const modules = MODULES.map((module) => [
    specifierOf(module).replace("simdgrad", "."),
    {
      types: `./dist/${module.name}.d.ts`,
      workerd: `./dist/workerd/${module.name}.js`,
      default: `./dist/${module.name}.js`,
    },
  ]);
  const binaries = BINARIES.map(({ target }) => [
    `./${target}.wasm`,
    { types: "./dist/wasm.d.ts", default: `./dist/${target}.wasm` },
  ]);
  return Object.fromEntries([
    ...modules,
    ["./worker", { types: "./dist/worker.d.ts", default: "./dist/worker.js" }],
    ...binaries,
    ["./package.json", "./package.json"],
  ]);
}
