// Tensors made from JavaScript data and from rules. Must not know memory or kernels.
import { Op } from "../../assembly/opcodes.js";
import { DTypeError, kindOf, ShapeError } from "../errors.js";
import { isView } from "../runtime/views.js";
import { checkDType, type DType, type DTypeOfArray, dtypeOfArray } from "../tensor/dtype.js";
import { checkShape, formatShape, type Shape, sizeOf } from "../tensor/shape.js";
import { type AnyTensor, allocateTensor, type Tensor } from "../tensor/tensor.js";
import type { Mutable, NestedInput, ShapeOfNested } from "../tensor/types.js";
import { newTensor, perform, type Runnable } from "./define.js";
import { spread } from "./elementwise.js";

/** Typed arrays that a tensor can be made of without conversion. */
export type TensorData = Float32Array | Float64Array | Int32Array;

/** The shape of nested arrays. @throws ShapeError naming the place where lengths differ */
function nestedShape(data: unknown): number[] {
  const shape: number[] = [];
  for (let level = data; Array.isArray(level); level = level[0] as unknown) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  return shape;
}

/** Writes nested arrays in row-major order. */
function flatten(data: unknown, shape: Shape, dtype: DType, into: { [i: number]: number }): void {
  let at = 0;
  const visit = (item: unknown, axis: number, path: string): void => {
    if (axis === shape.length) {
      if (typeof item !== "number") {
        if (Array.isArray(item)) throw new ShapeError(`tensor: ragged array: data${path} is an array among numbers`);
        throw new DTypeError(`tensor: data${path} is ${kindOf(item)}, not a number`);
      }
      if (dtype === "int32" && item !== (item | 0)) throw new DTypeError(`tensor: data${path} = ${item} is no int32`);
      into[at++] = item;
      return;
    }
    if (!Array.isArray(item) || item.length !== shape[axis]) {
      const found = Array.isArray(item) ? `has ${item.length} items` : "is no array";
      throw new ShapeError(`tensor: ragged array: data${path} ${found}, others ${shape[axis]}`);
    }
    // By index, for forEach skips holes.
    for (let i = 0; i < item.length; i++) visit(item[i], axis + 1, `${path}[${i}]`);
  };
  visit(data, 0, "");
}

/**
 * A tensor of a number, of nested arrays, or of a typed array in row-major order, copied: y[i, j] = data[i][j]. A typed array gives
 * its own dtype.
 * Shapes: that of the data, or `shape` with as many elements. Dtypes: any, float32 unless told otherwise.
 * @throws ShapeError for ragged arrays, a wrong number of elements, negative or fractional sizes; DTypeError for elements
 * that are no numbers, fractional elements as int32, or other typed arrays; OutOfMemoryError where the memory ends
 * @example
 * tensor([[1, 2], [3, 4]]); // Tensor<[2, 2], "float32">
 * tensor(new Float64Array(6), [2, 3]); // Tensor<[2, 3], "float64">
 */
export function tensor<D extends DType = "float32">(data: number, shape?: undefined, dtype?: D): Tensor<[], D>;
export function tensor<A extends TensorData, const S extends Shape = [number], D extends DType = DTypeOfArray<A>>(
  data: A,
  shape?: S,
  dtype?: D,
): Tensor<Mutable<S>, D>;
export function tensor<const S extends Shape, D extends DType = "float32">(
  data: NestedInput,
  shape: S,
  dtype?: D,
): Tensor<Mutable<S>, D>;
export function tensor<const A extends readonly NestedInput[], D extends DType = "float32">(
  data: A,
  shape?: undefined,
  dtype?: D,
): Tensor<ShapeOfNested<A>, D>;
export function tensor(data: TensorData | NestedInput, shape?: Shape, dtype?: DType): AnyTensor {
  const own = dtypeOfArray(data);
  const type = checkDType("tensor", dtype ?? own ?? "float32");
  if (own === undefined && typeof data !== "number" && !Array.isArray(data)) {
    throw new DTypeError(
      `tensor: data is a number, nested arrays, or a Float32Array, Float64Array or Int32Array; got ${(data as object | null)?.constructor?.name ?? kindOf(data)}`,
    );
  }
  const found = own === undefined ? nestedShape(data) : [(data as TensorData).length];
  const target = checkShape("tensor", shape === undefined ? found : shape);
  if (sizeOf(target) !== sizeOf(found)) {
    throw new ShapeError(`tensor: ${sizeOf(found)} elements do not fit shape ${formatShape(target)}`);
  }
  // All of the data is checked before anything is allocated.
  let elements: ArrayLike<number> = data as TensorData;
  if (own === undefined) {
    const list: number[] = new Array(sizeOf(found));
    flatten(data, found, type, list);
    elements = list;
  } else if (type === "int32" && own !== "int32") {
    flatten(Array.from(elements), found, type, []);
  } else if (isView(data as TensorData)) {
    // The data of another tensor: a view that goes stale where making this one grows the memory.
    elements = (data as TensorData).slice();
  }
  const result = allocateTensor("tensor", target, type);
  result.data.set(elements);
  return result;
}

/**
 * A tensor of one value: y[i] = value.
 * Shapes: as named. Dtypes: any, float32 by default.
 * @throws ShapeError for negative or fractional sizes, DTypeError for a value that is no number, or no int32 where it must be,
 * and for an unknown dtype
 * @example full([2], 7).toArray(); // [7, 7]
 */
export function full<const S extends Shape, D extends DType = "float32">(
  shape: S,
  value: number,
  dtype?: D,
): Tensor<Mutable<S>, D> {
  return filled("full", shape, value, dtype) as never;
}

/** `full` under the name of what was called. */
function filled(op: string, shape: Shape, value: number, dtype: DType = "float32"): AnyTensor {
  const type = checkDType(op, dtype);
  const sizes = checkShape(op, shape);
  if (typeof value !== "number") throw new DTypeError(`${op}: the value is a number, got ${typeof value}`);
  if (type === "int32" && value !== (value | 0)) throw new DTypeError(`${op}: ${value} is no int32`);
  const result = newTensor(op, sizes, type);
  perform(FULL, [value], undefined, result);
  return result;
}

/** One number for every element: what all constants of one value are, those that `compile` works out included. */
export const FULL: Runnable<unknown> = {
  name: "full",
  opcode: Op.identity,
  instructions: spread,
};

/**
 * A tensor of zeros: y[i] = 0.
 * Shapes: as named. Dtypes: any, float32 by default.
 * @throws ShapeError for negative or fractional sizes, DTypeError for an unknown dtype
 * @example zeros([2, 3]).shape; // [2, 3]
 */
export function zeros<const S extends Shape, D extends DType = "float32">(shape: S, dtype?: D): Tensor<Mutable<S>, D> {
  return filled("zeros", shape, 0, dtype) as never;
}

/**
 * A tensor of ones: y[i] = 1.
 * Shapes: as named. Dtypes: any, float32 by default.
 * @throws ShapeError for negative or fractional sizes, DTypeError for an unknown dtype
 * @example ones([2]).toArray(); // [1, 1]
 */
export function ones<const S extends Shape, D extends DType = "float32">(shape: S, dtype?: D): Tensor<Mutable<S>, D> {
  return filled("ones", shape, 1, dtype) as never;
}

/** A vector whose element i is `at(i)`. */
function vectorOf<D extends DType>(op: string, size: number, dtype: D, at: (i: number) => number): Tensor<[number], D> {
  const result = allocateTensor(op, checkShape(op, [size]) as [number], checkDType(op, dtype) as D);
  const { data } = result;
  for (let i = 0; i < size; i++) {
    const value = at(i);
    data[i] = value;
    if (dtype === "int32" && data[i] !== value) {
      result.dispose();
      throw new DTypeError(`${op}: ${value} is no int32`);
    }
  }
  return result;
}

/**
 * The numbers from `start` (default 0) up to but not including `stop`, `step` (default 1) apart; `arange(n)` counts to n: y[i] =
 * start + i step.
 * Shapes: [ceil((stop - start) / step)], [0] where that is negative. Dtypes: any, float32 by default.
 * @throws ShapeError for a step of 0 or bounds that are not finite,
 * DTypeError for an element that is no int32 or an unknown dtype
 * @example arange(3).toArray(); // [0, 1, 2]
 */
export function arange(stop: number): Tensor<[number], "float32">;
export function arange<D extends DType = "float32">(
  start: number,
  stop: number,
  step?: number,
  dtype?: D,
): Tensor<[number], D>;
export function arange(start: number, stop?: number, step = 1, dtype: DType = "float32"): Tensor<[number], DType> {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (step === 0 || ![from, to, step].every(Number.isFinite)) {
    throw new ShapeError(`arange: finite bounds and a step other than 0, got ${from}, ${to}, ${step}`);
  }
  return vectorOf("arange", Math.max(0, Math.ceil((to - from) / step)), dtype, (i) => from + i * step);
}

/**
 * `count` numbers (default 50) from `start` to `stop`, both included, evenly spaced:
 * y[i] = start + i (stop - start) / (count - 1).
 * Shapes: [count]. Dtypes: any, float32 by default.
 * @throws ShapeError for a count that is negative or fractional,
 * DTypeError for an element that is no int32 or an unknown dtype
 * @example linspace(0, 1, 3).toArray(); // [0, 0.5, 1]
 */
export function linspace<D extends DType = "float32">(
  start: number,
  stop: number,
  count = 50,
  dtype?: D,
): Tensor<[number], D> {
  const step = count > 1 ? (stop - start) / (count - 1) : 0;
  const last = count > 1 ? count - 1 : -1;
  return vectorOf("linspace", count, dtype ?? ("float32" as D), (i) => (i === last ? stop : start + i * step));
}

/** A tensor of one value in another tensor's shape and dtype. */
export function fullLike(x: AnyTensor, value: number): AnyTensor {
  return full(x.extents, value, x.dtype);
}
