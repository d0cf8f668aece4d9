// Real workers, in every engine: the same bits on any number of threads, whatever happens to the memory.
import { afterEach, describe, expect, test, vi } from "vitest";
import { Abi } from "../../assembly/abi.js";
import { initialParameters, type Parameters, cost as sparseCost } from "../../examples/sparse-autoencoder.js";
import * as sg from "../../src/index.js";
import { initWith } from "../../src/runtime/init.js";
import { type CreateWorker, createWorker } from "../../src/runtime/threads/spawn.js";
import { allCases, drawInputs, toTensors } from "../cases.js";
import { hashOf } from "../support/bits.js";
import { doubled } from "../support/doubled.js";
import { freshLibrary, freshModule, growMemory } from "../support/memory.js";
import { start, untilShared } from "../support/watched-workers.js";

/** Where set, every instruction is divided, however small it is. */
const forced = vi.hoisted(() => ({ on: false }));
vi.mock("../../src/runtime/program/shares.js", async (original) => {
  const actual = await original<typeof import("../../src/runtime/program/shares.js")>();
  const sharesOf: typeof actual.sharesOf = (instruction, threads) =>
    forced.on && threads > 1 ? threads + Abi.worthWaking : actual.sharesOf(instruction, threads);
  return { ...actual, sharesOf };
});

afterEach(async () => {
  forced.on = false;
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await sg.init({ threads: 1 });
});

/** A computation's results on 1, 2, 3, 4 and 8 threads, by their bits. */
async function expectSameBitsOnAnyThreads(compute: () => readonly string[]): Promise<void> {
  const expected = compute();
  for (const threads of [2, 3, 4, 8]) {
    const watched = await start(threads);
    await untilShared(watched, () => expect(compute(), `${threads} threads`).toEqual(expected));
  }
}

describe("the same bits on any number of threads", () => {
  test("for every op, divided at any size", async () => {
    forced.on = true;
    await expectSameBitsOnAnyThreads(() =>
      allCases.flatMap((c) =>
        c.dtypes.flatMap((dtype) =>
          [5, 67, 300].flatMap((size) =>
            c.scenarios(size).map((s, i) =>
              sg.scope(() => {
                const result = c.run(toTensors(c, drawInputs(c, s, dtype, size), s.options, dtype), s.options);
                return `${c.name} ${dtype} ${size} ${i}: ${hashOf(result.data)}`;
              }),
            ),
          ),
        ),
      ),
    );
  });

  test("for a network's training", async () => {
    await expectSameBitsOnAnyThreads(() =>
      sg.scope(() => {
        const x = sg.random.normal([512, 64], { seed: 1 });
        const labels = sg.argMax(sg.random.uniform([512, 10], { seed: 2 }), { axis: 1 });
        let params = {
          w1: sg.random.he([64, 128], { seed: 3 }),
          b1: sg.zeros([128]),
          w2: sg.random.glorot([128, 10], { seed: 4 }),
          b2: sg.zeros([10]),
        };
        const step = sg.valueAndGrad((p: typeof params) =>
          sg.softmaxCrossEntropy(sg.linear(sg.relu(sg.linear(x, p.w1, p.b1)), p.w2, p.b2), labels),
        );
        const optimizer = sg.optim.adam({ learningRate: 0.01 });
        let state = optimizer.init(params);
        const losses = Array.from({ length: 5 }, () => {
          const [loss, gradients] = step(params);
          [params, state] = optimizer.update(params, gradients, state);
          return loss;
        });
        return [...losses, ...Object.values(params)].map(({ data }) => hashOf(data));
      }),
    );
  });

  test("for the autoencoder's, in float64", async () => {
    await expectSameBitsOnAnyThreads(() =>
      sg.scope(() => {
        const x = sg.random.uniform([2000, 64], { seed: 1, low: 0.1, high: 0.9, dtype: "float64" });
        const { x: found } = sg.optim.minimize(
          (p: Parameters<"float64">) => sparseCost(p, x),
          initialParameters(64, 25, "float64", 1),
          { maxIterations: 3 },
        );
        return Object.values(found).map(({ data }) => hashOf(data));
      }),
    );
  });
});

describe("memory", () => {
  test("from before stays: tensors are valid, and views are read again", async () => {
    const library = await freshLibrary();
    const x = library.tensor([1, 2, 3]);
    const { data } = x;
    expect(data.buffer).toBeInstanceOf(ArrayBuffer);
    await library.init({ threads: 2 });
    expect(data.length).toBe(0);
    expect(x.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(x.toArray()).toEqual([1, 2, 3]);
    expect(library.add(x, x, { out: x }).toArray()).toEqual([2, 4, 6]);
    await library.init({ threads: 1 });
    expect(library.sum(x).item()).toBe(12);
  });

  test("grows under workers that have begun", async () => {
    const library = await freshLibrary();
    await library.init({ threads: 3 });
    const before = library.ones([3]);
    const { data } = before;
    forced.on = true;
    for (let i = 0; i < 3; i++) {
      growMemory(library);
      const n = library.memory().reserved / 64;
      // A copy of whole rows, which the engine checks against the size that it takes the memory for; and arithmetic.
      const rows = library.reshape(library.arange(0, n, 1), [4, n / 4] as [number, number]);
      const turned = library.concat([library.slice(rows, [2]), library.slice(rows, [0], [2])]);
      expect(library.sum(library.sub(turned, rows)).item()).toBe(0);
      expect([turned.data[0], turned.data[n / 2], turned.data[n - 1]]).toEqual([n / 2, 0, n / 2 - 1]);
    }
    // The view still sees the same bytes, though the memory's buffer is another.
    before.data[1] = 7;
    expect(data[1]).toBe(7);
  });

  test("that does not suffice is an error as before", async () => {
    await start(2);
    const x = sg.ones([3]);
    expect(() => sg.zeros([2 ** 30])).toThrow(sg.OutOfMemoryError);
    expect(sg.sum(x).item()).toBe(3);
    expect(sg.backend().threads).toBe(2);
  });

  test("holds every tensor", async () => {
    await start(4);
    forced.on = true;
    for (const n of [1, 63, 65, 1000]) {
      const [left, y, right] = [sg.full([64], 5), sg.zeros([n]), sg.full([64], 5)];
      sg.exp(sg.full([n], 0), { out: y });
      expect(sg.sum(y).item()).toBe(n);
      expect([...left.data, ...right.data].every((value) => value === 5)).toBe(true);
    }
  });
});

describe("where workers can't be had", () => {
  const impossible: readonly (readonly [title: string, create: CreateWorker, reason: string])[] = [
    [
      "for making one throws",
      () => {
        throw new Error("no more threads");
      },
      "a worker could not be created: no more threads",
    ],
    [
      "for they fail to start",
      (_, lost) => {
        setTimeout(() => lost("a worker failed: forbidden"), 5);
        return { terminate: () => undefined };
      },
      "a worker failed: forbidden",
    ],
    [
      "for they never get to run",
      () => {
        let clock = performance.now();
        vi.spyOn(performance, "now").mockImplementation(() => (clock += 1000));
        return { terminate: () => undefined };
      },
      "a worker did not start within 30 s",
    ],
  ];

  test.each(impossible)("%s, all runs on one thread as before", async (_, create, reason) => {
    const library = await freshLibrary();
    const { initWith } = await freshModule<typeof import("../../src/runtime/init.js")>("runtime/init");
    const x = library.ones([3]);
    expect(await initWith({ threads: 4 }, create)).toEqual({ variant: "simd", threads: 1, reasons: [reason] });
    expect(x.data.buffer).toBeInstanceOf(ArrayBuffer);
    expect(library.sum(x).item()).toBe(3);
  });

  test("if some fail, it runs on the others", async () => {
    const expected = doubled();
    const found = await initWith({ threads: 4 }, (job, lost) => {
      if (job.index === 1) throw new Error("enough");
      return createWorker(job, lost);
    });
    expect(found).toEqual({ variant: "threads", threads: 3, reasons: ["a worker could not be created: enough"] });
    expect(doubled()).toBe(expected);
  });

  test("for the page is not isolated, backend() names the headers", async () => {
    vi.stubGlobal("crossOriginIsolated", false);
    const { threads, reasons } = await sg.init({ threads: 2 });
    expect(threads).toBe(1);
    expect(reasons).toEqual([expect.stringContaining("Cross-Origin-Opener-Policy: same-origin")]);
  });
});

describe("init", () => {
  const wrong: readonly (readonly [options: unknown, error: typeof TypeError | typeof RangeError, message: string])[] =
    [
      [2, TypeError, "init: options must be an object, got 2; valid: threads"],
      [null, TypeError, "init: options must be an object, got null"],
      [{ thread: 2 }, TypeError, 'init: unknown option "thread"; valid: threads, relaxed, module, workerUrl'],
      [{ relaxed: 1 }, TypeError, "init: relaxed must be true or false, got 1"],
      [{ threads: "two" }, TypeError, 'init: threads, if not "auto", must be a whole number in [1, 64], got "two"'],
      [{ threads: null }, TypeError, 'init: threads, if not "auto", must be a whole number in [1, 64], got null'],
      ...[0, -1, 1.5, 65, Number.NaN, Number.POSITIVE_INFINITY].map(
        (threads) =>
          [
            { threads },
            RangeError,
            `init: threads, if not "auto", must be a whole number in [1, 64], got ${threads}`,
          ] as const,
      ),
    ];
  test.each(wrong)("refuses %o", async (options, error, message) => {
    const before = sg.backend();
    const refused = sg.init(options as sg.InitOptions);
    await expect(refused).rejects.toThrow(error);
    await expect(refused).rejects.toThrow(message);
    expect(sg.backend()).toEqual(before);
  });

  test("called again changes the number of threads; of calls at once the last one wins", async () => {
    await sg.init({ threads: 3 });
    expect((await sg.init()).threads).toBe(3);
    const found = await Promise.all([sg.init({ threads: 4 }), sg.init({ threads: 1 }), sg.init({ threads: 2 })]);
    expect(found.map(({ threads }) => threads)).toEqual([4, 1, 2]);
    expect(sg.backend()).toEqual({ variant: "threads", threads: 2, reasons: [] });
    expect(await sg.init({ threads: 1 })).toEqual({ variant: "threads", threads: 1, reasons: [] });
  });

  test("changes nothing where as many threads run already", async () => {
    const { handles } = await start(2);
    const create = vi.fn(createWorker);
    const ended = vi.spyOn(handles[0]!, "terminate");
    const again = initWith({ threads: 2 }, create);
    for (let turns = 0; turns < 3; turns++) {
      expect(sg.backend()).toEqual({ variant: "threads", threads: 2, reasons: [] });
      await new Promise((wake) => setTimeout(wake));
    }
    expect(await again).toEqual({ variant: "threads", threads: 2, reasons: [] });
    expect([create.mock.calls.length, ended.mock.calls.length]).toEqual([0, 0]);
  });

  test("called twice at once for the same starts workers once", async () => {
    const create = vi.fn(createWorker);
    const found = await Promise.all([initWith({ threads: 3 }, create), initWith({ threads: 3 }, create)]);
    expect(found.map(({ threads }) => threads)).toEqual([3, 3]);
    expect(create).toHaveBeenCalledTimes(2);
    expect(sg.backend()).toEqual({ variant: "threads", threads: 3, reasons: [] });
  });

  test("keeps the workers there are until others are ready, and says nothing new until then", async () => {
    const expected = doubled();
    await start(2);
    let held = 0;
    const ready = initWith({ threads: 3 }, (job, lost) => {
      held = sg.backend().threads;
      if (job.index === 1) throw new Error("enough");
      setTimeout(() => lost("a worker failed: forbidden"), 5);
      return { terminate: () => undefined };
    });
    for (let calls = 0; calls < 20; calls++) {
      expect(doubled()).toBe(expected);
      expect(sg.backend()).toEqual({ variant: "threads", threads: 2, reasons: [] });
    }
    expect(await ready).toEqual({
      variant: "threads",
      threads: 1,
      reasons: ["a worker could not be created: enough", "a worker failed: forbidden"],
    });
    expect(held).toBe(2);
    expect(doubled()).toBe(expected);
  });

  test('takes as many threads as processors for "auto"', async () => {
    vi.stubGlobal("navigator", { hardwareConcurrency: 100 });
    expect((await sg.init({ threads: "auto" })).threads).toBe(8);
    vi.stubGlobal("navigator", { hardwareConcurrency: 1 });
    const { threads, reasons } = await sg.init({ threads: "auto" });
    expect([threads, reasons]).toEqual([1, ["the machine reports one thread"]]);
  });

  test("lets programs run while it waits", async () => {
    const expected = doubled();
    const ready = sg.init({ threads: 2 });
    expect(doubled()).toBe(expected);
    await ready;
    expect(doubled()).toBe(expected);
  });
});
