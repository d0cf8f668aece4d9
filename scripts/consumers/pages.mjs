// The consumers that are pages without a bundler, in each browser: their modules, origins and policies. Knows no runner.

import { MODULES as ENTRIES, specifierOf } from "../entries.mjs";

/** The package's modules as they lie in a project. */
const MODULES = Object.fromEntries(
  ENTRIES.map((entry) => [specifierOf(entry), `node_modules/simdgrad/dist/${entry.name}.js`]),
);

/** In place of the names that `check.mjs` imports URLs, as CDNs put them. */
const withUrls = (text) =>
  text.replace(/\bfrom\s*"([^"]+)"/g, (all, name) => (name in MODULES ? `from "/${MODULES[name]}"` : all));

const importMap = (base) => {
  const imports = Object.fromEntries(Object.entries(MODULES).map(([name, path]) => [name, `${base}/${path}`]));
  return `<script type="importmap">${JSON.stringify({ imports })}</script>`;
};

const html = (scripts) => `<!doctype html><meta charset="utf-8"><title>simdgrad</title>${scripts}`;
const module = (code) => `<script type="module">${code}</script>`;
const moduleFrom = (src) => `<script type="module" src="${src}"></script>`;

/**
 * A page that loads the package's files as they lie. With `library` they come from another origin, whose name replaces LIBRARY in the page;
 * `change` rewrites what an origin serves.
 */
const page = (name, { index, files = {}, ...rest }) => ({
  name,
  browsers: ["chromium", "firefox"],
  install: {},
  files: { "index.html": html(index), ...files },
  steps: [],
  page: ".",
  ...rest,
});

export const pages = [
  page("page", { index: importMap(".") + module('import { report } from "./check.mjs"; report();') }),

  page("page-import-map", {
    library: {},
    index: importMap("LIBRARY") + module('import { report } from "./check.mjs"; report();'),
  }),

  page("page-other-origin", {
    library: { change: withUrls },
    index: module(`
      import { init } from "LIBRARY/${MODULES.simdgrad}";
      import { check, expectRefusal, report } from "LIBRARY/check.mjs";
      const workerUrl = "LIBRARY/node_modules/simdgrad/dist/worker.js";
      report(async () => {
        const said = await check();
        await expectRefusal(() => init({ workerUrl }), "BackendError", /another origin .* serve a copy of simdgrad.worker/);
        return said + "; refuses a worker of another origin";
      });`),
  }),

  page("page-not-isolated", {
    library: {},
    isolated: false,
    index:
      importMap("LIBRARY") +
      module(`
      import { init } from "simdgrad";
      import { check, expect, report } from "./check.mjs";
      report(async () => {
        const { threads, reasons } = await init({ threads: 2 });
        expect(threads === 1 && reasons.join().includes("serve it with the headers Cross-Origin-"), reasons.join("; "));
        return (await check({ threads: 1 })) + "; says why not two";
      });`),
  }),

  // A copy from each origin.
  page("page-twice", {
    library: { change: withUrls },
    change: withUrls,
    index: module(`
      import * as here from "./${MODULES.simdgrad}";
      import * as there from "LIBRARY/${MODULES.simdgrad}";
      import { check, expectRefusal, report } from "./check.mjs";
      import { check as checkThere } from "LIBRARY/check.mjs";
      report(async () => {
        const said = await check();
        if ((await checkThere()) !== said) throw new Error("the copies differ");
        const [x, y] = [here.tensor([1, 2]), there.tensor([3, 4])];
        const says = /of another copy of simdgrad; install and bundle the package once/;
        await expectRefusal(() => here.add(x, y), "TypeError", says);
        await expectRefusal(() => there.grad((z) => there.sum(z))(x), "TypeError", says);
        return said + ", by each of two copies; refuses the other's tensors";
      });`),
  }),

  // No wasm at all: every way in is refused.
  page("page-policy", {
    policy: "default-src 'none'; script-src 'self'; connect-src *",
    change: withUrls,
    index: moduleFrom("./main.mjs"),
    files: {
      "main.mjs": `import { init, tensor } from "simdgrad";
import { expectRefusal, report } from "./check.mjs";
const says = /add 'wasm-unsafe-eval' to script-src in the Content-Security-Policy/;
report(async () => {
  await expectRefusal(() => tensor([1]), "BackendError", says);
  await expectRefusal(() => init({ module: "./node_modules/simdgrad/dist/simd.wasm" }), "BackendError", says);
  return "refuses, and says what the policy needs";
});
`,
    },
  }),

  // Neither workers from a Blob nor code from text: wasm only.
  page("page-strict", {
    policy: "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src *",
    install: { esbuild: "0.28.2" },
    index: "",
    files: {
      "main.mjs": `import { init } from "simdgrad";
import { check, expect, report } from "./check.mjs";
async function expectOne(options, says) {
  const { threads, reasons } = await init({ threads: 2, ...options });
  expect(threads === 1 && says.test(reasons.join()), reasons.join("; "));
}
report(async () => {
  await expectOne({}, /allow worker-src blob: in the Content-Security-Policy, or pass init a workerUrl/);
  await expectOne({ workerUrl: "./worker.txt" }, /worker\\.txt failed: serve it as text\\/javascript/);
  await init({ workerUrl: "./worker.js" });
  return (await check()) + "; says why none by a Blob or of another type";
});
`,
      "out/index.html": html(moduleFrom("./main.js")),
    },
    steps: [
      ["esbuild", "main.mjs", "--bundle", "--format=esm", "--outfile=out/main.js"],
      ...["out/worker.js", "out/worker.txt"].map((out) => [
        ...["esbuild", "simdgrad/worker", "--bundle", "--format=esm", `--outfile=${out}`],
      ]),
    ],
    page: "out",
  }),
];
