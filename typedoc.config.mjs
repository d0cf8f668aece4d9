// What `npm run docs` and the test of docstrings read: the public entries. Knows no symbol.
import { MODULES } from "./scripts/entries.mjs";

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  entryPoints: MODULES.map(({ source }) => source),
  tsconfig: "tsconfig.build.json",
  out: "docs/api",
  readme: "README.md",
  excludeInternal: true,
  disableSources: true,
  excludeExternals: true,
  excludePrivate: true,
  treatWarningsAsErrors: true,
  validation: { notExported: false, invalidLink: true },
};
