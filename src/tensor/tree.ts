// Walks nested arrays and objects of tensors in a fixed order. Must not know what callers do with the leaves.
import { shown } from "../errors.js";
import { type AnyTensor, Tensor } from "./tensor.js";

/** True for `{}` of any realm and for `Object.create(null)`, false for instances of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  // Each realm has its own Object.prototype. Nothing else has this method and no prototype.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
}

/**
 * The same structure with every leaf replaced. Arrays stay arrays, plain objects keep their keys, and every other value is a leaf.
 * `path` reads like code: `.layers[0].w`.
 */
export function mapTree(
  tree: readonly unknown[],
  leaf: (value: unknown, path: string) => unknown,
  path?: string,
): unknown[];
export function mapTree(tree: unknown, leaf: (value: unknown, path: string) => unknown, path?: string): unknown;
export function mapTree(tree: unknown, leaf: (value: unknown, path: string) => unknown, path = ""): unknown {
  if (Array.isArray(tree)) return tree.map((item, i) => mapTree(item, leaf, `${path}[${i}]`));
  if (isPlainObject(tree)) {
    return Object.fromEntries(Object.entries(tree).map(([key, item]) => [key, mapTree(item, leaf, `${path}.${key}`)]));
  }
  return leaf(tree, path);
}

/**
 * Walks `tree` along `like`, which must have the same structure. Calls `leaf` for every leaf of `like`, in its order, with the value that
 * `tree` has under the same keys. The order of keys in `tree` does not matter.
 * @throws TypeError that names the first place where keys, lengths or kinds differ
 */
export function matchTree(
  tree: unknown,
  like: unknown,
  path: string,
  leaf: (value: unknown, path: string, like: unknown) => void,
): void {
  const isArray = Array.isArray(like);
  if (!isArray && !isPlainObject(like)) {
    leaf(tree, path, like);
    return;
  }
  const keys = Object.keys(like);
  const fits = isArray
    ? Array.isArray(tree) && tree.length === like.length
    : isPlainObject(tree) && Object.keys(tree).length === keys.length && keys.every((key) => key in tree);
  if (!fits) throw new TypeError(`${path}: expected ${outline(like)}, got ${outline(tree)}`);
  const parts: Readonly<Record<string, unknown>> = Object(tree);
  for (const [key, part] of Object.entries(like)) {
    matchTree(parts[key], part, path + (isArray ? `[${key}]` : `.${key}`), leaf);
  }
}

/** The outermost level of a structure as text, for messages. */
export function outline(tree: unknown): string {
  if (Array.isArray(tree)) return `an array of ${tree.length}`;
  if (isPlainObject(tree)) return `{${Object.keys(tree).join(", ")}}`;
  return tree instanceof Tensor ? tree.label : shown(tree);
}

/**
 * Collects the tensors of a structure, and `others`: leaves that are other objects. Visits each object once, so cycles end.
 */
export function gather(value: unknown, seen: Set<unknown>, tensors: AnyTensor[], others: object[]): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Tensor) tensors.push(value);
  else if (Array.isArray(value)) for (const item of value) gather(item, seen, tensors, others);
  else if (isPlainObject(value)) for (const key in value) gather(value[key], seen, tensors, others);
  else others.push(value);
}

/** The class of the first object, for messages, that holds a tensor not seen before for which `lost` is true. */
export function findHidden(
  others: readonly object[],
  seen: Set<unknown>,
  lost: (tensor: AnyTensor) => boolean,
): string | undefined {
  for (const other of others) {
    const tensors: AnyTensor[] = [];
    const open = [other];
    for (const object of open) {
      if (Object.getPrototypeOf(object) === Tensor.prototype) return "a Proxy of a tensor";
      gather(contentsOf(object), seen, tensors, open);
    }
    if (tensors.some(lost)) return shown(other);
  }
  return undefined;
}

function isCollection(object: object): object is Iterable<unknown> {
  return /^\[object (Map|Set)]$/.test(Object.prototype.toString.call(object));
}

/** An object's own fields and a Map's or Set's entries. Getters are not called. */
function contentsOf(object: object): unknown[] {
  if (ArrayBuffer.isView(object)) return [];
  const fields = Object.values(Object.getOwnPropertyDescriptors(object)).map(({ value }): unknown => value);
  return isCollection(object) ? [...fields, ...object] : fields;
}

/** Every tensor of a structure, in order. */
export function tensorsOf(tree: unknown): AnyTensor[] {
  const found: AnyTensor[] = [];
  mapTree(tree, (value) => {
    if (value instanceof Tensor) found.push(value);
  });
  return found;
}

/** The structure of `tree`, with its tensors replaced in order by `tensors`. */
export function replaceTensors<T>(tree: T, tensors: readonly unknown[]): T {
  let next = 0;
  // Cast: the structure stays, and the tensors are like the ones they replace.
  return mapTree(tree, (value) => (value instanceof Tensor ? tensors[next++] : value)) as T;
}
