// Lifetimes by block: what is made inside and not returned is freed. Knows tensors and structures of them only.
import { enterScope } from "./lifetime.js";
import type { AnyTensor } from "./tensor.js";
import { findHidden, gather } from "./tree.js";

/**
 * True for a promise, whose outcome is ignored from then on: what its function still does on freed tensors fails, and where an error
 * says why, an unhandled rejection must not end the process.
 */
export function ignorePromise(result: unknown): boolean {
  const { then } = (result ?? {}) as Partial<PromiseLike<unknown>>;
  if (typeof then !== "function") return false;
  then.call(result, undefined, () => undefined);
  return true;
}

/**
 * Runs `body` and frees every tensor made in it, save those in its result (a tensor, or nested arrays and plain objects
 * of tensors), which belong to the enclosing scope then. What existed before is untouched. If `body` throws, all that it
 * made is freed.
 *
 * @throws TypeError when `body` is asynchronous (its tensors would be freed before it ends) or its result holds tensors that it made in
 * an object of a class, a Map or a Set, and what `body` throws
 * @example
 * const [y, t] = [tensor([1, 2]), tensor([1, 4])];
 * const loss = scope(() => sum(square(sub(y, t)))); // the difference and its square are gone
 * loss.item(); // 4
 */
export function scope<R>(body: () => R): R {
  const made = new Set<AnyTensor>();
  const outer = enterScope(made);
  let kept: AnyTensor[] = [];
  try {
    const result = body();
    if (ignorePromise(result)) {
      throw new TypeError("scope: the function returned a promise; await outside");
    }
    const [found, others, seen]: [AnyTensor[], object[], Set<unknown>] = [[], [], new Set()];
    gather(result, seen, found, others);
    const hider = findHidden(others, seen, (tensor) => made.has(tensor));
    if (hider !== undefined) {
      throw new TypeError(`scope: the result hides tensors in ${hider}: only arrays and plain objects are looked into`);
    }
    kept = found;
    return result;
  } finally {
    enterScope(outer);
    for (const tensor of kept) if (made.has(tensor)) tensor.moveTo(outer);
    for (const tensor of made) tensor.end("its scope ended without returning it");
  }
}
