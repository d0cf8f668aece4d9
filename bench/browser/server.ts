// Serves the benchmark page: isolated, over the built package, with the compiler at hand. Must not know what the page does.
import { fileURLToPath } from "node:url";
import { createServer, type Plugin, type ViteDevServer } from "vite";
import { messageOf } from "../../examples/support/errors.js";
import { runCompiler } from "../asc.js";
import { describeEnvironment } from "../environment.js";
import { COMPILER_PATH } from "./asc.js";

const root = new URL("../../", import.meta.url);
const here = (path: string): string => fileURLToPath(new URL(path, root));

/** Pages ask the server to compile; it compiles what lies below `bench`. */
const compiler: Plugin = {
  name: "compiler",
  enforce: "pre",
  resolveId: (source, importer) =>
    source === "./asc.js" && importer === here("bench/compile.ts") ? here("bench/browser/asc.ts") : null,
  configureServer(server) {
    server.middlewares.use(COMPILER_PATH, (request, response) => {
      const { searchParams } = new URL(request.url ?? "", "http://localhost");
      const source = new URL(`.${searchParams.get("source")}`, root);
      try {
        if (!/\/bench\/\w+\/assembly\/\w+\.ts$/.test(source.pathname))
          throw new Error("that is no kernel of the benchmark's");
        response.setHeader("Content-Type", "application/wasm");
        response.end(runCompiler(source, searchParams.get("features")!.split(",").filter(Boolean)));
      } catch (error) {
        response.writeHead(500, messageOf(error).split("\n")[0]).end();
      }
    });
  },
};

/** The server, which listens, and the page's address. */
export async function servePage(): Promise<{ readonly server: ViteDevServer; readonly url: string }> {
  const { simdgrad, commit } = describeEnvironment({});
  const server = await createServer({
    configFile: false,
    root: here("."),
    cacheDir: here("build/vite"),
    logLevel: "warn",
    plugins: [compiler],
    define: { BUILD: JSON.stringify({ simdgrad, commit }) },
    resolve: { alias: { simdgrad: here("dist/index.js") } },
    // Found at once: what is found later reloads the page.
    optimizeDeps: {
      entries: ["bench/browser/page.ts", "bench/browser/worker.ts"],
      include: ["@assemblyscript/loader", "tinybench"],
    },
    server: {
      headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
      watch: null,
    },
  });
  await server.listen();
  return { server, url: `${server.resolvedUrls!.local[0]}bench/browser/` };
}
