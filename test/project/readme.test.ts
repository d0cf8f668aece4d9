// The README's examples compile under the project's own strictness, run, and give the values in their comments.
import { describe, expect, test, vi } from "vitest";
import { messagesOf } from "../support/compiler-messages.js";
import { codeBlocks, expectClose, type Results, translate } from "../support/examples.js";
import { read, writeModule } from "../support/sources.js";

const examples = codeBlocks(read("README.md"));

/** Compiles and runs an example. Returns its log, its exports and the values in its comments. */
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

test("the README has at most 1,300 words", () => {
  expect(read("README.md").split(/\s+/).length).toBeLessThanOrEqual(1300);
});

test("the README's support matrix names versions that were tried", () => {
  const tried = read("docs/consumers.md") + read("docs/browsers.md");
  const section = /## Where it runs\n(.*?)\n## /s.exec(read("README.md"))![1]!;
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

  test("are all of these", () => {
    expect(examples).toHaveLength(2);
  });
});
