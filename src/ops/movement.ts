// Ops that keep the elements and change shape, order or dtype. Must not know memory.
import { Op } from "../../assembly/ops.generated.js";
import { ShapeError } from "../errors.js";
import type { Instruction } from "../runtime/program/instruction.js";
import { checkDType, DTYPE_BYTES, DTYPE_CODES, type DType, isFloat } from "../tensor/dtype.js";
import {
  broadcastShapes,
  checkShape,
  coalesce,
  contiguousStrides,
  formatShape,
  normaliseAxis,
  type Shape,
  sameShape,
  sizeOf,
} from "../tensor/shape.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import type { Mutable } from "../tensor/types.js";
import { type Apply, anyDType, checkTensor, defineOp, type OutOption } from "./define.js";
import { elementwiseInstruction, type Placed, spread, wholeInstruction } from "./instructions.js";
import type { Reshaped, Transposed } from "./types/axes.js";

/** Elements of a tensor, from `offset` on, with a stride along each axis; by default row-major. */
interface Place {
  readonly tensor: Placed;
  readonly strides?: readonly number[];
  readonly offset?: number;
}

/** One instruction that copies elements of a shape, or adds them to those at the target. */
export function copyInstruction(shape: Shape, out: Place, from: Place, op = Op.copy): Instruction {
  const { dims, strides } = coalesce(
    shape,
    [out, from].map((place) => place.strides ?? contiguousStrides(shape)),
  );
  const addressOf = ({ tensor, offset = 0 }: Place): number =>
    tensor.storage.address + offset * DTYPE_BYTES[tensor.dtype];
  return {
    op,
    dtype: DTYPE_CODES[out.tensor.dtype],
    out: addressOf(out),
    dims,
    outStrides: strides[0],
    operands: [{ address: addressOf(from), strides: strides[1]! }],
    // The matrix may have to be transposed.
    needsScratch: dims.length > 1,
  };
}

const applyReshape: Apply<[x: AnyTensor], "view"> = defineOp({
  name: "reshape",
  kind: "view",
  shape: (_, target) => target,
  dtype: anyDType,
  grad: ({ g, shapes }) => [() => reshape(g, shapes[0])],
});

/**
 * The same elements in row-major order in another shape: y.data[i] = x.data[i]. One size may be -1; it follows from the others. The result
 * shares x's bytes, as in NumPy and PyTorch: writing to one changes the other, and the bytes live as long as either. Gradient: g in x's
 * shape.
 * Shapes: any to any other with as many elements. Dtypes: any. Accuracy: exact.
 * @throws ShapeError if the sizes do not give as many elements
 * @example reshape(tensor([1, 2, 3, 4, 5, 6]), [2, -1]).shape; // [2, 3]
 */
export function reshape<D extends DType, const S extends Shape>(
  x: Tensor<Shape, D>,
  shape: S,
  options?: OutOption<Tensor<Reshaped<S>, D>>,
): Tensor<Reshaped<S>, D>;
export function reshape(x: AnyTensor, shape: Shape, options?: OutOption): AnyTensor {
  checkTensor("reshape", x);
  return applyReshape([x], inferSize(x.extents, shape), options);
}

function inferSize(from: Shape, to: Shape): Shape {
  const known = checkShape("reshape", Array.isArray(to) ? to.map((extent) => (extent === -1 ? 1 : extent)) : to);
  const unknown = to.flatMap((extent, i) => (extent === -1 ? [i] : []));
  if (unknown.length === 1) known[unknown[0]!] = sizeOf(from) / sizeOf(known);
  if (unknown.length > 1 || sizeOf(known) !== sizeOf(from) || !known.every(Number.isInteger)) {
    throw new ShapeError(
      `reshape: ${formatShape(from)} has ${sizeOf(from)} elements, which do not fit ${formatShape(to)}`,
    );
  }
  return known;
}

const applyBroadcastTo: Apply<[x: AnyTensor], "repeat"> = defineOp({
  name: "broadcastTo",
  kind: "repeat",
  shape: ([from], target) => {
    if (!sameShape(broadcastShapes("broadcastTo", [from, target]), target)) {
      throw new ShapeError(`broadcastTo: ${formatShape(from)} does not broadcast to ${formatShape(target)}`);
    }
    return target;
  },
  dtype: anyDType,
  instructions: spread,
  // The backward walk sums over the repeated axes.
  grad: ({ g }) => [() => g],
});

/**
 * x repeated along axes of size 1 and new leading axes, for example y[i, j] = x[0, j]. Gradient: g summed over these axes.
 * Shapes: sizes of x are 1 or the target's, aligned at the last axis. Dtypes: any. Accuracy: exact.
 * @throws ShapeError if x does not broadcast to the shape, or a size is negative or fractional
 * @example broadcastTo(tensor([1, 2]), [2, 2]).toArray(); // [[1, 2], [1, 2]]
 */
export function broadcastTo<D extends DType, const S extends Shape>(
  x: Tensor<Shape, D>,
  shape: S,
  options?: OutOption<Tensor<Mutable<S>, D>>,
): Tensor<Mutable<S>, D>;
export function broadcastTo(x: AnyTensor, shape: Shape, options?: OutOption): AnyTensor {
  return applyBroadcastTo([x], checkShape("broadcastTo", shape), options);
}

const applyTranspose: Apply<[x: AnyTensor], "transpose"> = defineOp({
  name: "transpose",
  kind: "transpose",
  shape: ([from], axes) => axes.map((axis) => from[axis]!),
  dtype: anyDType,
  instructions: (out, [from], axes) => {
    const strides = contiguousStrides(from.extents);
    return [
      copyInstruction(out.extents, { tensor: out }, { tensor: from, strides: axes.map((axis) => strides[axis]!) }),
    ];
  },
  grad: ({ g, params: axes }) => [
    () =>
      transpose(
        g,
        axes.map((_, i) => axes.indexOf(i)),
      ),
  ],
});

/**
 * The axes in another order (default reversed): y[i, j] = x[j, i]. Axis i of the result is axis `axes[i]` of x. In products the options
 * `transposeA` and `transposeB` of `matmul` cost nothing. Gradient: g with the axes put back.
 * Shapes: [x.shape[axes[0]], ...]. Dtypes: any. Accuracy: exact.
 * @throws ShapeError if `axes` is not a permutation of x's axes, TypeError if it is not a list
 * @example transpose(tensor([[1, 2], [3, 4]])).toArray(); // [[1, 3], [2, 4]]
 */
export function transpose<S extends Shape, D extends DType, const A extends readonly number[] | undefined = undefined>(
  x: Tensor<S, D>,
  axes?: A,
  options?: OutOption<Tensor<Transposed<S, A>, D>>,
): Tensor<Transposed<S, A>, D>;
export function transpose(x: AnyTensor, axes?: readonly number[], options?: OutOption): AnyTensor {
  const { extents: shape } = checkTensor("transpose", x);
  const rank = shape.length;
  if (axes !== undefined && !Array.isArray(axes))
    throw new TypeError("transpose: axes must be a list, before the options");
  const order = axes?.map((axis) => normaliseAxis("transpose", axis, rank)) ?? shape.map((_, i) => rank - 1 - i);
  if (order.length !== rank || new Set(order).size !== rank) {
    throw new ShapeError(
      `transpose: axes ${formatShape(axes ?? [])} are not a permutation of the axes of ${formatShape(shape)}`,
    );
  }
  return applyTranspose([x], order, options);
}

const applyCast: Apply<[x: AnyTensor], "cast"> = defineOp({
  name: "astype",
  kind: "cast",
  shape: ([shape]) => shape,
  dtype: (_op, _from, { to }) => to,
  instructions: (out, [x], { from }) => [
    from === out.dtype
      ? elementwiseInstruction(Op.identity, out, [x])
      : wholeInstruction(Op.cast, out, [x], { extents: [1, out.size, 1], flags: [DTYPE_CODES[from], 0] }),
  ],
  grad: ({ g, params: { from } }) => [() => (isFloat(from) ? astype(g, from) : g)],
});

/**
 * The elements in another dtype: y = x. Between floats they are rounded to nearest; to int32 they are rounded towards zero and saturate
 * (NaN gives 0). The result is always a copy. Gradient: g in x's dtype; none to or from int32.
 * Shapes: any, kept. Dtypes: any to any. Accuracy: correctly rounded.
 * @throws DTypeError for an unknown dtype
 * @example astype(tensor([1.7]), "int32").item(); // 1
 */
export function astype<S extends Shape, D extends DType>(
  x: Tensor<S, DType>,
  dtype: D,
  options?: OutOption<Tensor<NoInfer<S>, NoInfer<D>>>,
): Tensor<S, D>;
export function astype(x: AnyTensor, dtype: DType, options?: OutOption): AnyTensor {
  checkTensor("astype", x);
  return applyCast([x], { from: x.dtype, to: checkDType("astype", dtype) }, options);
}
