// Random programs run in every way there is, and held against the oracle. Must not know how a program is made.
import * as sg from "simdgrad";
import { programs as tolerance } from "../tolerances.js";
import { type Handle, handle, read } from "./handles.js";
import { type Any, libraryMachine, tensorOf } from "./library.js";
import { heirs, oracle, slopes } from "./oracle.js";
import { print } from "./print.js";
import { functionOf, type Given, type Program } from "./program.js";
import { constant, type Scalar, TooLong, withNoise } from "./scalar.js";
import { sameShape } from "./writer.js";

type Elements = ArrayLike<number>;

/** The outcome of one call: its results, and the inputs that no result replaces. */
interface Run {
  readonly results: readonly Elements[];
  readonly inputs: readonly Elements[];
}

/** The ways in which the library runs a program. */
export const WAYS = ["eager", "out", "compiled", "into", "over"] as const;
type Way = (typeof WAYS)[number];

/** Calls of each program. The second one starts from the outcome of the first. */
const CALLS = 2;

/** A difference, with the program that shows it. */
export class Mismatch extends Error {
  override readonly name = "Mismatch";
  constructor(what: string, program: Program) {
    super(`${what}\n${print(program)}`);
  }
}

/** What becomes of an input in a call: the result by number, or nothing, or what nobody has promised. */
type Fate = number | "kept" | "open";

/**
 * What becomes of the inputs, of which some are donated. One that the function writes holds what the function says; another one takes over
 * what an optimizer has made of it last, else the result at its own place, if neither a gradient nor an argument that is not
 * donated stands there, and all donated inputs alike have theirs. Whatever else it may become, it may be refused as well.
 */
function fatesOf(
  { donate, keys }: Program,
  inputs: readonly Handle[],
  before: readonly (readonly Scalar[])[],
  results: readonly Handle[],
): Fate[] {
  const fits = (x: Handle | undefined, { shape, dtype }: Handle): boolean =>
    x !== undefined && x.dtype === dtype && sameShape(x.shape, shape);
  const isHome = (i: number): boolean => {
    const there = results[i];
    if (there === undefined || keys !== undefined || !fits(there, inputs[i]!)) return false;
    const isOther = inputs.some(({ bytes, shape }, k) => {
      return bytes === there.bytes && sameShape(shape, there.shape) && !donate.includes(k);
    });
    return !isOther && !heirs.has(there.bytes.elements) && !slopes.has(there.bytes.elements);
  };
  return inputs.map((input, i): Fate => {
    const { bytes } = input;
    if (!donate.includes(i)) return "kept";
    // Written, perhaps with its old value.
    if (bytes.elements !== before[i]) {
      const isReturned = results.some((x) => x.bytes === bytes && fits(x, input));
      return isReturned || bytes.elements.some((x, k) => x.value !== before[i]![k]!.value) ? "kept" : "open";
    }
    const own = results.filter((x) => heirs.get(x.bytes.elements)?.of === before[i] && fits(x, input));
    const last = Math.max(...own.map((x) => heirs.get(x.bytes.elements)!.updates));
    const latest = own.filter((x) => heirs.get(x.bytes.elements)!.updates === last);
    if (latest.length > 0) return latest.length === 1 ? results.indexOf(latest[0]!) : "open";
    const twins = donate.filter((k) => fits(input, inputs[k]!));
    return twins.every(isHome) ? i : "open";
  });
}

interface Expected {
  readonly runs: readonly Run[];
  readonly fates: readonly Fate[];
  /** See `withNoise`. */
  readonly clearance: number;
}

/** The oracle's outcome, with errors of this size in each op; undefined if it takes too long. */
function expected(program: Program, size: number, random: () => number): Expected | undefined {
  try {
    const { result, clearance } = withNoise(size, random, () => {
      const make = ({ shape, dtype, data }: Given): Handle => handle(shape, dtype, data.map(constant));
      const f = functionOf(program, oracle, program.outside.map(make));
      const inputs = program.inputs.map(make);
      let fates: Fate[] = [];
      const runs = Array.from({ length: CALLS }, (): Run => {
        const before = inputs.map(({ bytes }) => bytes.elements);
        const results = f(...inputs);
        fates = fatesOf(program, inputs, before, results);
        const run = { results: results.map(valuesOf), inputs: inputs.map(valuesOf) };
        fates.forEach((fate, i) => {
          if (typeof fate === "number") inputs[i]!.bytes.elements = run.results[fate]!.map(constant);
        });
        return run;
      });
      return { runs, fates };
    });
    return { ...result, clearance };
  } catch (error) {
    if (error instanceof TooLong) return undefined;
    throw error;
  }
}

const valuesOf = (x: Handle): number[] => read(x).map(({ value }) => value);

/** The library's outcome in one way of running; an error ends it. */
function actual(program: Program, way: Way, fates: readonly Fate[]): { runs: Run[]; error?: unknown } {
  const { keys } = program;
  const runs: Run[] = [];
  const made: { dispose(): void }[] = [];
  try {
    sg.scope(() => {
      const f = functionOf(program, libraryMachine(made, way === "out"), program.outside.map(tensorOf));
      const inputs = program.inputs.map(tensorOf);
      const structured = (...values: Any[]): unknown => {
        const results = f(...values);
        return keys === undefined ? results : Object.fromEntries(results.map((x, i) => [keys[i]!, x]));
      };
      const compiled = sg.compile(structured, way === "compiled" ? { donate: program.donate } : {});
      made.push(compiled);
      const call = (): Any[] => {
        if (way === "eager" || way === "out") return f(...inputs);
        if (way === "compiled") return Object.values(compiled(...inputs) as Any[]);
        const outs = program.outputs.map(({ shape, dtype }, i) => {
          const over = way === "over" ? fates.indexOf(i) : -1;
          return over < 0 ? (sg.zeros(shape as number[], dtype) as Any) : inputs[over]!;
        });
        compiled.into(keys === undefined ? outs : Object.fromEntries(outs.map((x, i) => [keys[i]!, x])), ...inputs);
        return outs;
      };
      for (let i = 0; i < callsOf(way, fates); i++) {
        const results = call().map(({ data }) => data.slice());
        runs.push({ results, inputs: inputs.map(({ data }) => data.slice()) });
        fates.forEach((fate, i) => {
          if (typeof fate === "number") inputs[i]!.data.set(results[fate]!);
        });
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
  finished: { eager: 0, out: 0, compiled: 0, into: 0, over: 0 },
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
  const right = expected(program, 0, () => 0);
  const fates = right?.fates ?? program.inputs.map((_, i) => (program.donate.includes(i) ? "open" : "kept"));
  const outcomes = WAYS.map((way): Outcome => {
    const own = way === "over" ? placesOf(program) : fates;
    return { way, fates: own, ...actual(program, way, own) };
  });
  for (const { way, error } of outcomes) {
    if (error === undefined) tally.finished[way]++;
    else if (!(error instanceof sg.AliasError || error instanceof sg.TraceError)) {
      throw new Mismatch(`${way} throws ${error instanceof Error ? error.stack : String(error)}`, program);
    }
  }
  if (right !== undefined) compareWithOracle(program, right, outcomes, tally);
  compareWays(program, outcomes);
}

interface Outcome {
  readonly way: Way;
  readonly fates: readonly Fate[];
  readonly runs: readonly Run[];
  readonly error?: unknown;
}

/** So many calls are known: the first one only, where an input may hold anything afterwards. */
function callsOf(way: Way, fates: readonly Fate[]): number {
  return way === "over" || (way === "compiled" && fates.includes("open")) ? 1 : CALLS;
}

/** Inputs for results to be written into, in another order than theirs. */
function placesOf({ inputs, outputs }: Program): Fate[] {
  const fates = inputs.map((): Fate => "kept");
  for (const [i, { shape, dtype }] of outputs.entries()) {
    const fit = inputs.flatMap((x, k) =>
      fates[k] === "kept" && x.dtype === dtype && sameShape(x.shape, shape) ? [k] : [],
    );
    const place = fit[(i + 1) % Math.max(fit.length, 1)];
    if (place !== undefined) fates[place] = i;
  }
  return fates;
}

/** Elements of which something is known: those of a result, or of an input that no result replaces. */
interface Found {
  readonly call: number;
  readonly part: keyof Run;
  readonly index: number;
  readonly values: Elements;
  readonly where: string;
}

function* known({ way, fates, runs }: Outcome): Generator<Found> {
  const holdsResults = way === "compiled" || way === "over";
  for (const [call, run] of runs.slice(0, callsOf(way, fates)).entries()) {
    const name = (what: string, i: number): string => `call ${call + 1}, ${what} ${i}: ${way}`;
    for (const [index, values] of run.results.entries()) {
      yield { call, part: "results", index, values, where: name("result", index) };
    }
    for (const [index, values] of run.inputs.entries()) {
      const fate = holdsResults ? fates[index]! : "kept";
      const where = name("input", index);
      if (fate === "kept") yield { call, part: "inputs", index, values, where };
      else if (fate !== "open") yield { call, part: "results", index: fate, values, where };
    }
  }
}

const list = (values: Elements): string => Array.from(values).join(", ");

/** The ways have the same bits, as far as they come. */
function compareWays(program: Program, outcomes: readonly Outcome[]): void {
  const firsts = new Map<string, Found>();
  for (const found of outcomes.flatMap((outcome) => [...known(outcome)])) {
    const key = `${found.call} ${found.part} ${found.index}`;
    const first = firsts.get(key) ?? found;
    firsts.set(key, first);
    if (Array.from(found.values).every((x, k) => Object.is(x, first.values[k]))) continue;
    throw new Mismatch(`${found.where} ${list(found.values)}; ${first.where} ${list(first.values)}`, program);
  }
}

/** Each way's values are the oracle's, as nearly as rounding lets them be. */
function compareWithOracle(program: Program, right: Expected, outcomes: readonly Outcome[], tally: Tally): void {
  const isSingle = program.dtype === "float32" || JSON.stringify(program.body).includes('"astype"');
  const { noise, clearance, factor, samples, vague } = tolerance;
  const precision = isSingle ? "float32" : "float64";
  if (right.clearance < clearance[precision]) return;
  const size = noise[precision];
  const noisy = Array.from({ length: samples }, (_, i) => expected(program, size, generator(i + 1))!.runs);
  tally.judged++;
  for (const outcome of outcomes) {
    for (const { call, part, index, values, where } of known(outcome)) {
      const exact = right.runs[call]![part][index]!;
      const scale = greatest(exact);
      const spreads = noisy.map((runs) => greatest(Array.from(runs[call]![part][index]!, (x, k) => x - exact[k]!)));
      const allowed = factor * (Math.max(...spreads) + size * scale);
      if (!(scale < tolerance.scale) || !(allowed <= vague * (1 + scale))) continue;
      tally.elements += values.length;
      if (Array.from(values).every((x, k) => Math.abs(x - exact[k]!) <= allowed)) continue;
      throw new Mismatch(`${where} ${list(values)}; right ${list(exact)}`, program);
    }
  }
}
