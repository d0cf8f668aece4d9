// A compiled function within a recording: it runs as if it were not compiled, and its ops are recorded. Must not know programs.
import { giveAway } from "../tensor/donated.js";
import { sameShape } from "../tensor/shape.js";
import { replaceTensors, tensorsOf } from "../tensor/tree.js";
import { positionsOf } from "../transform/positions.js";

/**
 * Runs the function. A donated tensor that a result may replace must not be used afterwards, because a program would have overwritten it.
 * @param donate - the positions of donated arguments
 */
export function runRecorded<Args extends readonly unknown[], R>(
  f: (...args: Args) => R,
  args: Args,
  donate: number | readonly number[],
): R {
  const donors = positionsOf("compile: donate", donate, args.length).flatMap((position) =>
    tensorsOf(args[position]).map((tensor) => ({ tensor, version: tensor.storage.version })),
  );
  const returned = f(...args);
  if (donors.length === 0) return returned;
  const results = tensorsOf(returned);
  const lost = donors.filter(
    ({ tensor: { storage, extents, dtype }, version }) =>
      storage.version === version &&
      results.some((x) => x.storage !== storage && x.dtype === dtype && sameShape(x.extents, extents)),
  );
  const storages = new Set(lost.map(({ tensor }) => tensor.storage));
  // An old value that is returned as well is a copy outside of recordings, too.
  const own = results.map((x) => (storages.has(x.storage) ? x.clone() : x));
  giveAway(storages);
  return replaceTensors(returned, own);
}
