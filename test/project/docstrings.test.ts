// Every @example in a public docstring compiles, runs, and gives the values in its comments.
import { beforeAll, describe, expect, test } from "vitest";
import * as simdgrad from "../../src/index.js";
import { messagesOf } from "../support/compiler-messages.js";
import { expectClose, type Results, translate } from "../support/examples.js";
import { read, sourcesBelow, writeModule } from "../support/sources.js";

const examples = sourcesBelow("src/").flatMap((file) =>
  [...read(file).matchAll(/@example([^@]*?)(?=\n\s*\* @|\s*\*\/)/g)].map(([, text], i) => ({
    name: `${file}, example ${i + 1}`,
    waits: /\bawait\b/.test(text as string),
    lines: (text as string)
      .split("\n")
      .map((line) => line.replace(/^\s*\* ?/, ""))
      .map(translate),
  })),
);

const names = Object.keys(simdgrad).filter((name) => name !== "Tensor");
const code = [
  `import { ${names.join(", ")}, type Tensor } from "simdgrad";`,
  "type Results = [unknown, unknown][];",
  "export const examples: Record<string, () => Results | Promise<Results>> = {",
  ...examples.flatMap(({ name, waits, lines }) => [
    `${JSON.stringify(name)}: ${waits ? "async " : ""}() => {`,
    "const results: Results = [];",
    ...lines,
    "return results;",
    "},",
  ]),
  "};",
];

describe("the examples of the docstrings", () => {
  test("are all found", () => {
    const tags = sourcesBelow("src/").flatMap((file) => read(file).match(/^\s*(?:\/\*)?\* .*?@example\b/gm) ?? []);
    expect(examples).toHaveLength(tags.length);
  });

  let run: Record<string, () => Results | Promise<Results>>;
  beforeAll(async () => {
    const path = writeModule("docstrings", code.join("\n"));
    run = ((await import(/* @vite-ignore */ path)) as { examples: typeof run }).examples;
  });

  test("compile", () => {
    const wrong = messagesOf(code).map((message, i) => (message === "" ? "" : `${code[i]}: ${message}`));
    expect(wrong.filter(Boolean)).toEqual([]);
  });

  const check = (results: Results): void => {
    for (const [found, expected] of results) expectClose(found, expected);
  };

  test.each(examples)("$name", async ({ name, waits }) => {
    // No scope stays open across an await.
    if (waits) check(await (run[name] as () => Promise<Results>)());
    else simdgrad.scope(() => check((run[name] as () => Results)()));
  });
});
