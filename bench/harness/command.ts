// What every benchmark's command does: picks tables, has them measured here or in a page, prints and writes the results. Must not
// know what a table is about.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { checkWritable, helpOf, parseCommandLine, selectByName, UsageError, type ValueOption } from "./command-line.js";
import { describeEnvironment, type Environment } from "./machine.js";
import { FULL, measure, QUICK } from "./measure.js";
import { buildRevision, loadRevision } from "./other-build.js";
import { type Candidate, startPeers } from "./peer-process.js";
import { formatEnvironment, formatGains, formatTable, toJson } from "./report.js";
import type { Table, TableResult } from "./table.js";

/** A command and its tables. */
export interface Suite {
  readonly command: string;
  readonly purpose: string;
  /** Examples of tables' names, and what there is to say about them. */
  readonly names: string;
  /** The URL of the module that exports TABLES, which is loaded for each build. */
  readonly tables: string;
  /** The other processes that take part; undefined: a page measures. */
  readonly peers?: readonly Candidate[];
  /** Where a run of all tables at full effort writes the peers' report. A peer's wrong result is in it, and no failure. */
  readonly report?: URL;
}

/** The exit code: 0, 1 if a contender failed, 2 if the command line makes no sense; undefined while a page is served. */
async function main(suite: Suite, args: readonly string[]): Promise<number | undefined> {
  const special: readonly ValueOption[] = suite.peers === undefined ? ["browser", "screenshot"] : ["node"];
  const allowed = ["json", "against", ...special] as const;
  const line = parseCommandLine(args, allowed);
  if (line.help) {
    process.stdout.write(helpOf(suite.purpose, suite.command, suite.names, allowed));
    return 0;
  }
  if (line.node !== undefined && process.env["BENCH_NODE"] === undefined) return runOn(line.node);
  checkWritable(line.json, line.screenshot);
  const inPage = suite.peers === undefined ? await import("./page/page-server.js") : undefined;
  const browser = inPage?.browserOf(line);
  const { TABLES } = (await import(suite.tables)) as { TABLES: readonly Table[] };
  const tables = selectByName(TABLES, line.filters);
  if (line.list) {
    for (const { name, title } of tables) console.log(`${name.padEnd(28)}${title}`);
    return 0;
  }
  const revision = line.against === undefined ? undefined : await buildRevision(line.against, suite.tables);
  const results: TableResult[] = [];
  const print = (result: TableResult): void => {
    const { format } = tables.find(({ name }) => name === result.name)!;
    results.push(result);
    console.log(format?.(result) ?? `\n${formatTable(result)}`);
    if (revision !== undefined) console.log(formatGains(result, revision.ref));
  };
  try {
    let environment: Environment | undefined;
    if (inPage !== undefined) {
      const served = await inPage.servePage(suite.tables, revision);
      environment = await inPage.measureInPage(line, browser, served, tables, print);
    } else {
      const other = revision && (await loadRevision(revision));
      const { peers, found, close } = await startPeers(other === undefined ? suite.peers! : []);
      environment = describeEnvironment(found);
      console.log(formatEnvironment(environment));
      for (const table of tables) print(await measure(table, line.quick ? QUICK : FULL, { peers, other }));
      close();
    }
    if (environment === undefined) return undefined;
    if (line.json !== undefined) writeFileSync(line.json, toJson(environment, results));
    if (suite.report !== undefined && line.filters.length === 0 && !line.quick && revision === undefined) {
      const { formatReport } = await import("./summary.js");
      writeFileSync(suite.report, formatReport(environment, results));
    }
  } finally {
    revision?.close();
  }
  const failed = results.flatMap(({ rows }) => rows).filter(({ problem }) => problem !== undefined);
  if (failed.length > 0) console.error(`\n${failed.length} contenders were not timed: see above`);
  return failed.some(({ peer }) => peer === undefined || suite.report === undefined) ? 1 : 0;
}

/** The same command line in another Node, which is told that it is the one. */
function runOn(node: string): number {
  const options = { stdio: "inherit", env: { ...process.env, BENCH_NODE: node } } as const;
  const { status, error } = spawnSync(node, ["--import", "tsx", ...process.argv.slice(1)], options);
  if (error !== undefined) throw new UsageError(`--node: ${error.message}`);
  return status ?? 1;
}

/** Runs a suite as this process's command line says. */
export async function runSuite(suite: Suite): Promise<void> {
  try {
    process.exitCode = await main(suite, process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${suite.command}: ${error.message}`);
    process.exitCode = 2;
  }
}
