import { configDefaults, defineConfig } from "vitest/config";

/** `npm test` runs everything but the exhaustive sweeps, which `npm run test:slow` runs alone. */
const slow = process.env["SLOW"] === "1";

export default defineConfig({
  resolve: { alias: { simdgrad: new URL("./src/index.ts", import.meta.url).pathname } },
  test: {
    include: slow ? ["test/**/*.slow.ts"] : ["test/**/*.test.ts"],
    exclude: configDefaults.exclude,
    globalSetup: ["test/support/build-kernels.ts"],
    testTimeout: slow ? 600_000 : 30_000,
    typecheck: { enabled: !slow, include: ["test/**/*.test-d.ts"], tsconfig: "./tsconfig.json" },
  },
});
