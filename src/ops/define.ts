// How every op runs: check, allocate, execute, record. The only place that makes results. Must not know any single op.
import { Op } from "../../assembly/ops.generated.js";
import { AliasError, checkOptions, DTypeError, ShapeError, shown } from "../errors.js";
import { type Operand as Encoded, execute, type Instruction } from "../runtime/program/instruction.js";
import { DTYPE_CODES, type DType, dtypeOfArray, isFloat } from "../tensor/dtype.js";
import { scope } from "../tensor/scope.js";
import { formatShape, formatShapes, type Shape, sameShape } from "../tensor/shape.js";
import {
  type Differentiable,
  type GradContext,
  isRecording,
  nodesOf,
  type Rules,
  record,
  type Saved,
  unrecorded,
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

/** A tensor, or a number that stands for one. */
export type Value = AnyTensor | number;

/** Options that every op takes. */
export interface OutOption<T extends AnyTensor = AnyTensor> {
  /** An existing tensor of the result's shape and dtype to write into; elementwise ops may be given one of their inputs. */
  readonly out?: T | undefined;
}

/** What a rule sees: the incoming gradient, what was saved, the params and the operands' shapes. */
export type RuleContext<K extends Saved, P> = Pick<GradContext, "g" | "shapes" | K> & { readonly params: P };

/** All there is to an op, in one place. */
export interface OpDefinition<K extends Saved, P> {
  readonly name: string;
  /** The result's shape from those of the operands (undefined for numbers). */
  readonly shape: (shapes: readonly (Shape | undefined)[], params: P) => Shape;
  /** The result's dtype from the operands' common one; throws where it is not defined for that. */
  readonly dtype: (op: string, operands: DType, params: P) => DType;
  /** What runs; without it the result shares its input's bytes in the new shape. */
  readonly instructions?: (out: AnyTensor, operands: readonly Value[], params: P) => readonly Instruction[];
  /** What computes one element, where the whole op is that over the broadcast operands: what can be fused. */
  readonly opcode?: Op | undefined;
  /**
   * What else can be fused with elementwise ops: a product's rows when they are finished, the terms of a sum. An accumulation adds to
   * its first operand, and need not copy that where it writes over it.
   */
  readonly role?: "product" | "sum" | "accumulation" | undefined;
  /** True where `out` may be an operand: each element is read before, and only for, the element that is written over it. */
  readonly inPlace?: boolean;
  /** True where element i of the result depends on element i of each operand only; operands may then be numbers. */
  readonly elementwise?: boolean;
  /** Operands that must have no common dtype with the others (indices, say), by position. */
  readonly freeOperands?: readonly number[];
  /** The options that its callers may give beside `out`. */
  readonly options?: readonly string[];
  readonly saves?: readonly K[];
  /** For each operand its gradient, written in ops; un-broadcasting is the backward walk's work, not the rule's. */
  readonly grad?: (context: RuleContext<K, P>) => Rules;
  /** Where the first operand's gradient is part of a whole: adds it to what was found before, in time proportional to the part. */
  readonly accumulate?: (context: RuleContext<K, P>, total: AnyTensor, options: OutOption) => AnyTensor;
}

/** An op that is checked, run and recorded on each call. Of the options it reads `out`; the others are in the params. */
export type Apply<P> = (operands: readonly Value[], params: P, options?: OutOption) => AnyTensor;

/** Makes an op of its definition. */
export function defineOp<const K extends Saved = never, P = undefined>(definition: OpDefinition<K, P>): Apply<P> {
  // Taken apart here, not at each call: definitions differ in their fields, so that reading one goes through a hash table.
  const { name, inPlace = false, elementwise = false, freeOperands, instructions } = definition;
  const { shape: shapeOf, dtype: dtypeOf, opcode, role } = definition;
  const allowed = [...(definition.options ?? []), "out"];
  const op = {
    name,
    opcode,
    role,
    elementwise,
    instructions: instructions ?? copyAll,
    saves: definition.saves ?? [],
    grad: definition.grad as never,
    accumulate: definition.accumulate as never,
  };

  return (operands, params, options) => {
    const out = options?.out;
    // Ops without others are hot, and with `out` there is nothing to miss.
    if (out === undefined || allowed.length > 1) checkOptions(name, options, allowed);
    for (const operand of operands) if (!elementwise || typeof operand !== "number") checkTensor(name, operand);
    const shapes = shapesOf(operands);
    const dtype = dtypeOf(name, commonDType(name, operands, freeOperands), params);
    const shape = shapeOf(shapes, params);
    if (out !== undefined) checkOut(name, out, shape, dtype, inPlace ? [] : operands);
    const nodes = isRecording() ? nodesOf(op, operands, out) : undefined;
    if (out === undefined && instructions === undefined) {
      const shared = shareTensor(operands[0] as AnyTensor, shape);
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
export type Composition<K extends Saved, P> = Pick<Differentiable, "name" | "elementwise"> & {
  readonly saves: readonly K[];
  readonly grad: (context: RuleContext<K, P>) => Rules;
};

/** Runs ops on operands that were checked as if they were one, with a gradient of its own. */
export function compose<K extends Saved, P>(
  composition: Composition<K, P>,
  operands: readonly AnyTensor[],
  params: P,
  out: AnyTensor | undefined,
  body: () => AnyTensor,
): AnyTensor {
  const op = composition as unknown as Differentiable;
  const nodes = nodesOf(op, operands, out);
  const result = unrecorded(() => scope(body));
  record(op, operands, nodes, params, result, out !== undefined);
  return result;
}

/** What it takes to run an op whose operands were checked, now or as part of a program. */
export type Runnable<P> = Pick<OpDefinition<never, P>, "name" | "opcode" | "role"> &
  Required<Pick<OpDefinition<never, P>, "instructions">>;

/** A tensor for a result, abstract while a function is traced. */
export function newTensor<S extends Shape, D extends DType>(op: string, shape: S, dtype: D): Tensor<S, D> {
  return activeTracer() === undefined ? allocateTensor(op, shape, dtype) : abstractTensor(shape, dtype);
}

/** Runs an op, or has it recorded while a function is traced; frees a result that is new where that fails. */
export function perform<P>(
  op: Runnable<P>,
  operands: readonly Value[],
  params: P,
  result: AnyTensor,
  isNew: boolean,
): AnyTensor {
  try {
    const tracer = activeTracer();
    if (tracer !== undefined) tracer.apply(op, operands, params, result);
    else if (result.size > 0) execute(op.instructions(result, operands, params));
    return result;
  } catch (error) {
    if (isNew) result.dispose();
    throw error;
  }
}

/** The operands' shapes; undefined for numbers. */
export function shapesOf(operands: readonly Value[]): (Shape | undefined)[] {
  const shapes = new Array<Shape | undefined>(operands.length);
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i]!;
    shapes[i] = typeof operand === "number" ? undefined : operand.extents;
  }
  return shapes;
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

/** The dtype that all operands have; numbers have whatever the others have. */
export function commonDType(op: string, operands: readonly Value[], free?: readonly number[]): DType {
  let common: DType | undefined;
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i]!;
    if (typeof operand === "number" || free?.includes(i)) continue;
    if (common !== undefined && operand.dtype !== common) throw mixedDTypes(op, operands);
    common = operand.dtype;
  }
  if (common === undefined) throw new DTypeError(`${op}: expected a tensor, got ${operands.join(" and ")}`);
  if (common === "int32") {
    for (const operand of operands) {
      if (typeof operand === "number" && operand !== (operand | 0)) {
        throw new DTypeError(`${op}: ${operand} is no int32; convert the tensor with astype first`);
      }
    }
  }
  return common;
}

function mixedDTypes(op: string, operands: readonly Value[]): DTypeError {
  const dtypes = operands.flatMap((operand) => (typeof operand === "number" ? [] : [operand.dtype])).join(" and ");
  const shapes = formatShapes(shapesOf(operands));
  return new DTypeError(`${op}: dtypes ${dtypes} do not mix (shapes ${shapes}); convert one with astype`);
}

/**
 * Checks `out` against the result.
 * @param apart - operands whose memory it must not share
 */
export function checkOut(op: string, out: AnyTensor, shape: Shape, dtype: DType, apart: readonly Value[]): void {
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

// ---- instructions ----

/** An operand as the encoder wants it. */
export function encodeOperand(value: Value, strides: readonly number[]): Encoded {
  return typeof value === "number" ? value : { address: value.storage.address, strides };
}

/** Settings of an instruction that works on whole tensors rather than over a nest. */
export interface WholeOptions {
  /** m, n, k: what they mean is the kernel's. */
  readonly extents: readonly [number, number, number];
  readonly flags?: readonly [number, number];
  readonly needsScratch?: boolean;
}

/** One instruction on whole tensors, in the dtype of its result unless another one is named. */
export function wholeInstruction(
  op: Op,
  out: AnyTensor,
  operands: readonly Value[],
  options: WholeOptions,
  dtype: DType = out.dtype,
): Instruction {
  return {
    op,
    dtype: DTYPE_CODES[dtype],
    out: out.storage.address,
    dims: [1],
    operands: operands.map((operand) => encodeOperand(operand, [0])),
    ...options,
  };
}

/** The elements of the first operand as they lie, for ops whose results otherwise share their input's bytes. */
function copyAll(out: AnyTensor, operands: readonly Value[]): readonly Instruction[] {
  const input = operands[0] as AnyTensor;
  const from = { address: input.storage.address, strides: [1] };
  return [
    { op: Op.identity, dtype: DTYPE_CODES[out.dtype], out: out.storage.address, dims: [out.size], operands: [from] },
  ];
}
