// Real workers that a test can look at. Must not know what they compute.
import { expect } from "vitest";
import { Control } from "../../assembly/opcodes.js";
import * as sg from "../../src/index.js";
import { initWith } from "../../src/runtime/init.js";
import { getRuntime } from "../../src/runtime/memory.js";
import { createWorker, type Job, type WorkerHandle } from "../../src/runtime/workers.js";

export interface Watched {
  readonly handles: WorkerHandle[];
  readonly jobs: Job[];
}

/** Starts real workers, whatever runs already, and keeps what they are and what they were given. */
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

/** Shares that workers have done. */
export function sharesDone({ jobs }: Watched): number {
  return new Uint32Array(getRuntime().memory.buffer, jobs[0]!.control + Control.done, 1)[0]!;
}
