// How ops are defined, and how every op runs: check, allocate, execute, record. Must not know any single op.
import { AliasError, checkOptions, DTypeError, ShapeError, shown } from "../errors.js";
import { execute, type Instruction } from "../runtime/program/instruction.js";
import { type DType, dtypeOfArray, isFloat } from "../tensor/dtype.js";
import { scope } from "../tensor/scope.js";
import { formatShape, formatShapes, type Shape, sameShape } from "../tensor/shape.js";
import {
  type Differentiable,
  isRecording,
  nodesOf,
  type Rules,
  record,
  type Saved,
  unrecorded,
  type Variable,
} from "../tensor/tape.js";
import {
  type AnyTensor,
  abstractTensor,
  allocateTensor,
  describeStranger,
  isAnyCopysTensor,
  shareTensor,
  Tensor,
} from "../tensor/tensor.js";
import { activeTracer } from "../tensor/tracer.js";
import type { Operand } from "../tensor/types.js";
import { copyAll, type Placed, shapesOf } from "./instructions.js";
import { type Identity, type Kind, mayOverwrite, type Params } from "./kind.js";

/** The options of every op. */
export interface OutOption<T extends AnyTensor = AnyTensor> {
  /** A tensor of the result's shape and dtype to write into. For elementwise ops it may be an input. */
  readonly out?: T | undefined;
}

/** An op's operands by position. Some ops take numbers in place of tensors. */
export type Operands = readonly Operand[];

/** The operands' shapes; undefined for numbers. */
export type ShapesOf<T extends Operands> = {
  readonly [I in keyof T]: T[I] extends AnyTensor ? Shape : Shape | undefined;
};

/** The operands as instructions read them. */
export type PlacedOf<T extends Operands> = { readonly [I in keyof T]: PlacedAs<T[I]> };
type PlacedAs<X> = X extends number ? X : Placed;

/** Indices of elements. */
export type Indices = Tensor<Shape, "int32">;

/** The input of a gradient rule: the incoming gradient, the saved values, the params and the operands' shapes. */
export type RuleContext<T extends Operands, S extends Saved, P = undefined> = {
  /** In the shape of the op's result. For elementwise ops it may have size 1 along axes where it is constant. */
  readonly g: Variable;
  readonly params: P;
  readonly shapes: ShapesOf<T>;
} & { readonly [N in S]: N extends keyof Positions ? SavedAs<T[Positions[N] & keyof T]> : Variable };
/** The positions of the operands' names in rules. */
interface Positions {
  readonly a: 0;
  readonly b: 1;
  readonly c: 2;
  readonly d: 3;
}
/** Gradients pass through floats only; numbers and indices keep their types. */
type SavedAs<X> = X extends number | Indices ? X : Variable;

/** The complete definition of an op. */
export interface OpDefinition<K extends Kind, T extends Operands, S extends Saved> extends Identity<K> {
  readonly name: string;
  /** The result's shape from those of the operands. */
  readonly shape: (shapes: ShapesOf<T>, params: Params[K]) => Shape;
  /** The result's dtype from the operands' common one. Throws if the op is not defined for it. */
  readonly dtype: (op: string, operands: DType, params: Params[K]) => DType;
  /** The instructions to run. A view has none: its result shares the input's bytes in the new shape. */
  readonly instructions?: (out: Placed, operands: PlacedOf<NoInfer<T>>, params: Params[K]) => readonly Instruction[];
  /** The positions of operands, such as indices, whose dtype may differ from the others'. */
  readonly freeOperands?: readonly number[];
  /** The names of the op's options besides `out`. */
  readonly options?: readonly string[];
  readonly saves?: readonly S[];
  /** See `Differentiable`. The rule must read such a value only in its operand's gradient. */
  readonly readBy?: Readonly<Partial<Record<S, number>>>;
  /** Each operand's gradient, written in ops. The backward walk, not the rule, sums it back to the operand's shape. */
  readonly grad?: (context: RuleContext<T, S, Params[K]>) => Rules;
  /** For an op that reads a part of its first operand: adds the part's gradient to a total, in time proportional to the part. */
  readonly accumulate?: (context: RuleContext<T, S, Params[K]>, total: AnyTensor, options: OutOption) => AnyTensor;
}

/** Checks, runs and records an op. Of the options it reads only `out`; the others are in the params. */
export type Apply<T extends Operands, K extends Kind = "elementwise"> = (
  operands: T,
  params: Params[K],
  options?: OutOption,
) => AnyTensor;

/** The part of an op that runs it on checked operands, now or in a program. */
export interface Runnable<K extends Kind = Kind> extends Identity<K> {
  readonly name: string;
  readonly instructions: (
    out: Placed,
    operands: readonly (Placed | number)[],
    params: Params[K],
  ) => readonly Instruction[];
}

/** Makes an op from its definition. */
export function defineOp<const K extends Kind, T extends Operands, const S extends Saved = never>(
  definition: OpDefinition<K, T, S>,
): Apply<T, K>;
export function defineOp<K extends Kind>(definition: OpDefinition<K, Operands, Saved>): Apply<Operands, K> {
  // Fields are read here and not at each call: definitions differ in their fields, so each read would be a hash lookup.
  const { name, kind, op: kernel, freeOperands, shape: shapeOf, dtype: dtypeOf, options: own = [] } = definition;
  const { instructions = copyAll, saves = [], grad, accumulate } = definition;
  const allowed = [...own, "out"];
  const elementwise = kind === "elementwise";
  // Cast: the tape knows neither types nor params; what it gives a rule is what the op was applied to.
  const op = {
    name,
    kind,
    op: kernel,
    elementwise,
    instructions,
    saves,
    readBy: definition.readBy,
    grad,
    accumulate,
  } as Runnable<K> & Differentiable;

  return (operands, params, options) => {
    const out = options?.out;
    // Small ops are hot: with `out` and no other options the check is left out.
    if (out === undefined || allowed.length > 1) checkOptions(name, options, allowed);
    for (const operand of operands) if (!elementwise || typeof operand !== "number") checkTensor(name, operand);
    const shapes = shapesOf(operands);
    const dtype = dtypeOf(name, commonDType(name, operands, freeOperands), params);
    const shape = shapeOf(shapes, params);
    if (out !== undefined) checkOut(name, out, shape, dtype, mayOverwrite(kind) ? [] : operands);
    const nodes = isRecording() ? nodesOf(op, operands, out) : undefined;
    if (out === undefined && kind === "view" && typeof operands[0] === "object") {
      const shared = shareTensor(operands[0], shape);
      if (nodes !== undefined) record(op, operands, nodes, params, shared, false);
      return shared;
    }
    const result = perform(op, operands, params, out ?? newTensor(name, shape, dtype), out === undefined);
    if (out !== undefined) out.storage.version++;
    if (nodes !== undefined) record(op, operands, nodes, params, result, out !== undefined);
    return result;
  };
}

/** The name and the gradient of a composition of ops. */
export type Composition<T extends Operands, S extends Saved, P = undefined> = Pick<
  Differentiable,
  "name" | "elementwise"
> & {
  readonly saves: readonly S[];
  readonly grad: (context: RuleContext<T, S, P>) => Rules;
};

/** Runs several ops on checked operands and records them as one op with its own gradient. */
export function compose<T extends Operands, S extends Saved, P, Y extends AnyTensor>(
  composition: Composition<T, S, P>,
  operands: T,
  params: P,
  out: AnyTensor | undefined,
  body: () => Y,
): Y;
export function compose(
  composition: Composition<Operands, Saved, unknown>,
  operands: Operands,
  params: unknown,
  out: AnyTensor | undefined,
  body: () => AnyTensor,
): AnyTensor {
  // Cast: as in defineOp.
  const op = composition as Differentiable;
  const nodes = nodesOf(op, operands, out);
  const result = unrecorded(() => scope(body));
  record(op, operands, nodes, params, result, out !== undefined);
  return result;
}

/** A tensor for a result, abstract while a function is traced. */
export function newTensor<S extends Shape, D extends DType>(op: string, shape: S, dtype: D): Tensor<S, D> {
  return activeTracer() === undefined ? allocateTensor(op, shape, dtype) : abstractTensor(shape, dtype);
}

/** Runs an op, or reports it to the tracer. If that fails, a new result is freed. */
export function perform<K extends Kind>(
  op: Runnable<K>,
  operands: Operands,
  params: Params[K],
  result: AnyTensor,
  isNew: boolean,
): AnyTensor {
  try {
    const tracer = activeTracer();
    if (tracer !== undefined) tracer.apply({ op, params }, operands, result);
    else if (result.size > 0) execute(op.instructions(result, operands, params));
    return result;
  } catch (error) {
    if (isNew) result.dispose();
    throw error;
  }
}

/**
 * Returns the value if it is a tensor.
 * @throws TypeError for another value, DisposedError for a disposed tensor
 */
export function checkTensor(op: string, value: unknown): AnyTensor {
  if (!(value instanceof Tensor)) throw new TypeError(`${op}: expected a tensor, got ${describe(value)}`);
  value.assertAlive(op);
  return value;
}

/** Describes a value that is not a tensor, for messages. */
export function describe(value: unknown): string {
  if (typeof value === "object" && value !== null && isAnyCopysTensor(value)) return describeStranger(value);
  const what = shown(value);
  return Array.isArray(value) || dtypeOfArray(value) ? `${what}; make it a tensor with tensor(...)` : what;
}

/** The operands' common dtype. Numbers take the tensors' dtype. Without operands it is float32. */
export function commonDType(op: string, operands: Operands, free?: readonly number[]): DType {
  let common: DType | undefined;
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i]!;
    if (typeof operand === "number" || free?.includes(i)) continue;
    if (common !== undefined && operand.dtype !== common) throw mixedDTypes(op, operands);
    common = operand.dtype;
  }
  if (common === undefined) {
    if (operands.length === 0) return "float32";
    throw new DTypeError(`${op}: expected a tensor, got ${operands.join(" and ")}`);
  }
  if (common === "int32") {
    for (const operand of operands) {
      if (typeof operand === "number" && operand !== (operand | 0)) {
        throw new DTypeError(`${op}: ${operand} is not an int32; convert the tensor with astype first`);
      }
    }
  }
  return common;
}

function mixedDTypes(op: string, operands: Operands): DTypeError {
  const dtypes = operands.flatMap((operand) => (typeof operand === "number" ? [] : [operand.dtype])).join(" and ");
  const shapes = formatShapes(shapesOf(operands));
  return new DTypeError(`${op}: dtypes ${dtypes} do not mix (shapes ${shapes}); convert one with astype`);
}

/**
 * Checks `out` against the result.
 * @param apart - operands whose memory it must not share
 */
export function checkOut(op: string, out: AnyTensor, shape: Shape, dtype: DType, apart: Operands): void {
  checkTensor(`${op}: out`, out);
  checkLike(op, "out", out, shape, dtype);
  for (const operand of apart) {
    if (typeof operand !== "number" && operand.storage === out.storage) {
      throw new AliasError(
        `${op}: out ${formatShape(out.extents)} shares its memory with an input; only elementwise ops may`,
      );
    }
  }
}

/** @throws ShapeError or DTypeError if `out` has another shape or dtype than the result */
export function checkLike(op: string, name: string, out: AnyTensor, shape: Shape, dtype: DType): void {
  if (!sameShape(out.extents, shape)) {
    throw new ShapeError(`${op}: ${name} has shape ${formatShape(out.extents)}, the result ${formatShape(shape)}`);
  }
  if (out.dtype !== dtype) throw new DTypeError(`${op}: ${name} is ${out.dtype}, the result ${dtype}`);
}

// ---- dtype rules ----

/** The operands' dtype, of any kind. */
export const anyDType = (_: string, dtype: DType): DType => dtype;

/** The operands' dtype, which must be a float dtype. */
export function floatDType(op: string, dtype: DType): DType {
  if (!isFloat(dtype))
    throw new DTypeError(`${op}: defined for float32 and float64, got ${dtype}; convert with astype`);
  return dtype;
}
