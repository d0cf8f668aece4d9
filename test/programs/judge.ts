// Random programs run in every way there is, and held against the oracle. Must not know how a program is made.
import * as sg from "simdgrad";
import { programs as tolerance } from "../tolerances.js";
import { type Any, libraryMachine, tensorOf } from "./library.js";
import { type Handle, handle, oracle, read } from "./oracle.js";
import { print } from "./print.js";
import { functionOf, type Program } from "./program.js";
import { constant, TooLong, withNoise } from "./scalar.js";

type Elements = ArrayLike<number>;

/** What one call leaves: its results, and what the inputs hold. */
interface Run {
  readonly results: readonly Elements[];
  readonly inputs: readonly Elements[];
}

/** The ways in which the library runs a program. */
export const WAYS = ["eager", "out", "compiled", "into"] as const;
type Way = (typeof WAYS)[number];

/** Calls of each program: the second one finds what the first has left. */
const CALLS = 2;

/** A difference, with the program that shows it. */
export class Mismatch extends Error {
  override readonly name = "Mismatch";
  constructor(what: string, program: Program) {
    super(`${what}\n${print(program)}`);
  }
}

/** For each input the result that takes its place after a call: only for donated ones of which an optimizer makes something. */
function successors({ donate, nexts, body }: Program): (number | undefined)[] {
  return nexts.map((next, i) => {
    const result = next === undefined ? -1 : body.results.indexOf(next);
    return donate.includes(i) && result >= 0 ? result : undefined;
  });
}

/** What the oracle finds, with errors of such a size in each op; undefined where it takes too long. */
function expected(
  program: Program,
  size: number,
  random: () => number,
): { runs: Run[]; clearance: number } | undefined {
  try {
    const { result: runs, clearance } = withNoise(size, random, () => {
      const make = ({ shape, dtype, data }: Program["inputs"][number]): Handle =>
        handle(shape, dtype, data.map(constant));
      const f = functionOf(program, oracle, program.outside.map(make));
      const inputs = program.inputs.map(make);
      const next = successors(program);
      return Array.from({ length: CALLS }, (): Run => {
        const results = f(...inputs).map(valuesOf);
        next.forEach((result, i) => {
          if (result !== undefined) inputs[i]!.bytes.elements = results[result]!.map(constant);
        });
        return { results, inputs: inputs.map(valuesOf) };
      });
    });
    return { runs, clearance };
  } catch (error) {
    if (error instanceof TooLong) return undefined;
    throw error;
  }
}

const valuesOf = (x: Handle): number[] => read(x).map(({ value }) => value);

/** What the library does, in one way; ends with the error where it throws one. */
function actual(program: Program, way: Way): { runs: Run[]; error?: unknown } {
  const { keys } = program;
  const runs: Run[] = [];
  const made: { dispose(): void }[] = [];
  try {
    sg.scope(() => {
      const f = functionOf(program, libraryMachine(made, way === "out"), program.outside.map(tensorOf));
      const inputs = program.inputs.map(tensorOf);
      const next = successors(program);
      const structured = (...values: Any[]): unknown => {
        const results = f(...values);
        return keys === undefined ? results : Object.fromEntries(results.map((x, i) => [keys[i]!, x]));
      };
      const compiled = sg.compile(structured, way === "compiled" ? { donate: program.donate } : {});
      made.push(compiled);
      const call = (): Any[] => {
        if (way === "eager" || way === "out") return f(...inputs);
        if (way === "compiled") return Object.values(compiled(...inputs) as Any[]);
        const outs = f(...inputs.map((x) => x.clone())).map((x) => sg.zeros(x.shape as number[], x.dtype) as Any);
        compiled.into(keys === undefined ? outs : Object.fromEntries(outs.map((x, i) => [keys[i]!, x])), ...inputs);
        return outs;
      };
      for (let i = 0; i < CALLS; i++) {
        const results = call().map(({ data }) => data.slice());
        if (way !== "compiled") {
          next.forEach((result, i) => {
            if (result !== undefined) inputs[i]!.data.set(results[result]!);
          });
        }
        runs.push({ results, inputs: inputs.map(({ data }) => data.slice()) });
      }
    });
    return { runs };
  } catch (error) {
    return { runs, error };
  } finally {
    for (const program of made) program.dispose();
  }
}

/** How often what happened. */
export interface Tally {
  programs: number;
  /** Programs that the oracle has judged. */
  judged: number;
  /** Elements that it has judged. */
  elements: number;
  /** Programs that each way has run to the end. */
  readonly finished: Record<Way, number>;
}

export const newTally = (): Tally => ({
  programs: 0,
  judged: 0,
  elements: 0,
  finished: { eager: 0, out: 0, compiled: 0, into: 0 },
});

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}

const greatest = (values: Elements): number => Array.from(values).reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** Runs a program in every way. @throws Mismatch where one of them is wrong, or two differ in a bit */
export function judge(program: Program, tally: Tally): void {
  tally.programs++;
  const outcomes = WAYS.map((way) => ({ way, ...actual(program, way) }));
  for (const { way, error } of outcomes) {
    if (error === undefined) tally.finished[way]++;
    else if (!(error instanceof sg.AliasError || error instanceof sg.TraceError)) {
      throw new Mismatch(`${way} throws ${error instanceof Error ? error.stack : String(error)}`, program);
    }
  }
  compareWithOracle(program, outcomes, tally);
  compareWays(program, outcomes);
}

type Outcome = { readonly way: Way; readonly runs: readonly Run[]; readonly error?: unknown };

/** Inputs that a call may leave in any state: donated ones of which it is not known what becomes of them. */
function isFree(program: Program, way: Way): (input: number) => boolean {
  const next = successors(program);
  return (i) => way === "compiled" && program.donate.includes(i) && next[i] === undefined;
}

/** The ways have the same bits, as far as they come. */
function compareWays(program: Program, outcomes: readonly Outcome[]): void {
  const [first] = outcomes.filter(({ error }) => error === undefined);
  for (const { way, runs } of outcomes) {
    const free = isFree(program, way);
    const isOpen = program.inputs.some((_, i) => free(i));
    runs.slice(0, isOpen ? 1 : CALLS).forEach((run, call) => {
      const other = first?.runs[call];
      if (other === undefined) return;
      for (const part of ["results", "inputs"] as const) {
        run[part].forEach((values, i) => {
          if (part === "inputs" && free(i)) return;
          const same = Array.from(values).every((x, k) => Object.is(x, other[part][i]![k]));
          if (same) return;
          const what = `call ${call + 1}, ${part.slice(0, -1)} ${i}`;
          throw new Mismatch(
            `${what}: ${way} ${Array.from(values).join(", ")}; ${first!.way} ${Array.from(other[part][i]!).join(", ")}`,
            program,
          );
        });
      }
    });
  }
}

/** Each way's values are the oracle's, as nearly as rounding lets them be. */
function compareWithOracle(program: Program, outcomes: readonly Outcome[], tally: Tally): void {
  const isSingle = program.dtype === "float32" || JSON.stringify(program.body).includes('"astype"');
  const { noise, clearance, factor, samples } = tolerance;
  const size = noise[isSingle ? "float32" : "float64"];
  const exact = expected(program, 0, () => 0);
  if (exact === undefined || exact.clearance < clearance[isSingle ? "float32" : "float64"]) return;
  const noisy = Array.from({ length: samples }, (_, i) => expected(program, size, generator(i + 1))!.runs);
  tally.judged++;
  for (const { way, runs } of outcomes) {
    const free = isFree(program, way);
    const isOpen = program.inputs.some((_, i) => free(i));
    runs.slice(0, isOpen ? 1 : CALLS).forEach((run, call) => {
      for (const part of ["results", "inputs"] as const) {
        run[part].forEach((values, i) => {
          if (part === "inputs" && free(i)) return;
          const right = exact.runs[call]![part][i]!;
          const scale = greatest(right);
          const spread = Math.max(
            ...noisy.map((runs) => greatest(Array.from(right, (x, k) => x - runs[call]![part][i]![k]!))),
          );
          const allowed = factor * (spread + size * scale);
          if (!(scale < tolerance.scale) || !(allowed <= tolerance.vague * (1 + scale))) return;
          tally.elements += values.length;
          if (Array.from(values).every((x, k) => Math.abs(x - right[k]!) <= allowed)) return;
          const what = `call ${call + 1}, ${part.slice(0, -1)} ${i}`;
          throw new Mismatch(
            `${what}: ${way} ${Array.from(values).join(", ")}; right ${Array.from(right).join(", ")}`,
            program,
          );
        });
      }
    });
  }
}
