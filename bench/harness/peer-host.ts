// Hosts one JavaScript library, whose file the command line names, in a process of its own: Node's side of the protocol (see
// peers/workers/protocol.py). Must not know what the library computes, nor how times are reported.
import { createInterface } from "node:readline";
import { digestOf } from "./check.js";
import { makeData } from "./inputs.js";
import type { RemoteTask } from "./measure.js";
import type { Versions } from "./peer-process.js";
import { messageOf, type Numbers, type Precision, type Table } from "./table.js";
import { localRunner, type Runner } from "./timing.js";

/** What a library's file exports; its arrays are opaque here. */
interface Library {
  readonly versions: Versions;
  readonly precisions: readonly Precision[];
  /** True if calls are done only when their promises are. */
  readonly async?: boolean;
  place(values: Float64Array, shape: readonly number[], precision: Precision): unknown;
  read(array: unknown): Numbers;
  /** Frees what a call made; timed, as part of the price. Left out where the garbage collector does. */
  release?(array: unknown): void;
  /** Tasks by name, from arrays of one dtype by name: calls that return an array or a list of them, or a promise of that. */
  readonly families: Readonly<Record<string, (arrays: object) => Tasks | Promise<Tasks>>>;
}

type Tasks = Readonly<Record<string, () => unknown>>;

interface Command extends RemoteTask {
  readonly do: "versions" | "prepare" | keyof Runner;
  readonly family: string;
  readonly data: Table["data"];
  readonly precisions: readonly Precision[];
  readonly ms: number;
  readonly sampleMs: number;
  readonly batch: number;
  readonly budgetMs: number;
}

// Libraries greet on the console, and stdout is for replies.
console.log = console.info = console.error;
const library = (await import(process.argv[2]!)) as Library;
const runners = new Map<string, Runner>();
let placed: unknown[] = [];

const listOf = (result: unknown): readonly unknown[] => (Array.isArray(result) ? result : [result]);

function release(arrays: readonly unknown[]): number {
  for (const array of arrays) library.release?.(array);
  return arrays.length;
}

function runnerOf(name: string, precision: Precision, call: () => unknown): Runner {
  const { async = false } = library;
  const run = async ? async () => release(listOf(await call())) : () => release(listOf(call()));
  const outputs = async (): Promise<readonly Numbers[]> => {
    const arrays = listOf(await call());
    const copies = arrays.map((array) => library.read(array).slice());
    release(arrays);
    return copies;
  };
  return localRunner({ name, precision, async, run, outputs });
}

async function prepare({ family, data, precisions }: Command): Promise<RemoteTask[]> {
  // Memory first: what the last table held goes before the next one's data comes.
  runners.clear();
  release(placed);
  placed = [];
  const make = library.families[family];
  const tasks: RemoteTask[] = [];
  for (const precision of precisions) {
    if (make === undefined || !library.precisions.includes(precision)) continue;
    const arrays = Object.entries(data).map(
      ([name, spec]) => [name, library.place(makeData(spec), spec.shape, precision)] as const,
    );
    placed.push(...arrays.map(([, array]) => array));
    for (const [task, call] of Object.entries(await make(Object.fromEntries(arrays)))) {
      runners.set(`${precision} ${task}`, runnerOf(task, precision, call));
      tasks.push({ task, precision });
    }
  }
  return tasks;
}

async function execute(command: Command): Promise<unknown> {
  const { task, precision, ms, sampleMs, batch, budgetMs } = command;
  if (command.do === "versions") return library.versions;
  if (command.do === "prepare") return prepare(command);
  const runner = runners.get(`${precision} ${task}`);
  if (runner === undefined) throw new Error(`no task ${task} in ${precision}`);
  if (command.do === "warmUp") return runner.warmUp(ms);
  if (command.do === "calibrate") return runner.calibrate(sampleMs);
  if (command.do === "sample") return runner.sample(batch, budgetMs);
  return (await runner.outputs()).map((output) => digestOf(output as Numbers));
}

for await (const line of createInterface({ input: process.stdin })) {
  const reply = await execute(JSON.parse(line) as Command).then(
    (value) => ({ value: value ?? null }),
    (error) => ({ error: messageOf(error) }),
  );
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
