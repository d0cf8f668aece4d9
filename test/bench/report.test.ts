// Tests of the benchmark's text and JSON. No test asserts a time.
import { expect, test } from "vitest";
import {
  formatEnvironment,
  formatRange,
  formatTable,
  formatTime,
  significant,
  toJson,
} from "../../bench/harness/report.js";
import type { TableResult } from "../../bench/harness/table.js";
import { formatSweepLine } from "../../bench/limits/sweep.js";
import { environmentWith } from "../support/environment.js";

test.each([
  [1.5e-6, "1.50 ns"],
  [0.0123456, "12.3 us"],
  [1, "1.00 ms"],
  [123.456, "123 ms"],
  [1234.5, "1.23 s"],
])("%d ms is %s", (ms, text) => expect(formatTime(ms)).toBe(text));

test("ranges share the unit of their end", () => expect(formatRange(0.9, 1.2)).toBe("0.900 - 1.20 ms"));

test("digits", () => {
  expect([0, 0.00123, 1, 9.996, 1234.5].map(significant)).toEqual(["0", "0.00123", "1.00", "10.00", "1235"]);
});

const time = { median: 1, decile: 0.45, lowerQuartile: 0.5, upperQuartile: 2 };
const result: TableResult = {
  name: "t/1",
  title: "a table",
  unit: "GB/s",
  rounds: 3,
  rows: [
    {
      name: "loop",
      precision: "float64",
      time,
      batch: 1,
      samples: [1],
      rate: 12.34,
      speedup: 1,
      ofCeiling: 0.4936,
      ofCeilingAtBest: 0.6,
    },
    { name: "longer name", precision: "float32", problem: "wrong: result 0" },
    { name: "best", precision: "float64", time, batch: 1, samples: [1], rate: 25, ceiling: true, ofCeiling: 1 },
    { name: "beaten", precision: "float64", time, batch: 1, samples: [1], rate: 20, ceiling: true, ofCeiling: 0.8 },
  ],
};

test("tables are aligned, and say why there is no time", () => {
  expect(formatTable(result)).toBe(
    [
      "t/1: a table",
      "  speed is against loop; 3 rounds",
      "                dtype      median         quartiles        rate   of ceiling   at best    speed",
      "  loop          float64   1.00 ms   0.500 - 2.00 ms   12.3 GB/s         0.49      0.60   1.00 x",
      "  longer name   float32   wrong: result 0",
      "  best          float64   1.00 ms   0.500 - 2.00 ms   25.0 GB/s         1.00",
    ].join("\n"),
  );
});

test("a table of ceilings alone shows those that fell short as well", () => {
  const text = formatTable({ ...result, rows: result.rows.filter(({ ceiling }) => ceiling) });
  expect(text).toContain("\n  3 rounds\n");
  expect(text).toContain("beaten");
});

test("a sweep's line holds a size against the best of smaller ones", () => {
  const at = (size: number, ofCeiling?: number): TableResult => ({
    ...result,
    name: `sweep/${size}`,
    rows: [
      { name: "plain", precision: "float64", time, rate: 1, ofCeiling: 0.01 },
      { name: "simdgrad", precision: "float32", time, rate: 6, ...(ofCeiling !== undefined && { ofCeiling }) },
      { name: "simdgrad 8 x 8", precision: "float32", time, rate: 9, ceiling: true, ofCeiling: 1 },
    ],
  });
  expect(formatSweepLine(at(10, 0.67))).toBe("sweep/10   float32      6.00 GB/s  0.67 of smaller <--");
  expect(formatSweepLine(at(10, 0.89))).toBe("sweep/10   float32      6.00 GB/s  0.89 of smaller");
  expect(formatSweepLine(at(1))).toBe("sweep/1    float32      6.00 GB/s");
});

test("the environment, with NumPy and without", () => {
  const environment = environmentWith({
    NumPy: { NumPy: "2.0", SciPy: "1.17", BLAS: "openblas 0.3", Python: "3.11" },
  });
  expect(formatEnvironment(environment)).toBe(
    [
      "simdgrad 0.1.0 (dist/index.js), commit abc1234, 2026-01-02T03:04:05.678Z",
      "Some CPU, 2 cores, linux x64, load 0.50",
      "Node 20.0.0, V8 11.3",
      "NumPy 2.0, SciPy 1.17, BLAS openblas 0.3, Python 3.11, one thread",
    ].join("\n"),
  );
  const without = formatEnvironment({ ...environment, load: 3, commit: undefined, peers: { NumPy: "no python3" } });
  expect(without).toContain("NumPy is missing: no python3");
  expect(without).toContain("others are busy");
  expect(JSON.parse(toJson(environment, [result]))).toEqual({ environment, units: { time: "ms" }, tables: [result] });
});
