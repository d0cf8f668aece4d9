// Times a table's contenders fairly: checked first, interleaved, warmed up, medians. Must not know what they compute.
import { type AnyTensor, memory, scope } from "simdgrad";
import { Bench, now } from "tinybench";
import { messageOf } from "../examples/support/errors.js";
import { createRandom } from "../examples/support/random.js";
import { type Digest, findDifference, type Numbers } from "./check.js";
import { type DataSpec, makeData } from "./data.js";

export type Precision = "float32" | "float64";

/** Something in this process that computes what the table is about. */
export interface LocalContender {
  readonly name: string;
  readonly precision: Precision;
  /** One call; what it returns is consumed, so that no engine may leave the work out. */
  run(): number;
  /** Restores what `run` overwrites; not timed. */
  before?(): void;
  /** The results of one call, made the same way as `run` makes them. */
  outputs(): readonly Numbers[];
}

/** The same in another process, by the name it has there. */
export interface RemoteContender {
  readonly name: string;
  readonly precision: Precision;
  readonly task: string;
}

/** What the machine can do at best, timed in turn with the contenders: it computes something else, so is not checked. */
export interface Ceiling {
  readonly name: string;
  readonly precision: Precision;
  /** What one call moves or computes, in the unit of the table's rate. */
  readonly perCall: number;
  run(): number;
}

/** Something that cannot run here, and why; it has a row, and is no failure. */
export interface MissingContender {
  readonly name: string;
  readonly precision: Precision;
  readonly missing: string;
}

export type Contender = LocalContender | RemoteContender | Ceiling | MissingContender;

/** What one call of a table's contenders moves (bytes) or computes (operations), and the ceilings for that. */
export interface Rate {
  readonly unit: "GB/s" | "GFLOP/s";
  perCall(precision: Precision): number;
  /** Several ways of reaching for the same: the fastest is the ceiling. */
  ceilings?(precision: Precision): readonly Ceiling[];
}

/** Hands over a tensor that contenders use; it lives until the table is done, everything else dies with `prepare`. */
export type Keep = <T extends AnyTensor>(tensor: T) => T;

export interface Table<Names extends string = string> {
  readonly name: string;
  readonly title: string;
  /** True for tables that only run when they are named. */
  readonly onRequest?: boolean;
  /** The table's place among others that are printed as one, a line each. */
  readonly sweep?: number;
  readonly rate: Rate;
  /** Largest error relative to a result's largest magnitude. */
  readonly tolerance: Readonly<Record<Precision, number>>;
  readonly data: Readonly<Record<Names, DataSpec>>;
  /** The family of tasks in the other process. */
  readonly family: string;
  /** The first contender is the reference: the others' results are checked and their times compared with its. */
  prepare(data: Readonly<Record<Names, Float64Array>>, keep: Keep): readonly Contender[];
}

/** Lets `prepare` know the names of its data, and lists hold tables of any. */
export function defineTable<const Names extends string>(table: Table<Names>): Table {
  return table as unknown as Table;
}

/** Another process with contenders; times are milliseconds per call. */
export interface Peer {
  prepare(family: string, data: Readonly<Record<string, DataSpec>>, precisions: readonly Precision[]): Promise<void>;
  outputs(contender: RemoteContender): Promise<readonly Digest[]>;
  /** Chooses how many calls make a sample of about the given length. */
  calibrate(contender: RemoteContender, sampleMs: number): Promise<number>;
  sample(contender: RemoteContender, batch: number, budgetMs: number): Promise<readonly number[]>;
}

export interface Effort {
  /** How often it is each contender's turn, at most. */
  readonly rounds: number;
  /** After this long no round begins, but for the first LEAST_ROUNDS: tables of slow calls get fewer repetitions. */
  readonly tableMs: number;
  /** How long a turn is at least; one sample is always taken. */
  readonly budgetMs: number;
  /** How long each contender runs before that: engines compile kernels and loops a second time while these run. */
  readonly warmupMs: number;
}

const LEAST_ROUNDS = 3;

/** Shorter samples would measure the clock; this many fit into a turn. */
const SAMPLES_PER_TURN = 16;

export interface Statistics {
  readonly median: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  /** Median absolute deviation, unscaled. */
  readonly mad: number;
  readonly minimum: number;
}

export interface Row {
  readonly name: string;
  readonly precision: Precision;
  /** Why there are no times: the result was wrong, or it threw. */
  readonly problem?: string;
  /** Why it cannot run here. */
  readonly missing?: string;
  /** Milliseconds per call. */
  readonly time?: Statistics;
  /** Calls per sample. */
  readonly batch?: number;
  readonly samples?: readonly number[];
  /** In the table's unit, at the median. */
  readonly rate?: number;
  /** The reference's median over this one's: above 1 is faster. */
  readonly speedup?: number;
  /** True for the machine's own figures. */
  readonly ceiling?: true;
  /** The rate over that of the fastest ceiling of its precision; 1 for that ceiling itself. */
  readonly ofCeiling?: number;
}

export interface TableResult {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly sweep?: number;
  readonly rounds: number;
  readonly rows: readonly Row[];
}

/** What a turn is, wherever the contender runs. */
interface Runner {
  warmUp(ms: number): Promise<void>;
  outputs(): Promise<readonly Numbers[] | readonly Digest[]>;
  calibrate(sampleMs: number): Promise<number>;
  sample(batch: number, budgetMs: number): Promise<readonly number[]>;
}

let sink = 0;

/** One sample: the time of a batch of calls. */
function timeBatch(contender: LocalContender | Ceiling, batch: number): number {
  const start = now();
  for (let i = 0; i < batch; i++) sink += contender.run();
  return now() - start;
}

/**
 * tinybench runs each task to its end before the next, and on a machine whose speed drifts that favours whoever had the
 * good minutes. So every contender is a bench of its own that runs anew in each round with a small budget, and the
 * samples of all rounds are pooled. Calls too short for the clock are timed in batches: `overriddenDuration` is then
 * the mean.
 */
function localRunner(contender: LocalContender | Ceiling): Runner {
  const before = "before" in contender ? contender.before?.bind(contender) : undefined;
  return {
    async outputs() {
      before?.();
      return "outputs" in contender ? contender.outputs() : [];
    },
    async warmUp(ms) {
      const end = now() + ms;
      do {
        before?.();
        timeBatch(contender, 1);
      } while (now() < end);
    },
    async calibrate(sampleMs) {
      return before === undefined ? findBatch((batch) => timeBatch(contender, batch), sampleMs) : 1;
    },
    async sample(batch, budgetMs) {
      const bench = new Bench({ time: budgetMs, iterations: 1, warmup: false, retainSamples: true, throws: true });
      const fn = (): { overriddenDuration: number; overriddenIterationCost: number } => {
        const elapsed = timeBatch(contender, batch);
        return { overriddenDuration: elapsed / batch, overriddenIterationCost: elapsed };
      };
      bench.add(contender.name, fn, { async: false, ...(before && { beforeEach: before }) });
      const [task] = bench.runSync();
      if (task?.result.state !== "completed") throw new Error(`tinybench ended as ${task?.result.state}`);
      return task.result.latency.samples ?? [];
    },
  };
}

/** The number of calls whose time is about `sampleMs`. */
export function findBatch(time: (batch: number) => number, sampleMs: number): number {
  let batch = 1;
  for (;;) {
    const elapsed = time(batch);
    if (elapsed > 0 && elapsed >= sampleMs / 2) return Math.max(1, Math.round((batch * sampleMs) / elapsed));
    batch *= 2;
  }
}

function remoteRunner(peer: Peer, contender: RemoteContender): Runner {
  return {
    // Compiled ahead of time; its caches are warmed by the dropped round.
    warmUp: async () => {},
    outputs: () => peer.outputs(contender),
    calibrate: (sampleMs) => peer.calibrate(contender, sampleMs),
    sample: (batch, budgetMs) => peer.sample(contender, batch, budgetMs),
  };
}

/** A permutation of 0 .. count - 1, another in each round, so that nobody always follows the same neighbour. */
export function turnOrder(count: number, round: number): number[] {
  const random = createRandom(round);
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Quantiles interpolate linearly, as NumPy's do. */
export function statisticsOf(samples: readonly number[]): Statistics {
  const sorted = [...samples].sort((a, b) => a - b);
  const median = quantile(sorted, 0.5);
  const deviations = sorted.map((sample) => Math.abs(sample - median)).sort((a, b) => a - b);
  return {
    median,
    lowerQuartile: quantile(sorted, 0.25),
    upperQuartile: quantile(sorted, 0.75),
    mad: quantile(deviations, 0.5),
    minimum: quantile(sorted, 0),
  };
}

function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below];
  if (low === undefined) throw new RangeError("no samples");
  return low + (at - below) * ((sorted[below + 1] ?? low) - low);
}

interface Entry {
  readonly contender: Exclude<Contender, MissingContender>;
  readonly runner: Runner;
  readonly samples: number[];
  batch: number;
  problem?: string;
}

/** Runs a step of one contender; what it throws takes that contender out, not the table. */
async function attempt(entry: Entry, step: () => Promise<void>): Promise<void> {
  if (entry.problem !== undefined) return;
  try {
    await step();
  } catch (error) {
    entry.problem = messageOf(error);
  }
}

/** Checks every contender, then times them in rounds. Contenders of a peer are left out where there is none. */
export async function measure(table: Table, effort: Effort, peer: Peer | undefined): Promise<TableResult> {
  const tensorsBefore = memory().tensors;
  const data = Object.fromEntries(Object.entries(table.data).map(([name, spec]) => [name, makeData(spec)]));
  let contenders: readonly Contender[] = [];
  const kept = scope(() => {
    const list: AnyTensor[] = [];
    contenders = table.prepare(data, (tensor) => {
      list.push(tensor);
      return tensor;
    });
    return list;
  });
  try {
    return await measureContenders(table, contenders, effort, peer);
  } finally {
    for (const tensor of kept) tensor.dispose();
    const leaked = memory().tensors - tensorsBefore;
    if (leaked !== 0) console.error(`${table.name}: ${leaked} tensors are left over`);
  }
}

async function measureContenders(
  table: Table,
  contenders: readonly Contender[],
  { rounds, tableMs, budgetMs, warmupMs }: Effort,
  peer: Peer | undefined,
): Promise<TableResult> {
  const precisions = new Set(contenders.map(({ precision }) => precision));
  const ceilings = [...precisions].sort().flatMap((precision) => table.rate.ceilings?.(precision) ?? []);
  const missing = contenders.filter((contender) => "missing" in contender);
  const entries: Entry[] = [];
  for (const contender of [...contenders, ...ceilings]) {
    if ("missing" in contender) continue;
    if (!("task" in contender)) entries.push({ contender, runner: localRunner(contender), samples: [], batch: 1 });
    else if (peer) entries.push({ contender, runner: remoteRunner(peer, contender), samples: [], batch: 1 });
  }
  const remote = entries.filter(({ contender }) => "task" in contender);
  if (remote.length > 0 && peer !== undefined) {
    const wanted = new Set(remote.map(({ contender }) => contender.precision));
    const ready = peer.prepare(table.family, table.data, [...wanted]);
    for (const entry of remote) await attempt(entry, () => ready);
  }

  await check(entries, table.tolerance);
  for (const entry of entries) {
    await attempt(entry, async () => {
      await entry.runner.warmUp(warmupMs);
      entry.batch = await entry.runner.calibrate(budgetMs / SAMPLES_PER_TURN);
    });
  }
  // Round 0 warms up: its samples are dropped.
  const end = now() + tableMs;
  let round = 0;
  for (; round <= rounds && (round <= LEAST_ROUNDS || now() < end); round++) {
    for (const turn of turnOrder(entries.length, round)) {
      const entry = entries[turn]!;
      await attempt(entry, async () => {
        const samples = await entry.runner.sample(entry.batch, budgetMs);
        if (round > 0) entry.samples.push(...samples);
      });
    }
  }
  if (Number.isNaN(sink)) throw new Error("a contender returned NaN");
  const { name, title, rate, sweep } = table;
  return {
    name,
    title,
    unit: rate.unit,
    ...(sweep !== undefined && { sweep }),
    rounds: round - 1,
    rows: [...rowsOf(table, entries), ...missing],
  };
}

/** Compares everyone with the first contender; who differs is not timed. */
async function check(entries: readonly Entry[], tolerance: Readonly<Record<Precision, number>>): Promise<void> {
  let expected: readonly Numbers[] | undefined;
  for (const entry of entries) {
    if ("perCall" in entry.contender) continue;
    await attempt(entry, async () => {
      const outputs = await entry.runner.outputs();
      if (expected === undefined) {
        // Copies, for others may write into the same buffers.
        expected = (outputs as readonly Numbers[]).map((output) => output.slice());
        return;
      }
      const difference = findDifference(expected, outputs, tolerance[entry.contender.precision]);
      if (difference !== undefined) throw new Error(`wrong: ${difference}`);
    });
    if (expected === undefined) throw new Error(`${entry.contender.name}, the first contender: ${entry.problem}`);
  }
}

function rowsOf(table: Table, entries: readonly Entry[]): Row[] {
  const timed = entries.map(({ contender, samples, batch, problem }): Row => {
    const { name, precision } = contender;
    const ceiling = "perCall" in contender;
    const row: Row = { name, precision, ...(ceiling && { ceiling }) };
    if (problem !== undefined) return { ...row, problem };
    const time = statisticsOf(samples);
    const perCall = ceiling ? contender.perCall : table.rate.perCall(precision);
    // Units per millisecond to billions per second.
    return { ...row, time, batch, samples, rate: perCall / time.median / 1e6 };
  });
  const reference = timed.find(({ ceiling }) => !ceiling)?.time?.median;
  return timed.map((row) => {
    const { time, rate, ceiling, precision } = row;
    if (time === undefined || rate === undefined) return row;
    const rates = timed.flatMap((other) => (other.ceiling && other.precision === precision ? (other.rate ?? []) : []));
    return {
      ...row,
      ...(reference !== undefined && !ceiling && { speedup: reference / time.median }),
      ...(rates.length > 0 && { ofCeiling: rate / Math.max(...rates) }),
    };
  });
}
