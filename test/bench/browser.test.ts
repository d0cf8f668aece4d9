// The benchmark page as its server gives it, and its command line; browsers run it in CI. No test asserts a time.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { servePage } from "../../bench/harness/page/page-server.js";
import { root } from "../support/sources.js";

const cwd = fileURLToPath(root);
const COMMAND = ["--import", "tsx", "bench/bench-browser.ts"];

describe("the command", () => {
  const wrong: readonly (readonly [args: readonly string[], message: string])[] = [
    [["--fast"], "Unknown option '--fast' (see --help)"],
    [["--json"], "Option '--json <value>' argument missing (see --help)"],
    [["--browser", "toString"], 'no browser is called "toString" (see --help)'],
  ];
  test.each(wrong)("refuses %s in a line", (args, message) => {
    const { status, stderr } = spawnSync(process.execPath, [...COMMAND, ...args], { cwd, encoding: "utf8" });
    expect(stderr).toBe(`bench:browser: ${message}\n`);
    expect(status).toBe(2);
  });
});

describe("the server", () => {
  let child: ChildProcess;
  let url: string;

  beforeAll(async () => {
    child = spawn(process.execPath, [...COMMAND, "--quick"], { cwd, stdio: ["ignore", "pipe", "inherit"] });
    url = String((await once(child.stdout!, "data"))[0]).trim();
  });
  afterAll(() => void child.kill());

  test("sends the page with the headers that threads need", async () => {
    const response = await fetch(url);
    expect(response.headers.get("Cross-Origin-Opener-Policy")).toBe("same-origin");
    expect(response.headers.get("Cross-Origin-Embedder-Policy")).toBe("require-corp");
    expect(await response.text()).toContain("benchmarks in this browser");
    expect(new URL(url).searchParams.has("quick")).toBe(true);
  });

  const compile = (source: string): Promise<Response> =>
    fetch(new URL(`/compile?${new URLSearchParams({ source, features: "simd" })}`, url));

  test("compiles the benchmark's kernels", async () => {
    const bytes = await (await compile("/bench/ladder/assembly/naive.ts")).arrayBuffer();
    expect(WebAssembly.validate(bytes)).toBe(true);
  });

  test.each([
    "/assembly/index.ts",
    "/bench/ladder/assembly/../../../package.json",
    "//example.org/bench/x/assembly/y.ts",
  ])("compiles nothing else: %s", async (source) => {
    expect((await compile(source)).status).toBe(500);
  });
});

test("modules of another build import its library; those of this one keep their own", async () => {
  const folder = mkdtempSync(join(tmpdir(), "simdgrad-other-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [entry, library] = [join(folder, "other.mts"), join(folder, "library.mjs")];
  const tables = new URL("bench/page-tables.ts", root);
  writeFileSync(entry, `export { TABLES } from ${JSON.stringify(fileURLToPath(tables))};`);
  writeFileSync(library, "export {};");
  const revision = { ref: "v1", folder, entry, library, close: () => undefined };
  const { server, url } = await servePage(tables.href, revision);
  onTestFinished(() => server.close());
  const textOf = async (path: string): Promise<string> => (await fetch(new URL(path, url))).text();
  expect(await textOf(`/@fs${entry}?other`)).toContain('"/bench/page-tables.ts?other"');
  expect(await textOf("/bench/page-tables.ts?other")).toContain('"/bench/seeds/sigmoid.ts?other"');
  expect(await textOf("/bench/seeds/sigmoid.ts?other")).toContain(library);
  expect(await textOf("/bench/seeds/sigmoid.ts")).toContain("/dist/index.js");
});
