// Element types: names, sizes, typed arrays. Must not know shapes, tensors or wasm.
import { DTypeCode } from "../../assembly/abi.js";
import { DTypeError, shown } from "../errors.js";

/** Element types: `"float32"` is the default, `"float64"` has 53 bits of precision, `"int32"` is for labels and indices. */
export type DType = "float32" | "float64" | "int32";
/** Element types with gradients. */
export type FloatDType = "float32" | "float64";

/** The typed array that holds elements of a dtype. */
export type TypedArrayOf<D extends DType> = TypedArrays[D];
interface TypedArrays {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
}

/** Typed arrays that `tensor` takes. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array;

export const DTYPE_CODES: Readonly<Record<DType, DTypeCode>> = {
  float32: DTypeCode.float32,
  float64: DTypeCode.float64,
  int32: DTypeCode.int32,
};

/** Bytes of one element. */
export const DTYPE_BYTES: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4 };

/** @throws DTypeError for an unknown dtype */
export function checkDType(op: string, dtype: unknown): DType {
  if (dtype !== "float32" && dtype !== "float64" && dtype !== "int32") {
    throw new DTypeError(`${op}: unknown dtype ${shown(dtype)}; write "float32", "float64" or "int32"`);
  }
  return dtype;
}

export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype !== "int32";
}

/** The name of a typed array's class, from any realm; undefined for other values. */
export function kindOfArray(value: unknown): string | undefined {
  const kind: string | undefined = ArrayBuffer.isView(value) ? Object(value)[Symbol.toStringTag] : undefined;
  return kind === "DataView" ? undefined : kind;
}

/** The dtype of a tensor made from a typed array of this class; undefined for other values and arrays of bigints. */
export function dtypeOfArray(value: unknown, kind: string | undefined = kindOfArray(value)): DType | undefined {
  if (kind === undefined || kind[0] === "B") return undefined;
  return kind === "Float64Array" ? "float64" : kind === "Int32Array" ? "int32" : "float32";
}
