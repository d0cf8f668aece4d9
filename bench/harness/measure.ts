// Times a table's contenders fairly: checked first, interleaved, warmed up, medians. Must not know what they compute.
import { type OtherBuild, prepare, prepareTwins } from "./against.js";
import { findDifference } from "./check.js";
import { PRECISIONS } from "./contenders.js";
import { makeData, turnOrder } from "./inputs.js";
import { statisticsOf } from "./statistics.js";
import {
  type Contender,
  messageOf,
  type Numbers,
  type Precision,
  type Row,
  type Table,
  type TableResult,
} from "./table.js";
import { localRunner, type Runner } from "./timing.js";

/** What another process computes, by the name that it has there. */
export interface RemoteTask {
  readonly task: string;
  readonly precision: Precision;
}

/** Another process with contenders. */
export interface Peer {
  /** Makes the data and the family's tasks there, in place of the last table's; none if it has no such family. */
  prepare(family: string, data: Table["data"], precisions: readonly Precision[]): Promise<readonly RemoteTask[]>;
  runner(task: RemoteTask): Runner;
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

export const FULL: Effort = { rounds: 10, tableMs: 9000, budgetMs: 24, warmupMs: 150 };
export const QUICK: Effort = { rounds: 3, tableMs: 1000, budgetMs: 8, warmupMs: 50 };

const LEAST_ROUNDS = 3;

/** Shorter samples would measure the clock; this many fit into a turn. */
const SAMPLES_PER_TURN = 16;

/** Who else takes part, and who is told how far it has come. */
export interface Company {
  /** By name. */
  readonly peers?: Readonly<Record<string, Peer>>;
  readonly other?: OtherBuild | undefined;
  /** Is told after each turn which part of the work is done, at most 1. */
  readonly progress?: (fraction: number) => void;
}

/** A contender, of this process or of another, and its samples. */
interface Entry {
  readonly contender: Pick<Contender, "name" | "precision"> & { readonly perCall?: number; readonly peer?: string };
  readonly runner: Runner;
  readonly samples: number[];
  batch: number;
  problem?: string;
}

function entryOf(contender: Entry["contender"], runner: Runner): Entry {
  return { contender, runner, samples: [], batch: 1 };
}

const localEntry = (contender: Contender): Entry => entryOf(contender, localRunner(contender));

/** Runs a step of one contender; what it throws takes that contender out, not the table. */
async function attempt(entry: Entry, step: () => Promise<void>): Promise<void> {
  if (entry.problem !== undefined) return;
  try {
    await step();
  } catch (error) {
    entry.problem = messageOf(error);
  }
}

/** Checks every contender, then times them in rounds. */
export async function measure(table: Table, effort: Effort, company: Company = {}): Promise<TableResult> {
  const { other, peers = {}, progress } = company;
  const data = Object.fromEntries(Object.entries(table.data).map(([name, spec]) => [name, makeData(spec)]));
  const entrants = [prepare(table, data), ...(other ? [prepareTwins(table, data, other)] : [])];
  try {
    // All at once: nothing is timed yet.
    const guests = await Promise.all(Object.entries(peers).map(([name, peer]) => invite(table, name, peer)));
    const contending = [...entrants.flatMap(({ contenders }) => contenders).map(localEntry), ...guests.flat()];
    await check(contending, table.tolerance);
    // The machine's ceilings, for every precision that somebody has.
    const present = PRECISIONS.filter((one) => contending.some(({ contender }) => contender.precision === one));
    const ceilings = present.flatMap((precision) => table.rate?.ceilings?.(precision) ?? []);
    const entries = [...contending, ...ceilings.map(localEntry)];
    const rounds = await timeInTurns(entries, effort, progress);
    const { name, title, rate } = table;
    return { name, title, unit: rate?.unit ?? "", rounds, rows: rowsOf(table, entries) };
  } finally {
    for (const { dispose } of entrants) dispose();
  }
}

/** What a peer brings to a table: all its tasks of the family. */
async function invite({ family, data, invites = PRECISIONS }: Table, name: string, peer: Peer): Promise<Entry[]> {
  if (family === undefined) return [];
  const entry = (task: RemoteTask, title: string): Entry =>
    entryOf({ name: title, precision: task.precision, peer: name }, peer.runner(task));
  try {
    const tasks = await peer.prepare(family, data, invites);
    return tasks.map((task) => entry(task, `${name} ${task.task}`));
  } catch (error) {
    const problem = messageOf(error);
    return invites.map((precision) => ({ ...entry({ task: "", precision }, name), problem }));
  }
}

/** Compares everyone with the first contender; who differs is not timed. */
async function check(entries: readonly Entry[], tolerance: Table["tolerance"]): Promise<void> {
  let expected: readonly Numbers[] | undefined;
  for (const entry of entries) {
    if (entry.contender.perCall !== undefined) continue;
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

/** Warms everyone up, then collects the samples of all rounds; returns how many there were. */
async function timeInTurns(entries: readonly Entry[], effort: Effort, progress?: Company["progress"]): Promise<number> {
  const { rounds, tableMs, budgetMs, warmupMs } = effort;
  let turns = 0;
  // Warm-ups, and all rounds with round 0.
  const countTurn = (): void => progress?.(++turns / (entries.length * (rounds + 2)));
  for (const entry of entries) {
    await attempt(entry, async () => {
      await entry.runner.warmUp(warmupMs);
      entry.batch = await entry.runner.calibrate(budgetMs / SAMPLES_PER_TURN);
    });
    countTurn();
  }
  // Round 0 warms up: its samples are dropped.
  const end = performance.now() + tableMs;
  let round = 0;
  for (; round <= rounds && (round <= LEAST_ROUNDS || performance.now() < end); round++) {
    for (const turn of turnOrder(entries.length, round)) {
      const entry = entries[turn]!;
      await attempt(entry, async () => {
        const samples = await entry.runner.sample(entry.batch, budgetMs);
        if (round > 0) entry.samples.push(...samples);
      });
      countTurn();
    }
  }
  return round - 1;
}

function rowsOf(table: Table, entries: readonly Entry[]): Row[] {
  const timed = entries.map(({ contender, samples, batch, problem }): Row => {
    const { name, precision, peer } = contender;
    const ceiling = contender.perCall !== undefined;
    const row: Row = { name, precision, ...(peer !== undefined && { peer }), ...(ceiling && { ceiling }) };
    if (problem !== undefined) return { ...row, problem };
    const time = statisticsOf(samples);
    const perCall = contender.perCall ?? table.rate?.perCall(precision);
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
