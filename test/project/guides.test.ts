// Every example in the guides compiles, runs, and gives what its comments say; what other documents show of the sources stands there.
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { random } from "../../src/index.js";
import { allCases } from "../cases.js";
import { messagesOf } from "../support/compile.js";
import { codeBlocks, expectClose, type Results, translate } from "../support/examples.js";
import { read, root, sourcesBelow, writeModule } from "../support/sources.js";

/** Markdown files in a folder, those in folders within it left out. */
function documentsIn(folder: string): string[] {
  const names = readdirSync(new URL(folder, root));
  return names.filter((file) => file.endsWith(".md")).map((file) => `${folder}${file}`);
}

const guides = documentsIn("docs/guides/");
const others = [...documentsIn("docs/"), ...documentsIn("docs/decisions/"), "CONTRIBUTING.md", "CHANGELOG.md"];

const examples = guides.flatMap((path) =>
  codeBlocks(read(path)).map((code, i) => ({
    name: `${path.slice("docs/guides/".length)}, example ${i + 1}`,
    lines: [...code.split("\n").map(translate), "export { results };"],
  })),
);

describe("the examples of the guides", () => {
  test.each(examples)("$name", async ({ name, lines }) => {
    const code = ["const results: [unknown, unknown][] = [];", ...lines];
    expect(messagesOf(code).filter(Boolean)).toEqual([]);
    const path = writeModule(name.replace(/\W+/g, "-"), code.join("\n"));
    const { results } = (await import(/* @vite-ignore */ path)) as { results: Results };
    for (const [found, expected] of results) expectClose(found, expected);
  });
});

test("the guide on numerics bounds the error of every op", () => {
  const table = read("docs/guides/numerics.md");
  const names = [...allCases.map(({ name }) => name), ...Object.keys(random).map((name) => `random.${name}`)];
  expect(names.filter((name) => !table.includes(`\`${name}\``))).toEqual([]);
});

test("what other documents show of the sources stands there", () => {
  const flat = (text: string): string => text.replace(/^\s+/gm, "").trim();
  const sources = [...sourcesBelow("src/"), ...sourcesBelow("assembly/")].map((path) => flat(read(path)));
  const quotations = others.flatMap((path) => codeBlocks(read(path)));
  expect(quotations.length).toBeGreaterThan(0);
  expect(quotations.filter((code) => !sources.some((source) => source.includes(flat(code))))).toEqual([]);
});

test("code that is not run says in its fence that it is something else", () => {
  const fences = [...guides, ...others, "README.md"].flatMap((path) => {
    const lines = read(path).match(/^\s*```.*$/gm) ?? [];
    return lines.filter((_, i) => i % 2 === 0).map((line) => `${path}: ${line.trim()}`);
  });
  expect(fences.filter((fence) => !/```(ts|python|)$/.test(fence))).toEqual([]);
});
