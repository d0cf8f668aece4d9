// Lifetimes by block: what is made inside and not returned is freed. Knows tensors and structures of them only.
import { type AnyTensor, enterScope } from "./tensor.js";
import { tensorsOf } from "./tree.js";

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
    if (typeof (result as { then?: unknown } | null | undefined)?.then === "function") {
      // What the body still does on freed tensors fails; this error says why, an unhandled rejection would end the process.
      (result as unknown as PromiseLike<unknown>).then(undefined, () => undefined);
      throw new TypeError(
        "scope: the body returned a promise; make the scope inside the async function, between awaits",
      );
    }
    kept = tensorsOf(result);
    return result;
  } finally {
    enterScope(outer);
    for (const tensor of kept) if (made.has(tensor)) tensor.moveTo(outer);
    for (const tensor of made) tensor.dispose();
  }
}
