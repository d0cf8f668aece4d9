// The call signatures of ops: literal shapes in, literal shapes out. Types only.
import type { DType, FloatDType } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Operand } from "../../tensor/types.js";
import type { OutOption } from "../define.js";
import type { CheckAxes, Reduced, ReduceOptions } from "./axes.js";
import type { Broadcast, CheckPair, PairResult, ShapeOf } from "./broadcast.js";

/** The type of an unknown option. Nothing is assignable to it, and its text lists the valid options. */
export interface UnknownOption<Message extends string> {
  readonly "unknown option": Message;
}

/** Options with only the keys in the text. The compiler reports no excess properties where a type parameter is inferred. */
export type Only<O, Names extends string> = O & {
  readonly [K in Exclude<keyof O, NamesIn<Names>>]: UnknownOption<`unknown option ${K & string}; valid: ${Names}`>;
};
type NamesIn<Names extends string> = Names extends `${infer First}, ${infer Rest}` ? First | NamesIn<Rest> : Names;

/** The options of a reduction, for messages. */
export type ReduceNames = "axis, keepDims, out";

/** An elementwise op on one float tensor. The result has its shape and dtype. */
export type UnaryFloatOp = <S extends Shape, D extends FloatDType>(
  x: Tensor<S, D>,
  options?: OutOption<Tensor<NoInfer<S>, NoInfer<D>>>,
) => Tensor<S, D>;

/** An elementwise op on one tensor of any dtype. The result has its shape and dtype. */
export type UnaryOp = <S extends Shape, D extends DType>(
  x: Tensor<S, D>,
  options?: OutOption<Tensor<NoInfer<S>, NoInfer<D>>>,
) => Tensor<S, D>;

/** An elementwise op on two operands, at least one of them a tensor. Shapes broadcast, dtypes are the same. */
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

/** The broadcast shape of three operands. The first is a tensor. */
export type TernaryShape<C, A, B> = B extends number
  ? A extends number
    ? ShapeOf<C>
    : Broadcast<ShapeOf<C>, ShapeOf<A>>
  : A extends number
    ? Broadcast<ShapeOf<C>, ShapeOf<B>>
    : Broadcast<ShapeOf<C>, Broadcast<ShapeOf<A>, ShapeOf<B>>>;
