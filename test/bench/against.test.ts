// Tests of measuring two builds side by side: who takes part, how another build is loaded, and what the report says. The other
// build is a stand-in of a few lines; no revision is built here, and nothing is timed.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { nameAt, type OtherBuild, prepare, prepareTwins } from "../../bench/harness/against.js";
import { loadRevision, writeEntry } from "../../bench/harness/other-build.js";
import { formatGains } from "../../bench/harness/report.js";
import { statisticsOf } from "../../bench/harness/statistics.js";
import { type Contender, defineTable, type Table } from "../../bench/harness/table.js";

const contender = (name: string): Contender => ({ name, precision: "float32", run: () => 0, outputs: () => [] });

const tableOf = (contenders: readonly Contender[]): Table =>
  defineTable({
    name: "t",
    title: "a table",
    tolerance: { float32: 0, float64: 0 },
    data: {},
    prepare: () => contenders,
  });

const namesOf = (table: Table, other: OtherBuild): string[] =>
  prepareTwins(table, {}, other).contenders.map(({ name }) => name);

test("the other revision brings what simdgrad computes, under a name of its own", () => {
  const table = tableOf([contender("plain JS"), contender("simdgrad"), { ...contender("simdgrad 8 x 8"), perCall: 1 }]);
  expect(namesOf(table, { ref: "v1", TABLES: [table], prepare })).toEqual(["simdgrad at v1"]);
});

test("a revision that lacks what a table needs leaves the table as it is", () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => said.mockRestore());
  const lacking = tableOf([]);
  const fail = (): never => {
    throw new TypeError("no such function");
  };
  expect(namesOf(lacking, { ref: "v1", TABLES: [{ ...lacking, prepare: fail }], prepare })).toEqual([]);
  expect(said).toHaveBeenCalledWith("t: not at v1: no such function");
});

test("tables are loaded over the other build; names that only this one has are undefined there", async () => {
  const folder = mkdtempSync(join(tmpdir(), "simdgrad-other-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const dist = join(folder, "dist.mjs");
  writeFileSync(
    dist,
    `export const memory = () => ({ tensors: 0 });
export const scope = (body) => body();
export class Tensor {}
export const add = () => "theirs";`,
  );
  const tables = join(folder, "tables.mts");
  writeFileSync(
    tables,
    `import { add, matmul } from "simdgrad";
const run = () => 0;
export const TABLES = [{
  name: "t",
  data: {},
  prepare: () => [{ name: \`simdgrad \${add()} \${typeof matmul}\`, precision: "float32", run, outputs: () => [] }],
}];`,
  );
  const written = await writeEntry(folder, dist, pathToFileURL(tables).href);
  const other = await loadRevision({ ref: "v1", folder, ...written });
  expect(namesOf(tableOf([]), other)).toEqual(["simdgrad theirs undefined at v1"]);
});

test("gains are the twin's time over this one's, at the median and at the fastest tenth", () => {
  const row = (name: string, samples: readonly number[]) => ({
    name,
    precision: "float32" as const,
    time: statisticsOf(samples),
  });
  const rows = [row("simdgrad", [1, 1, 1]), row("plain JS", [9]), row("simdgrad at v1", [3, 3, 3])];
  const text = formatGains({ rows }, (name) => nameAt(name, "v1"));
  expect(text).toBe("  3.00 x, at best 3.00 x: simdgrad, float32, against simdgrad at v1");
});
