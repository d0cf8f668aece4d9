// Which arguments a program was made for: the structure, shapes and dtypes of a call, and everything in it that is no tensor. Must
// not know programs.
import type { DType } from "../../tensor/dtype.js";
import { type Shape, sameShape } from "../../tensor/shape.js";
import { type AnyTensor, Tensor } from "../../tensor/tensor.js";
import { isPlainObject } from "../../tensor/tree.js";

export type Signature =
  | { readonly kind: "tensor"; readonly shape: Shape; readonly dtype: DType }
  | { readonly kind: "array"; readonly items: readonly Signature[] }
  | { readonly kind: "object"; readonly keys: readonly string[]; readonly items: readonly Signature[] }
  /** What is no tensor belongs to the signature by its value. */
  | { readonly kind: "other"; readonly value: unknown };

export function signatureOf(value: unknown): Signature {
  if (value instanceof Tensor) return { kind: "tensor", shape: value.extents as Shape, dtype: value.dtype as DType };
  if (Array.isArray(value)) return { kind: "array", items: value.map(signatureOf) };
  if (isPlainObject(value)) {
    return { kind: "object", keys: Object.keys(value), items: Object.values(value).map(signatureOf) };
  }
  return { kind: "other", value };
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
