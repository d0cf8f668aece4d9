// Runs what is timed in this process: warm-up, calibration, samples. Must not know tables, reports or other processes.
import { Bench, now } from "tinybench";
import type { Digest, Numbers } from "./check.js";

export type Precision = "float32" | "float64";

/** Something in this process that can be timed. */
export interface Runnable {
  readonly name: string;
  readonly precision: Precision;
  /** One call; what it returns is consumed, so that no engine may leave the work out. A promise if `async` is set. */
  run(): number | Promise<number>;
  /** Set if the call is done only when its promise is. */
  readonly async?: boolean;
  /** Set if a call returns its milliseconds: those of its own process that are to be counted, or of one beyond another's. */
  readonly timesItself?: boolean;
  /** Restores what `run` overwrites; not timed. */
  before?(): void;
  /** The results of one call, made the same way as `run` makes them; none where nothing is to be checked. */
  outputs?(): readonly Numbers[] | Promise<readonly Numbers[]>;
}

/** Something in this process that computes what a table is about. */
export interface LocalContender extends Runnable {
  outputs(): readonly Numbers[] | Promise<readonly Numbers[]>;
}

/** What a turn is, wherever the contender runs; times are milliseconds per call. */
export interface Runner {
  outputs(): Promise<readonly Numbers[] | readonly Digest[]>;
  warmUp(ms: number): Promise<void>;
  /** Chooses how many calls make a sample of about the given length. */
  calibrate(sampleMs: number): Promise<number>;
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

/** One sample: the time of a batch of calls. Calls that are done when they return are not awaited. */
function timeBatch(contender: Runnable, batch: number): number | Promise<number> {
  if (contender.async === true) return timeBatchAsync(contender, batch);
  if (contender.timesItself === true) {
    let total = 0;
    for (let i = 0; i < batch; i++) total += contender.run() as number;
    return total;
  }
  const start = now();
  for (let i = 0; i < batch; i++) sink += contender.run() as number;
  return now() - start;
}

async function timeBatchAsync(contender: Runnable, batch: number): Promise<number> {
  const start = now();
  for (let i = 0; i < batch; i++) sink += await contender.run();
  return now() - start;
}

/**
 * tinybench runs each task to its end before the next, and on a machine whose speed drifts that favours whoever had the
 * good minutes. So every contender is a bench of its own that runs anew in each round with a small budget, and the
 * samples of all rounds are pooled. Calls too short for the clock are timed in batches: `overriddenDuration` is then
 * the mean.
 */
export function localRunner(contender: Runnable): Runner {
  const before = contender.before?.bind(contender);
  return {
    async outputs() {
      before?.();
      return contender.outputs?.() ?? [];
    },
    async warmUp(ms) {
      const end = now() + ms;
      do {
        before?.();
        await timeBatch(contender, 1);
      } while (now() < end);
      if (Number.isNaN(sink)) throw new Error("a contender returned NaN");
    },
    async calibrate(sampleMs) {
      return before === undefined && contender.timesItself !== true
        ? findBatch((batch) => timeBatch(contender, batch), sampleMs)
        : 1;
    },
    async sample(batch, budgetMs) {
      const bench = new Bench({ time: budgetMs, iterations: 1, warmup: false, retainSamples: true, throws: true });
      const sampleOf = (elapsed: number): { overriddenDuration: number; overriddenIterationCost: number } => ({
        overriddenDuration: elapsed / batch,
        overriddenIterationCost: elapsed,
      });
      const hooks = before && { beforeEach: before };
      if (contender.async === true) {
        bench.add(contender.name, async () => sampleOf(await timeBatchAsync(contender, batch)), {
          async: true,
          ...hooks,
        });
      } else {
        const time = (): number => timeBatch(contender, batch) as number;
        bench.add(contender.name, () => sampleOf(time()), { async: false, ...hooks });
      }
      clearVectorRegisters();
      const [task] = contender.async === true ? await bench.run() : bench.runSync();
      if (task?.result.state !== "completed") throw new Error(`tinybench ended as ${task?.result.state}`);
      return task.result.latency.samples ?? [];
    },
  };
}

/** The number of calls whose time is about `sampleMs`. */
export async function findBatch(time: (batch: number) => number | Promise<number>, sampleMs: number): Promise<number> {
  let batch = 1;
  for (;;) {
    const elapsed = await time(batch);
    if (elapsed > 0 && elapsed >= sampleMs / 2) return Math.max(1, Math.round((batch * sampleMs) / elapsed));
    batch *= 2;
  }
}
