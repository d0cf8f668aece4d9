// The benchmark page as its server gives it, and its command line; browsers run it in CI. No test asserts a time.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plain } from "../../bench/harness/contenders.js";
import { measure } from "../../bench/harness/measure.js";
import { defineTable } from "../../bench/harness/table.js";
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

test("measuring tells how far it has come, never back and never past the end", async () => {
  const y = new Float64Array(1);
  const fill = (): void => void y.fill(1);
  const table = defineTable({
    name: "some",
    title: "",
    rate: { unit: "GB/s", perCall: () => 1 },
    tolerance: { float32: 0, float64: 0 },
    data: {},
    prepare: () => [plain("one", fill, [y]), plain("two", fill, [y])],
  });
  const told: number[] = [];
  await measure(
    table,
    { rounds: 4, tableMs: 0, budgetMs: 0.01, warmupMs: 0 },
    { progress: (fraction) => told.push(fraction) },
  );
  expect(told.length).toBeGreaterThan(4);
  expect([...told].sort((a, b) => a - b)).toEqual(told);
  expect(told.at(-1)).toBeLessThanOrEqual(1);
});
