// Element types: names, sizes, typed arrays. Must not know shapes, tensors or wasm.
import { DTypeCode } from "../../assembly/opcodes.js";
import { DTypeError } from "../errors.js";

/** Element types: `"float32"` is the default, `"float64"` is exact to its own 53 bits, `"int32"` is for labels and indices. */
export type DType = "float32" | "float64" | "int32";
/** Element types that arithmetic with gradients is defined for. */
export type FloatDType = "float32" | "float64";

/** The typed array that holds elements of a dtype. */
export type TypedArrayOf<D extends DType> = TypedArrays[D];
interface TypedArrays {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
}

/** The dtype of a typed array. */
export type DTypeOfArray<A> = A extends Float32Array
  ? "float32"
  : A extends Float64Array
    ? "float64"
    : A extends Int32Array
      ? "int32"
      : never;

export const DTYPE_CODES: Readonly<Record<DType, DTypeCode>> = {
  float32: DTypeCode.float32,
  float64: DTypeCode.float64,
  int32: DTypeCode.int32,
};

/** Bytes of one element. */
export const DTYPE_BYTES: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4 };

/** @throws DTypeError where it is none */
export function checkDType(op: string, dtype: unknown): DType {
  if (dtype !== "float32" && dtype !== "float64" && dtype !== "int32") {
    throw new DTypeError(`${op}: no such dtype: ${String(dtype)}; there are float32, float64 and int32`);
  }
  return dtype;
}

export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype !== "int32";
}

/** The dtype of a typed array that a tensor can hold, or undefined. */
export function dtypeOfArray(array: unknown): DType | undefined {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Float64Array) return "float64";
  if (array instanceof Int32Array) return "int32";
  return undefined;
}
