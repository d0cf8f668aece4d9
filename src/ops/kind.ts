// What ops are, whatever their names: each kind with the params of its ops. Compiler passes, code generators and exporters go by
// kinds. Must not know how anything runs.
import type { Op } from "../../assembly/ops.generated.js";
import type { DType, FloatDType } from "../tensor/dtype.js";
import type { Shape } from "../tensor/shape.js";

/** The kinds of ops, each with the params that its ops run with, beside their operands. */
export interface Params {
  /** Element i of the result from element i of each operand, all of them broadcast. */
  elementwise: undefined;
  /** One number for every element. */
  fill: undefined;
  /** The operand repeated up to a shape. */
  repeat: Shape;
  /** The same elements in the same order in another shape. */
  view: Shape;
  /** The axes in another order. */
  transpose: readonly number[];
  /** The elements in another dtype. */
  cast: Cast;
  /** Elements picked from ranges of each axis. */
  slice: Ranges;
  /** The operand's elements where a slice took them from, zeros elsewhere. */
  sliceBackward: { readonly whole: Shape; readonly ranges: Ranges };
  /** The first operand with the second one added where a slice took it from. */
  sliceAccumulate: Ranges;
  /** The operands one after the other along an axis. */
  concat: number;
  /** Rows of the first operand by the indices in the second. */
  take: Rows;
  /** Each row of the first operand added where `take` took it from. */
  takeBackward: Rows;
  /** The first operand with each row of the second one added where `take` took it from. */
  takeAccumulate: Rows;
  /** A matrix product, with a bias where there is a third operand. */
  product: Transposes;
  /** A sum, extremum or position over neighbouring axes. */
  reduction: Run;
  /** Each row of the last axis from the same row of each operand. */
  rows: undefined;
  /** log(sum(e^x)) of each row of the last axis. */
  logSumExp: undefined;
  /** The cross-entropy of each row's softmax, or its gradient. */
  crossEntropy: Labels;
  /** Random numbers. */
  random: Draw;
}

export type Kind = keyof Params;

/** What an op is. */
export interface Identity<K extends Kind = Kind> {
  readonly kind: K;
  /** Its kernel, where ops of its kind have several. */
  readonly op?: Op | undefined;
}

/** From which dtype to which. */
export interface Cast {
  readonly from: DType;
  readonly to: DType;
}

/** Where each axis of a slice starts, how many elements it has and how far apart they are; all within bounds. */
export type Ranges = readonly { readonly start: number; readonly size: number; readonly step: number }[];

/** The axis along which rows are taken, and the shape that they are taken from. */
export interface Rows {
  readonly axis: number;
  readonly whole: Shape;
}

/** Whether the last two axes of a product's operands are transposed. */
export interface Transposes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Neighbouring axes that are reduced, from the first to the last, and the shape of the result. */
export interface Run {
  readonly first: number;
  readonly last: number;
  readonly target: Shape;
}

/** What labels are: int32 class indices, one a row, or rows of probabilities. */
export interface Labels {
  readonly indexed: boolean;
}

/** What is drawn: the seed's low and high word, and low and high bounds or mean and deviation. */
export interface Draw {
  readonly shape: Shape;
  readonly dtype: FloatDType;
  readonly seed: readonly [number, number];
  readonly bounds: readonly [number, number];
}

/** True where an op's `out` may be an operand: each element is read before, and only for, the element that is written over it. */
export function mayOverwrite(kind: Kind): boolean {
  return kind === "elementwise" || kind === "view" || kind === "rows" || accumulates(kind);
}

/** True for an op that adds a part to its first operand, and need not copy that where it writes over it. */
export function accumulates(kind: Kind): boolean {
  return kind === "sliceAccumulate" || kind === "takeAccumulate";
}
