// Matrix products, batched and broadcast, and the linear layer. Must not know memory or packing.
import { Op } from "../../assembly/ops.generated.js";
import { ShapeError } from "../errors.js";
import type { Instruction } from "../runtime/program/instruction.js";
import { DTYPE_CODES, type FloatDType } from "../tensor/dtype.js";
import {
  broadcastShapes,
  broadcastStrides,
  coalesce,
  contiguousStrides,
  formatShape,
  type LoopNest,
  type Shape,
  sizeOf,
} from "../tensor/shape.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import { type Apply, defineOp, floatDType, type OutOption } from "./define.js";
import { type Placed, sourceOf } from "./instructions.js";
import type { Transposes } from "./kind.js";
import { reshape } from "./movement.js";
import { sum } from "./reduce.js";
import type { CheckDType } from "./types/broadcast.js";
import type { CheckBias, CheckLinear, CheckMatmul, LinearShape, MatmulFlags, MatmulShape } from "./types/products.js";
import type { Only } from "./types/signatures.js";

const NOT_TRANSPOSED: Transposes = { transposeA: false, transposeB: false };

/** The sizes of a product: [m, n] for each matrix of the batch. A vector is a row on the left, a column on the right. */
interface Sizes {
  readonly m: number;
  readonly n: number;
  readonly batch: Shape;
}

/** Small products spend their time here, so it destructures no arrays and makes no text before an error. */
function sizesOf(op: string, a: Shape, b: Shape, flags: Transposes): Sizes {
  if (a.length === 0 || b.length === 0) throw misfit(op, "operands need at least one axis", a, b, flags);
  const { transposeA, transposeB } = flags;
  const isRow = a.length === 1;
  const isColumn = b.length === 1;
  if ((isRow && transposeA) || (isColumn && transposeB)) throw misfit(op, "a vector can't be transposed", a, b, flags);
  const rowsA = isRow ? 1 : a[a.length - 2]!;
  const columnsA = a[a.length - 1]!;
  const rowsB = isColumn ? b[0]! : b[b.length - 2]!;
  const columnsB = isColumn ? 1 : b[b.length - 1]!;
  const k = transposeA ? rowsA : columnsA;
  if (k !== (transposeB ? columnsB : rowsB)) {
    throw misfit(op, "inner sizes differ", a, b, flags, !isColumn && k === (transposeB ? rowsB : columnsB));
  }
  return {
    m: transposeA ? columnsA : rowsA,
    n: transposeB ? rowsB : columnsB,
    batch: a.length <= 2 && b.length <= 2 ? [] : broadcastShapes(`${op}: batch`, [a.slice(0, -2), b.slice(0, -2)]),
  };
}

function misfit(op: string, what: string, a: Shape, b: Shape, flags: Transposes, wouldFit = false): ShapeError {
  const { transposeA, transposeB } = flags;
  const [left, right, hint] =
    op === "linear" ? ["x", "w", "transposed? w is [in, out]"] : ["a", "b", `transposeB: ${!transposeB}?`];
  const given = `${transposeA ? ", transposeA" : ""}${transposeB ? ", transposeB" : ""}${wouldFit ? ` (${hint})` : ""}`;
  return new ShapeError(`${op}: ${what}: ${left} ${formatShape(a)}, ${right} ${formatShape(b)}${given}`);
}

const NO_STRIDES = [0];

/**
 * One instruction for the whole batch. If one matrix B serves all of A's rows, the batch becomes part of m. A product of a vector and a
 * transposed matrix is computed as its transpose, C^T = op(B)^T op(A)^T: it reads the matrix in its own order and has the same elements
 * in the same order.
 */
function multiply(
  out: Placed,
  operands: readonly [a: Placed, b: Placed, bias?: Placed],
  flags: Transposes,
): readonly Instruction[] {
  // Destructures no arrays, like sizesOf.
  const a = operands[0];
  const b = operands[1];
  const bias = operands[2];
  const rankA = a.extents.length;
  const rankB = b.extents.length;
  const m = rankA === 1 ? 1 : a.extents[rankA - (flags.transposeA ? 1 : 2)]!;
  const n = rankB === 1 ? 1 : b.extents[rankB - (flags.transposeB ? 2 : 1)]!;
  const k = a.extents[rankA - (flags.transposeA ? 2 : 1)]!;
  const oneB = rankB <= 2 && !flags.transposeA;
  const { dims, strides } =
    oneB || out.size === m * n
      ? ONE_PRODUCT
      : batchNest(out.extents.slice(0, Math.max(rankA, rankB) - 2), a.extents, b.extents, m, n, k);
  const rows = oneB ? out.size / Math.max(n, 1) : m;
  const left = sourceOf(a, strides[1]!);
  const right = sourceOf(b, strides[2]!);
  const turned = bias === undefined && ((rows === 1 && flags.transposeB) || (n === 1 && flags.transposeA));
  const added = { address: bias === undefined ? 0 : bias.storage.address, strides: strides[3]! };
  return [
    {
      op: Op.matmul,
      dtype: DTYPE_CODES[out.dtype],
      out: out.storage.address,
      dims,
      outStrides: strides[0],
      operands: turned ? [right, left, added] : [left, right, added],
      extents: turned ? [n, rows, k] : [rows, n, k],
      // A vector and its transpose have the same layout.
      flags:
        turned || (!flags.transposeA && !flags.transposeB)
          ? NOT_TURNED
          : [Number(flags.transposeA && rows > 1 && k > 1), Number(flags.transposeB && n > 1 && k > 1)],
      needsScratch: true,
    },
  ];
}

const NOT_TURNED = [0, 0] as const;

/** The nest of a single product. Its innermost dim is the product itself. */
const ONE_PRODUCT: LoopNest = { dims: [1], strides: [NO_STRIDES, NO_STRIDES, NO_STRIDES, NO_STRIDES] };

/** The nest of a batch, with the product as innermost dim. Strides count whole matrices; 0 repeats a matrix. */
function batchNest(batch: Shape, a: Shape, b: Shape, m: number, n: number, k: number): LoopNest {
  const scaled = (strides: readonly number[], elements: number): number[] => strides.map((s) => s * elements);
  const { dims, strides } = coalesce(batch, [
    scaled(contiguousStrides(batch), m * n),
    scaled(broadcastStrides(a.slice(0, -2), batch), m * k),
    scaled(broadcastStrides(b.slice(0, -2), batch), k * n),
    batch.map(() => 0),
  ]);
  return { dims: [...dims, 1], strides: strides.map((s) => [...s, 0]) };
}

const applyMatmul: Apply<[a: AnyTensor, b: AnyTensor], "product"> = defineOp({
  name: "matmul",
  kind: "product",
  shape: (shapes, flags) => {
    const a = shapes[0];
    const b = shapes[1];
    const { m, n, batch } = sizesOf("matmul", a, b, flags);
    if (a.length === 2 && b.length === 2) return [m, n];
    return [...batch, ...(a.length === 1 ? [] : [m]), ...(b.length === 1 ? [] : [n])];
  },
  dtype: floatDType,
  options: ["transposeA", "transposeB"],
  instructions: multiply,
  saves: ["a", "b"],
  grad: ({ g, a, b, params }) => productGradients(g, a, b, params),
});

/** A batch of matrices as one tall matrix. */
function asRows(x: AnyTensor): AnyTensor {
  const { extents } = x;
  return extents.length === 2 ? x : reshape(x, [sizeOf(extents.slice(0, -1)), extents.at(-1)!]);
}

/** Inserts an axis of size 1, this many axes before the end: a vector becomes a matrix. */
function widened(x: AnyTensor, before: number): AnyTensor {
  const at = x.extents.length - before;
  return reshape(x, [...x.extents.slice(0, at), 1, ...x.extents.slice(at)]);
}

/** Removes that axis: a vector's gradient becomes a vector. */
function narrowed(x: AnyTensor, before: number): AnyTensor {
  const at = x.extents.length - 1 - before;
  return reshape(
    x,
    x.extents.filter((_, i) => i !== at),
  );
}

/**
 * dA = g op(B)^T and dB = op(A)^T g, or their transposes for an operand with its flag. These are products with flags again, so nothing is
 * transposed in memory. If one B serves the whole batch, one tall product gives its gradient.
 */
function productGradients(g: AnyTensor, a: AnyTensor, b: AnyTensor, flags: Transposes): readonly (() => AnyTensor)[] {
  if (b.extents.length === 1) {
    const [dA, dB] = productGradients(widened(g, 0), a, widened(b, 0), flags);
    return [dA!, () => narrowed(dB!(), 0)];
  }
  if (a.extents.length === 1) {
    const [dA, dB] = productGradients(widened(g, 1), widened(a, 1), b, flags);
    return [() => narrowed(dA!(), 1), dB!];
  }
  const { transposeA, transposeB } = flags;
  const oneB = b.extents.length === 2 && !transposeA;
  return [
    () => (transposeA ? product(b, g, transposeB, true) : product(g, b, false, !transposeB)),
    () => {
      const [allA, allG] = oneB ? [asRows(a), asRows(g)] : [a, g];
      return transposeB ? product(allG, allA, true, transposeA) : product(allA, allG, !transposeA, false);
    },
  ];
}

function product(a: AnyTensor, b: AnyTensor, transposeA: boolean, transposeB: boolean): AnyTensor {
  return applyMatmul([a, b], { transposeA, transposeB });
}

/**
 * Matrix product of the last two axes: C = op(A) op(B). Leading axes are a batch and broadcast. `transposeA` and `transposeB` make op
 * transpose, at no cost. Each element sums its products in the order of k, in blocks of 256.
 * Gradients: g op(B)^T and op(A)^T g.
 * Shapes: [..., m, k] x [..., k, n] -> [..., m, n], k in common, batches broadcast; a vector is a row on the left and a column
 * on the right, as in NumPy. Dtypes: float32, float64, the same for both. Accuracy: k eps |a| |b|.
 * @throws ShapeError if inner sizes or batches do not fit, DTypeError for int32 or if the dtypes differ, AliasError if `out` shares
 * memory with an operand
 * @example matmul(tensor([[1, 2], [3, 4]]), tensor([[1], [1]])).toArray(); // [[3], [7]]
 */
export function matmul<
  SA extends Shape,
  SB extends Shape,
  DA extends FloatDType,
  DB extends FloatDType,
  const O extends object & MatmulFlags = Record<never, never>,
>(
  a: Tensor<SA, DA>,
  b: Tensor<SB, DB> & CheckMatmul<SA, SB, O> & CheckDType<"matmul", DA, DB>,
  options?: Only<O, "transposeA, transposeB, out"> & OutOption<Tensor<MatmulShape<SA, SB, O>, DA>>,
): Tensor<MatmulShape<SA, SB, O>, DA>;
export function matmul(a: AnyTensor, b: AnyTensor, options?: MatmulFlags & OutOption): AnyTensor {
  const flags = { transposeA: !!options?.transposeA, transposeB: !!options?.transposeB };
  return applyMatmul([a, b], flags, options);
}

const applyLinear: Apply<[x: AnyTensor, w: AnyTensor, b: AnyTensor], "product"> = defineOp({
  name: "linear",
  kind: "product",
  shape: ([x, w, b]) => {
    if (w.length !== 2) throw new ShapeError(`linear: w must be [in, out], got ${formatShape(w)}`);
    const { n } = sizesOf("linear", x, w, NOT_TRANSPOSED);
    if (b.length !== 1 || b[0] !== n) {
      throw new ShapeError(`linear: b must be [${n}] for w ${formatShape(w)}, got ${formatShape(b)}`);
    }
    return [...x.slice(0, -1), n];
  },
  dtype: floatDType,
  instructions: multiply,
  saves: ["a", "b"],
  grad: ({ g, a, b, params }) => [...productGradients(g, a, b, params), () => sum(asRows(g), { axis: 0 })],
});

/**
 * The linear layer: y = x w + b. The bias is added after the whole sum, in the same pass. Gradients: g w^T, x^T g and g summed over its
 * rows.
 * Shapes: x [..., in], w [in, out], b [out] -> [..., out]. Dtypes: float32, float64, the same for all. Accuracy: (k + 1) eps
 * (|x| |w| + |b|).
 * @throws ShapeError if the sizes do not fit, DTypeError for int32 or if the dtypes differ
 * @example linear(tensor([[1, 2]]), tensor([[1], [10]]), tensor([100])).toArray(); // [[121]]
 */
export function linear<SX extends Shape, SW extends Shape, SB extends Shape, D extends FloatDType>(
  x: Tensor<SX, D>,
  w: Tensor<SW, NoInfer<D>> & CheckLinear<SX, SW>,
  b: Tensor<SB, NoInfer<D>> & CheckBias<SW, SB>,
  options?: OutOption<Tensor<LinearShape<SX, SW>, D>>,
): Tensor<LinearShape<SX, SW>, D>;
export function linear(x: AnyTensor, w: AnyTensor, b: AnyTensor, options?: OutOption): AnyTensor {
  return applyLinear([x, w, b], NOT_TRANSPOSED, options);
}
