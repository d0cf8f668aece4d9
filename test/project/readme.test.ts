// The README's examples compile under the project's own strictness, run, and give what their comments say.
import { describe, expect, test, vi } from "vitest";
import { random, type Tensor } from "../../src/index.js";
import { messagesOf } from "../support/compile.js";
import { codeBlocks, expectClose, type Results, translate } from "../support/examples.js";
import { read, writeModule } from "../support/sources.js";

const examples = codeBlocks(read("README.md"));

/** Compiles and runs an example; what it logs, what it exports, and what its comments say. */
async function run(index: number): Promise<{ logged: unknown[]; exported: Record<string, unknown> }> {
  const lines = [
    "const results: [unknown, unknown][] = [];",
    ...examples[index]!.split("\n").map(translate),
    "export { results };",
  ];
  expect(messagesOf(lines).filter(Boolean)).toEqual([]);
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  try {
    const path = writeModule(`readme-${index + 1}`, lines.join("\n"));
    const exported = (await import(/* @vite-ignore */ path)) as Record<string, unknown>;
    for (const [found, expected] of exported["results"] as Results) expectClose(found, expected);
    return { logged: log.mock.calls.flat(), exported };
  } finally {
    log.mockRestore();
  }
}

test("the README's support matrix names versions that were tried", () => {
  const tried = read("docs/consumers.md") + read("docs/browsers.md");
  const section = /## Where it runs\n(.*?)\n## /s.exec(read("README.md").replace("| bundled,", "\n## "))![1]!;
  const versions = [...section.matchAll(/^\| [^|]+ \| ([^|]*\d[^|]*) \|/gm)].flatMap(
    ([, cell]) => cell!.match(/\d[\d.]*/g)!,
  );
  expect(versions.length).toBeGreaterThan(12);
  expect(versions.filter((version) => !new RegExp(`\\b${version.replace(".", "\\.")}\\b`).test(tried))).toEqual([]);
});

describe("the README's examples", () => {
  test("take a gradient", async () => {
    const { exported } = await run(0);
    expect(exported["results"]).toHaveLength(1);
  });

  test("train XOR to the error that the comment names", async () => {
    const { logged } = await run(1);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toBeLessThan(0.001);
  });

  test("compile a step and explain it", async () => {
    const { logged } = await run(2);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatch(/^ops +shape/);
  });

  test("do the seed's backprop", async () => {
    const { exported } = await run(3);
    const backprop = exported["backprop"] as (...args: readonly Tensor[]) => Record<string, Tensor>;
    const shapes = [[10, 64], [10, 25], [10, 64], [25, 64], [25]];
    const gradients = backprop(...shapes.map((shape, seed) => random.uniform(shape, { seed })));
    expect(Object.entries(gradients).map(([name, { shape }]) => [name, shape])).toEqual([
      ["w1", [64, 25]],
      ["w2", [25, 64]],
      ["b1", [25]],
      ["b2", [64]],
    ]);
  });

  test("are all of these", () => {
    expect(examples).toHaveLength(4);
  });
});
