// Lifetimes by block: what is made inside and not returned is freed. Knows tensors and structures of them only.
import { type AnyTensor, enterScope } from "./tensor.js";
import { tensorsOf } from "./tree.js";

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
 * @throws TypeError when `body` is asynchronous (its tensors would be freed before it ends), and what `body` throws
 * @example
 * const [y, t] = [tensor([1, 2]), tensor([1, 4])];
 * const loss = scope(() => sum(square(sub(y, t)))); // the difference and its square are gone
 * loss.item(); // 4
 */
export function scope<R>(body: () => R): R {
  const made = new Set<AnyTensor>();
  const outer = enterScope(made);
  let kept: readonly AnyTensor[] = [];
  try {
    const result = body();
    if (ignorePromise(result)) {
      throw new TypeError("scope: the body returned a promise; make a scope between awaits");
    }
    kept = tensorsOf(result);
    return result;
  } finally {
    enterScope(outer);
    for (const tensor of kept) if (made.has(tensor)) tensor.moveTo(outer);
    for (const tensor of made) tensor.dispose();
  }
}
