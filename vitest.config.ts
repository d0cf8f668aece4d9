import { pathToFileURL } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";

/** `npm test` runs everything but the exhaustive sweeps, which `npm run test:slow` runs alone. */
const slow = process.env["SLOW"] === "1";

/** Set: the number of threads on which `npm run test:threads` runs what computes. */
const threads = process.env["THREADS"];

const PATIENCE_MS = 600_000;

/** What is about one thread or starts its own, or computes nothing. */
const NOT_THREADED = [
  "bench/*",
  "compile/programs-threads",
  "compile/readers",
  "examples/*",
  "project/!(guides)",
  "runtime/instruction",
  "runtime/relaxed",
  "runtime/shares",
  "runtime/threads",
  "runtime/threads-node",
  "types/*",
];

/** The sources that "simdgrad" stands for: these, unless SOURCES names another directory's, with kernels built. */
const sources = pathToFileURL(`${process.env["SOURCES"] ?? "src"}/index.ts`).pathname;

export default defineConfig({
  resolve: { alias: { simdgrad: sources } },
  test: {
    include: slow ? ["test/**/*.slow.ts"] : ["test/**/*.test.ts"],
    exclude: [
      ...configDefaults.exclude,
      ...(threads === undefined ? [] : NOT_THREADED.map((name) => `test/${name}.test.ts`)),
    ],
    setupFiles: threads === undefined ? [] : ["test/support/threads.setup.ts"],
    globalSetup: ["test/support/build-kernels.ts"],
    // vitest would leave one core to itself, which does little: on two cores, half of them.
    maxWorkers: "100%",
    // Only what hangs may fail by time, however slow the machine is.
    testTimeout: PATIENCE_MS,
    hookTimeout: PATIENCE_MS,
    typecheck: {
      enabled: !slow && threads === undefined,
      include: ["test/**/*.test-d.ts"],
      tsconfig: "./tsconfig.json",
      spawnTimeout: PATIENCE_MS,
    },
  },
});
