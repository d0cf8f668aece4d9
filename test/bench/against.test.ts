// Tests of measuring two builds side by side: whose contenders take part, and what the report says. Nothing is built or timed here.
import { scope } from "simdgrad";
import { expect, test } from "vitest";
import { beside, nameAt } from "../../bench/against.js";
import { type Contender, defineTable, type Keep, type Table } from "../../bench/harness.js";
import { formatGains } from "../../bench/report.js";
import { statisticsOf } from "../../bench/statistics.js";

const contender = (name: string): Contender => ({ name, precision: "float32", run: () => 0, outputs: () => [] });

const tableOf = (contenders: readonly Contender[]): Table =>
  defineTable({
    name: "t",
    title: "a table",
    tolerance: { float32: 0, float64: 0 },
    data: {},
    family: "none",
    prepare: () => contenders,
  });

const keep: Keep = (one) => one;

test("the other revision brings what simdgrad computes, under a name of its own; other processes stay away", () => {
  const ours = tableOf([
    contender("plain JS"),
    contender("simdgrad"),
    { name: "NumPy", peer: "NumPy", precision: "float32", task: "x" },
  ]);
  const theirs = tableOf([contender("plain JS"), contender("simdgrad")]);
  const both = beside(ours, { tables: [theirs], scope }, "v1");
  expect(both.prepare({}, keep).map(({ name }) => name)).toEqual(["plain JS", "simdgrad", "simdgrad at v1"]);
});

test("a revision that lacks what a table needs leaves the table as it is", () => {
  const theirs = {
    ...tableOf([]),
    prepare: () => {
      throw new TypeError("no such function");
    },
  };
  const both = beside(tableOf([contender("simdgrad")]), { tables: [theirs], scope }, "v1");
  expect(both.prepare({}, keep).map(({ name }) => name)).toEqual(["simdgrad"]);
});

test("gains are the twin's time over this one's, at the median and at the fastest tenth", () => {
  const row = (name: string, samples: readonly number[]) => ({
    name,
    precision: "float32" as const,
    time: statisticsOf(samples),
  });
  const rows = [row("simdgrad", [1, 1, 1]), row("plain JS", [9]), row("simdgrad at v1", [3, 3, 3])];
  const text = formatGains({ name: "t", title: "", unit: "", rounds: 1, rows }, (name) => nameAt(name, "v1"));
  expect(text).toBe("  3.00 x, at best 3.00 x: simdgrad, float32, against simdgrad at v1");
});
