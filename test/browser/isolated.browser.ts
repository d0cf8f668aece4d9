// Pages that are cross-origin isolated: threads, and a main thread that no kernel puts to sleep. Needs no mocks, which not every
// browser has.
import { afterAll, expect, test } from "vitest";
import { Control } from "../../assembly/abi.js";
import * as sg from "../../src/index.js";
import { getRuntime } from "../../src/runtime/memory/memory.js";
import { hashOf } from "../support/bits.js";
import { doubled } from "../support/doubled.js";
import { start, untilShared } from "../support/watched-workers.js";

afterAll(() => sg.init({ threads: 1 }));

test("the page is isolated, as far as the browser says", () => {
  expect(crossOriginIsolated).toBe(true);
});

test("two threads compute what one does", async () => {
  const x = sg.random.normal([300, 200], { seed: 1 });
  const compute = (): string[] => [
    doubled(),
    hashOf(sg.scope(() => sg.matmul(x, x, { transposeA: true }).data.slice())),
  ];
  const expected = compute();
  const watched = await start(2);
  expect(sg.backend()).toEqual({ variant: "threads", threads: 2, reasons: [] });
  await untilShared(watched, () => {
    for (let i = 0; i < 100; i++) expect(compute()).toEqual(expected);
  });
});

test("the main thread spins while it waits: it must not sleep, though some browsers would let it", async () => {
  const { jobs } = await start(2);
  const control = new Int32Array(getRuntime().memory.buffer, jobs[0]!.control, Control.bytes / 4);
  expect(() => Atomics.wait(control, Control.state / 4, 1, 0)).toThrow(TypeError);
  expect(control[Control.maySleep / 4]).toBe(0);
});

test("with as many workers as the machine has threads, the results are the same", async () => {
  const expected = doubled();
  const { threads } = await sg.init({ threads: "auto" });
  expect(threads).toBe(Math.min(navigator.hardwareConcurrency, 8));
  expect(doubled()).toBe(expected);
});

test("in a worker of the page's own there are threads, too", async () => {
  const expected = doubled();
  const worker = new Worker(new URL("./inside-worker.ts", import.meta.url), { type: "module" });
  const said = await new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
  worker.terminate();
  expect(said).toEqual({ threads: 2, reasons: [], result: expected });
});
