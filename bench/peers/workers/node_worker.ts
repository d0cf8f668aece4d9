// Hosts one JavaScript library, named on the command line, in a process of its own: node's side of the protocol (see
// protocol.py). Must not know what the library computes, nor how times are reported.
import { createInterface } from "node:readline";
import { messageOf } from "../../../examples/support/errors.js";
import { digestOf, type Numbers } from "../../check.js";
import { type DataSpec, makeData } from "../../data.js";
import { type LocalContender, localRunner, type Precision, type Runner } from "../../runner.js";
import type { Versions } from "../process.js";

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
  /** Tasks by name, from arrays of one dtype by name. */
  readonly families: Readonly<Record<string, (arrays: Record<string, unknown>) => Tasks | Promise<Tasks>>>;
}

/** A call that returns an array or a list of them, or a promise of that. */
type Tasks = Readonly<Record<string, () => unknown>>;

interface Command {
  readonly do: string;
  readonly family: string;
  readonly data: Readonly<Record<string, DataSpec>>;
  readonly precisions: readonly Precision[];
  readonly task: string;
  readonly precision: Precision;
  readonly ms: number;
  readonly sampleMs: number;
  readonly batch: number;
  readonly budgetMs: number;
}

const runners = new Map<string, Runner>();
let release: (array: unknown) => void;
let placed: unknown[] = [];

function listOf(result: unknown): readonly unknown[] {
  return Array.isArray(result) ? result : [result];
}

function contenderOf(library: Library, name: string, precision: Precision, call: () => unknown): LocalContender {
  const finish = (result: unknown): number => {
    const arrays = listOf(result);
    for (const array of arrays) release(array);
    return arrays.length;
  };
  return {
    name,
    precision,
    async: library.async === true,
    run: library.async === true ? async () => finish(await call()) : () => finish(call()),
    async outputs() {
      const arrays = listOf(await call());
      const copies = arrays.map((array) => library.read(array).slice());
      for (const array of arrays) release(array);
      return copies;
    },
  };
}

async function prepare(library: Library, { family, data, precisions }: Command): Promise<unknown> {
  // Memory first: what the last table held goes before the next one's data comes.
  runners.clear();
  for (const array of placed) release(array);
  placed = [];
  const make = library.families[family];
  const tasks: { task: string; precision: Precision }[] = [];
  for (const precision of precisions) {
    if (make === undefined || !library.precisions.includes(precision)) continue;
    const arrays: Record<string, unknown> = {};
    for (const [name, spec] of Object.entries(data)) {
      arrays[name] = library.place(makeData(spec), spec.shape, precision);
      placed.push(arrays[name]);
    }
    for (const [task, call] of Object.entries(await make(arrays))) {
      runners.set(`${precision} ${task}`, localRunner(contenderOf(library, task, precision, call)));
      tasks.push({ task, precision });
    }
  }
  return tasks;
}

async function execute(library: Library, command: Command): Promise<unknown> {
  if (command.do === "versions") return library.versions;
  if (command.do === "prepare") return prepare(library, command);
  const runner = runners.get(`${command.precision} ${command.task}`);
  if (runner === undefined) throw new Error(`no task ${command.task} in ${command.precision}`);
  switch (command.do) {
    case "outputs":
      return (await runner.outputs()).map((output) => ("size" in output ? output : digestOf(output)));
    case "warmUp":
      return runner.warmUp(command.ms);
    case "calibrate":
      return runner.calibrate(command.sampleMs);
    case "sample":
      return runner.sample(command.batch, command.budgetMs);
    default:
      throw new Error(`unknown command ${command.do}`);
  }
}

// Libraries greet on the console, and stdout is for replies.
console.log = console.info = console.error;
const library = (await import(new URL(`${process.argv[2]}.mjs`, import.meta.url).href)) as Library;
release = library.release ?? (() => {});
for await (const line of createInterface({ input: process.stdin })) {
  const reply = await execute(library, JSON.parse(line) as Command).then(
    (value) => ({ value: value ?? null }),
    (error) => ({ error: messageOf(error) }),
  );
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
