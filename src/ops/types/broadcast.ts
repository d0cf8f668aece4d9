// Broadcasting in the type system, and operands that are tensors or numbers. Types only; the run-time twin is tensor/shape.ts.
import type { DType } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { IsUnranked } from "../../tensor/types.js";
import type { DTypeMismatch, ShapeMismatch, Show } from "./mismatch.js";

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

// All parameters of Tensor are inferred here. A fixed one would defer the types of functions that are generic in their dtype.

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
