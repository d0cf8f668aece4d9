// What a table's calls compute or move, with the machine's ceiling for it. Must not know tables nor how they are timed.

import { BYTES } from "../harness/contenders.js";
import type { Rate } from "../harness/table.js";
import { arithmeticCeilings } from "./arithmetic.js";
import { bandwidthCeilings, type Traffic } from "./bandwidth.js";

/** Multiplications and additions, as many of the one as of the other. */
export function operations(perCall: number): Rate {
  return { unit: "GFLOP/s", perCall: () => perCall, ceilings: (precision) => arithmeticCeilings(precision) };
}

/** Whole arrays of so many elements each. */
export function traffic(arrays: Omit<Traffic, "bytes">, elements: number): Rate {
  return {
    unit: "GB/s",
    perCall: (precision) => (arrays.reads + arrays.writes) * elements * BYTES[precision],
    ceilings: (precision) => bandwidthCeilings(precision, { ...arrays, bytes: elements * BYTES[precision] }),
  };
}
