// Which arguments a program was made for: the structure, shapes and dtypes of a call, and everything in it that is no tensor. Must
// not know programs.
import { describe } from "../../ops/define.js";
import type { DType } from "../../tensor/dtype.js";
import { formatShape, type Shape, sameShape } from "../../tensor/shape.js";
import { type AnyTensor, Tensor } from "../../tensor/tensor.js";
import { isPlainObject } from "../../tensor/tree.js";

export type Signature =
  | { readonly kind: "tensor"; readonly shape: Shape; readonly dtype: DType }
  | { readonly kind: "array"; readonly items: readonly Signature[] }
  | { readonly kind: "object"; readonly keys: readonly string[]; readonly items: readonly Signature[] }
  /** What is no tensor belongs to the signature by its value. */
  | { readonly kind: "other"; readonly value: unknown };

/**
 * @param path - the value's place among the arguments: `[0].layers[1]`
 * @throws TypeError for an object whose changes would not be seen
 */
export function signatureOf(value: unknown, path = ""): Signature {
  if (value instanceof Tensor) return { kind: "tensor", shape: value.extents as Shape, dtype: value.dtype as DType };
  if (Array.isArray(value)) return { kind: "array", items: value.map((item, i) => signatureOf(item, `${path}[${i}]`)) };
  if (isPlainObject(value)) {
    const keys = Object.keys(value);
    return { kind: "object", keys, items: keys.map((key) => signatureOf(value[key], `${path}.${key}`)) };
  }
  if (typeof value === "object" && value !== null) {
    throw new TypeError(
      `compile: ${argumentAt(path)} is ${describe(value)}; arguments are tensors, numbers and other plain values, in arrays and plain objects`,
    );
  }
  return { kind: "other", value };
}

/** A place among the arguments, for messages: `argument 0.layers[1]`. */
export function argumentAt(path: string): string {
  return `argument ${path.replace(/^\[(\d+)\]/, "$1")}`;
}

/** Where two signatures differ first, and how; undefined where they do not. */
export function differenceOf(before: Signature, after: Signature): string | undefined {
  const parts = partsOf(before);
  for (const [i, { path, text, value }] of partsOf(after).entries()) {
    const was = parts[i]!;
    if (text !== was.text) return `${argumentAt(path)} is ${text} instead of ${was.text}`;
    if (!Object.is(value, was.value)) return `${argumentAt(path)} is another ${text}`;
  }
  return undefined;
}

/** A signature's levels from the outermost on, in words. */
function partsOf(signature: Signature, path = ""): { path: string; text: string; value?: unknown }[] {
  switch (signature.kind) {
    case "tensor":
      return [{ path, text: `${signature.dtype} ${formatShape(signature.shape)}` }];
    case "other": {
      const { value } = signature;
      return [{ path, text: typeof value === "function" ? "function" : String(value), value }];
    }
    default: {
      const { items } = signature;
      const keys = signature.kind === "object" ? signature.keys : undefined;
      const text = keys ? `{${keys.join(", ")}}` : `an array of ${items.length}`;
      return [{ path, text }, ...items.flatMap((item, i) => partsOf(item, path + (keys ? `.${keys[i]}` : `[${i}]`)))];
    }
  }
}

/** Whether a value has a signature; its tensors are put into `leaves`, in order. */
export function matches(signature: Signature, value: unknown, leaves: AnyTensor[]): boolean {
  switch (signature.kind) {
    case "tensor": {
      if (!(value instanceof Tensor) || value.dtype !== signature.dtype || !sameShape(value.extents, signature.shape)) {
        return false;
      }
      leaves.push(value);
      return true;
    }
    case "array": {
      const { items } = signature;
      if (!Array.isArray(value) || value.length !== items.length) return false;
      for (let i = 0; i < items.length; i++) if (!matches(items[i]!, value[i], leaves)) return false;
      return true;
    }
    case "object": {
      if (!isPlainObject(value)) return false;
      const { keys, items } = signature;
      let i = 0;
      // In the order of the keys: tensors are told apart by their position.
      for (const key in value) {
        if (key !== keys[i] || !matches(items[i]!, value[key], leaves)) return false;
        i++;
      }
      return i === keys.length;
    }
    default:
      return Object.is(signature.value, value);
  }
}
