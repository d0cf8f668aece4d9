// Times a table's contenders fairly: checked first, interleaved, warmed up, medians. Must not know what they compute.
import { memory, scope, Tensor } from "simdgrad";
import { now } from "tinybench";
import { messageOf } from "../examples/support/errors.js";
import { createRandom } from "../examples/support/random.js";
import { findDifference, type Numbers } from "./check.js";
import { type DataSpec, makeData } from "./data.js";
import { type LocalContender, localRunner, type Precision, type Runnable, type Runner } from "./runner.js";
import { type Statistics, statisticsOf } from "./statistics.js";

export type { LocalContender, Precision } from "./runner.js";

/** What another process computes, by the name that it has there. */
export interface RemoteTask {
  readonly task: string;
  readonly precision: Precision;
}

export interface RemoteContender extends RemoteTask {
  readonly name: string;
  /** The process, by the name it has among the peers. */
  readonly peer: string;
}

/** What the machine can do at best, timed in turn with the contenders: it computes something else, so is not checked. */
export interface Ceiling extends Runnable {
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

/** Something that holds memory: a tensor, a compiled function. */
interface Disposable {
  dispose(): void;
}

/** Hands over what contenders use; it lives until the table is done, every other tensor dies with `prepare`. */
export type Keep = <T extends Disposable>(one: T) => T;

export interface Table<Names extends string = string> {
  readonly name: string;
  readonly title: string;
  /** True for tables that only run when they are named. */
  readonly onRequest?: boolean;
  /** True for tables that are printed a line each, one below the other. */
  readonly sweep?: boolean;
  /** Left out where contenders do different things, whose times are all there is to say. */
  readonly rate?: Rate;
  /** Largest error relative to a result's largest magnitude. */
  readonly tolerance: Readonly<Record<Precision, number>>;
  readonly data: Readonly<Record<Names, DataSpec>>;
  /** The family of tasks in other processes. */
  readonly family: string;
  /** Set: every peer takes part with all its tasks of the family in this precision. Else only those that are listed. */
  readonly invites?: Precision;
  /** The first contender is the reference: the others' results are checked and their times compared with its. */
  prepare(data: Readonly<Record<Names, Float64Array>>, keep: Keep): readonly Contender[];
}

/** Lets `prepare` know the names of its data, and lists hold tables of any. */
export function defineTable<const Names extends string>(table: Table<Names>): Table {
  return table as unknown as Table;
}

/** Another process with contenders. */
export interface Peer {
  /** Makes the data and the family's tasks there, in place of the last table's; none if it has no such family. */
  prepare(
    family: string,
    data: Readonly<Record<string, DataSpec>>,
    precisions: readonly Precision[],
  ): Promise<readonly RemoteTask[]>;
  runner(task: RemoteTask): Runner;
}

/** By name. */
export type Peers = Readonly<Record<string, Peer>>;

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

export interface Row {
  readonly name: string;
  /** Undefined for this process. */
  readonly peer?: string;
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
  /** The same at the fastest tenth of both: see `Statistics.decile`. */
  readonly ofCeilingAtBest?: number;
}

export interface TableResult {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly sweep?: boolean;
  readonly rounds: number;
  readonly rows: readonly Row[];
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

/** Is told after each turn which part of the work is done, at most 1. */
export type Progress = (fraction: number) => void;

/** Checks every contender, then times them in rounds. Contenders of peers that are missing are left out. */
export async function measure(
  table: Table,
  effort: Effort,
  peers: Peers,
  progress: Progress = () => undefined,
): Promise<TableResult> {
  const tensorsBefore = memory().tensors;
  const data = Object.fromEntries(Object.entries(table.data).map(([name, spec]) => [name, makeData(spec)]));
  let contenders: readonly Contender[] = [];
  const kept: Disposable[] = [];
  scope(() => {
    contenders = table.prepare(data, (one) => {
      kept.push(one);
      return one;
    });
    return kept.filter((one) => one instanceof Tensor);
  });
  try {
    return await measureContenders(table, contenders, effort, peers, progress);
  } finally {
    for (const one of kept) one.dispose();
    const leaked = memory().tensors - tensorsBefore;
    if (leaked !== 0) console.error(`${table.name}: ${leaked} tensors are left over`);
  }
}

/** Everyone who takes part: the table's contenders and those that peers bring, where they are there. */
async function enter(table: Table, contenders: readonly Contender[], peers: Peers): Promise<Entry[]> {
  const listed = contenders.flatMap((contender): Entry[] => {
    if ("missing" in contender) return [];
    if (!("task" in contender)) return [entryOf(contender, localRunner(contender))];
    const peer = peers[contender.peer];
    return peer === undefined ? [] : [entryOf(contender, peer.runner(contender))];
  });
  // All at once: nothing is timed yet.
  const brought = await Promise.all(
    Object.entries(peers).map(([name, peer]) => {
      const own = listed.filter(({ contender }) => "peer" in contender && contender.peer === name);
      return prepare(table, name, peer, own);
    }),
  );
  return [...listed, ...brought.flat()];
}

/** Prepares a peer for the entries that the table lists, and returns those that it brings if it is invited. */
async function prepare(table: Table, name: string, peer: Peer, listed: readonly Entry[]): Promise<Entry[]> {
  const { family, data, invites } = table;
  const precisions = new Set(invites ? [invites] : listed.map(({ contender }) => contender.precision));
  if (precisions.size === 0) return [];
  const guest = (task: RemoteTask, title: string): Entry =>
    entryOf({ ...task, peer: name, name: title }, peer.runner(task));
  try {
    const tasks = await peer.prepare(family, data, [...precisions]);
    return invites ? tasks.map((task) => guest(task, `${name} ${task.task}`)) : [];
  } catch (error) {
    const problem = messageOf(error);
    for (const entry of listed) entry.problem = problem;
    return invites ? [{ ...guest({ task: "", precision: invites }, name), problem }] : [];
  }
}

/** The machine's ceilings, for every precision that somebody has. */
function enterCeilings(rate: Rate | undefined, entries: readonly Entry[]): Entry[] {
  const precisions = new Set(entries.map(({ contender }) => contender.precision));
  const ceilings = [...precisions].sort().flatMap((precision) => rate?.ceilings?.(precision) ?? []);
  return ceilings.map((ceiling) => entryOf(ceiling, localRunner(ceiling)));
}

function entryOf(contender: Entry["contender"], runner: Runner): Entry {
  return { contender, runner, samples: [], batch: 1 };
}

async function measureContenders(
  table: Table,
  contenders: readonly Contender[],
  { rounds, tableMs, budgetMs, warmupMs }: Effort,
  peers: Peers,
  progress: Progress,
): Promise<TableResult> {
  const contending = await enter(table, contenders, peers);
  await check(contending, table.tolerance);
  const entries = [...contending, ...enterCeilings(table.rate, contending)];
  let turns = 0;
  // Warm-ups, and all rounds with round 0.
  const countTurn = (): void => progress(++turns / (entries.length * (rounds + 2)));
  for (const entry of entries) {
    await attempt(entry, async () => {
      await entry.runner.warmUp(warmupMs);
      entry.batch = await entry.runner.calibrate(budgetMs / SAMPLES_PER_TURN);
    });
    countTurn();
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
      countTurn();
    }
  }
  const { name, title, rate, sweep } = table;
  return {
    name,
    title,
    unit: rate?.unit ?? "",
    ...(sweep === true && { sweep }),
    rounds: round - 1,
    rows: [...rowsOf(table, entries), ...contenders.filter((contender) => "missing" in contender)],
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
    const peer = "peer" in contender && { peer: contender.peer };
    const row: Row = { name, precision, ...peer, ...(ceiling && { ceiling }) };
    if (problem !== undefined) return { ...row, problem };
    const time = statisticsOf(samples);
    const perCall = ceiling ? contender.perCall : table.rate?.perCall(precision);
    // Units per millisecond to billions per second.
    return { ...row, time, batch, samples, ...(perCall !== undefined && { rate: perCall / time.median / 1e6 }) };
  });
  const reference = timed.find(({ ceiling }) => !ceiling)?.time?.median;
  return timed.map((row) => {
    const { time, rate, ceiling, precision } = row;
    if (time === undefined || rate === undefined) return row;
    const ceilings = timed.filter((other) => other.ceiling && other.precision === precision);
    return {
      ...row,
      ...(reference !== undefined && !ceiling && { speedup: reference / time.median }),
      ...(ceilings.some((other) => other.rate !== undefined) && {
        ofCeiling: rate / Math.max(...ceilings.map((other) => other.rate ?? 0)),
        ofCeilingAtBest: rateAtBest(row) / Math.max(...ceilings.map(rateAtBest)),
      }),
    };
  });
}

/** The rate of the fastest tenth; 0 for what was not timed. */
function rateAtBest({ rate = 0, time }: Row): number {
  return time === undefined ? 0 : (rate * time.median) / time.decile;
}
