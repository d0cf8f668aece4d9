// Every table, in the order they are printed. Must not know how they are timed.
import { ceilingTables } from "./ceiling/ceilings.js";
import { opTables } from "./every-op.js";
import { ladderTables } from "./ladder/ladder.js";
import { limitTables } from "./limits/limits.js";
import { sweepTables } from "./limits/sweep.js";
import { backprop } from "./seeds/backprop.js";
import { matmulTables } from "./seeds/matmul.js";
import { reluTables } from "./seeds/relu.js";
import { sigmoidTables } from "./seeds/sigmoid.js";
import { threadTables } from "./two-threads.js";

export const TABLES = [
  ...backprop,
  ...sigmoidTables,
  ...reluTables,
  ...matmulTables,
  ...opTables,
  ...ceilingTables,
  ...limitTables,
  ...sweepTables,
  ...ladderTables,
  ...threadTables,
];
