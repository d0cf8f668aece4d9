// The kinds of ops, with the params of each. Compiler passes, code generators and exporters look at kinds, not at names. Must not know
// how anything runs.
import type { Op } from "../../assembly/ops.generated.js";
import type { DType, FloatDType } from "../tensor/dtype.js";
import type { Shape } from "../tensor/shape.js";

/** The params of each kind of op. */
export interface Params {
  /** Element i of the result depends on element i of each operand, after broadcasting. */
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
  /** The operand's elements at the places that a slice reads, zeros elsewhere. */
  sliceBackward: { readonly whole: Shape; readonly ranges: Ranges };
  /** The first operand, with the second one added at the places that a slice reads. */
  sliceAccumulate: Ranges;
  /** The operands one after the other along an axis. */
  concat: number;
  /** Rows of the first operand at the indices in the second. */
  take: Rows;
  /** Each row of the first operand, added to the row that `take` reads. */
  takeBackward: Rows;
  /** The first operand, with each row of the second one added to the row that `take` reads. */
  takeAccumulate: Rows;
  /** A matrix product. A third operand is a bias. */
  product: Transposes;
  /** A sum, extremum or position over neighbouring axes. */
  reduction: Run;
  /** Each row of the result depends on the same row of each operand. */
  rows: undefined;
  /** log(sum(e^x)) of each row of the last axis. */
  logSumExp: undefined;
  /** The cross-entropy of each row's softmax, or its gradient. */
  crossEntropy: Labels;
  /** Random numbers. */
  random: Draw;
}

export type Kind = keyof Params;

/** The kind of an op, and its kernel. */
export interface Identity<K extends Kind = Kind> {
  readonly kind: K;
  /** The kernel, if the kind has several. */
  readonly op?: Op | undefined;
}

/** The dtypes before and after. */
export interface Cast {
  readonly from: DType;
  readonly to: DType;
}

/** The start, size and step of a slice along each axis, all within bounds. */
export type Ranges = readonly { readonly start: number; readonly size: number; readonly step: number }[];

/** The axis of `take`, and the shape of its first operand. */
export interface Rows {
  readonly axis: number;
  readonly whole: Shape;
}

/** Whether the last two axes of a product's operands are transposed. */
export interface Transposes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** The first and last of the neighbouring axes to reduce, and the shape of the result. */
export interface Run {
  readonly first: number;
  readonly last: number;
  readonly target: Shape;
}

/** The kind of labels: one int32 class index for each row, or rows of probabilities. */
export interface Labels {
  readonly indexed: boolean;
}

/** The low and high word of the seed, and the bounds or the mean and deviation. */
export interface Draw {
  readonly shape: Shape;
  readonly dtype: FloatDType;
  readonly seed: readonly [number, number];
  readonly bounds: readonly [number, number];
}

/** True if `out` may be an operand: each element is read only for the element that replaces it. */
export function mayOverwrite(kind: Kind): boolean {
  return kind === "elementwise" || kind === "view" || kind === "rows" || accumulates(kind);
}

/** True for an op that adds a part to its first operand. It need not copy an operand that it may write over. */
export function accumulates(kind: Kind): boolean {
  return kind === "sliceAccumulate" || kind === "takeAccumulate";
}
