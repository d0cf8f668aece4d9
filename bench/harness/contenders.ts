// The kinds of contenders that tables are made of. Must not know any table, nor how they are timed.
import type { AnyTensor } from "simdgrad";
import type { LocalContender, Numbers, Precision } from "./table.js";

export const PRECISIONS = ["float32", "float64"] as const satisfies readonly Precision[];

export const BYTES: Readonly<Record<Precision, number>> = { float32: 4, float64: 8 };

/** Float elements, as an op's result is known to hold. */
function floats({ data }: AnyTensor): Numbers {
  if (data instanceof Int32Array) throw new TypeError("contenders compute floats");
  return data;
}

/** Typed arrays that a plain loop fills. */
export function plain(
  name: string,
  fill: () => void,
  results: readonly Numbers[],
  before?: () => void,
): LocalContender {
  const first = results[0]!;
  const precision = first instanceof Float32Array ? "float32" : "float64";
  const run = (): number => {
    fill();
    return first[0]!;
  };
  const outputs = (): readonly Numbers[] => {
    fill();
    return results;
  };
  return { name, precision, run, outputs, ...(before && { before }) };
}

/** Ops that write into tensors which exist already. */
export function into(
  name: string,
  precision: Precision,
  apply: () => unknown,
  results: readonly AnyTensor[],
  before?: () => void,
): LocalContender {
  const run = (): number => {
    apply();
    return results.length;
  };
  const outputs = (): readonly Numbers[] => {
    apply();
    return results.map(floats);
  };
  return { name, precision, run, outputs, ...(before && { before }) };
}

/** Ops that make new tensors; freeing them is part of the price. */
export function fresh(name: string, precision: Precision, apply: () => readonly AnyTensor[]): LocalContender {
  const run = (): number => {
    const results = apply();
    for (const result of results) result.dispose();
    return results.length;
  };
  const outputs = (): readonly Numbers[] =>
    apply().map((result) => {
      const copy = floats(result).slice();
      result.dispose();
      return copy;
    });
  return { name, precision, run, outputs };
}

/** A compiled function: its results are its own, so that nobody frees them. */
export function compiled(name: string, precision: Precision, call: () => readonly AnyTensor[]): LocalContender {
  return { name, precision, run: () => call().length, outputs: () => call().map(floats) };
}

/** A contender whose calls go on from where the last one ended: results are those of a call from the beginning. */
export function advancing(contender: LocalContender, restore: () => void): LocalContender {
  const outputs = (): ReturnType<LocalContender["outputs"]> => {
    restore();
    return contender.outputs();
  };
  return { ...contender, outputs };
}
