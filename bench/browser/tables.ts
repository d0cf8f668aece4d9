// The tables that the page offers: those of `npm run bench` that need no process of their own. Must not know how they are timed.
import { ceilingTables } from "../ceiling/tables.js";
import type { Table } from "../harness.js";
import { opTables } from "../ops.js";
import { backprop } from "../seeds/backprop.js";
import { matmulTables } from "../seeds/matmul.js";
import { reluTables } from "../seeds/relu.js";
import { sigmoidTables } from "../seeds/sigmoid.js";
import { threadTables } from "../threads/tables.js";

export const TABLES: readonly Table[] = [
  ...backprop,
  ...sigmoidTables,
  ...reluTables,
  ...matmulTables,
  ...ceilingTables,
  ...threadTables,
  ...opTables,
];

/** A gigabyte and more, which not every tab has. */
const isHeavy = ({ name }: Table): boolean => name.startsWith("relu");

/** What a page runs unless it is told otherwise. */
export const DEFAULTS: readonly string[] = TABLES.filter((table) => !table.onRequest && !isHeavy(table)).map(
  ({ name }) => name,
);
