// The types of tensors' shapes, elements and operands. Types only; src/ops/types has the types of ops.
import type { Shape } from "./shape.js";
import type { AnyTensor } from "./tensor.js";

/** A literal shape without `readonly`, as tensors carry it. */
export type Mutable<S extends Shape> = IsUnranked<S> extends true ? Shape : { -readonly [K in keyof S]: S[K] };

/** True for a shape of unknown rank. */
export type IsUnranked<S extends Shape> = number extends S["length"] ? true : false;

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

/** A tensor, or a number in place of a tensor filled with it. */
export type Operand = AnyTensor | number;
