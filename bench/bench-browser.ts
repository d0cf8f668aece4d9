// `npm run bench:browser`: the tables as a page, served or run in a browser. Must not know how they are timed.
import { runSuite } from "./harness/command.js";

await runSuite({
  command: "bench:browser",
  purpose: `Times simdgrad in a browser: serves a page that runs the tables and draws their results. With --json, --screenshot or
--against, the page runs in Chromium unless --browser names another.`,
  names: "as in npm run bench",
  tables: import.meta.resolve("./page-tables.js"),
});
