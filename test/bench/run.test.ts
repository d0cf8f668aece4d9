// Tests of the benchmark's own logic: its options, checks, statistics. No test asserts a time.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, memory, mul, type Tensor, tensor, zeros } from "simdgrad";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { TABLES } from "../../bench/all-tables.js";
import { DIGEST_CHUNKS, digestOf, findDifference, magnitude } from "../../bench/harness/check.js";
import { checkWritable, parseCommandLine, selectByName, UsageError } from "../../bench/harness/command-line.js";
import { advancing, compiled, fresh, into, plain } from "../../bench/harness/contenders.js";
import { makeData, turnOrder } from "../../bench/harness/inputs.js";
import { type Effort, measure, type Peer } from "../../bench/harness/measure.js";
import { statisticsOf } from "../../bench/harness/statistics.js";
import { type Contender, defineTable, type LocalContender, type Table } from "../../bench/harness/table.js";
import { findBatch, localRunner, type Runner } from "../../bench/harness/timing.js";
import { addProduct } from "../../bench/plain/plain-product.js";
import { createSnippet } from "../../bench/plain/plain-snippet.js";

const parse = (line: string) =>
  parseCommandLine(
    line.split(" ").filter((word) => word !== ""),
    ["json", "against", "node"],
  );

function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "simdgrad-bench-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe("options", () => {
  test("defaults", () => {
    expect(parse("")).toEqual({ filters: [], quick: false, list: false, help: false });
  });

  test("every option, names in between", () => {
    expect(parse("sigmoid --quick --json r.json --against v1 --node=/n matmul --list --help")).toEqual({
      filters: ["sigmoid", "matmul"],
      json: "r.json",
      against: "v1",
      node: "/n",
      quick: true,
      list: true,
      help: true,
    });
    expect(parse("--json=-odd.json").json).toBe("-odd.json");
  });

  test.each([
    ["--fast", "Unknown option '--fast'"],
    ["-q", "Unknown option '-q'"],
    ["--json", "argument missing"],
    ["--against", "argument missing"],
    ["--node --quick", "argument is ambiguous"],
    ["--json=", "Option '--json' needs a value"],
    ["--json --quick", "argument is ambiguous"],
    ["--quick=yes", "Option '--quick' does not take an argument"],
    ["--constructor", "Unknown option '--constructor'"],
  ])("%s", (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });

  test("names are selected in their own order, once", () => {
    const all = [{ name: "a/1" }, { name: "b/1" }, { name: "b/2" }];
    expect(selectByName(all, [])).toEqual(all);
    expect(selectByName(all, ["b", "1"])).toEqual(all);
    expect(selectByName(all, ["b/2", "2"])).toEqual([{ name: "b/2" }]);
    const extra = { name: "ops/a", onRequest: true };
    expect(selectByName([...all, extra], [])).toEqual(all);
    expect(selectByName([...all, extra], ["ops"])).toEqual([extra]);
    expect(selectByName([...all, extra], ["a"])).toEqual([all[0]]);
    expect(() => selectByName(all, ["b", "c"])).toThrow('no table\'s name contains "c" (see --list)');
  });

  test("a place to write is checked, and left as it was", () => {
    const directory = temporaryDirectory();
    checkWritable(join(directory, "r.json"));
    expect(readdirSync(directory)).toEqual([]);
    expect(() => checkWritable(directory)).toThrow("a directory has that name");
    expect(() => checkWritable(join(directory, "missing", "r.json"))).toThrow(UsageError);
  });

  test("the command ends with 2 and one line for what makes no sense", () => {
    const script = fileURLToPath(new URL("../../bench/bench.ts", import.meta.url));
    const { status, stderr, stdout } = spawnSync(process.execPath, ["--import", "tsx", script, "--fast"], {
      encoding: "utf8",
    });
    expect(stderr).toBe("bench: Unknown option '--fast' (see --help)\n");
    expect(stdout).toBe("");
    expect(status).toBe(2);
  });
});

describe("tables", () => {
  test("have names of their own", () => {
    const names = TABLES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const seed of ["backprop", "sigmoid", "relu", "matmul"]) expect(names.join()).toContain(seed);
  });

  // The others take seconds; every run of the benchmark checks them as well.
  test.each([
    "sigmoid/1001",
    "sigmoid-gradient/1001",
    "matmul/64",
    "limits/gemm/64x784x10",
    "limits/gemm/1000-of-16",
    "limits/elementwise/where/2000",
    "limits/broadcast/bias-columns/100x1000",
    "limits/movement/transpose-102/50x40x50",
    "limits/movement/concat/3125x16",
    "limits/reduce/mean/64x50x200/axis-1",
    "limits/compiled/step/2-8-2",
    "limits/compiled/adam",
    "sweep/37",
    "ladder/matmul/64",
    "ladder/sigmoid/100000",
    "ladder/sum/1000",
  ])("%s: everyone computes the same", async (name) => {
    const table = TABLES.find((candidate) => candidate.name === name)!;
    const { rows } = await measure(table, { rounds: 1, tableMs: 0, budgetMs: 0.01, warmupMs: 0 });
    expect(rows.filter(({ problem }) => problem !== undefined)).toEqual([]);
    expect(rows.length).toBeGreaterThan(3);
  });

  test.each(["threads/barrier/2048", "threads/sigmoid/10000/float64"])(
    "%s: the same bits on two threads",
    async (name) => {
      // The library on two threads, which keeps its tensors, is here the one whose tensors are counted.
      const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
      onTestFinished(() => said.mockRestore());
      const table = TABLES.find((candidate) => candidate.name === name)!;
      const { rows } = await measure(table, { rounds: 1, tableMs: 0, budgetMs: 0.01, warmupMs: 0 });
      expect(rows.map(({ problem }) => problem)).toEqual(rows.map(() => undefined));
    },
  );
});

describe("checks", () => {
  const range = (size: number) => Float64Array.from({ length: size }, (_, i) => i);

  test("a short result is its own digest", () => {
    expect(digestOf(range(3))).toEqual({ size: 3, means: [0, 1, 2], firsts: [0, 1, 2] });
    expect(digestOf(range(0))).toEqual({ size: 0, means: [], firsts: [] });
  });

  test("a long one is cut into chunks that cover it", () => {
    const { size, means, firsts } = digestOf(range(2 * DIGEST_CHUNKS));
    expect(size).toBe(2 * DIGEST_CHUNKS);
    expect(means.slice(0, 2)).toEqual([0.5, 2.5]);
    expect(firsts.at(-1)).toBe(2 * DIGEST_CHUNKS - 2);
    expect(means).toHaveLength(DIGEST_CHUNKS);
  });

  test("differences are found whole and by digest, relative to the largest magnitude", () => {
    const expected = [Float64Array.of(100, 0)];
    const near = Float32Array.of(100, 0.05);
    for (const actual of [[near], [digestOf(near)]]) {
      expect(findDifference(expected, actual, 1e-3)).toBeUndefined();
      expect(findDifference(expected, actual, 1e-4)).toMatch(/^result 0: \[1\] is 0.05\d* instead of 0$/);
    }
    expect(findDifference(expected, [Float64Array.of(100, Number.NaN)], 1)).toContain("NaN");
    expect(findDifference(expected, [], 1)).toBe("0 results instead of 1");
    expect(findDifference(expected, [Float64Array.of(100)], 1)).toBe("result 0: has 1 elements instead of 2");
  });

  test("one wrong element in a long result moves its chunk's mean", () => {
    const expected = new Float64Array(100 * DIGEST_CHUNKS).fill(1);
    const actual = expected.slice();
    actual[7] = 1.1;
    expect(findDifference([expected], [digestOf(actual)], 1e-5)).toContain("mean of chunk [0]");
  });

  test("magnitude", () => {
    expect(magnitude([1, -3, 2])).toBe(3);
    expect(magnitude([])).toBe(0);
  });
});

describe("statistics", () => {
  test("quartiles interpolate, whatever the order", () => {
    expect(statisticsOf([4, 1, 3, 2])).toEqual({
      median: 2.5,
      decile: expect.closeTo(1.3, 12),
      lowerQuartile: 1.75,
      upperQuartile: 3.25,
    });
    expect(statisticsOf([7])).toEqual({ median: 7, decile: 7, lowerQuartile: 7, upperQuartile: 7 });
    expect(() => statisticsOf([])).toThrow(RangeError);
  });

  test("every round is a permutation, the same one each time, and rounds differ", () => {
    const orders = [0, 1, 2, 3].map((round) => turnOrder(9, round));
    for (const order of orders) expect([...order].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(turnOrder(9, 2)).toEqual(orders[2]);
    expect(new Set(orders.map(String)).size).toBe(4);
    expect(turnOrder(0, 1)).toEqual([]);
  });

  test("a batch is about as long as asked, one call at least", async () => {
    expect(await findBatch((batch) => batch * 0.01, 1)).toBe(100);
    expect(await findBatch(() => 50, 1)).toBe(1);
    // A clock that ticks every millisecond.
    expect(await findBatch((batch) => Math.floor(batch * 0.01), 4)).toBeGreaterThan(100);
  });
});

describe("measuring", () => {
  const EFFORT: Effort = { rounds: 4, tableMs: 0, budgetMs: 0.1, warmupMs: 0 };

  function tableOf(prepare: Table["prepare"]): Table {
    return defineTable({
      name: "t",
      title: "twice x",
      rate: { unit: "GB/s", perCall: () => 16 },
      tolerance: { float32: 1e-6, float64: 0 },
      data: { x: { seed: 1, shape: [2], low: 0, high: 1 } },
      prepare,
    });
  }

  const loop = (x: Float64Array, factor = 2): Contender => {
    const y = new Float64Array(2);
    const fill = (): void => {
      for (let i = 0; i < 2; i++) y[i] = factor * x[i]!;
    };
    return plain("loop", fill, [y]);
  };

  test("contenders are checked, timed and compared; tensors are gone afterwards", async () => {
    const before = memory();
    const table = tableOf(({ x }, keep) => {
      const input = keep(tensor(x!, [2], "float32"));
      const out = keep(zeros([2], "float32"));
      zeros([5]);
      return [
        loop(x!),
        into("into", "float32", () => mul(input, 2, { out }), [out]),
        fresh("fresh", "float32", () => [mul(input, 2)]),
        { ...loop(x!, 3), name: "wrong" },
        { name: "broken", precision: "float64", run: () => 0, outputs: () => [Float64Array.of(Number.NaN, 0)] },
      ];
    });
    const { rows, rounds, unit } = await measure(table, EFFORT);
    expect({ rounds, unit }).toEqual({ rounds: 3, unit: "GB/s" });
    expect(rows.map(({ name }) => name)).toEqual(["loop", "into", "fresh", "wrong", "broken"]);
    for (const row of rows.slice(0, 3)) {
      expect(row.problem).toBeUndefined();
      expect(row.samples!.length).toBeGreaterThanOrEqual(rounds);
      expect(row.rate).toBe(16 / row.time!.median / 1e6);
    }
    expect(rows[0]!.speedup).toBe(1);
    for (const row of rows.slice(3)) {
      expect(row.problem).toMatch(/^wrong: result 0: \[0\]/);
      expect(row.time).toBeUndefined();
    }
    expect(memory().tensors).toBe(before.tensors);
  });

  test("compiled functions live as long as their table, and steps are checked from their beginning", async () => {
    const before = memory();
    const table = tableOf(({ x }, keep) => {
      const input = keep(tensor(x!, [2], "float32"));
      const double = (y: Tensor<[2], "float32">) => mul(y, 2);
      const program = keep(compile(double));
      const step = keep(compile(double, { donate: 0 }));
      const moving = keep(zeros([2], "float32"));
      return [
        loop(x!),
        compiled("compiled", "float32", () => [program(input)]),
        advancing(
          into("donated", "float32", () => step(moving), [moving]),
          () => moving.data.set(x!),
        ),
      ];
    });
    const { rows } = await measure(table, EFFORT);
    expect(rows.map(({ problem }) => problem)).toEqual([undefined, undefined, undefined]);
    expect(memory().tensors).toBe(before.tensors);
  });

  test("a table of times alone has no rates and compares nobody; who times itself says how long it took", async () => {
    const { rate: _, ...table } = tableOf(({ x }) => [
      loop(x!),
      { ...(loop(x!) as LocalContender), timesItself: true, run: () => 7 },
    ]);
    const { rows, unit } = await measure(table, EFFORT);
    expect(unit).toBe("");
    expect(rows.map(({ rate }) => rate)).toEqual([undefined, undefined]);
    expect(rows[1]!.time!.median).toBe(7);
    expect(rows[1]!.speedup).toBeUndefined();
  });

  test("inputs that calls overwrite are restored before each, one call a sample", async () => {
    const log: string[] = [];
    const table = tableOf(({ x }) => {
      const work = new Float64Array(2);
      const double = (): void => {
        log.push("run");
        for (let i = 0; i < 2; i++) work[i]! *= 2;
      };
      const restore = (): void => {
        log.push("before");
        work.set(x!);
      };
      return [plain("loop", double, [work], restore)];
    });
    const { rows } = await measure(table, EFFORT);
    expect(rows[0]!.batch).toBe(1);
    expect(log.length).toBeGreaterThan(6);
    expect(log).toEqual(log.map((_, i) => (i % 2 === 0 ? "before" : "run")));
  });

  test("a peer that fails takes out its own rows only", async () => {
    const fail = async (): Promise<never> => {
      throw new Error("gone");
    };
    const runner = () => ({ outputs: fail, warmUp: fail, calibrate: fail, sample: fail });
    const NumPy: Peer = { prepare: fail, runner };
    const table: Table = { ...tableOf(({ x }) => [loop(x!)]), family: "f", invites: ["float64"] };
    const { rows } = await measure(table, EFFORT, { peers: { NumPy } });
    expect(rows[0]!.problem).toBeUndefined();
    expect(rows.slice(1)).toEqual([{ name: "NumPy", peer: "NumPy", precision: "float64", problem: "gone" }]);
  });

  test("who is invited brings the tasks it has, and its wrong results are shown", async () => {
    const runnerOf = (factor: number): Runner =>
      localRunner(loop(makeData({ seed: 1, shape: [2], low: 0, high: 1 }), factor) as LocalContender);
    const host: Peer = {
      prepare: async (_family, _data, [precision]) => [
        { task: "right", precision: precision! },
        { task: "wrong", precision: precision! },
      ],
      runner: ({ task }) => runnerOf(task === "right" ? 2 : 3),
    };
    const absent: Peer = { ...host, prepare: async () => [] };
    const table: Table = { ...tableOf(({ x }) => [loop(x!)]), family: "f", invites: ["float64"] };
    const { rows } = await measure(table, EFFORT, { peers: { host, absent } });
    expect(rows.map(({ name, peer }) => [name, peer])).toEqual([
      ["loop", undefined],
      ["host right", "host"],
      ["host wrong", "host"],
    ]);
    expect(rows[1]!.speedup).toBeGreaterThan(0);
    expect(rows[2]!.problem).toMatch(/^wrong: result 0/);
  });

  test("calls that are done when their promise is are awaited", async () => {
    let done = 0;
    const runner = localRunner({
      name: "later",
      precision: "float64",
      async: true,
      run: async () => {
        await Promise.resolve();
        return ++done;
      },
      outputs: async () => [Float64Array.of(done)],
    });
    const batch = await runner.calibrate(0.05);
    const before = done;
    const samples = await runner.sample(batch, 0.1);
    expect(done).toBe(before + batch * samples.length);
    expect(await runner.outputs()).toEqual([Float64Array.of(done)]);
  });

  test("a contender that throws while it is timed is out", async () => {
    let calls = 0;
    const table = tableOf(({ x }) => [
      loop(x!),
      {
        name: "tired",
        precision: "float64",
        outputs: () => [x!.map((value) => 2 * value)],
        run() {
          if (calls++ > 0) throw new Error("no more");
          return 0;
        },
      },
    ]);
    const { rows } = await measure(table, EFFORT);
    expect(rows[1]).toEqual({ name: "tired", precision: "float64", problem: "no more" });
  });
});

describe("plain JavaScript", () => {
  const draw = (seed: number, ...shape: number[]) => makeData({ seed, shape, low: -1, high: 1 });

  test.each([1, 3, 64, 67, 131])("products with k = %i, either way stored", (k) => {
    const [m, n] = [3, 5];
    const [a, b] = [draw(1, m, k), draw(2, k, n)];
    const expected = new Float64Array(m * n);
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) for (let p = 0; p < k; p++) expected[i * n + j]! += a[i * k + p]! * b[p * n + j]!;
    const stored = a.map((_, at) => a[(at % m) * k + Math.floor(at / m)]!);
    for (const [x, transposed] of [
      [a, false],
      [stored, true],
    ] as const) {
      const c = new Float64Array(m * n);
      addProduct(c, x, b, { m, k, n, transposed });
      expect(findDifference([expected], [c], 1e-14)).toBeUndefined();
    }
  });

  test("both forms of the snippet agree, and calling again changes nothing", () => {
    const [m, inputs, hidden] = [37, 6, 3];
    const data = {
      x: draw(1, m, inputs),
      a2: draw(2, m, hidden),
      a3: draw(3, m, inputs),
      theta2: draw(4, hidden, inputs),
      sum2: draw(5, hidden),
    };
    const { loop, vectorised, gradients } = createSnippet(data);
    loop();
    const once = gradients.map((gradient) => gradient.slice());
    expect(magnitude(once[0]!)).toBeGreaterThan(0);
    vectorised();
    vectorised();
    expect(findDifference(once, gradients, 1e-13)).toBeUndefined();
  });
});
