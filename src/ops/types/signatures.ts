// The types of ops as their callers see them: literal shapes in, literal shapes out. Types only.
import type { DType, FloatDType } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Operand } from "../../tensor/types.js";
import type { OutOption } from "../define.js";
import type { CheckAxes, Reduced, ReduceOptions } from "./axes.js";
import type { Broadcast, CheckPair, PairResult, ShapeOf } from "./broadcast.js";

/** What an option's type becomes that there is not: nothing is assignable to it, and its text says which there are. */
export interface UnknownOption<Message extends string> {
  readonly "unknown option": Message;
}

/** Options with no other keys than those in the text: what a type parameter is inferred from has no excess properties by itself. */
export type Only<O, Names extends string> = O & {
  readonly [K in Exclude<keyof O, NamesIn<Names>>]: UnknownOption<`unknown option ${K & string}; valid: ${Names}`>;
};
type NamesIn<Names extends string> = Names extends `${infer First}, ${infer Rest}` ? First | NamesIn<Rest> : Names;

/** The options of a reduction, for messages. */
export type ReduceNames = "axis, keepDims, out";

/** An elementwise op on one float tensor: shape and dtype stay. */
export type UnaryFloatOp = <S extends Shape, D extends FloatDType>(
  x: Tensor<S, D>,
  options?: OutOption<Tensor<NoInfer<S>, NoInfer<D>>>,
) => Tensor<S, D>;

/** An elementwise op on one tensor of any dtype: shape and dtype stay. */
export type UnaryOp = <S extends Shape, D extends DType>(
  x: Tensor<S, D>,
  options?: OutOption<Tensor<NoInfer<S>, NoInfer<D>>>,
) => Tensor<S, D>;

/** An elementwise op on two operands, of which at least one is a tensor: shapes broadcast, dtypes are the same. */
export type BinaryOp<Name extends string> = <const A extends Operand, const B extends Operand>(
  a: A,
  b: B & CheckPair<Name, A, B>,
  options?: OutOption<PairResult<A, B>>,
) => PairResult<A, B>;

/** A reduction that keeps the dtype. */
export type ReduceOp<Name extends string> = <
  S extends Shape,
  D extends DType,
  const O extends object & ReduceOptions = Record<never, never>,
>(
  x: Tensor<S, D> & CheckAxes<Name, S, O>,
  options?: Only<O, ReduceNames> & OutOption<Tensor<Reduced<S, O>, D>>,
) => Tensor<Reduced<S, O>, D>;

/** The shape of an op on three operands, the first of them a tensor: that of all, broadcast. */
export type TernaryShape<C, A, B> = B extends number
  ? A extends number
    ? ShapeOf<C>
    : Broadcast<ShapeOf<C>, ShapeOf<A>>
  : A extends number
    ? Broadcast<ShapeOf<C>, ShapeOf<B>>
    : Broadcast<ShapeOf<C>, Broadcast<ShapeOf<A>, ShapeOf<B>>>;
