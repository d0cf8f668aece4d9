// `npm run bench`: the problems that simdgrad started with, and every other table by name. Must not know how they are timed.
import { runSuite } from "./harness/command.js";
import { PEERS } from "./peers/peers.js";

await runSuite({
  command: "bench",
  purpose: "Times the four problems that simdgrad started with, against plain JavaScript and NumPy.",
  names: `sigmoid,
                     matmul/256, ops/exp, ... Tables that only run when named, by how their names begin: ops/ (every
                     elementwise op), ceiling/ (what the machine can do), limits/ (how far from it each family of ops
                     is), sweep/ (products of every size up to 160), ladder/ (reference, naive, fast), threads/ (two of
                     them beside one)`,
  tables: import.meta.resolve("./all-tables.js"),
  peers: PEERS.filter(({ name }) => name === "NumPy"),
});
