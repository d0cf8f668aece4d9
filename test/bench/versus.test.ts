// Tests of the comparison with the peers: tables, summary, Markdown and picture. No test asserts a time.
import { describe, expect, test } from "vitest";
import { measure } from "../../bench/harness/measure.js";
import { formatReport, formatSpeed, peersReport, speedChart, summarise } from "../../bench/harness/summary.js";
import type { Row, TableResult } from "../../bench/harness/table.js";
import { TABLES } from "../../bench/versus/peer-tables.js";
import { environmentWith } from "../support/environment.js";

describe("tables", () => {
  test("have names of their own, and every one invites the peers", () => {
    const names = TABLES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, family } of TABLES) expect([name, family ?? "nobody"]).not.toContain("nobody");
  });

  // The others take seconds; every run of the benchmark checks them as well.
  test.each(["peers/sigmoid/1001/float64", "peers/matmul-nn/16/float32", "peers/step/2-8-2", "peers/linear-nt"])(
    "%s: simdgrad's forms agree without any peer",
    async (name) => {
      const table = TABLES.find((candidate) => candidate.name === name)!;
      const { rows } = await measure(table, { rounds: 1, tableMs: 0, budgetMs: 0.01, warmupMs: 0 });
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.filter(({ problem }) => problem !== undefined)).toEqual([]);
    },
  );
});

const timeOf = (median: number) => ({
  median,
  decile: median / 3,
  lowerQuartile: median / 2,
  upperQuartile: median * 2,
});

const row = (name: string, peer: string | undefined, outcome: number | string): Row => ({
  name,
  precision: "float32",
  ...(peer !== undefined && { peer }),
  ...(typeof outcome === "string"
    ? { problem: outcome }
    : { time: timeOf(outcome), batch: 1, samples: [outcome], rate: 1 }),
});

const RESULTS: readonly TableResult[] = [
  {
    name: "peers/a",
    title: "some work",
    unit: "GB/s",
    rounds: 3,
    rows: [
      row("simdgrad fresh", undefined, 4),
      row("simdgrad out", undefined, 2),
      row("slow plain", "slow", 16),
      row("slow fused", "slow", "wrong: result 0"),
      row("broken it", "broken", "gone"),
      { ...row("ceiling", undefined, 1), ceiling: true },
    ],
  },
];

test("the fastest forms are compared; what is wrong is kept", () => {
  const { peers, works } = summarise(RESULTS, ["broken", "absent", "slow"]);
  expect(peers).toEqual(["broken", "slow"]);
  expect(works).toEqual([
    {
      title: "some work",
      time: timeOf(2),
      relative: {
        broken: { wrong: ["broken it: gone"] },
        slow: { speed: 0.125, range: [1 / 32, 0.5], wrong: ["slow fused: wrong: result 0"] },
      },
    },
  ]);
  expect(() => summarise([{ ...RESULTS[0]!, rows: [] }], [])).toThrow("simdgrad was not timed");
});

test("speeds have two digits", () => {
  expect([0.0038, 0.0312, 0.996, 1.25, 9.94, 17.4, 123].map(formatSpeed)).toEqual([
    "0.0038",
    "0.031",
    "1.00",
    "1.3",
    "9.9",
    "17",
    "123",
  ]);
});

const environment = environmentWith({ slow: { slow: "1.2" }, broken: { broken: "3" }, absent: "not installed" });

test("the report names who is missing and what is wrong", () => {
  const report = formatReport(environment, RESULTS, summarise(RESULTS, ["slow", "broken", "absent"]), "peers.svg");
  expect(report).toContain("absent is missing: not installed");
  expect(report).toContain("| work | simdgrad | slow | broken |\n| --- | ---: | ---: | ---: |");
  expect(report).toContain("| some work | 2.00 ms | **0.13** (0.031-0.50) \\* | wrong |");
  expect(report).toContain("- some work: slow fused: wrong: result 0");
  expect(report).toContain("slow plain       float32   16.0 ms");
});

test("the picture has a cell for everyone, and equal input gives equal text", () => {
  const draw = () => speedChart(summarise(RESULTS, ["slow", "broken"]), "Some CPU & Node");
  const svg = draw();
  expect(svg).toMatch(/^<svg /);
  for (const text of ["some work", "slow", "broken", "2.00 ms", "0.13 *", "wrong", "Some CPU &amp; Node"]) {
    expect(svg).toContain(`>${text}<`);
  }
  expect(draw()).toBe(svg);
});

test("both are written, side by side", () => {
  const files = peersReport(environment, RESULTS);
  expect(Object.keys(files)).toEqual(["peers.md", "peers.svg"]);
  expect(files["peers.md"]).toContain("(peers.svg)");
});
