// Every example in the guides compiles, runs, and gives what its comments say.
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { messagesOf } from "./support/compile.js";
import { expectClose, type Results, translate } from "./support/examples.js";
import { read, root, writeModule } from "./support/sources.js";

const examples = readdirSync(new URL("docs/guides/", root))
  .filter((file) => file.endsWith(".md"))
  .flatMap((file) =>
    [...read(`docs/guides/${file}`).matchAll(/```ts\n(.*?)```/gs)].map(([, code], i) => ({
      name: `${file}, example ${i + 1}`,
      lines: [...(code as string).split("\n").map(translate), "export { results };"],
    })),
  );

describe("the examples of the guides", () => {
  test.each(examples)("$name", { timeout: 60_000 }, async ({ name, lines }) => {
    const code = ["const results: [unknown, unknown][] = [];", ...lines];
    expect(messagesOf(code).filter(Boolean)).toEqual([]);
    const path = writeModule(name.replace(/\W+/g, "-"), code.join("\n"));
    const { results } = (await import(/* @vite-ignore */ path)) as { results: Results };
    for (const [found, expected] of results) expectClose(found, expected);
  });
});
