// What every benchmark's command does: picks tables, has them measured here or in a page, prints and writes the results. Must not
// know what a table is about.
import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nameAt, type OtherBuild } from "./against.js";
import {
  type CommandLine,
  checkWritable,
  helpOf,
  parseCommandLine,
  selectByName,
  UsageError,
  type ValueOption,
} from "./command-line.js";
import { describeEnvironment, type Environment } from "./machine.js";
import { FULL, measure, QUICK } from "./measure.js";
import { type Candidate, startPeers } from "./peer-process.js";
import { formatEnvironment, formatGains, formatTable, toJson } from "./report.js";
import type { Table, TableResult } from "./table.js";

/** A command and its tables. */
export interface Suite {
  /** As in `npm run bench`. */
  readonly command: string;
  readonly purpose: string;
  /** Examples of tables' names, and what there is to say about them. */
  readonly names: string;
  /** The URL of the module that exports TABLES: loaded late, so that a wrong option or --help needs no built package. */
  readonly tables: string;
  /** The other processes that take part; undefined: a page measures. */
  readonly peers?: readonly Candidate[];
  /** Where a run of all tables at full effort writes the peers' report. A peer's wrong result is in it, and no failure. */
  readonly results?: URL;
}

const HERE: readonly ValueOption[] = ["json", "against", "node"];
const IN_PAGE: readonly ValueOption[] = ["json", "against", "browser", "screenshot"];

/** The exit code: 0, 1 if a contender failed, 2 if the command line makes no sense; undefined while a page is served. */
async function main(suite: Suite, args: readonly string[]): Promise<number | undefined> {
  const allowed = suite.peers === undefined ? IN_PAGE : HERE;
  const line = parseCommandLine(args, allowed);
  if (line.help) {
    process.stdout.write(helpOf(suite.purpose, suite.command, suite.names, allowed));
    return 0;
  }
  if (line.node !== undefined) return runOn(line.node, args);
  for (const file of [line.json, line.screenshot]) if (file !== undefined) checkWritable(file);
  const inPage = suite.peers === undefined ? await import("./page/page-server.js") : undefined;
  const browser = inPage?.browserOf(line);
  const { TABLES } = (await import(suite.tables)) as { TABLES: readonly Table[] };
  const tables = selectByName(TABLES, line.filters);
  if (line.list) {
    for (const { name, title } of tables) console.log(`${name.padEnd(28)}${title}`);
    return 0;
  }
  const others = line.against === undefined ? undefined : await import("./other-build.js");
  const revision = await others?.buildRevision(line.against!, suite.tables);
  const results: TableResult[] = [];
  const print = (result: TableResult): void => {
    const { format } = tables.find(({ name }) => name === result.name)!;
    results.push(result);
    console.log(format?.(result) ?? `\n${formatTable(result)}`);
    if (revision !== undefined) console.log(formatGains(result, (name) => nameAt(name, revision.ref)));
  };
  try {
    const environment =
      inPage === undefined
        ? await measureHere(suite, line, tables, revision && (await others!.loadRevision(revision)), print)
        : await inPage.measureInPage({ ...line, browser, tables: suite.tables, revision }, tables, print);
    if (environment === undefined) return undefined;
    if (line.json !== undefined) writeWhole(line.json, toJson(environment, results));
    if (suite.results !== undefined && line.filters.length === 0 && !line.quick && revision === undefined) {
      await publish(suite.results, environment, results);
    }
  } finally {
    revision?.close();
  }
  const failed = results.flatMap(({ rows }) => rows).filter(({ problem }) => problem !== undefined);
  if (failed.length > 0) console.error(`\n${failed.length} contenders were not timed: see above`);
  return failed.some(({ peer }) => peer === undefined || suite.results === undefined) ? 1 : 0;
}

/** The same command line in another Node. */
function runOn(node: string, args: readonly string[]): number {
  const at = args.findIndex((arg) => arg.startsWith("--node"));
  const others = args.filter((_, i) => i !== at && !(i === at + 1 && args[at] === "--node"));
  const { status, error } = spawnSync(node, ["--import", "tsx", process.argv[1]!, ...others], { stdio: "inherit" });
  if (error !== undefined) throw new UsageError(`--node: ${error.message}`);
  return status ?? 1;
}

/** Measures the tables in this process and in those of its peers. */
async function measureHere(
  { peers: candidates = [] }: Suite,
  { quick }: CommandLine,
  tables: readonly Table[],
  other: OtherBuild | undefined,
  print: (result: TableResult) => void,
): Promise<Environment> {
  const { peers, found, close } = await startPeers(other === undefined ? candidates : []);
  try {
    const environment = describeEnvironment(found);
    console.log(formatEnvironment(environment));
    for (const table of tables) print(await measure(table, quick ? QUICK : FULL, { peers, other }));
    return environment;
  } finally {
    close();
  }
}

async function publish(directory: URL, environment: Environment, results: readonly TableResult[]): Promise<void> {
  const { peersReport } = await import("./summary.js");
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of Object.entries(peersReport(environment, results))) {
    writeWhole(join(fileURLToPath(directory), name), text);
  }
}

/** No file is ever half written. */
function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.unfinished`, text);
  renameSync(`${path}.unfinished`, path);
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
