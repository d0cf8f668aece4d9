// The layers of the house: imports point down only. See docs/ARCHITECTURE.md.
const layers = ["compile", "transform", "ops", "tensor", "runtime"];
const above = (i) => `^src/(${["index", "nn", "optim", "io", "data", ...layers.slice(0, i)].join("|")})`;

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...layers.map((layer, i) => ({
      name: `${layer}-looks-down`,
      severity: "error",
      from: { path: `^src/${layer}/` },
      to: { path: above(i) },
    })),
    {
      name: "optim-uses-public-layers",
      comment: "Optimizers are written in public ops: no wasm, no memory.",
      severity: "error",
      from: { path: "^src/(nn|optim|io|data)/" },
      to: { path: "^src/runtime/" },
    },
    {
      name: "wasm-stays-in-the-runtime",
      comment: "Only the runtime instantiates; the others may read the opcodes.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/runtime/" },
      to: { path: "(wasm.*\\.generated|\\.wasm|@assemblyscript/loader)" },
    },
    { name: "errors-know-nothing", severity: "error", from: { path: "^src/errors" }, to: { path: ".*" } },
    { name: "assembly-stands-alone", severity: "error", from: { path: "^assembly/" }, to: { path: "^src/" } },
    {
      name: "no-circular",
      severity: "error",
      from: { path: "^src/" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "no-orphans", severity: "error", from: { path: "^src/", pathNot: "\\.d\\.ts$", orphan: true }, to: {} },
    {
      name: "only-the-loader-in-the-bundle",
      severity: "error",
      from: { path: "^src/" },
      to: { dependencyTypes: ["npm", "npm-dev", "npm-no-pkg", "core"], pathNot: "@assemblyscript/loader" },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
  },
};
