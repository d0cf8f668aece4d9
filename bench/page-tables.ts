// The tables that the page offers: those of `npm run bench` that need no process of their own. Must not know how they are timed.
import { ceilingTables } from "./ceiling/ceilings.js";
import { opTables } from "./every-op.js";
import type { Table } from "./harness/table.js";
import { backprop } from "./seeds/backprop.js";
import { matmulTables } from "./seeds/matmul.js";
import { reluTables } from "./seeds/relu.js";
import { sigmoidTables } from "./seeds/sigmoid.js";
import { threadTables } from "./two-threads.js";

export const TABLES: readonly Table[] = [
  ...backprop,
  ...sigmoidTables,
  // A gigabyte and more, which not every tab has.
  ...reluTables.map((table) => ({ ...table, onRequest: true })),
  ...matmulTables,
  ...ceilingTables,
  ...threadTables,
  ...opTables,
];
