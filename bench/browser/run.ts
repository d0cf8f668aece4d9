// `npm run bench:browser`: serves the benchmark page, or runs it in a browser without a window. Must not know what a table is about.
import { existsSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { messageOf, UsageError } from "../../examples/support/errors.js";
import { LAUNCH } from "../../test/browser/launch.js";
import type { TableResult } from "../harness.js";
import { checkWritable, selectByName } from "../options.js";
import { formatTable } from "../report.js";

const HELP = `Times simdgrad in a browser: serves a page that runs the tables and draws what came out.

Usage: npm run bench:browser -- [options] [name...]

  name               only the tables whose names contain one of these, as in npm run bench
  --browser NAME     run the page in chromium or firefox, without a window, and print what came out
  --json FILE        the same (in chromium, unless told otherwise), and write the results to FILE
  --screenshot FILE  the same, and write a picture of the page to FILE
  --quick            fewer and shorter rounds
  --list             the tables' names
  --help             this text
`;

type BrowserName = keyof typeof LAUNCH;

interface Options {
  /** Undefined where the page is only served. */
  readonly browser: BrowserName | undefined;
  readonly json?: string | undefined;
  readonly screenshot?: string | undefined;
  /** What the page is asked for. */
  readonly query: URLSearchParams;
}

/** Undefined where the text that was asked for is printed. @throws {UsageError} for an unknown option, table or browser */
async function parse(): Promise<Options | undefined> {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = { json: text, screenshot: text, browser: text, quick: flag, list: flag, help: flag };
  const { values, positionals } = (() => {
    try {
      return parseArgs({ options, allowPositionals: true });
    } catch (error) {
      throw new UsageError(`${messageOf(error).split(". ")[0]} (see --help)`);
    }
  })();
  const { json, screenshot, quick } = values;
  if (values.help) return void process.stdout.write(HELP);
  const browser = values.browser ?? (json === undefined && screenshot === undefined ? undefined : "chromium");
  if (browser !== undefined) checkBrowser(browser);
  for (const file of [json, screenshot]) if (file !== undefined) checkWritable(file);
  const query = new URLSearchParams(quick ? { quick: "" } : {});
  if (positionals.length > 0 || values.list) {
    const { TABLES } = await import("./tables.js");
    // Without names: all, where they are listed.
    const tables = positionals.length === 0 ? TABLES : selectByName(TABLES, positionals);
    if (values.list) return void console.log(tables.map(({ name, title }) => `${name.padEnd(28)}${title}`).join("\n"));
    query.set("tables", tables.map(({ name }) => name).join(","));
  }
  return { browser, json, screenshot, query };
}

/** @throws {UsageError} if it is none of ours, or is not installed */
function checkBrowser(name: string): asserts name is BrowserName {
  if (!Object.hasOwn(LAUNCH, name)) throw new UsageError(`no browser is called "${name}" (see --help)`);
  const { executablePath } = LAUNCH[name as BrowserName];
  if (!existsSync(executablePath)) throw new UsageError(`there is no ${executablePath} (see docs/browsers.md)`);
}

/** Has a browser run the page to its end; the exit code: 1 if a contender failed. */
async function drive(browser: BrowserName, url: string, { json, screenshot, query }: Options): Promise<number> {
  const { chromium, firefox } = await import("playwright");
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
  if (options !== undefined) {
    // Not before: a wrong option needs neither server nor browser.
    const { servePage } = await import("./server.js");
    const { server, url } = await servePage();
    if (options.browser === undefined) {
      console.log(`${url}${options.query.size > 0 ? `?${options.query}` : ""}`);
    } else {
      process.exitCode = await drive(options.browser, url, options);
      await server.close();
    }
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`bench:browser: ${error.message}`);
  process.exitCode = 2;
}
