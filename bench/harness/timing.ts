// Runs what is timed in this process: warm-up, calibration, samples. Must not know tables, reports or other processes.
import type { Digest } from "./check.js";
import type { Numbers, Runnable } from "./table.js";

/** What a turn is, wherever the contender runs; times are milliseconds per call. */
export interface Runner {
  outputs(): Promise<readonly (Numbers | Digest)[]>;
  warmUp(ms: number): Promise<void>;
  /** Chooses how many calls make a sample of about the given length. */
  calibrate(sampleMs: number): Promise<number>;
  /** Samples that take at least the budget in all; one is always taken. */
  sample(batch: number, budgetMs: number): Promise<readonly number[]>;
}

const BLOCK = new Uint8Array(1024);

/**
 * Node codes base64 (and tsx its source maps) with AVX2 code that leaves the upper halves of the vector registers in use; from
 * then on the process runs 128-bit code at 0.87 of its speed on some processors. A hash's code clears them. (Browsers: nothing.)
 */
function clearVectorRegisters(): void {
  globalThis.process?.getBuiltinModule("node:crypto").createHash("sha256").update(BLOCK).digest();
}

let sink = 0;

/** The time of a batch of calls. Calls that are done when they return are not awaited. */
function timeBatch(contender: Runnable, batch: number): number | Promise<number> {
  if (contender.async === true) return timeBatchAsync(contender, batch);
  if (contender.timesItself === true) {
    let total = 0;
    for (let i = 0; i < batch; i++) total += contender.run() as number;
    return total;
  }
  const start = performance.now();
  for (let i = 0; i < batch; i++) sink += contender.run() as number;
  return performance.now() - start;
}

async function timeBatchAsync(contender: Runnable, batch: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < batch; i++) sink += await contender.run();
  return performance.now() - start;
}

/** On a machine whose speed drifts, contenders take short turns: calls that are too short for the clock are timed in batches. */
export function localRunner(contender: Runnable): Runner {
  const before = contender.before?.bind(contender);
  return {
    async outputs() {
      before?.();
      return contender.outputs?.() ?? [];
    },
    async warmUp(ms) {
      const end = performance.now() + ms;
      do {
        before?.();
        await timeBatch(contender, 1);
      } while (performance.now() < end);
      if (Number.isNaN(sink)) throw new Error("a contender returned NaN");
    },
    async calibrate(sampleMs) {
      if (before !== undefined || contender.timesItself === true) return 1;
      return findBatch((batch) => timeBatch(contender, batch), sampleMs);
    },
    async sample(batch, budgetMs) {
      clearVectorRegisters();
      const samples: number[] = [];
      for (let total = 0; samples.length === 0 || total < budgetMs; ) {
        before?.();
        const timed = timeBatch(contender, batch);
        const elapsed = typeof timed === "number" ? timed : await timed;
        samples.push(elapsed / batch);
        total += elapsed;
      }
      return samples;
    },
  };
}

/** The number of calls whose time is about `sampleMs`; of two tries, one that others interrupt counts for nothing. */
export async function findBatch(time: (batch: number) => number | Promise<number>, sampleMs: number): Promise<number> {
  for (let batch = 1; ; batch *= 2) {
    const elapsed = Math.min(await time(batch), await time(batch));
    if (elapsed > 0 && elapsed >= sampleMs / 2) return Math.max(1, Math.round((batch * sampleMs) / elapsed));
  }
}
