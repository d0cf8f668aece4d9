// Bytes donated to a compiled function during a recording. Nothing overwrites them then, so their use must be refused here. Must not
// know what records.
import { AliasError } from "../errors.js";
import type { Storage } from "./storage.js";
import type { AnyTensor } from "./tensor.js";

let donated = new Set<Storage>();

/** Refuses further use of these bytes until the recording ends. */
export function giveAway(storages: Iterable<Storage>): void {
  for (const storage of storages) donated.add(storage);
}

/** @throws AliasError for a donated tensor */
export function checkKept(op: string, x: Pick<AnyTensor, "storage" | "named">): void {
  // Every op checks each operand, and the set is almost always empty.
  if (donated.size === 0 || !donated.has(x.storage)) return;
  throw new AliasError(
    `${op}: the ${x.named} tensor was donated to a compiled function: use its result, or clone() before`,
  );
}

/** Runs `body` with a set of its own: earlier donations do not count in it, and its own end with it. */
export function apart<R>(body: () => R): R {
  const outer = donated;
  donated = new Set();
  try {
    return body();
  } finally {
    donated = outer;
  }
}
