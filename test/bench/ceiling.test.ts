// Tests of the benchmark's ceilings: that they compile, compute what they say and count it right. No test asserts a time.
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { arithmeticCeilings } from "../../bench/ceiling/arithmetic.js";
import { bandwidthCeilings } from "../../bench/ceiling/bandwidth.js";
import { ceilingTables } from "../../bench/ceiling/ceilings.js";
import { operations, traffic } from "../../bench/ceiling/rates.js";
import { fresh, PRECISIONS, plain } from "../../bench/harness/contenders.js";
import { type Effort, measure, type Peer } from "../../bench/harness/measure.js";
import { loadKernels, MEMORY_BASE } from "../../bench/harness/own-kernels.js";
import { defineTable } from "../../bench/harness/table.js";
import { localRunner } from "../../bench/harness/timing.js";
import { zeros } from "../../src/index.js";

const EFFORT: Effort = { rounds: 1, tableMs: 0, budgetMs: 0.01, warmupMs: 0 };
const streamSource = new URL("../../bench/ceiling/assembly/stream.ts", import.meta.url);

describe("arithmetic", () => {
  test.each(PRECISIONS)("%s chains end where x / 2 + 1 / 2 leads", (precision) => {
    const ceilings = arithmeticCeilings(precision);
    const lanes = precision === "float32" ? 4 : 2;
    expect(ceilings.map(({ perCall }) => perCall)).toEqual([8, 10, 12, 14].map((chains) => 20_000 * chains * lanes));
    // The last chain is only run by the longest kernel; the others leave its beginning, 1 - 1 / (number of values).
    const ends = ceilings.map((ceiling) => ceiling.run());
    const start = 1 - 1 / (15 * lanes);
    for (const end of ends.slice(0, 3)) expect(end).toBeCloseTo(start, 6);
    expect(ends[3]).toBeCloseTo(1, 6);
  });
});

describe("bandwidth", () => {
  type Name = "read1x8" | "read1write1x4" | "read2write1x8" | "read3write1x4" | "read4write3x4" | "read4write3x8";
  const { memory, call } = loadKernels<Name>(streamSource, ["simd"]);
  const bytes = 256;
  const at = (array: number): number => 4096 + array * bytes;
  const arrays = [0, 1, 2, 3].map((array) => new Uint32Array(memory.buffer, at(array), bytes / 4));
  const key = new Uint32Array(memory.buffer, MEMORY_BASE, 4);

  test.each([
    ["read1write1x4", 1],
    ["read2write1x8", 2],
    ["read3write1x4", 3],
  ] as const)("%s writes the xor of what it reads", (name, reads) => {
    arrays.forEach((array, a) => {
      for (let i = 0; i < array.length; i++) array[i] = (i + 1) << (8 * a);
    });
    key.fill(0);
    call[name](MEMORY_BASE, at(3), at(0), at(1), at(2), bytes, 2);
    const expected = arrays[3]!.map((_, i) => arrays.slice(0, reads).reduce((all, array) => all ^ array[i]!, 0));
    expect(arrays[3]).toEqual(expected);
  });

  test.each(["read4write3x4", "read4write3x8"] as const)("%s xors the fourth array onto the others", (name) => {
    arrays.forEach((array, a) => {
      for (let i = 0; i < array.length; i++) array[i] = (i + 1) << (8 * a);
    });
    const expected = arrays.map((array, a) => array.map((x, i) => (a < 3 ? x ^ arrays[3]![i]! : x)));
    call[name](MEMORY_BASE, at(3), at(0), at(1), at(2), bytes, 1);
    expect(arrays).toEqual(expected);
  });

  test("reading leaves the xor of all vectors, as often as it was read", () => {
    arrays[0]!.fill(0);
    arrays[0]![5] = 7;
    arrays[0]![61] = 32;
    for (const [times, want] of [
      [1, 39],
      [2, 0],
    ] as const) {
      key.fill(0);
      call.read1x8(MEMORY_BASE, 0, at(0), 0, 0, bytes, times);
      expect([...key]).toEqual([0, want, 0, 0]);
    }
  });

  test("a call is counted whole, and long arrays are cut to what no cache holds", () => {
    const perCall = (traffic: Parameters<typeof bandwidthCeilings>[1]) =>
      bandwidthCeilings("float32", traffic).map((ceiling) => [ceiling.perCall, ceiling.perCall / ceiling.run()]);
    expect(perCall({ reads: 2, writes: 1, bytes: 1000 })).toEqual(Array(2).fill([196 * 2688, 2688]));
    expect(perCall({ reads: 1, writes: 0, bytes: 1 })).toEqual(Array(2).fill([4096 * 128, 128]));
    expect(perCall({ reads: 1, writes: 1, inPlace: true, bytes: 1e9 })).toEqual(Array(2).fill([2 ** 27, 2 ** 27]));
    expect(perCall({ reads: 4, writes: 3, inPlace: true, bytes: 1e6 })).toEqual(Array(2).fill([6_999_552, 6_999_552]));
  });
});

describe("tables", () => {
  test("fractions are of the fastest ceiling of a row's precision, a peer's as well", async () => {
    const loop = plain("loop", () => {}, [new Float64Array(8)]);
    const host: Peer = {
      prepare: async () => [{ task: "loop", precision: "float64" }],
      runner: () => localRunner(loop),
    };
    const table = defineTable({
      name: "t",
      title: "zeros",
      rate: operations(1000),
      tolerance: { float32: 0, float64: 0 },
      data: {},
      family: "f",
      invites: ["float64"],
      prepare: () => [loop, fresh("simdgrad", "float32", () => [zeros([8])])],
    });
    const { rows } = await measure(table, EFFORT, { peers: { host } });
    expect(rows.map(({ peer }) => peer)).toContain("host");
    for (const precision of PRECISIONS) {
      const own = rows.filter((row) => row.precision === precision);
      const ceilings = own.filter(({ ceiling }) => ceiling);
      const best = Math.max(...ceilings.map(({ rate }) => rate!));
      expect(ceilings).toHaveLength(4);
      expect(own).toHaveLength(precision === "float32" ? 5 : 6);
      for (const { rate, ofCeiling } of own) expect(ofCeiling).toBe(rate! / best);
      for (const { speedup } of ceilings) expect(speedup).toBeUndefined();
    }
  });

  test("the machine's own figures are finite; those that cannot run here are named", async () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
    onTestFinished(() => said.mockRestore());
    const table = ceilingTables.find(({ name }) => name === "ceiling/arithmetic")!;
    const { rows } = await measure(table, EFFORT);
    expect(rows.length).toBeGreaterThanOrEqual(8);
    for (const [text] of said.mock.calls)
      expect(text).toMatch(/multiply-add, float\d\d: this engine does not run relaxed-simd: /);
    for (const { rate } of rows) expect(Number.isFinite(rate)).toBe(true);
  });

  test("rates count what is read and written", () => {
    expect(PRECISIONS.map(traffic({ reads: 2, writes: 1 }, 10).perCall)).toEqual([120, 240]);
    expect(PRECISIONS.map(operations(10).perCall)).toEqual([10, 10]);
  });
});
