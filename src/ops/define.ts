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

/** Options that every op takes. */
export interface OutOption<T extends AnyTensor = AnyTensor> {
  /** An existing tensor of the result's shape and dtype to write into; elementwise ops may be given one of their inputs. */
  readonly out?: T | undefined;
}

/** An op's operands by position: numbers where it takes them in place of tensors. */
export type Operands = readonly Operand[];

/** The operands' shapes; undefined for numbers. */
export type ShapesOf<T extends Operands> = {
  readonly [I in keyof T]: T[I] extends AnyTensor ? Shape : Shape | undefined;
};

/** The operands as instructions read them. */
export type PlacedOf<T extends Operands> = { readonly [I in keyof T]: PlacedAs<T[I]> };
type PlacedAs<X> = X extends number ? X : Placed;

/** Whole numbers that name elements. */
export type Indices = Tensor<Shape, "int32">;

/** What a rule sees: the incoming gradient, what was saved, the params and the operands' shapes. */
export type RuleContext<T extends Operands, S extends Saved, P = undefined> = {
  /** In the shape of the op's result; of elementwise ops it may have size 1 along axes over which it is constant. */
  readonly g: Variable;
  readonly params: P;
  readonly shapes: ShapesOf<T>;
} & { readonly [N in S]: N extends keyof Positions ? SavedAs<T[Positions[N] & keyof T]> : Variable };
/** Where the operands stand that rules know by name. */
interface Positions {
  readonly a: 0;
  readonly b: 1;
  readonly c: 2;
  readonly d: 3;
}
/** A gradient passes through floats only; indices stay what they are. */
type SavedAs<X> = X extends number | Indices ? X : Variable;

/** All there is to an op, in one place. */
export interface OpDefinition<K extends Kind, T extends Operands, S extends Saved> extends Identity<K> {
  readonly name: string;
  /** The result's shape from those of the operands. */
  readonly shape: (shapes: ShapesOf<T>, params: Params[K]) => Shape;
  /** The result's dtype from the operands' common one; throws where it is not defined for that. */
  readonly dtype: (op: string, operands: DType, params: Params[K]) => DType;
  /** What runs; without it, as in views, the result shares its input's bytes in the new shape. */
  readonly instructions?: (out: Placed, operands: PlacedOf<NoInfer<T>>, params: Params[K]) => readonly Instruction[];
  /** Operands that must have no common dtype with the others (indices, say), by position. */
  readonly freeOperands?: readonly number[];
  /** The options that its callers may give beside `out`. */
  readonly options?: readonly string[];
  readonly saves?: readonly S[];
  /** See `Differentiable`; its rule must read such values only where it needs them. */
  readonly readBy?: Readonly<Partial<Record<S, number>>>;
  /** For each operand its gradient, written in ops; un-broadcasting is the backward walk's work, not the rule's. */
  readonly grad?: (context: RuleContext<T, S, Params[K]>) => Rules;
  /** Where the first operand's gradient is part of a whole: adds it to what was found before, in time proportional to the part. */
  readonly accumulate?: (context: RuleContext<T, S, Params[K]>, total: AnyTensor, options: OutOption) => AnyTensor;
}

/** An op that is checked, run and recorded on each call. Of the options it reads `out`; the others are in the params. */
export type Apply<T extends Operands, K extends Kind = "elementwise"> = (
  operands: T,
  params: Params[K],
  options?: OutOption,
) => AnyTensor;

/** What it takes to run an op whose operands were checked, now or as part of a program. */
export interface Runnable<K extends Kind = Kind> extends Identity<K> {
  readonly name: string;
  readonly instructions: (
    out: Placed,
    operands: readonly (Placed | number)[],
    params: Params[K],
  ) => readonly Instruction[];
}

/** Makes an op of its definition. */
export function defineOp<const K extends Kind, T extends Operands, const S extends Saved = never>(
  definition: OpDefinition<K, T, S>,
): Apply<T, K>;
export function defineOp<K extends Kind>(definition: OpDefinition<K, Operands, Saved>): Apply<Operands, K> {
  // Taken apart here, not at each call: definitions differ in their fields, so that reading one goes through a hash table.
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
    // Ops without others are hot, and with `out` there is nothing to miss.
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

/** What sets a composition of ops apart: how it is differentiated as a whole. */
export type Composition<T extends Operands, S extends Saved, P = undefined> = Pick<
  Differentiable,
  "name" | "elementwise"
> & {
  readonly saves: readonly S[];
  readonly grad: (context: RuleContext<T, S, P>) => Rules;
};

/** Runs ops on operands that were checked as if they were one, with a gradient of its own. */
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

/** Runs an op, or has it recorded while a function is traced; frees a result that is new where that fails. */
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
 * The tensor itself.
 * @throws TypeError for anything else, DisposedError for a tensor that is gone
 */
export function checkTensor(op: string, value: unknown): AnyTensor {
  if (!(value instanceof Tensor)) throw new TypeError(`${op}: expected a tensor, got ${describe(value)}`);
  value.assertAlive(op);
  return value;
}

/** What a value is that is no tensor, for messages. */
export function describe(value: unknown): string {
  if (typeof value === "object" && value !== null && isAnyCopysTensor(value)) return describeStranger(value);
  const what = shown(value);
  return Array.isArray(value) || dtypeOfArray(value) ? `${what}; make it a tensor with tensor(...)` : what;
}

/** The dtype that all operands have; numbers have whatever the others have, and no operands the default. */
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
        throw new DTypeError(`${op}: ${operand} is no int32; convert the tensor with astype first`);
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

/** @throws ShapeError or DTypeError where what results are written into is not like them */
export function checkLike(op: string, name: string, out: AnyTensor, shape: Shape, dtype: DType): void {
  if (!sameShape(out.extents, shape)) {
    throw new ShapeError(`${op}: ${name} has shape ${formatShape(out.extents)}, the result ${formatShape(shape)}`);
  }
  if (out.dtype !== dtype) throw new DTypeError(`${op}: ${name} is ${out.dtype}, the result ${dtype}`);
}

// ---- dtype rules ----

/** The operands' own dtype, whichever it is. */
export const anyDType = (_: string, dtype: DType): DType => dtype;

/** The operands' dtype, which must be a float one. */
export function floatDType(op: string, dtype: DType): DType {
  if (!isFloat(dtype))
    throw new DTypeError(`${op}: defined for float32 and float64, got ${dtype}; convert with astype`);
  return dtype;
}
