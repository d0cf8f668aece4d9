// Scopes: free the tensors that a function makes and does not return. Must not know ops.
import { enterScope } from "./lifetime.js";
import { type AnyTensor, Tensor } from "./tensor.js";
import { findHidden, gather } from "./tree.js";

/**
 * True for a promise. Its outcome is ignored from then on: its function will fail on freed tensors, the caller's error already says why,
 * and an unhandled rejection must not end the process.
 */
export function ignorePromise(result: unknown): boolean {
  const { then }: { readonly then?: unknown } = Object(result);
  if (typeof then !== "function") return false;
  then.call(result, undefined, () => undefined);
  return true;
}

/**
 * Runs `body` and frees every tensor made in it, except those in its result (a tensor, or nested arrays and plain objects of tensors),
 * which then belong to the enclosing scope. Older tensors are untouched. If `body` throws, all its tensors are freed.
 *
 * @throws TypeError if `body` is asynchronous (its tensors would be freed before it ends), or if its result hides new tensors in an
 * object of a class, a Map or a Set; and the errors of `body`
 * @example
 * const [y, t] = [tensor([1, 2]), tensor([1, 4])];
 * const loss = scope(() => sum(square(sub(y, t)))); // the difference and its square are gone
 * loss.item(); // 4
 */
export function scope<R>(body: () => R): R {
  return enclose(body, keptIn);
}

/** `scope` for a body of the package's own, whose result is a flat list: it need not be searched. */
export function scopeOfList<R extends readonly (AnyTensor | undefined)[]>(body: () => R): R {
  return enclose(body, (list) => list);
}

/** Runs `body` in a scope of its own; `tensorsIn` finds the tensors that leave it. */
function enclose<R>(
  body: () => R,
  tensorsIn: (result: R, made: ReadonlySet<AnyTensor>) => readonly (AnyTensor | undefined)[],
): R {
  const made = new Set<AnyTensor>();
  const outer = enterScope(made);
  let kept: readonly (AnyTensor | undefined)[] = [];
  try {
    const result = body();
    kept = tensorsIn(result, made);
    return result;
  } finally {
    enterScope(outer);
    for (const tensor of kept) if (tensor !== undefined && made.has(tensor)) tensor.moveTo(outer);
    for (const tensor of made) tensor.end("its scope ended without returning it");
  }
}

/** The tensors in the result of a user's function. */
function keptIn(result: unknown, made: ReadonlySet<AnyTensor>): readonly AnyTensor[] {
  if (result instanceof Tensor) return [result];
  if (ignorePromise(result)) {
    throw new TypeError("scope: the function returned a promise; await outside");
  }
  const [found, others, seen]: [AnyTensor[], object[], Set<unknown>] = [[], [], new Set()];
  gather(result, seen, found, others);
  const hider = findHidden(others, seen, (tensor) => made.has(tensor));
  if (hider !== undefined) {
    throw new TypeError(`scope: the result hides tensors in ${hider}: return them in arrays and plain objects`);
  }
  return found;
}
