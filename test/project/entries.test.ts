// The table of public entries, and its copy in package.json's "exports". Must not know the build.
import { expect, test } from "vitest";
import { read, root } from "../support/sources.js";

interface Entry {
  readonly name: string;
  readonly source: string;
}

const { MODULES, packageExports } = (await import(new URL("scripts/entries.mjs", root).href)) as {
  MODULES: readonly Entry[];
  packageExports(): object;
};

test("package.json exports what scripts/entries.mjs says, in its order: `npm run build` writes it", () => {
  const { exports } = JSON.parse(read("package.json")) as { exports: object };
  expect(JSON.stringify(exports)).toBe(JSON.stringify(packageExports()));
});

test.each(MODULES)("$name has a source that says which module it is", ({ name, source }) => {
  expect(read(source)).toContain(`@module ${name === "index" ? "simdgrad" : `simdgrad/${name}`}\n`);
});
