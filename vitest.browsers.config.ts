// `npm run test:browsers`: the tests in browsers as Debian installs them, on pages that are isolated, so that there can be
// threads, and on pages that are not. A project is a browser and a kind of page.
import { playwright } from "@vitest/browser-playwright";
import type { Plugin } from "vite";
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import type { BrowserProviderOption } from "vitest/node";
import { LAUNCH } from "./test/browser/launch.js";
import { webkit } from "./test/browser/webkit.js";

/**
 * Tests about Node, tests that read or run the project's own files, and `ops/bits`, whose inputs come from `Math`, which engines round
 * differently. All other tests run in browsers, too.
 */
const NODE_ONLY = [
  "bench/*",
  "compile/scale",
  "examples/*",
  "ops/bits",
  "project/*",
  "runtime/relaxed",
  "runtime/supplied",
  "runtime/threads-node",
  "tensor/forgotten",
  "tensor/realms",
  "types/*",
];

/** Only what hangs may fail by time, however slow the machine is. */
const PATIENCE_MS = 600_000;

/** What replaces modules, which vitest cannot do for us in WebKit. */
const MOCKS = ["compile/readers", "runtime/instruction", "runtime/threads"];

const tests = (names: readonly string[]): string[] => names.map((name) => `test/${name}.test.ts`);

const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

interface Browser {
  readonly name: "chromium" | "firefox" | "webkit";
  readonly provider: BrowserProviderOption;
  readonly exclude: readonly string[];
}

const BROWSERS: readonly Browser[] = [
  {
    name: "chromium",
    provider: playwright({ launchOptions: LAUNCH.chromium }),
    exclude: NODE_ONLY,
  },
  {
    name: "firefox",
    provider: playwright({ launchOptions: LAUNCH.firefox }),
    exclude: NODE_ONLY,
  },
  {
    name: "webkit",
    // WebKitGTK holds shared memory back even from isolated pages unless it is told not to.
    provider: webkit({ env: { JSC_useSharedArrayBuffer: "1" } }),
    exclude: [...NODE_ONLY, ...MOCKS],
  },
];

/** Gives the modules that a module with `?fresh=1` imports the same mark: a library of its own (see `freshLibrary`). */
const fresh: Plugin = {
  name: "fresh",
  enforce: "pre",
  async resolveId(source, importer) {
    const mark = /[?&]fresh=\d+/.exec(importer ?? "")?.[0];
    if (mark === undefined || !source.startsWith(".")) return null;
    const found = await this.resolve(source, importer, { skipSelf: true });
    return found && `${found.id}?${mark.slice(1)}`;
  },
};

function project(
  { name, provider }: Browser,
  kind: string,
  headers: Record<string, string>,
  include: string[],
  exclude: readonly string[],
): TestProjectInlineConfiguration {
  return {
    plugins: [fresh],
    // WebKit does not know `using`.
    oxc: { target: "es2022" },
    resolve: { alias: { simdgrad: new URL("./src/index.ts", import.meta.url).pathname } },
    server: { headers },
    test: {
      include,
      exclude: [...configDefaults.exclude, ...tests(exclude)],
      testTimeout: PATIENCE_MS,
      hookTimeout: PATIENCE_MS,
      browser: {
        enabled: true,
        headless: name !== "webkit",
        screenshotFailures: false,
        provider,
        instances: [{ browser: name as "chromium", name: `${name}, ${kind}` }],
      },
    },
  };
}

export default defineConfig({
  test: {
    globalSetup: ["test/support/build-kernels.ts"],
    projects: BROWSERS.flatMap((browser) => [
      project(
        browser,
        "isolated",
        ISOLATED,
        ["test/**/*.test.ts", "test/browser/isolated.browser.ts"],
        browser.exclude,
      ),
      project(browser, "not isolated", {}, ["test/optim/training.test.ts", "test/browser/not-isolated.browser.ts"], []),
    ]),
  },
});
