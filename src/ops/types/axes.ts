// Axes in the type system: reduced, permuted, taken and reshaped. Types only; the run-time twin is tensor/shape.ts.
import type { Shape } from "../../tensor/shape.js";
import type { IsUnranked } from "../../tensor/types.js";
import type { FlagOf, OptionOf, ShapeMismatch, Show, TupleOf } from "./mismatch.js";

/** A literal axis, counted from the front; `never` if it does not exist. Distributes over unions. */
type AxisIndex<S extends Shape, A extends number> = A extends number
  ? `${A}` extends `-${infer Back extends number}`
    ? S extends readonly [...infer Rest, ...TupleOf<Back>]
      ? Rest["length"]
      : never
    : `${A}` extends keyof S
      ? A
      : never
  : never;

type ReduceAt<S extends Shape, Index, Keep extends boolean, Seen extends unknown[] = []> = S extends readonly [
  infer First extends number,
  ...infer Rest extends Shape,
]
  ? Seen["length"] extends Index
    ? Keep extends true
      ? [1, ...ReduceAt<Rest, Index, Keep, [...Seen, unknown]>]
      : ReduceAt<Rest, Index, Keep, [...Seen, unknown]>
    : [First, ...ReduceAt<Rest, Index, Keep, [...Seen, unknown]>]
  : [];

type AllOnes<S extends Shape> = { -readonly [K in keyof S]: 1 };
export type AllNumbers<S extends Shape> = { -readonly [K in keyof S]: number };

/** Options of a reduction. @inline */
export interface ReduceOptions {
  /** The axes to reduce, counted from 0, or backwards from -1; default all. */
  readonly axis?: number | readonly number[] | undefined;
  /** True keeps reduced axes with size 1; default false. */
  readonly keepDims?: boolean | undefined;
}

/** The axes in the options; `number` if unknown, undefined for all axes. */
type AxisOf<O> = [OptionOf<O, "axis">] extends [undefined]
  ? undefined
  : [OptionOf<O, "axis">] extends [infer A extends number | readonly number[]]
    ? [A] extends [readonly number[]]
      ? A[number]
      : IsUnion<A> extends true
        ? number
        : A
    : number;
/** True for a union such as 0 | 1, whose member is known only at run time. */
type IsUnion<A, All = A> = A extends unknown ? ([All] extends [A] ? false : true) : never;
type KeepOf<O> = FlagOf<O, "keepDims">;

/** The shape after a reduction. Its rank is unknown if the options are not literal. */
export type Reduced<S extends Shape, O> =
  boolean extends KeepOf<O>
    ? Shape
    : [AxisOf<O>] extends [undefined]
      ? KeepOf<O> extends false
        ? []
        : IsUnranked<S> extends true
          ? Shape
          : AllOnes<S>
      : IsUnranked<S> extends true
        ? Shape
        : number extends AxisOf<O>
          ? KeepOf<O> extends true
            ? AllNumbers<S>
            : Shape
          : ReduceAt<S, AxisIndex<S, AxisOf<O> & number>, KeepOf<O>>;

/** `unknown` if every literal axis exists. */
export type CheckAxes<Name extends string, S extends Shape, O> = [AxisOf<O>] extends [undefined]
  ? unknown
  : IsUnranked<S> extends true
    ? unknown
    : number extends AxisOf<O>
      ? unknown
      : BadAxis<S, AxisOf<O> & number> extends infer Bad
        ? [Bad] extends [never]
          ? unknown
          : ShapeMismatch<`${Name}: axis ${Bad & number} is not an axis of ${Show<S>}`>
        : never;
type BadAxis<S extends Shape, A extends number> = A extends number
  ? [AxisIndex<S, A>] extends [never]
    ? A
    : never
  : never;

/** The shape with its axes in another order; by default reversed. */
export type Transposed<S extends Shape, Axes extends readonly number[] | undefined> =
  IsUnranked<S> extends true
    ? Shape
    : Axes extends readonly number[]
      ? number extends Axes["length"]
        ? AllNumbers<S>
        : { -readonly [K in keyof Axes]: Axes[K] extends number ? SizeAt<S, AxisIndex<S, Axes[K]>> : never }
      : Reversed<S>;
type SizeAt<S extends Shape, I> = I extends number ? (S[I] extends number ? S[I] : never) : never;
type Reversed<S extends Shape> = S extends readonly [infer First extends number, ...infer Rest extends Shape]
  ? [...Reversed<Rest>, First]
  : [];

/** A target shape; a size of -1 becomes `number`. */
export type Reshaped<S extends Shape> =
  IsUnranked<S> extends true ? Shape : { -readonly [K in keyof S]: S[K] extends -1 ? number : S[K] };

/** The shape of `take(x, indices)`: the indices' shape replaces the first axis. With another axis the rank is unknown. */
export type Taken<S extends Shape, I extends Shape, O> =
  IsUnranked<S> extends true
    ? Shape
    : IsUnranked<I> extends true
      ? Shape
      : [OptionOf<O, "axis">] extends [undefined]
        ? S extends readonly [infer _, ...infer Rest extends Shape]
          ? [...I, ...Rest]
          : Shape
        : Shape;
