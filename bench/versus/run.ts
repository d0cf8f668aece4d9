// `npm run bench:peers`: the same work done by simdgrad and by its peers. Must not know how
// it is timed.
import { fileURLToPath } from "node:url";
import { writeOutputs } from "../../examples/support/output.js";
import type { Environment } from "../environment.js";
import type { TableResult } from "../harness.js";
import { helpOf } from "../options.js";
import { runSuite } from "../run.js";

await runSuite({
  command: "bench:peers",
  help: helpOf(
    `Times the same work on simdgrad and on those of its peers that are installed, one thread each; the others are named
as missing. The JavaScript peers: npm ci --prefix bench/peers. A run of all tables without --quick writes
bench/results/peers.md and peers.svg.`,
    "bench:peers",
    "sigmoid, matmul-nn/256, step, ...",
  ),
  loadTables: async () => (await import("./index.js")).TABLES,
  tolerant: true,
  publish,
});

const RESULTS = fileURLToPath(new URL("../results", import.meta.url));

async function publish(environment: Environment, results: readonly TableResult[]): Promise<void> {
  const [{ summarise }, { formatReport }, { speedChart }] = await Promise.all([
    import("./summary.js"),
    import("./markdown.js"),
    import("./chart.js"),
  ]);
  const { cpu, node, simdgrad, date, peers } = environment;
  const summary = summarise(results, Object.keys(peers));
  const subtitle = `${cpu}, Node ${node}, simdgrad ${simdgrad}, ${date.slice(0, 10)}`;
  writeOutputs(RESULTS, {
    "peers.md": formatReport(environment, results, summary, "peers.svg"),
    "peers.svg": speedChart(summary, subtitle),
  });
}
