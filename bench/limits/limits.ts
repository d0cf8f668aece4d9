// Every table that shows how far ops are from what the machine can do. Must not know how they are timed.
import type { Table } from "../harness/table.js";
import { compiledTables } from "./compiled.js";
import { elementwiseTables } from "./elementwise.js";
import { gemmTables } from "./gemm.js";
import { movementTables } from "./movement.js";
import { reductionTables } from "./reduce.js";
import { softmaxTables } from "./softmax.js";

export const limitTables: readonly Table[] = [
  ...gemmTables,
  ...elementwiseTables,
  ...movementTables,
  ...reductionTables,
  ...softmaxTables,
  ...compiledTables,
];
