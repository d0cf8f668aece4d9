// Node's own workers: lost workers, workers in place of a browser's, and the end of the process.
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Control } from "../../assembly/abi.js";
import * as sg from "../../src/index.js";
import { initWith } from "../../src/runtime/init.js";
import type { Job } from "../../src/runtime/threads/spawn.js";
import { doubled } from "../support/doubled.js";
import { runModule } from "../support/sources.js";
import { start } from "../support/watched-workers.js";

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await sg.init({ threads: 1 });
});

/** Until the loss of a worker has come to be known. */
async function untilThreads(threads: number): Promise<void> {
  await vi.waitFor(() => expect(sg.backend().threads).toBe(threads), { timeout: 600_000, interval: 5 });
}

describe("a worker that is lost", () => {
  test("between calls is not waited for, and backend() says so", async () => {
    const expected = doubled();
    const { handles } = await start(3);
    for (const [i, left] of [
      [0, 2],
      [1, 1],
    ] as const) {
      handles[i]!.terminate();
      for (let calls = 0; calls < 20; calls++) expect(doubled()).toBe(expected);
      await untilThreads(left);
      expect(sg.backend().reasons).toEqual(["a worker ended with exit code 1"]);
      expect(doubled()).toBe(expected);
    }
    await start(2);
    expect(doubled()).toBe(expected);
  });

  test("is replaced by the next call, and losses of kept workers are still reported", async () => {
    const [lost] = (await start(3)).handles;
    lost!.terminate();
    await untilThreads(2);
    const { handles } = await start(3);
    expect(handles.length).toBe(2);
    expect(await sg.init({ threads: 3 })).toEqual({ variant: "threads", threads: 3, reasons: [] });
    handles[1]!.terminate();
    await untilThreads(2);
    expect(sg.backend().reasons).toEqual(["a worker ended with exit code 1"]);
    // As many as are left: nothing is amiss any more.
    expect(await sg.init({ threads: 2 })).toEqual({ variant: "threads", threads: 2, reasons: [] });
  });

  test("within an instruction is an error after a while, but not for later instructions", async () => {
    const expected = doubled();
    /** Takes a share and never does it. */
    const text = `
      const { memory, control, index } = require("node:worker_threads").workerData;
      const state = new BigInt64Array(memory.buffer, control, 1);
      Atomics.store(new Uint8Array(memory.buffer), control + ${Control.ready} + index, 1);
      for (;;) {
        const s = Atomics.load(state, 0);
        if ((s & 255n) !== 0n && Atomics.compareExchange(state, 0, s, s - 1n) === s) break;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`;
    await initWith({ threads: 2 }, (job) => {
      const worker = new Worker(text, { eval: true, workerData: job });
      worker.unref();
      return worker;
    });
    let clock = 0;
    vi.spyOn(performance, "now").mockImplementation(() => (clock += 4000));
    // It may come too late for many.
    expect(() => {
      for (const end = Date.now() + 600_000; Date.now() < end; ) doubled();
    }).toThrow(/^a worker stopped within an instruction/);
    expect(sg.backend()).toEqual({
      variant: "threads",
      threads: 1,
      reasons: ["a worker stopped within an instruction"],
    });
    expect(doubled()).toBe(expected);
  });
});

test("without workers, backend() says so", async () => {
  vi.stubGlobal("process", undefined);
  const { threads, reasons } = await sg.init({ threads: 2 });
  expect([threads, reasons]).toEqual([1, ["this platform has no workers"]]);
});

test("a browser's workers are made from a Blob and get their job by message", async () => {
  const expected = doubled();
  /** A browser's Worker, of Node's. */
  class BlobWorker {
    readonly worker: Promise<Worker>;
    constructor(url: string, options: object) {
      expect(options).toMatchObject({ type: "module" });
      this.worker = fetch(url)
        .then((response) => response.text())
        .then((text) => {
          const relay = `require("node:worker_threads").parentPort.on("message", (data) => globalThis.onmessage({ data }));`;
          const worker = new Worker(relay + text, { eval: true });
          worker.unref();
          return worker;
        });
    }
    postMessage(job: Job): void {
      void this.worker.then((worker) => worker.postMessage(job));
    }
    terminate(): void {
      void this.worker.then((worker) => worker.terminate());
    }
  }
  vi.stubGlobal("Worker", BlobWorker);
  vi.stubGlobal("document", {});
  await start(2);
  for (let calls = 0; calls < 20; calls++) expect(doubled()).toBe(expected);
});

test("a process ends while its workers are parked", async () => {
  const stdout = await runModule(
    "parked",
    `import { init, matmul, random } from "simdgrad";
     const { threads } = await init({ threads: 3 });
     const x = random.normal([300, 300], { seed: 1 });
     console.log(threads, matmul(x, x).shape.join(" "));`,
  );
  expect(stdout).toBe("3 300 300\n");
});
