// `npm run bench:browser`: serves the benchmark page, or runs it in a browser without a window. Must not know what a table is about.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { chromium, firefox } from "playwright";
import { messageOf, UsageError } from "../../examples/support/errors.js";
import { LAUNCH } from "../../test/browser/launch.js";
import type { TableResult } from "../harness.js";
import { checkWritable, selectByName } from "../options.js";
import { formatTable } from "../report.js";
import { servePage } from "./server.js";

const HELP = `Times simdgrad in a browser: serves a page that runs the tables and draws what came out.

Usage: npm run bench:browser -- [options] [name...]

  name               only the tables whose names contain one of these, as in npm run bench
  --json FILE        run the page in a browser without a window, and write its results to FILE
  --screenshot FILE  the same, and write a picture of the page to FILE
  --browser NAME     which: chromium (default) or firefox
  --quick            fewer and shorter rounds
  --help             this text
`;

interface Options {
  readonly json?: string | undefined;
  readonly screenshot?: string | undefined;
  readonly browser: keyof typeof LAUNCH;
  /** What the page is asked for. */
  readonly query: URLSearchParams;
}

/** @throws {UsageError} for an unknown option, table or browser; undefined for --help */
async function parse(): Promise<Options | undefined> {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = { json: text, screenshot: text, browser: text, quick: flag, help: flag };
  const { values, positionals } = (() => {
    try {
      return parseArgs({ options, allowPositionals: true });
    } catch (error) {
      throw new UsageError(`${messageOf(error)} (see --help)`);
    }
  })();
  if (values.help) return undefined;
  const { browser = "chromium" } = values;
  if (!(browser in LAUNCH)) throw new UsageError(`no browser is called "${browser}" (see --help)`);
  for (const file of [values.json, values.screenshot]) if (file !== undefined) checkWritable(file);
  const query = new URLSearchParams(values.quick ? { quick: "" } : {});
  if (positionals.length > 0) {
    const { TABLES } = await import("./tables.js");
    query.set(
      "tables",
      selectByName(TABLES, positionals)
        .map(({ name }) => name)
        .join(","),
    );
  }
  return { ...values, browser: browser as keyof typeof LAUNCH, query };
}

/** Has a browser run the page to its end; the exit code: 1 if a contender failed. */
async function drive(url: string, { json, screenshot, browser, query }: Options): Promise<number> {
  const running = await { chromium, firefox }[browser].launch(LAUNCH[browser]);
  try {
    const page = await running.newPage({ viewport: { width: 1128, height: 900 } });
    page.on("pageerror", (error) => console.error(error));
    query.set("run", "");
    await page.goto(`${url}?${query}`);
    await page.waitForFunction("document.documentElement.dataset.state === 'done'", undefined, { timeout: 0 });
    const text = await page.evaluate<string>("json()");
    const problems = await page.locator(".problem").allTextContents();
    if (json !== undefined) writeFileSync(json, text);
    if (screenshot !== undefined) await page.screenshot({ path: screenshot, fullPage: true });
    const { environment, tables } = JSON.parse(text) as { environment: { browser: string }; tables: TableResult[] };
    console.log(environment.browser);
    for (const table of tables) console.log(`\n${formatTable(table)}`);
    const failed = tables.flatMap(({ rows }) => rows).filter(({ problem }) => problem !== undefined);
    for (const problem of problems) console.error(problem);
    return failed.length + problems.length > 0 ? 1 : 0;
  } finally {
    await running.close();
  }
}

try {
  const options = await parse();
  if (options === undefined) process.stdout.write(HELP);
  else {
    const { server, url } = await servePage();
    if (options.json === undefined && options.screenshot === undefined) {
      console.log(`${url}${options.query.size > 0 ? `?${options.query}` : ""}`);
    } else {
      process.exitCode = await drive(url, options);
      await server.close();
    }
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`bench:browser: ${error.message}`);
  process.exitCode = 2;
}
