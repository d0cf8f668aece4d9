// Shapes in the type system, for the signatures of ops. Types only; the run-time twin is shape.ts.
import type { DType } from "./dtype.js";
import type { Shape } from "./shape.js";
import type { AnyTensor, Tensor } from "./tensor.js";

/** The type of an argument whose sizes do not fit. Nothing is assignable to it, and its text says why. */
export interface ShapeMismatch<Message extends string> {
  readonly "shapes do not fit": Message;
}

/** The type of an argument whose dtype does not fit. */
export interface DTypeMismatch<Message extends string> {
  readonly "dtypes do not fit": Message;
}

/** A literal shape without `readonly`, as tensors carry it. */
export type Mutable<S extends Shape> = IsUnranked<S> extends true ? Shape : { -readonly [K in keyof S]: S[K] };

/** True for a shape of unknown rank. */
export type IsUnranked<S extends Shape> = number extends S["length"] ? true : false;

/** `"[2, 3]"`. */
export type Show<S extends Shape> = IsUnranked<S> extends true ? "[...]" : `[${Join<S>}]`;
type Join<S extends Shape> = S extends readonly [infer Only extends number]
  ? `${Only}`
  : S extends readonly [infer First extends number, ...infer Rest extends Shape]
    ? `${First}, ${Join<Rest>}`
    : "";

/**
 * Nested arrays of numbers, as deep as the shape has axes. This is a table because a conditional type would make tensors invariant in
 * their shape: `Tensor<[2, 3]>` would not be a `Tensor`.
 */
export type NestedArray<S extends Shape> = NestedByRank[S["length"]];
export type NestedNumbers = number | NestedNumbers[];
interface NestedByRank {
  [rank: number]: NestedNumbers;
  0: number;
  1: number[];
  2: number[][];
  3: number[][][];
  4: number[][][][];
  5: number[][][][][];
  6: number[][][][][][];
  7: number[][][][][][][];
  8: number[][][][][][][][];
}

// ---- broadcasting ----

/**
 * True for identical types, also for a type parameter: in code generic over sizes, N is N. Compares objects, because a bare parameter
 * would defer the answer.
 */
export type Same<A, B> = { a: A; b: B } extends { a: B; b: A } ? true : false;

type BroadcastSize<P extends number, Q extends number> = Same<P, Q> extends true ? P : BroadcastSizes<P, Q>;
type BroadcastSizes<P extends number, Q extends number> = number extends P
  ? Q extends 1
    ? number
    : Q
  : number extends Q
    ? P extends 1
      ? number
      : P
    : P extends 1
      ? Q
      : P;

/** NumPy's broadcasting of two shapes. Sizes of type `number` are left to the run-time check. */
export type Broadcast<A extends Shape, B extends Shape> =
  FitsAnyShape<A, B> extends true
    ? A
    : IsUnranked<A> extends true
      ? Shape
      : IsUnranked<B> extends true
        ? Shape
        : BroadcastRanked<A, B>;

/**
 * True if the result is A for every A: B is A, or a scalar's shape. A single condition, because with a type parameter the first of two
 * would defer the second.
 */
type FitsAnyShape<A extends Shape, B extends Shape> = { a: A; b: B } extends { a: UnlessScalar<B>; b: A | readonly [] }
  ? true
  : false;
type UnlessScalar<B> = [B] extends [readonly []] ? unknown : B;
type BroadcastRanked<A extends Shape, B extends Shape, Tail extends number[] = []> = A extends readonly [
  ...infer RestA extends Shape,
  infer P extends number,
]
  ? B extends readonly [...infer RestB extends Shape, infer Q extends number]
    ? BroadcastRanked<RestA, RestB, [BroadcastSize<P, Q>, ...Tail]>
    : [...A, ...Tail]
  : [...B, ...Tail];

/** The first pair of literal sizes, from the last axis on, that do not broadcast; `never` if all do. */
type BroadcastConflict<A extends Shape, B extends Shape> =
  FitsAnyShape<A, B> extends true
    ? never
    : IsUnranked<A> extends true
      ? never
      : IsUnranked<B> extends true
        ? never
        : ConflictRanked<A, B>;
type ConflictRanked<A extends Shape, B extends Shape> = A extends readonly [
  ...infer RestA extends Shape,
  infer P extends number,
]
  ? B extends readonly [...infer RestB extends Shape, infer Q extends number]
    ? SizesFit<P, Q> extends true
      ? ConflictRanked<RestA, RestB>
      : [P, Q]
    : never
  : never;
type SizesFit<P extends number, Q extends number> =
  SameSize<P, Q> extends true ? true : P extends 1 ? true : Q extends 1 ? true : false;

/** True if two sizes are equal, or one of them is just `number`. */
export type SameSize<P extends number, Q extends number> =
  Same<P, Q> extends true ? true : number extends P ? true : number extends Q ? true : P extends Q ? true : false;

/** `unknown` if two shapes broadcast, else a mismatch that names both sizes. */
export type CheckBroadcast<Name extends string, A extends Shape, B extends Shape> = [BroadcastConflict<A, B>] extends [
  never,
]
  ? unknown
  : BroadcastConflict<A, B> extends [infer P extends number, infer Q extends number]
    ? ShapeMismatch<`${Name}: sizes ${P} and ${Q} do not broadcast: ${Show<A>} and ${Show<B>}`>
    : unknown;

/** `unknown` if two dtypes are, or may be, the same. */
export type CheckDType<Name extends string, A extends DType, B extends DType> = { d: A } extends { d: B }
  ? unknown
  : [B] extends [A]
    ? unknown
    : DTypeMismatch<`${Name}: ${A} and ${B} do not mix; convert one with astype`>;

// ---- elementwise ops over tensors and numbers ----

// All parameters of Tensor are inferred here. A fixed one would defer the types of functions that are generic in their dtype.

/** A tensor, or a number in place of a tensor filled with it. */
export type Operand = AnyTensor | number;

export type ShapeOf<T> = T extends Tensor<infer S, infer _> ? S : [];
export type DTypeOf<T> = T extends Tensor<infer _, infer D> ? D : never;

/** `unknown` for a pair of operands that fit, else a mismatch of their sizes or dtypes. */
export type CheckPair<Name extends string, A, B> =
  A extends Tensor<infer SA, infer DA>
    ? B extends Tensor<infer SB, infer DB>
      ? CheckBroadcast<Name, SA, SB> & CheckDType<Name, DA, DB>
      : unknown
    : unknown;

/** The result of a binary op. At least one operand is a tensor. */
export type PairResult<A, B> =
  A extends Tensor<infer SA, infer DA>
    ? B extends Tensor<infer SB, infer _>
      ? Tensor<Broadcast<SA, SB>, DA>
      : Tensor<SA, DA>
    : B extends Tensor<infer SB, infer DB>
      ? Tensor<SB, DB>
      : never;

// ---- axes ----

export type TupleOf<N extends number, Built extends unknown[] = []> = Built["length"] extends N
  ? Built
  : TupleOf<N, [...Built, unknown]>;

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

/** The type of an option, or undefined if it is missing. */
export type OptionOf<O, Name> = Name extends keyof O ? O[Name] : undefined;

/** The value of a flag; `boolean` if unknown. */
export type FlagOf<O, Name> = [OptionOf<O, Name>] extends [false | undefined]
  ? false
  : [OptionOf<O, Name>] extends [true]
    ? true
    : boolean;

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

/** `unknown` if two shapes are, or may be, the same. */
export type CheckSameShape<Name extends string, A extends Shape, B extends Shape> =
  IsUnranked<A> extends true
    ? unknown
    : IsUnranked<B> extends true
      ? unknown
      : A["length"] extends B["length"]
        ? [BroadcastConflict<A, B>] extends [never]
          ? unknown
          : ShapeMismatch<`${Name}: shapes differ: ${Show<A>} and ${Show<B>}`>
        : ShapeMismatch<`${Name}: shapes differ: ${Show<A>} and ${Show<B>}`>;
