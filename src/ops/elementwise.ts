// Defines elementwise ops on one, two or more operands, with broadcasting; and identity. Must not know any other op.
import { Op } from "../../assembly/ops.generated.js";
import { broadcastShapes } from "../tensor/shape.js";
import type { Rules, Saved, Variable } from "../tensor/tape.js";
import type { AnyTensor } from "../tensor/tensor.js";
import type { Operand } from "../tensor/types.js";
import {
  type Apply,
  anyDType,
  defineOp,
  floatDType,
  type Operands,
  type OutOption,
  type RuleContext,
} from "./define.js";
import { elementwiseInstruction } from "./instructions.js";
import type { BinaryOp, UnaryFloatOp, UnaryOp } from "./types/signatures.js";

/** The part of an elementwise op that differs from the others. */
export interface ElementwiseDefinition<T extends Operands, S extends Saved, Name = string, D = "float" | "any"> {
  readonly name: Name;
  readonly op: Op;
  /** `"any"` also allows int32; the default is floats only. */
  readonly dtypes?: D;
  readonly options?: readonly string[];
  readonly saves?: readonly S[];
  readonly readBy?: Readonly<Partial<Record<S, number>>>;
  readonly grad?: (context: RuleContext<T, S>) => Rules;
}

/** Makes an elementwise op with NumPy's broadcasting. */
export function defineElementwise<T extends Operands, const S extends Saved = never>(
  definition: ElementwiseDefinition<T, S>,
): Apply<T> {
  const { name, op, dtypes, ...rules } = definition;
  return defineOp<"elementwise", T, S>({
    name,
    kind: "elementwise",
    op,
    shape: (shapes) => broadcastShapes(name, shapes),
    dtype: dtypes === "any" ? anyDType : floatDType,
    instructions: (out, operands) => [elementwiseInstruction(op, out, operands)],
    ...rules,
  });
}

/** Makes an op on one tensor. */
export function defineUnary<const S extends Saved = never>(
  definition: ElementwiseDefinition<[x: AnyTensor], S, string, "float">,
): UnaryFloatOp;
export function defineUnary<const S extends Saved = never>(
  definition: ElementwiseDefinition<[x: AnyTensor], S, string, "any">,
): UnaryOp;
export function defineUnary(
  definition: ElementwiseDefinition<[x: AnyTensor], Saved>,
): (x: Variable, options?: OutOption<Variable>) => AnyTensor {
  const apply = defineElementwise(definition);
  return (x, options) => apply([x], undefined, options);
}

/** Makes an op on two operands, either of which may be a number. */
export function defineBinary<const Name extends string, const S extends Saved = never>(
  definition: ElementwiseDefinition<[a: Operand, b: Operand], S, Name>,
): BinaryOp<Name>;
export function defineBinary(
  definition: ElementwiseDefinition<[a: Operand, b: Operand], Saved>,
): (a: Operand, b: Operand, options?: OutOption) => AnyTensor {
  const apply = defineElementwise(definition);
  return (a, b, options) => apply([a, b], undefined, options);
}

/** Copies the elements. Copies into `out` use it. */
export const identity: UnaryOp = defineUnary({
  name: "identity",
  op: Op.identity,
  dtypes: "any",
  grad: ({ g }) => [() => g],
});
