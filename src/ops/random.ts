// Seeded random tensors: the same seed gives the same bits on every engine. Must not know memory.
import { Op } from "../../assembly/ops.generated.js";
import { checkNumber, checkOptions, DTypeError, ShapeError, shown, TraceError } from "../errors.js";
import type { DTypeOrDefault } from "../tensor/data.js";
import type { FloatDType } from "../tensor/dtype.js";
import { checkShape, formatShape, type Shape, sizeOf } from "../tensor/shape.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import { activeTracer } from "../tensor/tracer.js";
import type { Mutable } from "../tensor/types.js";
import { type Apply, defineOp } from "./define.js";
import { wholeInstruction } from "./instructions.js";

/** Options of every generator. The caller always names a seed, so that runs can be repeated. */
export interface RandomOptions<D extends FloatDType> {
  /** A whole number from 0 to 2^53 - 1. Element i depends only on the seed and on i. */
  readonly seed: number;
  /** Default float32. */
  readonly dtype?: D | undefined;
}

interface NamedDType<D extends FloatDType> {
  /** The dtype. */
  readonly dtype: D;
}

/** Options of `random.uniform`. @inline */
export interface UniformOptions<D extends FloatDType> extends RandomOptions<D> {
  /** Default 0. */
  readonly low?: number | undefined;
  /** At least low; default 1. */
  readonly high?: number | undefined;
}

/** Options of `random.normal`. @inline */
export interface NormalOptions<D extends FloatDType> extends RandomOptions<D> {
  /** Default 0. */
  readonly mean?: number | undefined;
  /** The standard deviation, >= 0; default 1. */
  readonly deviation?: number | undefined;
}

/**
 * Makes a generator, which checks its call and draws.
 * @param names - its options besides seed and dtype
 */
function defineRandom(name: string, op: Op, names: readonly string[]) {
  const draw: Apply<[], "random"> = defineOp({
    name,
    kind: "random",
    op,
    shape: (_, { shape }) => shape,
    dtype: (_op, _operands, { dtype }) => dtype,
    instructions: (out, _, { seed: flags, bounds }) => [
      wholeInstruction(op, out, bounds, { extents: [1, out.size, 1], flags, needsScratch: true }),
    ],
  });
  /** @param boundsOf - returns low and high, or mean and deviation, from checked options; `limit` is too large for the dtype */
  return (
    shape: Shape,
    options: RandomOptions<FloatDType> | undefined,
    boundsOf: (limit: number) => [number, number],
  ): AnyTensor => {
    if (activeTracer() !== undefined) {
      throw new TraceError(`${name}: compile would draw once for all runs; draw outside and pass the tensor`);
    }
    const sizes = checkShape(name, shape);
    checkOptions(name, options, ["seed", "dtype", ...names]);
    const { seed, dtype = "float32" } = options ?? {};
    if (!Number.isSafeInteger(seed) || seed! < 0) {
      throw new RangeError(
        `${name}: the seed must be a whole number from 0 to 2^53 - 1, as in { seed: 1 }; got ${shown(seed)}`,
      );
    }
    if (dtype !== "float32" && dtype !== "float64")
      throw new DTypeError(`${name}: the dtype must be float32 or float64, got ${shown(dtype)}`);
    const bounds = boundsOf(dtype === "float32" ? 2 ** 128 - 2 ** 103 : Infinity);
    return draw([], { shape: sizes, dtype, seed: [seed! % 2 ** 32, Math.floor(seed! / 2 ** 32)], bounds });
  };
}

const drawUniform = defineRandom("random.uniform", Op.randomUniform, ["low", "high"]);
const drawNormal = defineRandom("random.normal", Op.randomNormal, ["mean", "deviation"]);
const drawGlorot = defineRandom("random.glorot", Op.randomUniform, []);
const drawHe = defineRandom("random.he", Op.randomNormal, []);

/** The numbers of inputs and outputs of a layer, from the last two sizes of its weights. */
function fans(op: string, shape: Shape): { fanIn: number; fanOut: number } {
  checkShape(op, shape);
  if (shape.length < 2) throw new ShapeError(`${op}: weights need at least two axes, got ${formatShape(shape)}`);
  const field = sizeOf(shape.slice(0, -2));
  return { fanIn: field * shape.at(-2)!, fanOut: field * shape.at(-1)! };
}

/**
 * Uniform on [low, high) (default [0, 1)), from Philox4x32-10: y[i] = low + u[i] (high - low). If that rounds to high, y[i] is the number
 * before high. The bounds are rounded to the dtype. If they are equal, all elements are low, as in NumPy.
 * Shapes: as given. Dtypes: float32 by default, float64. Accuracy: u is exact; each step of the formula is correctly rounded, in
 * its order.
 * @throws RangeError for a seed that is not a whole number from 0 to 2^53 - 1, bounds that are not finite in the dtype or out of order, and
 * a difference of theirs that overflows; ShapeError for a bad shape, DTypeError for int32, TypeError for bounds that are not numbers
 * @example random.uniform([2, 3], { seed: 1, low: -1, high: 1 });
 */
export function uniform<const S extends Shape, D extends FloatDType>(
  shape: S,
  options: UniformOptions<D> & NamedDType<D>,
): Tensor<Mutable<S>, D>;
export function uniform<const S extends Shape, D extends FloatDType = "float32">(
  shape: S,
  options: UniformOptions<D>,
): Tensor<Mutable<S>, DTypeOrDefault<D>>;
export function uniform(shape: Shape, options: UniformOptions<FloatDType>): AnyTensor {
  return drawUniform(shape, options, (limit) => {
    const { low = 0, high = 1 } = options;
    checkNumber("random.uniform: low", low, `(-${limit}, ${limit})`);
    checkNumber("random.uniform: high", high, `[${low}, ${limit})`);
    checkNumber("random.uniform: high - low", high - low, `[0, ${limit})`);
    return [low, high];
  });
}

/**
 * Normal with the given mean (default 0) and standard deviation (default 1), from Philox4x32-10 by Box and Muller's transform:
 * y[i] = mean + deviation sqrt(-2 log(1 - u)) cos(2 pi v), u and v uniform.
 * Shapes: as given. Dtypes: float32 by default, float64. Accuracy: 1e-14 for a deviation of 1, float32 2e-6, absolute.
 * @throws RangeError for a seed that is not a whole number from 0 to 2^53 - 1, a negative deviation, and settings that are not finite in the
 * dtype; ShapeError for a bad shape, DTypeError for int32, TypeError for settings that are not numbers
 * @example random.normal([2, 3], { seed: 1 });
 */
export function normal<const S extends Shape, D extends FloatDType>(
  shape: S,
  options: NormalOptions<D> & NamedDType<D>,
): Tensor<Mutable<S>, D>;
export function normal<const S extends Shape, D extends FloatDType = "float32">(
  shape: S,
  options: NormalOptions<D>,
): Tensor<Mutable<S>, DTypeOrDefault<D>>;
export function normal(shape: Shape, options: NormalOptions<FloatDType>): AnyTensor {
  return drawNormal(shape, options, (limit) => {
    const { mean = 0, deviation = 1 } = options;
    checkNumber("random.normal: mean", mean, `(-${limit}, ${limit})`);
    checkNumber("random.normal: deviation", deviation, `[0, ${limit})`);
    return [mean, deviation];
  });
}

/**
 * Glorot and Bengio's uniform weights (2010): on [-r, r), r = sqrt(6 / (fanIn + fanOut)), for sigmoid and tanh layers.
 * Shapes: [..., fanIn, fanOut], leading sizes multiplying both. Dtypes: float32 by default, float64. Accuracy: that of
 * `random.uniform`.
 * @throws ShapeError for fewer than two axes, RangeError for a bad seed, DTypeError for int32
 * @example random.glorot([64, 25], { seed: 1 });
 */
export function glorot<const S extends Shape, D extends FloatDType>(
  shape: S,
  options: RandomOptions<D> & NamedDType<D>,
): Tensor<Mutable<S>, D>;
export function glorot<const S extends Shape, D extends FloatDType = "float32">(
  shape: S,
  options: RandomOptions<D>,
): Tensor<Mutable<S>, DTypeOrDefault<D>>;
export function glorot(shape: Shape, options: RandomOptions<FloatDType>): AnyTensor {
  const { fanIn, fanOut } = fans("random.glorot", shape);
  const r = Math.sqrt(6 / (fanIn + fanOut));
  return drawGlorot(shape, options, () => [-r, r]);
}

/**
 * He's normal weights (2015): deviation = sqrt(2 / fanIn), for ReLU layers.
 * Shapes: [..., fanIn, fanOut], leading sizes multiplying both. Dtypes: float32 by default, float64. Accuracy: that of
 * `random.normal`.
 * @throws ShapeError for fewer than two axes, RangeError for a bad seed, DTypeError for int32
 * @example random.he([64, 25], { seed: 1 });
 */
export function he<const S extends Shape, D extends FloatDType>(
  shape: S,
  options: RandomOptions<D> & NamedDType<D>,
): Tensor<Mutable<S>, D>;
export function he<const S extends Shape, D extends FloatDType = "float32">(
  shape: S,
  options: RandomOptions<D>,
): Tensor<Mutable<S>, DTypeOrDefault<D>>;
export function he(shape: Shape, options: RandomOptions<FloatDType>): AnyTensor {
  const { fanIn } = fans("random.he", shape);
  return drawHe(shape, options, () => [0, Math.sqrt(2 / fanIn)]);
}
