// `npm run bench:peers`: the same work done by simdgrad and by its peers. Must not know how it is timed.
import { fileURLToPath } from "node:url";
import { helpOf } from "../options.js";
import { runSuite } from "../run.js";

const RESULTS = fileURLToPath(new URL("../results", import.meta.url));

await runSuite({
  command: "bench:peers",
  help: helpOf(
    `Times the same work on simdgrad and on those of its peers that are installed, one thread each; the others are named
as missing. The JavaScript peers: npm ci --prefix bench/peers. A run of all tables without --quick writes
bench/results/peers.md and peers.svg.`,
    "bench:peers",
    "sigmoid, matmul-nn/256, step, ...",
  ),
  tables: import.meta.resolve("./index.js"),
  tolerant: true,
  publish: async (environment, results) => (await import("./publish.js")).publish(RESULTS, environment, results),
});
