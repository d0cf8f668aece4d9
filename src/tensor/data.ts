// What tensors are made of, and the shape and the dtype that come of it. Types only; the run-time twin is ops/create.ts.
import type { DType, TensorData } from "./dtype.js";
import type { Shape } from "./shape.js";
import type { Mutable, NestedNumbers } from "./types.js";

/** Nested arrays of numbers; the innermost may be typed arrays. */
export type NestedInput = number | TensorData | readonly NestedInput[];

/** A tensor as `toJSON` writes it: its elements flat, those that JSON lacks as `"NaN"`, `"Infinity"`, `"-Infinity"` and `"-0"`. */
export interface TensorJSON<S extends Shape = Shape, D extends DType = DType> {
  /** Sizes of the axes. */
  readonly shape: S;
  /** The element type. */
  readonly dtype: D;
  /** The elements in row-major order. */
  readonly data: readonly (number | string)[];
}

/** `TensorJSON` as `tensor` takes it back: read from a file, where a dtype is any string, or sent with a typed array. */
export interface TensorParts {
  /** Sizes of the axes. */
  readonly shape: Shape;
  /** A `DType`. */
  readonly dtype: string;
  /** The elements in row-major order. */
  readonly data: TensorJSON["data"] | TensorData;
  /** Tensors have such a method: they are no data. */
  readonly item?: never;
}

/** What `tensor` takes. */
export type TensorInput = number | TensorData | readonly NestedInput[] | TensorParts;

/** The shape and the dtype of a new tensor, where they are not the data's own. @inline */
export interface TensorOptions {
  /** As many elements as the data has. */
  readonly shape?: Shape | undefined;
  /** Default: the data's own, float32 for numbers. */
  readonly dtype?: DType | undefined;
  /** Arrays are shapes, not options. */
  readonly length?: never;
}

/** The shape of data, literal where its lengths are. Data of any depth comes first: taking that apart would never end. */
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

/** The dtype of data: that of its typed arrays or its JSON, float32 for numbers and for small integers. */
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

/** The shape that options name, else that of the data; either where they may be undefined. */
export type ShapeGiven<O, A> = O extends { readonly shape: infer S extends Shape }
  ? Mutable<S>
  : O extends { readonly shape?: infer S }
    ? [Extract<S, Shape>] extends [never]
      ? ShapeOfData<A>
      : Shape
    : ShapeOfData<A>;

/** The dtype that options name, else the default; either where it may be undefined. */
export type DTypeGiven<O, Default> = O extends { readonly dtype: infer D extends DType }
  ? D
  : Default | (O extends { readonly dtype?: infer D } ? Extract<D, DType> : never);

/** The dtype of a call that may name none. D stands for what was named; an annotation of the result plays no part in it. */
export type DTypeOrDefault<D extends DType> = NoInfer<D> | "float32";
