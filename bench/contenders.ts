// The kinds of contenders that tables are made of. Must not know any table, nor how they are timed.
import type { AnyTensor } from "simdgrad";
import type { Numbers } from "./check.js";
import type { LocalContender, Precision, RemoteContender } from "./harness.js";

export const PRECISIONS = ["float32", "float64"] as const satisfies readonly Precision[];

export const BYTES: Readonly<Record<Precision, number>> = { float32: 4, float64: 8 };

/** Float elements, as an op's result is known to hold. */
function floats(tensor: AnyTensor): Numbers {
  const { data } = tensor;
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
  return {
    name,
    precision: first instanceof Float32Array ? "float32" : "float64",
    run() {
      fill();
      return first[0]!;
    },
    ...(before && { before }),
    outputs() {
      fill();
      return results;
    },
  };
}

/** Ops that write into tensors which exist already. */
export function into(
  name: string,
  precision: Precision,
  apply: () => unknown,
  results: readonly AnyTensor[],
  before?: () => void,
): LocalContender {
  return {
    name,
    precision,
    run() {
      apply();
      return results.length;
    },
    ...(before && { before }),
    outputs() {
      apply();
      return results.map(floats);
    },
  };
}

/** Ops that make new tensors; freeing them is part of the price. */
export function fresh(name: string, precision: Precision, apply: () => readonly AnyTensor[]): LocalContender {
  return {
    name,
    precision,
    run() {
      const results = apply();
      for (const result of results) result.dispose();
      return results.length;
    },
    outputs() {
      return apply().map((result) => {
        const copy = floats(result).slice();
        result.dispose();
        return copy;
      });
    },
  };
}

/** A compiled function: its results are its own, so that nobody frees them. */
export function compiled(name: string, precision: Precision, call: () => readonly AnyTensor[]): LocalContender {
  return { name, precision, run: () => call().length, outputs: () => call().map(floats) };
}

/** A contender whose calls go on from where the last one ended: results are those of a call from the beginning. */
export function advancing(contender: LocalContender, restore: () => void): LocalContender {
  return {
    ...contender,
    outputs() {
      restore();
      return contender.outputs();
    },
  };
}

/** A task of NumPy's process, in every precision asked for. */
export function numpy(task: string, precisions: readonly Precision[] = PRECISIONS): readonly RemoteContender[] {
  return precisions.map((precision) => ({ name: `NumPy ${task}`, peer: "NumPy", precision, task }));
}
