// Every table, in the order they are printed. Must not know how they are timed.
import { ceilingTables } from "../ceiling/tables.js";
import { ladderTables } from "../ladder/tables.js";
import { limitTables } from "../limits/index.js";
import { sweepTables } from "../limits/sweep.js";
import { opTables } from "../ops.js";
import { threadTables } from "../threads/tables.js";
import { backprop } from "./backprop.js";
import { matmulTables } from "./matmul.js";
import { reluTables } from "./relu.js";
import { sigmoidTables } from "./sigmoid.js";

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
