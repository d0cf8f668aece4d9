// Tensors made from JavaScript data and from rules. Must not know memory or kernels.
import { checkOptions, DTypeError, ShapeError, shown } from "../errors.js";
import { isView } from "../runtime/memory/views.js";
import type {
  DTypeGiven,
  DTypeOfData,
  DTypeOrDefault,
  ShapeGiven,
  ShapeOfData,
  TensorInput,
  TensorOptions,
  TensorParts,
} from "../tensor/data.js";
import { checkDType, type DType, dtypeOfArray, kindOfArray, type TensorData } from "../tensor/dtype.js";
import { checkShape, formatShape, type Shape, sizeOf } from "../tensor/shape.js";
import { type AnyTensor, allocateTensor, isAnyCopysTensor, type Tensor } from "../tensor/tensor.js";
import type { Mutable } from "../tensor/types.js";
import { newTensor, perform, type Runnable } from "./define.js";
import { spread } from "./instructions.js";
import type { Only } from "./types/signatures.js";

type List = ArrayLike<unknown>;

function isList(value: unknown): value is List {
  return Array.isArray(value) || kindOfArray(value) !== undefined;
}

/** A typed array that becomes a tensor. */
function isNumeric(value: unknown): value is TensorData {
  return dtypeOfArray(value) !== undefined;
}

/** True if a dtype may be unable to hold elements of this kind of array exactly. Plain numbers are rounded to floats. */
function mayRound(dtype: DType, kind: string | undefined): boolean {
  return dtype === "int32"
    ? kind !== "Int32Array"
    : dtype === "float32" && (kind === "Int32Array" || kind === "Uint32Array");
}

/** @throws TypeError for a detached typed array, which looks like an empty one */
function checkAttached(list: List): void {
  if (list.length > 0 || Array.isArray(list)) return;
  try {
    // Cast: lists that are not arrays are typed ones.
    (list as TensorData).slice();
  } catch {
    throw new TypeError("tensor: the array is detached; read data again after making tensors");
  }
}

/** The elements of nested arrays in row-major order, each checked. */
function flatten(data: unknown, shape: Shape, dtype: DType, isGiven: boolean): Float64Array {
  const elements = new Float64Array(sizeOf(shape));
  const place: number[] = [];
  let at = 0;
  const named = (depth: number): string => place.slice(0, depth).reduce((path, i) => `${path}[${i}]`, "data");
  const visit = (item: unknown, axis: number, exact: boolean): void => {
    if (axis === shape.length) {
      if (isList(item)) throw new ShapeError(`tensor: ragged array: ${named(axis)} is an array among numbers`);
      if (typeof item !== "number") throw new DTypeError(`tensor: ${named(axis)} is ${shown(item)}, not a number`);
      if (exact && item !== (dtype === "int32" ? item | 0 : Math.fround(item))) {
        throw new DTypeError(`tensor: ${dtype} cannot hold ${named(axis)} = ${item} exactly`);
      }
      elements[at++] = item;
      return;
    }
    if (!isList(item) || item.length !== shape[axis]) {
      const found = isList(item) ? `has ${item.length} items` : "is not an array";
      throw new ShapeError(`tensor: ragged array: ${named(axis)} ${found}, others ${shape[axis]}`);
    }
    checkAttached(item);
    const own = dtypeOfArray(item);
    if (!isGiven && own !== undefined && own !== dtype) {
      throw new DTypeError(`tensor: ${named(axis)} is ${own}, others ${dtype}; name the dtype`);
    }
    const rounds = mayRound(dtype, kindOfArray(item));
    if (isNumeric(item) && !rounds && axis === shape.length - 1) {
      elements.set(item, at);
      at += item.length;
      return;
    }
    // By index, because forEach skips holes.
    for (let i = 0; i < item.length; i++) {
      place[axis] = i;
      visit(item[i], axis + 1, rounds);
    }
  };
  visit(data, 0, dtype === "int32");
  return elements;
}

/** A tensor from a result of `toJSON`. Texts such as "NaN" become numbers again. */
function fromParts(data: unknown, shape: unknown, dtype: DType | undefined): AnyTensor {
  const parts: { readonly [K in keyof TensorParts]?: unknown } =
    typeof data === "object" && data !== null && !isAnyCopysTensor(data) ? data : {};
  if (!isList(parts.data)) {
    throw new DTypeError(
      `tensor: data must be a number, nested or typed arrays, or a result of toJSON; got ${shown(data)}`,
    );
  }
  const asNumber = (item: unknown): unknown => (/^(NaN|-?Infinity|-0)$/.test(String(item)) ? Number(item) : item);
  const elements = Array.isArray(parts.data) ? parts.data.map(asNumber) : parts.data;
  const sizes = checkShape("tensor", parts.shape);
  return make(elements, shape ?? sizes, dtype ?? checkDType("tensor", parts.dtype));
}

/**
 * A tensor with a copy of the data: y[i, j] = data[i][j]. The data is a number, nested or typed arrays in row-major order, or a result of
 * `toJSON`. Typed arrays may be rows of other arrays, and of any realm.
 * Shapes: that of the data, or `shape` with as many elements. Dtypes: any. The default is float64 for Float64Arrays, int32 for
 * Int32Arrays, else float32. Floats are rounded to float32; integer arrays and int32 must be exact.
 * Accuracy: correctly rounded.
 * @throws ShapeError for ragged arrays, a wrong number of elements, negative or fractional sizes; DTypeError for elements
 * that are not numbers, that the dtype cannot hold, or of several dtypes; TypeError for unknown options; OutOfMemoryError if the memory
 * has no room
 * @example
 * tensor([[1, 2], [3, 4]]); // Tensor<[2, 2], "float32">
 * tensor([1, 2, 3, 4], { shape: [2, 2], dtype: "float64" }); // Tensor<[2, 2], "float64">
 * tensor(new Float64Array(6), [2, 3]); // Tensor<[2, 3], "float64">
 */
export function tensor<const A extends TensorInput, const S extends Shape, D extends DType>(
  data: A,
  shape: S,
  dtype: D,
): Tensor<Mutable<S>, D>;
export function tensor<const A extends TensorInput, D extends DType>(
  data: A,
  shape: undefined,
  dtype: D,
): Tensor<ShapeOfData<A>, D>;
export function tensor<const A extends TensorInput, const S extends Shape, D extends DType = never>(
  data: A,
  shape: S,
  dtype?: D,
): Tensor<Mutable<S>, NoInfer<D> | DTypeOfData<A>>;
export function tensor<const A extends TensorInput, const O extends TensorOptions = Record<never, never>>(
  data: A,
  options?: Only<O, "shape, dtype">,
): Tensor<ShapeGiven<O, A>, DTypeGiven<O, DTypeOfData<A>>>;
export function tensor(data: unknown, options?: Shape | TensorOptions, dtype?: DType): AnyTensor {
  if (isShape(options)) return make(data, options, dtype);
  checkOptions("tensor", options, ["shape", "dtype"]);
  return make(data, options.shape, options.dtype);
}

/** Anything but options: checkShape refuses what is no shape. */
function isShape(options: Shape | TensorOptions | undefined): options is Shape | undefined {
  return typeof options !== "object" || options === null || Array.isArray(options);
}

/** The tensor of checked options; its data may be anything. */
function make(data: unknown, shape: unknown, dtype: DType | undefined): AnyTensor {
  const found: number[] = [];
  let own: DType | undefined;
  for (let level: unknown = data; isList(level); level = level[0]) {
    found.push(level.length);
    checkAttached(level);
    own = dtypeOfArray(level);
  }
  if (found.length === 0 && typeof data !== "number") return fromParts(data, shape, dtype);
  const type = checkDType("tensor", dtype ?? own ?? "float32");
  const target = checkShape("tensor", shape === undefined ? found : shape);
  if (sizeOf(target) !== sizeOf(found)) {
    throw new ShapeError(`tensor: ${sizeOf(found)} elements do not fit shape ${formatShape(target)}`);
  }
  // All data is checked before anything is allocated.
  const isReady = isNumeric(data) && !mayRound(type, kindOfArray(data));
  // A view of another tensor's data goes stale if this allocation grows the memory.
  const elements = !isReady ? flatten(data, found, type, dtype !== undefined) : isView(data) ? data.slice() : data;
  const result = allocateTensor("tensor", target, type);
  result.data.set(elements);
  return result;
}

/**
 * A tensor of one value: y[i] = value.
 * Shapes: as given. Dtypes: any, float32 by default. Accuracy: correctly rounded.
 * @throws ShapeError for negative or fractional sizes, DTypeError for a value that is not a number or not an int32,
 * and for an unknown dtype
 * @example full([2], 7).toArray(); // [7, 7]
 */
export function full<const S extends Shape, D extends DType>(shape: S, value: number, dtype: D): Tensor<Mutable<S>, D>;
export function full<const S extends Shape, D extends DType = "float32">(
  shape: S,
  value: number,
  dtype?: D,
): Tensor<Mutable<S>, DTypeOrDefault<D>>;
export function full(shape: Shape, value: number, dtype?: DType): AnyTensor {
  return filled("full", shape, value, dtype);
}

/** `full` under the caller's name, for messages. */
function filled(op: string, shape: Shape, value: number, dtype: DType = "float32"): AnyTensor {
  const sizes = checkShape(op, shape);
  const type = checkDType(op, dtype);
  if (typeof value !== "number") throw new DTypeError(`${op}: the value must be a number, got ${shown(value)}`);
  if (type === "int32" && value !== (value | 0)) throw new DTypeError(`${op}: ${value} is not an int32`);
  return perform(FULL, [value], undefined, newTensor(op, sizes, type), true);
}

/** One number for every element. Constants that `compile` finds use it, too. */
export const FULL: Runnable<"fill"> = {
  name: "full",
  kind: "fill",
  instructions: spread,
};

/**
 * A tensor of zeros: y[i] = 0.
 * Shapes: as given. Dtypes: any, float32 by default. Accuracy: exact.
 * @throws ShapeError for negative or fractional sizes, DTypeError for an unknown dtype
 * @example zeros([2, 3]).shape; // [2, 3]
 */
export function zeros<const S extends Shape, D extends DType>(shape: S, dtype: D): Tensor<Mutable<S>, D>;
export function zeros<const S extends Shape, D extends DType = "float32">(
  shape: S,
  dtype?: D,
): Tensor<Mutable<S>, DTypeOrDefault<D>>;
export function zeros(shape: Shape, dtype?: DType): AnyTensor {
  return filled("zeros", shape, 0, dtype);
}

/**
 * A tensor of ones: y[i] = 1.
 * Shapes: as given. Dtypes: any, float32 by default. Accuracy: exact.
 * @throws ShapeError for negative or fractional sizes, DTypeError for an unknown dtype
 * @example ones([2]).toArray(); // [1, 1]
 */
export function ones<const S extends Shape, D extends DType>(shape: S, dtype: D): Tensor<Mutable<S>, D>;
export function ones<const S extends Shape, D extends DType = "float32">(
  shape: S,
  dtype?: D,
): Tensor<Mutable<S>, DTypeOrDefault<D>>;
export function ones(shape: Shape, dtype?: DType): AnyTensor {
  return filled("ones", shape, 1, dtype);
}

/** The vector of start + i step with a given last element. Its elements lie between its ends, so checking these is enough. */
function spaced(op: string, size: number, start: number, step: number, last: number, dtype?: DType): AnyTensor {
  const shape = checkShape(op, [size]);
  const type = checkDType(op, dtype ?? "float32");
  if (type === "int32" && size > 0) {
    const isOne = size === 1;
    const misfit = [start, isOne ? start : start + step, last, isOne ? 0 : step % 1].find((x) => x !== (x | 0));
    if (misfit !== undefined) throw new DTypeError(`${op}: ${misfit} is not an int32`);
  }
  const result = allocateTensor(op, shape, type);
  const { data } = result;
  for (let i = 0; i < size - 1; i++) data[i] = start + i * step;
  if (size > 0) data[size - 1] = last;
  return result;
}

function checkNumbers(op: string, values: readonly unknown[]): void {
  for (const value of values) {
    if (typeof value !== "number") {
      throw new TypeError(`${op}: bounds must be numbers, got ${shown(value)}; a dtype comes last`);
    }
  }
}

/**
 * The numbers from `start` (default 0) up to but not including `stop`, in steps of `step` (default 1); `arange(n)` counts to n:
 * y[i] = start + i step, in float64, then rounded to the dtype. Beyond 2^24 neighbours in float32 may be equal, as in NumPy.
 * Shapes: [n], for the n elements before `stop`. Dtypes: any, float32 by default. Accuracy: each step is rounded.
 * @throws ShapeError for a step of 0 or bounds that are not finite, TypeError for bounds that are not numbers,
 * DTypeError for an element that is not an int32, or an unknown dtype
 * @example arange(3).toArray(); // [0, 1, 2]
 */
export function arange(stop: number): Tensor<[number], "float32">;
export function arange<D extends DType>(start: number, stop: number, step: number, dtype: D): Tensor<[number], D>;
export function arange<D extends DType = "float32">(
  start: number,
  stop: number,
  step?: number,
  dtype?: D,
): Tensor<[number], DTypeOrDefault<D>>;
export function arange(start: number, stop?: number, step = 1, dtype?: DType): AnyTensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  checkNumbers("arange", [from, to, step]);
  if (step === 0 || ![from, to, step].every(Number.isFinite)) {
    throw new ShapeError(`arange: bounds must be finite and the step not 0, got ${from}, ${to}, ${step}`);
  }
  let size = Math.max(0, Math.ceil((to - from) / step));
  const last = (): number => from + (size - 1) * step;
  // The quotient may be rounded up to a whole number.
  for (let k = 0; k < 2 && size > 0 && (step > 0 ? last() >= to : last() <= to); k++) size--;
  return spaced("arange", size, from, step, last(), dtype);
}

/**
 * `count` numbers (default 50) from `start` to `stop`, both included, evenly spaced:
 * y[i] = start + i (stop - start) / (count - 1).
 * Shapes: [count]. Dtypes: any, float32 by default. Accuracy: each step is rounded.
 * @throws ShapeError for a count that is negative or fractional, TypeError for bounds that are not numbers,
 * DTypeError for an element that is not an int32, or an unknown dtype
 * @example linspace(0, 1, 3).toArray(); // [0, 0.5, 1]
 */
export function linspace<D extends DType>(start: number, stop: number, count: number, dtype: D): Tensor<[number], D>;
export function linspace<D extends DType = "float32">(
  start: number,
  stop: number,
  count?: number,
  dtype?: D,
): Tensor<[number], DTypeOrDefault<D>>;
export function linspace(start: number, stop: number, count = 50, dtype?: DType): AnyTensor {
  checkNumbers("linspace", [start, stop]);
  const isLine = count > 1;
  return spaced("linspace", count, start, isLine ? (stop - start) / (count - 1) : 0, isLine ? stop : start, dtype);
}

/** A tensor of one value in another tensor's shape and dtype. */
export function fullLike<S extends Shape, D extends DType>(x: Tensor<S, D>, value: number): Tensor<S, D>;
export function fullLike(x: AnyTensor, value: number): AnyTensor {
  return full(x.extents, value, x.dtype);
}
