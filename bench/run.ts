// What every benchmark's command does: picks tables, has them measured, prints and writes the results. Must not know
// what a table is about.
import { spawnSync } from "node:child_process";
import { basename, dirname, resolve } from "node:path";
import { DataError, UsageError } from "../examples/support/errors.js";
import { writeOutputs } from "../examples/support/output.js";
import { beside, loadOther, nameAt } from "./against.js";
import { FULL, QUICK } from "./effort.js";
import type { Environment } from "./environment.js";
import type { Effort, Table, TableResult } from "./harness.js";
import { checkWritable, parseOptions, selectByName } from "./options.js";

/** A benchmark with a command of its own. */
export interface Suite {
  /** As in `npm run bench`. */
  readonly command: string;
  readonly help: string;
  /** The URL of the module that exports TABLES: loaded late, so that a wrong option or --help needs no built package. */
  readonly tables: string;
  /** The other processes it needs; undefined: all there are. */
  readonly peers?: readonly string[];
  /** True if a peer's wrong result is what the command is there to find: then it is no failure. */
  readonly tolerant?: boolean;
  /** Called with the results of a run of all tables at full effort. */
  publish?(environment: Environment, results: readonly TableResult[]): Promise<void>;
}

/** The exit code: 0, 1 if a contender failed, 2 if the command line makes no sense. */
async function main(suite: Suite, args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(suite.help);
    return 0;
  }
  if (options.node !== undefined) return runOn(options.node, args);
  const { TABLES } = (await import(suite.tables)) as { TABLES: readonly Table[] };
  const tables = selectByName(TABLES, options.filters);
  if (options.list) {
    for (const { name, title } of tables) console.log(`${name.padEnd(28)}${title}`);
    return 0;
  }
  if (options.json !== undefined) checkWritable(options.json);
  const { against, quick, json } = options;
  const { results, environment } = await run(suite, tables, quick ? QUICK : FULL, json, against);
  if (options.filters.length === 0 && !quick && against === undefined) await suite.publish?.(environment, results);
  const failed = results.flatMap(({ rows }) => rows).filter(({ problem }) => problem !== undefined);
  if (failed.length > 0) console.error(`\n${failed.length} contenders were not timed: see above`);
  return failed.some(({ peer }) => peer === undefined || suite.tolerant !== true) ? 1 : 0;
}

/** The same command line in another Node. */
function runOn(node: string, args: readonly string[]): number {
  const at = args.findIndex((arg) => arg.startsWith("--node"));
  const others = args.filter((_, i) => i !== at && !(i === at + 1 && args[at] === "--node"));
  const { status, error } = spawnSync(node, ["--import", "tsx", process.argv[1]!, ...others], { stdio: "inherit" });
  if (error !== undefined) throw new UsageError(`--node: ${error.message} (see --help)`);
  return status ?? 1;
}

async function run(
  suite: Suite,
  tables: readonly Table[],
  effort: Effort,
  json: string | undefined,
  against: string | undefined,
): Promise<{ readonly environment: Environment; readonly results: readonly TableResult[] }> {
  const [{ measure }, { startPeers }, { describeEnvironment }, report] = await Promise.all([
    import("./harness.js"),
    import("./peers/peers.js"),
    import("./environment.js"),
    import("./report.js"),
  ]);
  const other = against === undefined ? undefined : await loadOther(against, suite.tables);
  const { peers, found, close } = await startPeers(other === undefined ? suite.peers : []);
  try {
    const environment = describeEnvironment(found);
    console.log(report.formatEnvironment(environment));
    const results: TableResult[] = [];
    for (const table of tables) {
      const result = await measure(other === undefined ? table : beside(table, other, against!), effort, peers);
      const line = result.sweep !== true ? `\n${report.formatTable(result)}` : report.formatSweepLine(result);
      results.push(result);
      console.log(line);
      if (other !== undefined) console.log(report.formatGains(result, (name) => nameAt(name, against!)));
    }
    if (json !== undefined) {
      const path = resolve(json);
      writeOutputs(dirname(path), { [basename(path)]: report.toJson(environment, results) });
    }
    return { environment, results };
  } finally {
    close();
    other?.close();
  }
}

/** Runs a suite as this process's command line says. */
export async function runSuite(suite: Suite): Promise<void> {
  try {
    process.exitCode = await main(suite, process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof DataError)) throw error;
    console.error(`${suite.command}: ${error.message}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
