// `npm run bench:peers`: the same work done by simdgrad and by its peers. Must not know how it is timed.
import { runSuite } from "./harness/command.js";
import { PEERS } from "./peers/peers.js";

await runSuite({
  command: "bench:peers",
  purpose: `Times the same work on simdgrad and on those of its peers that are installed, one thread each; the others are named
as missing. The JavaScript peers: npm ci --prefix bench/peers. A run of all tables without --quick writes
bench/results/peers.md and peers.svg.`,
  names: "sigmoid, matmul-nn/256, step, ...",
  tables: import.meta.resolve("./versus/peer-tables.js"),
  peers: PEERS,
  results: new URL("results/", import.meta.url),
});
