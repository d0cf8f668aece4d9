// Real workers that a test can inspect. Must not know what they compute.
import { expect } from "vitest";
import { Control } from "../../assembly/abi.js";
import * as sg from "../../src/index.js";
import { initWith } from "../../src/runtime/init.js";
import { getRuntime } from "../../src/runtime/memory/memory.js";
import { createWorker, type Job, type WorkerHandle } from "../../src/runtime/threads/spawn.js";

export interface Watched {
  readonly handles: WorkerHandle[];
  readonly jobs: Job[];
}

/** Starts real workers, even if some run already, and keeps their handles and jobs. */
export async function start(threads: number): Promise<Watched> {
  if (sg.backend().threads === threads) await sg.init({ threads: 1 });
  const watched: Watched = { handles: [], jobs: [] };
  await initWith({ threads }, (job, lost) => {
    const handle = createWorker(job, lost);
    watched.handles.push(handle);
    watched.jobs.push(job);
    return handle;
  });
  expect(sg.backend()).toEqual({ variant: "threads", threads, reasons: [] });
  return watched;
}

/** Runs something, again and again until workers did a share of it: on a busy machine the main thread may be done before one wakes. */
export async function untilShared({ jobs }: Watched, run: () => void): Promise<void> {
  const done = (): number => new Uint32Array(getRuntime().memory.buffer, jobs[0]!.control + Control.done, 1)[0]!;
  do {
    run();
    await new Promise((wake) => setTimeout(wake));
  } while (done() === 0);
}
