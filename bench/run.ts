// `npm run bench`: picks tables, has them measured, prints and writes the results. Must not know what a table is about.
import { basename, dirname, resolve } from "node:path";
import { DataError, UsageError } from "../examples/support/errors.js";
import { writeOutputs } from "../examples/support/output.js";
import type { Effort, Table, TableResult } from "./harness.js";
import { checkWritable, HELP, parseOptions, selectByName } from "./options.js";

const FULL: Effort = { rounds: 10, tableMs: 9000, budgetMs: 24, warmupMs: 150 };
const QUICK: Effort = { rounds: 3, tableMs: 1000, budgetMs: 8, warmupMs: 50 };

/** The exit code: 0, 1 if a contender failed, 2 if the command line makes no sense. */
async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  // Loaded here, so that a wrong option or --help needs no built package.
  const { TABLES } = await import("./seeds/index.js");
  const tables = selectByName(TABLES, options.filters);
  if (options.list) {
    for (const { name, title } of tables) console.log(`${name.padEnd(28)}${title}`);
    return 0;
  }
  if (options.json !== undefined) checkWritable(options.json);
  return run(tables, options.quick ? QUICK : FULL, options.json);
}

async function run(tables: readonly Table[], effort: Effort, json: string | undefined): Promise<number> {
  const [{ measure }, { startPeers }, { describeEnvironment }, report] = await Promise.all([
    import("./harness.js"),
    import("./peers/peers.js"),
    import("./environment.js"),
    import("./report.js"),
  ]);
  const { peers, found, close } = await startPeers(["NumPy"]);
  try {
    const environment = describeEnvironment(found);
    console.log(report.formatEnvironment(environment));
    const results: TableResult[] = [];
    for (const table of tables) {
      const result = await measure(table, effort, peers);
      const line =
        result.sweep === undefined ? `\n${report.formatTable(result)}` : report.formatSweepLine(result, results);
      results.push(result);
      console.log(line);
    }
    if (json !== undefined) {
      const path = resolve(json);
      writeOutputs(dirname(path), { [basename(path)]: report.toJson(environment, results) });
    }
    const failed = results.flatMap(({ rows }) => rows).filter(({ problem }) => problem !== undefined);
    if (failed.length > 0) console.error(`\n${failed.length} contenders were not timed: see above`);
    return failed.length > 0 ? 1 : 0;
  } finally {
    close();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof DataError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
