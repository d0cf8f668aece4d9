// Serves the benchmark page (isolated, over the built package, with the compiler at hand), and has a browser run it. Must not know
// what the page does.
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { createServer, type Plugin, type ViteDevServer } from "vite";
import { LAUNCH } from "../../../test/browser/launch.js";
import { type CommandLine, UsageError } from "../command-line.js";
import { describeEnvironment, type Environment, ROOT } from "../machine.js";
import type { BuiltRevision } from "../other-build.js";
import { COMPILER_PATH, runCompiler } from "../own-kernels.js";
import { formatEnvironment } from "../report.js";
import { messageOf, type Table, type TableResult } from "../table.js";

type BrowserName = keyof typeof LAUNCH;

/** What the page is served with, written into it as BUILD. */
export interface PageBuild {
  readonly environment: Environment;
  /** The address of the module that exports TABLES. */
  readonly tables: string;
  /** The address of the other revision's. */
  readonly other?: { readonly ref: string; readonly entry: string } | undefined;
}

/** What modules of the other build have at the end of their address. */
const MARK = "?other";

const PAGE = "bench/harness/page/";

/** The browser that runs the page; undefined where it is only served. @throws {UsageError} if it is none of ours, or not installed */
export function browserOf({ browser, json, screenshot, against }: CommandLine): BrowserName | undefined {
  const name = browser ?? ([json, screenshot, against].some((one) => one !== undefined) ? "chromium" : undefined);
  if (name === undefined) return undefined;
  if (!Object.hasOwn(LAUNCH, name)) throw new UsageError(`no browser is called "${name}"`);
  const { executablePath } = LAUNCH[name as BrowserName];
  if (!existsSync(executablePath)) throw new UsageError(`there is no ${executablePath}`, "docs/browsers.md");
  return name as BrowserName;
}

/** Pages ask the server to compile; it compiles kernels of the benchmark. */
const compiler: Plugin = {
  name: "compiler",
  configureServer(server) {
    server.middlewares.use(COMPILER_PATH, (request, response) => {
      const { searchParams } = new URL(request.url ?? "", "http://localhost");
      const source = new URL(`.${searchParams.get("source")}`, `file://${ROOT}`);
      try {
        if (!/\/bench\/\w+\/assembly\/\w+\.ts$/.test(source.pathname)) throw new Error("not a kernel of the benchmark");
        response.setHeader("Content-Type", "application/wasm");
        response.end(runCompiler(source, searchParams.get("features")!.split(",").filter(Boolean)));
      } catch (error) {
        response.writeHead(500, messageOf(error).split("\n")[0]).end();
      }
    });
  },
};

/** Modules that the other build's entry imports are loaded a second time, over its library. */
const secondBuild = (library: string): Plugin => ({
  name: "second-build",
  enforce: "pre",
  async resolveId(source, importer) {
    if (!importer?.endsWith(MARK)) return null;
    if (source === "simdgrad") return library;
    const found = /^[./]/.test(source) ? await this.resolve(source, importer, { skipSelf: true }) : null;
    return found && `${found.id}${MARK}`;
  },
});

/** The server, which listens, and the page's address. */
async function servePage(tables: string, revision?: BuiltRevision): Promise<{ server: ViteDevServer; url: string }> {
  const other = revision && { ref: revision.ref, entry: `/@fs${revision.entry}${MARK}` };
  const path = relative(ROOT, fileURLToPath(tables));
  const build: PageBuild = { environment: describeEnvironment(), tables: `/${path}`, other };
  const server = await createServer({
    configFile: false,
    root: ROOT,
    cacheDir: `${ROOT}build/vite`,
    logLevel: "warn",
    plugins: [compiler, ...(revision ? [secondBuild(revision.library)] : [])],
    define: { BUILD: JSON.stringify(build) },
    resolve: { alias: { simdgrad: `${ROOT}dist/index.js` } },
    // Found at once: what is found later reloads the page.
    optimizeDeps: { entries: [path, `${PAGE}*.ts`], include: ["@assemblyscript/loader"] },
    server: {
      headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
      fs: { allow: [ROOT, ...(revision ? [revision.folder] : [])] },
      watch: null,
    },
  });
  await server.listen();
  return { server, url: `${server.resolvedUrls!.local[0]}${PAGE}` };
}

export interface PageOrder extends Pick<CommandLine, "filters" | "quick" | "screenshot"> {
  /** Undefined: the page is served until the process ends. */
  readonly browser: BrowserName | undefined;
  /** The URL of the module that exports TABLES. */
  readonly tables: string;
  readonly revision: BuiltRevision | undefined;
}

/** Has a browser run tables to their end, and hands over each result; undefined where the page is only served. */
export async function measureInPage(
  { filters, quick, screenshot, browser, tables: module, revision }: PageOrder,
  tables: readonly Table[],
  print: (result: TableResult) => void,
): Promise<Environment | undefined> {
  const query = new URLSearchParams(quick ? { quick: "" } : {});
  if (filters.length > 0) for (const { name } of tables) query.append("tables", name);
  const { server, url } = await servePage(module, revision);
  if (browser === undefined) {
    console.log(`${url}${query.size > 0 ? `?${query}` : ""}`);
    return undefined;
  }
  const { chromium, firefox } = await import("playwright");
  const running = await { chromium, firefox }[browser].launch(LAUNCH[browser]);
  try {
    const environment = { ...describeEnvironment(), engine: `${browser} ${running.version()}, in a page` };
    console.log(formatEnvironment(environment));
    const page = await running.newPage({ viewport: { width: 1128, height: 900 } });
    page.on("pageerror", (error) => console.error(error));
    page.on("console", (message) => message.type() === "error" && console.error(message.text()));
    await page.exposeFunction("deliver", print);
    query.set("run", "");
    await page.goto(`${url}?${query}`);
    await page.waitForFunction("document.documentElement.dataset.state === 'done'", undefined, { timeout: 0 });
    if (screenshot !== undefined) await page.screenshot({ path: screenshot, fullPage: true });
    return environment;
  } finally {
    await running.close();
    await server.close();
  }
}
