// The machine's own figures: all that other tables are held against, in tables of their own. Must not know any op.

import { PRECISIONS } from "../harness/contenders.js";
import { type Contender, defineTable, messageOf, type Precision, type Rate, type Table } from "../harness/table.js";
import { arithmeticCeilings } from "./arithmetic.js";
import { bandwidthCeilings, type Traffic } from "./bandwidth.js";

function relaxed(precision: Precision): readonly Contender[] {
  try {
    return arithmeticCeilings(precision, "relaxed-simd");
  } catch (error) {
    console.error(`ceiling: relaxed multiply-add, ${precision}: ${messageOf(error)}`);
    return [];
  }
}

/** Tables in which every contender says by itself what a call is. */
function ceilingTable(name: string, title: string, unit: Rate["unit"], prepare: () => Contender[]): Table {
  return defineTable({
    name: `ceiling/${name}`,
    title,
    onRequest: true,
    rate: { unit, perCall: () => 0 },
    tolerance: { float32: 0, float64: 0 },
    data: {},
    prepare,
  });
}

/** What ops do to their operands: reductions, unary ops, binary ones, `where`, ops that overwrite their operand, outer products,
 * an optimizer that updates a parameter and two things that it remembers of it. */
const PATTERNS: readonly Omit<Traffic, "bytes">[] = [
  { reads: 1, writes: 0 },
  { reads: 1, writes: 1 },
  { reads: 2, writes: 1 },
  { reads: 3, writes: 1 },
  { reads: 1, writes: 1, inPlace: true },
  { reads: 0, writes: 1 },
  { reads: 4, writes: 3, inPlace: true },
];

const PLACES = [
  ["L1", "4 KB", 4 << 10],
  ["L2", "64 KB", 64 << 10],
  ["memory", "64 MB", 64 << 20],
] as const;

export const ceilingTables: readonly Table[] = [
  ceilingTable("arithmetic", "multiply-add chains in registers, plain and relaxed", "GFLOP/s", () =>
    PRECISIONS.flatMap((precision) => [...arithmeticCeilings(precision), ...relaxed(precision)]),
  ),
  ...PLACES.map(([name, size, bytes]) =>
    ceilingTable(name, `loads and stores of arrays of ${size} each`, "GB/s", () =>
      PATTERNS.flatMap((pattern) => bandwidthCeilings("float32", { ...pattern, bytes })),
    ),
  ),
];
