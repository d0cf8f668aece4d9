// The signature of a call: the structure, shapes and dtypes of its arguments, and all values that are not tensors. Must not know programs.
import { describe } from "../../ops/define.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import { type AnyTensor, Tensor } from "../../tensor/tensor.js";
import { isPlainObject, outline } from "../../tensor/tree.js";

/** True if a value matches the signature. Its tensors are added to `leaves`, in order. */
type Matcher = (value: unknown, leaves: AnyTensor[]) => boolean;

/** One level of a structure as text. */
interface Part {
  readonly path: string;
  readonly text: string;
  /** The value of a leaf that is not a tensor. */
  readonly value: unknown;
}

export interface Signature {
  readonly matches: Matcher;
  /** Starts with the outermost level. */
  readonly parts: readonly Part[];
}

/** @throws TypeError for an object whose changes would go unnoticed */
export function signatureOf(args: readonly unknown[]): Signature {
  const parts: Part[] = [];
  return { matches: matcherOf(args, "", parts), parts };
}

/** @param path - the value's place among the arguments: `[0].layers[1]` */
function matcherOf(like: unknown, path: string, parts: Part[]): Matcher {
  const note = (text: string, value?: unknown): void => void parts.push({ path, text, value });
  if (like instanceof Tensor) {
    const { extents, dtype } = like;
    note(`${dtype} ${formatShape(extents)}`);
    return (x, leaves) =>
      x instanceof Tensor && x.dtype === dtype && sameShape(x.extents, extents) && leaves.push(x) > 0;
  }
  if (Array.isArray(like)) {
    note(outline(like));
    const items = like.map((item, i) => matcherOf(item, `${path}[${i}]`, parts));
    return (x, leaves) => {
      if (!Array.isArray(x) || x.length !== items.length) return false;
      for (let i = 0; i < items.length; i++) if (!items[i]!(x[i], leaves)) return false;
      return true;
    };
  }
  if (isPlainObject(like)) {
    note(outline(like));
    const keys = Object.keys(like);
    const items = keys.map((key) => matcherOf(like[key], `${path}.${key}`, parts));
    return (x, leaves) => {
      if (!isPlainObject(x)) return false;
      let i = 0;
      // In the order of the signature's keys, because tensors are identified by position.
      for (const key in x) if (key !== keys[i] || !items[i++]!(x[key], leaves)) return false;
      return i === keys.length;
    };
  }
  if (typeof like === "object" && like !== null) {
    throw new TypeError(
      `compile: ${argumentAt(path)} is ${describe(like)}; arguments must be tensors, numbers and other plain values, in arrays and plain objects`,
    );
  }
  note(typeof like === "function" ? "function" : String(like), like);
  return (x) => Object.is(x, like);
}

/** A place among the arguments, for messages: `argument 0.layers[1]`. */
export function argumentAt(path: string): string {
  return `argument ${path.replace(/^\[(\d+)\]/, "$1")}`;
}

/** The first difference of two signatures, as text; undefined if they are equal. */
export function differenceOf(before: Signature, after: Signature): string | undefined {
  for (const [i, { path, text, value }] of after.parts.entries()) {
    const was = before.parts[i]!;
    if (text !== was.text) return `${argumentAt(path)} is ${text} instead of ${was.text}`;
    if (!Object.is(value, was.value)) return `${argumentAt(path)} is another ${text}`;
  }
  return undefined;
}
