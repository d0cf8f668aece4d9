// Builds a program from a function and a signature: runs the passes in order. Must not know how the program is used.
import { useArena } from "../runtime/memory/arena.js";
import { LinkedProgram, type Symbolic } from "../runtime/program/linker.js";
import type { DType } from "../tensor/dtype.js";
import type { Shape } from "../tensor/shape.js";
import type { Storage } from "../tensor/storage.js";
import type { AnyTensor } from "../tensor/tensor.js";
import type { AddressOf } from "./emit/instructions.js";
import { lower, symbolAddress } from "./emit/lower.js";
import { matchDonated } from "./passes/donate.js";
import { fuse } from "./passes/fuse.js";
import { type Plan, plan } from "./passes/plan.js";
import { dropDead, shareCommon, simplify } from "./passes/simplify.js";
import type { Unit } from "./passes/unit.js";
import { type Computed, copyOf, type Graph, type Input, isComputed, type Value } from "./trace/graph.js";
import type { Guard } from "./trace/guards.js";
import { trace } from "./trace/record.js";
import { type Filler, fillerOf } from "./trace/structure.js";

/** One result of a program. */
export interface Result {
  readonly shape: Shape;
  readonly dtype: DType;
  /** The argument whose tensor holds it, perhaps with a new value after the run; undefined in the program's own memory. */
  readonly argument: number | undefined;
}

/** The instructions of a unit. */
export interface Step {
  readonly unit: Unit;
  readonly first: number;
  readonly count: number;
}

/** A program for one signature, with the data to run and explain it. */
export interface Built {
  readonly program: LinkedProgram;
  readonly steps: readonly Step[];
  readonly graph: Graph;
  readonly plan: Plan;
  readonly inputs: readonly Input[];
  readonly results: readonly Result[];
  /** The structure of the function's result, with a `Position` in the results for each tensor. */
  readonly structure: unknown;
  /** Puts the results into the structure. */
  readonly fill: Filler;
  readonly guards: readonly Guard[];
  /** The bytes of the tensors that it reads and that are not arguments. */
  readonly constants: readonly Storage[];
  /** The tensors from outside that the function read. The program is valid while they are alive. */
  readonly outside: readonly AnyTensor[];
  /** Inputs that hold a new value after a run. */
  readonly written: readonly number[];
  readonly dispose: () => void;
}

/** Traces a function and makes a program from the trace. */
export function build(f: (...args: unknown[]) => unknown, args: readonly unknown[], donated: readonly number[]): Built {
  const traced = trace(f, args);
  const held: (() => void)[] = traced.constants.map((storage) => () => storage.release());
  const dispose = (): void => {
    for (const release of held.splice(0)) release();
  };
  try {
    const simple = dropDead(shareCommon(simplify(traced.graph)));
    const { inputs } = traced;
    const { graph, results, own } = placeResults(simple, inputs, donated);
    const { plan: planned, units } = plan(fuse(graph), inputs, own, graph.writes);

    held.push(useArena(planned.arenaBytes));
    // Symbols: the arguments, the results that have memory of their own, the arena.
    const arena = inputs.length + own.length;
    const symbols = { argument: 0, result: inputs.length };
    const addressOf: AddressOf = (value) => {
      const { origin } = value;
      if (origin.kind === "constant") return origin.storage.address;
      const { kind, at } = planned.places.get(value)!;
      return kind === "arena" ? symbolAddress(arena) + at : symbolAddress(symbols[kind] + at);
    };

    const instructions: Symbolic[] = [];
    const steps: Step[] = [];
    for (const unit of units) {
      const list = lower(unit, addressOf, (value) => planned.places.has(value));
      steps.push({ unit, first: instructions.length, count: list.length });
      instructions.push(...list);
    }
    const program = new LinkedProgram(instructions, arena + 1);
    held.push(() => program.dispose());
    return {
      program,
      steps,
      graph,
      plan: planned,
      inputs,
      results,
      structure: traced.structure,
      fill: fillerOf(traced.structure),
      guards: traced.guards,
      outside: traced.outside,
      constants: traced.graph.values.flatMap(({ origin }) => (origin.kind === "constant" ? [origin.storage] : [])),
      written: graph.writes.map(({ input }) => input.origin.index),
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

/**
 * Chooses the place of each result: an argument's tensor (a returned one, or a donated one that it replaces), or memory of its own, which
 * holds no other result and no input. A donated tensor that is both returned and replaced is returned as a copy.
 */
function placeResults(
  graph: Graph,
  inputs: readonly Input[],
  donated: readonly number[],
): { readonly graph: Graph; readonly results: Result[]; readonly own: Value[] } {
  const values = [...graph.values];
  const writes = [...graph.writes];
  const own: Value[] = [];
  const taken = new Set<Value>(writes.map(({ input }) => input));
  const copied = (value: Value): Computed => {
    const copy = copyOf(value);
    values.push(copy);
    return copy;
  };
  const donors = inputs.filter(
    (input) => donated.includes(Number.parseInt(input.origin.path.slice(1), 10)) && !taken.has(input),
  );
  const matched = matchDonated(
    donors,
    graph.results.filter(({ passed, isGradient }) => !isGradient && (!passed || donors.includes(passed))),
  );
  const lost = new Set<Value>();
  for (const [{ value }, host] of matched) {
    if (value === host) continue;
    writes.push({ input: host, value });
    lost.add(host);
  }
  const results = graph.results.map((result): Result => {
    const { value, shape, passed } = result;
    const argument = (matched.get(result) ?? (passed && !lost.has(passed) ? passed : undefined))?.origin.index;
    if (argument === undefined) own.push(isComputed(value) && !own.includes(value) ? value : copied(value));
    return { shape, dtype: value.dtype, argument };
  });
  // If an input receives another one's old value, a copy keeps that value from being overwritten.
  const changed = new Set<Value>(writes.map(({ input }) => input));
  const safe = writes.map(({ input, value }) => ({ input, value: changed.has(value) ? copied(value) : value }));
  return { graph: { ...graph, values, writes: safe }, results, own };
}
