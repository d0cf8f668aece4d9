// The types of data for tensors, and the shape and dtype of such data. Types only; the run-time twin is ops/create.ts.
import type { DType, TensorData } from "./dtype.js";
import type { Shape } from "./shape.js";
import type { Mutable, NestedNumbers } from "./types.js";

/** Nested arrays of numbers; the innermost may be typed arrays. */
export type NestedInput = number | TensorData | readonly NestedInput[];

/** The result of `toJSON`. The data is flat. Numbers that JSON lacks are `"NaN"`, `"Infinity"`, `"-Infinity"` and `"-0"`. */
export interface TensorJSON<S extends Shape = Shape, D extends DType = DType> {
  /** Sizes of the axes. */
  readonly shape: S;
  /** The element type. */
  readonly dtype: D;
  /** The elements in row-major order. */
  readonly data: readonly (number | string)[];
}

/** `TensorJSON` as `tensor` takes it: with any string as dtype, because it may come from a file, or with a typed array as data. */
export interface TensorParts {
  /** Sizes of the axes. */
  readonly shape: Shape;
  /** A `DType`. */
  readonly dtype: string;
  /** The elements in row-major order. */
  readonly data: TensorJSON["data"] | TensorData;
  /** Excludes tensors, which have this method. */
  readonly item?: never;
}

/** The data that `tensor` takes. */
export type TensorInput = number | TensorData | readonly NestedInput[] | TensorParts;

/** The shape and dtype of a new tensor. @inline */
export interface TensorOptions {
  /** Has as many elements as the data. Default: the shape of the data. */
  readonly shape?: Shape | undefined;
  /** Default: the dtype of the data; float32 for numbers. */
  readonly dtype?: DType | undefined;
  /** Excludes arrays, which are shapes. */
  readonly length?: never;
}

/** The shape of data; literal lengths give literal sizes. Data of unknown depth comes first: its recursion would never end. */
export type ShapeOfData<A> = [NestedNumbers] extends [A]
  ? Shape
  : A extends number
    ? []
    : A extends TensorData
      ? [number]
      : A extends readonly []
        ? [0]
        : A extends readonly [infer First, ...unknown[]]
          ? [A["length"], ...ShapeOfData<First>]
          : A extends readonly (infer Item)[]
            ? number extends A["length"]
              ? [number, ...ShapeOfData<Item>]
              : Shape
            : A extends { readonly shape: infer S extends Shape }
              ? Mutable<S>
              : Shape;

/** The dtype of data: that of its typed arrays or its JSON; float32 for numbers and arrays of small integers. */
export type DTypeOfData<A> = [NestedNumbers] extends [A]
  ? [Float64Array] extends [A]
    ? DType
    : "float32"
  : A extends readonly never[]
    ? "float32"
    : A extends readonly (infer Item)[]
      ? DTypeOfData<Item>
      : A extends Float64Array
        ? "float64"
        : A extends Int32Array
          ? "int32"
          : A extends { readonly dtype: infer D }
            ? D extends DType
              ? D
              : DType
            : "float32";

/** The shape in the options, else that of the data; either one if the option may be undefined. */
export type ShapeGiven<O, A> = O extends { readonly shape: infer S extends Shape }
  ? Mutable<S>
  : O extends { readonly shape?: infer S }
    ? [Extract<S, Shape>] extends [never]
      ? ShapeOfData<A>
      : Shape
    : ShapeOfData<A>;

/** The dtype in the options, else the default; either one if the option may be undefined. */
export type DTypeGiven<O, Default> = O extends { readonly dtype: infer D extends DType }
  ? D
  : Default | (O extends { readonly dtype?: infer D } ? Extract<D, DType> : never);

/** The dtype of a call with an optional dtype D. `NoInfer` keeps an annotation of the result from choosing D. */
export type DTypeOrDefault<D extends DType> = NoInfer<D> | "float32";
