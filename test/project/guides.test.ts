// Every example in the guides compiles, runs, and gives the values in its comments. Code in other documents is in the sources.
import { existsSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { random } from "../../src/index.js";
import * as ops from "../../src/ops/index.js";
import { messagesOf } from "../support/compiler-messages.js";
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

test("the page of ops is the one that the build makes from the docstrings, and has every op", async () => {
  const { opsPage } = (await import(new URL("scripts/ops-page.mjs", root).href)) as { opsPage(): Promise<string> };
  const page = await opsPage();
  expect(read("docs/ops.md")).toBe(page);
  const names = [...Object.keys(ops), ...Object.keys(random).map((name) => `random.${name}`), "stopGradient"];
  expect(names.filter((name) => !page.includes(`\n| \`${name}\` |`))).toEqual([]);
});

test("what other documents show of the sources stands there", () => {
  const flat = (text: string): string => text.replace(/^\s+/gm, "").trim();
  const sources = ["src/", "assembly/", "test/cases/"].flatMap(sourcesBelow).map((path) => flat(read(path)));
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

/** What a heading's link is called on GitHub. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}

/** A link's target within the project, and its heading; nothing for other links. */
function targetOf(from: string, link: string): { path: string; heading: string | undefined } | undefined {
  if (/^\w+:/.test(link)) return undefined;
  const { pathname, hash } = new URL(link, new URL(from, "file:///"));
  return { path: decodeURI(pathname.slice(1)), heading: hash.slice(1) || undefined };
}

test("links between documents lead to files that the package has, and to headings in them", () => {
  const packed = ["README.md", "CHANGELOG.md", ...guides, ...documentsIn("docs/"), ...documentsIn("docs/decisions/")];
  const documents = packed.filter((path) => path !== "docs/adding-an-op.md");
  const links = documents.flatMap((from) =>
    [...read(from).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => ({ from, link: link!, ...targetOf(from, link!) })),
  );
  const inside = links.filter(({ path }) => path !== undefined);
  expect(inside.length).toBeGreaterThan(30);
  const broken = inside.filter(({ path, heading }) => {
    if (path!.startsWith("bench/results/")) return !existsSync(new URL(path!, root));
    if (!documents.includes(path!)) return true;
    const headings = (read(path!).match(/^#+ .*$/gm) ?? []).map((line) => anchor(line.replace(/^#+ /, "")));
    return heading !== undefined && !headings.includes(heading);
  });
  expect(broken.map(({ from, link }) => `${from}: ${link}`)).toEqual([]);
});

test("files that documents name exist", () => {
  const folders = ["assembly/", "src/", "test/", "scripts/"];
  const below = folders.flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" }).map((name) => `/${folder}${name}`),
  );
  const files = [...below, ...readdirSync(root).map((name) => `/${name}`)];
  const missing = ["README.md", ...guides, ...others].flatMap((path) =>
    [...read(path).matchAll(/`([\w./-]+\.(?:ts|mjs|json|cjs))`/g)]
      .filter(([, name]) => !files.some((file) => file.endsWith(`/${name}`)))
      .map(([, name]) => `${path}: ${name}`),
  );
  expect(missing).toEqual([]);
});
