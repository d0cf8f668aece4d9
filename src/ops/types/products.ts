// Shapes of matrix products in the type system. Types only; the run-time twin is ops/matmul.ts.
import type { Shape } from "../../tensor/shape.js";
import type { IsUnranked } from "../../tensor/types.js";
import type { Broadcast, CheckBroadcast, SameSize } from "./broadcast.js";
import type { FlagOf, ShapeMismatch, Show } from "./mismatch.js";

/** The options of `matmul` that its type depends on. @inline */
export interface MatmulFlags {
  /** True transposes the last two axes of a; default false. */
  readonly transposeA?: boolean | undefined;
  /** The same for b. */
  readonly transposeB?: boolean | undefined;
}

type FlagA<O> = FlagOf<O, "transposeA">;
type FlagB<O> = FlagOf<O, "transposeB">;

/** The batch, rows and columns of an operand. A vector is a row on the left, a column on the right. */
type Matrix<S extends Shape, Flag extends boolean> = S extends readonly [
  ...infer Batch extends Shape,
  infer P extends number,
  infer Q extends number,
]
  ? boolean extends Flag
    ? [Batch, number, number]
    : Flag extends true
      ? [Batch, Q, P]
      : [Batch, P, Q]
  : never;

/** The shape of `matmul(a, b, options)`. */
export type MatmulShape<A extends Shape, B extends Shape, O> =
  IsUnranked<A> extends true
    ? Shape
    : IsUnranked<B> extends true
      ? Shape
      : A extends readonly [infer _]
        ? B extends readonly [infer _]
          ? []
          : Matrix<B, FlagB<O>> extends [infer Batch extends Shape, infer _, infer N extends number]
            ? [...Batch, N]
            : Shape
        : B extends readonly [infer _]
          ? Matrix<A, FlagA<O>> extends [infer Batch extends Shape, infer M extends number, infer _]
            ? [...Batch, M]
            : Shape
          : Matrix<A, FlagA<O>> extends [infer BatchA extends Shape, infer M extends number, infer _]
            ? Matrix<B, FlagB<O>> extends [infer BatchB extends Shape, infer _, infer N extends number]
              ? [...Broadcast<BatchA, BatchB>, M, N]
              : Shape
            : Shape;

type InnerOfA<S extends Shape, O> = S extends readonly [infer K extends number]
  ? K
  : Matrix<S, FlagA<O>> extends [infer _, infer _, infer K extends number]
    ? K
    : number;
type InnerOfB<S extends Shape, O> = S extends readonly [infer K extends number]
  ? K
  : Matrix<S, FlagB<O>> extends [infer _, infer K extends number, infer _]
    ? K
    : number;
type BatchOf<S extends Shape> = S extends readonly [...infer Batch extends Shape, infer _, infer _] ? Batch : [];

/** `unknown` if the inner sizes and the batches of a product fit. */
export type CheckMatmul<A extends Shape, B extends Shape, O> =
  IsUnranked<A> extends true
    ? unknown
    : IsUnranked<B> extends true
      ? unknown
      : SameSize<InnerOfA<A, O>, InnerOfB<B, O>> extends true
        ? CheckBroadcast<"matmul: batch", BatchOf<A>, BatchOf<B>>
        : ShapeMismatch<`matmul: inner sizes differ: ${InnerOfA<A, O>} and ${InnerOfB<B, O>}: a ${Show<A>}, b ${Show<B>}`>;

/** The shape of `linear(x, w, b)`: x's with its last size replaced. */
export type LinearShape<X extends Shape, W extends Shape> =
  IsUnranked<X> extends true
    ? Shape
    : X extends readonly [...infer Batch extends Shape, infer _]
      ? W extends readonly [infer _, infer Out extends number]
        ? [...Batch, Out]
        : Shape
      : Shape;

type Last<S extends Shape> = S extends readonly [...infer _, infer L extends number] ? L : number;

/** `unknown` if x's last size is w's first. */
export type CheckLinear<X extends Shape, W extends Shape> =
  IsUnranked<X> extends true
    ? unknown
    : W extends readonly [infer In extends number, infer _]
      ? SameSize<Last<X>, In> extends true
        ? unknown
        : ShapeMismatch<`linear: inner sizes differ: ${Last<X>} and ${In}: x ${Show<X>}, w ${Show<W>}`>
      : unknown;

/** `unknown` if the bias has as many values as w has columns. */
export type CheckBias<W extends Shape, B extends Shape> = B extends readonly [infer N extends number]
  ? SameSize<Last<W>, N> extends true
    ? unknown
    : ShapeMismatch<`linear: the bias has ${N} values, w has ${Last<W>} columns: w ${Show<W>}, b ${Show<B>}`>
  : unknown;
