// Bytes that a compiled function was given to write over within a recording, where nothing runs that would write them. Must not
// know what records.
import { AliasError } from "../errors.js";
import type { Storage } from "./storage.js";
import type { AnyTensor } from "./tensor.js";

let donated = new Set<Storage>();

/** Refuses all further use of these bytes, until the recording ends. */
export function giveAway(storages: Iterable<Storage>): void {
  for (const storage of storages) donated.add(storage);
}

/** @throws AliasError for a tensor whose bytes were given away */
export function checkKept(op: string, x: AnyTensor): void {
  // Almost always there are none, and every op asks for each operand.
  if (donated.size === 0 || !donated.has(x.storage)) return;
  throw new AliasError(
    `${op}: the ${x.named} tensor was donated to a compiled function: use its result, or clone() before`,
  );
}

/** Runs `body` as if nothing had been given away before; what is given away within counts until its end. */
export function apart<R>(body: () => R): R {
  const outer = donated;
  donated = new Set();
  try {
    return body();
  } finally {
    donated = outer;
  }
}
