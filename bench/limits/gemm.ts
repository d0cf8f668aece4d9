// Products of awkward shapes, each beside the same work padded to whole tiles. Must not know how they are timed.
import { matmul, tensor, zeros } from "simdgrad";
import { operations, traffic } from "../ceiling/rates.js";
import { BYTES, into, PRECISIONS, plain } from "../harness/contenders.js";
import type { Numbers } from "../harness/table.js";
import { defineTable, type LocalContender, type Precision, type Rate, type Table } from "../harness/table.js";
import { addProduct } from "../plain/plain-product.js";
import type { Floats } from "./limit.js";

const TOLERANCE = { float32: 1e-5, float64: 1e-13 };

/** Sizes of a product, and whether A is stored transposed. */
interface Shape {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposed?: boolean;
}

const SHAPES: readonly Shape[] = [
  { m: 127, k: 127, n: 127 },
  { m: 10_000, k: 64, n: 25 },
  { m: 10_000, k: 25, n: 64 },
  { m: 64, k: 10_000, n: 25, transposed: true },
  { m: 64, k: 784, n: 10 },
  { m: 1000, k: 1, n: 1000 },
  { m: 1, k: 1000, n: 1000 },
  { m: 1000, k: 1000, n: 1 },
];

/** A matrix whose only work is to be read or written once is held against that. */
function rateOf({ m, k, n }: Shape): Rate {
  if (k === 1) return traffic({ reads: 0, writes: 1 }, m * n);
  if (m === 1) return traffic({ reads: 1, writes: 0 }, k * n);
  if (n === 1) return traffic({ reads: 1, writes: 0 }, m * k);
  return operations(2 * m * k * n);
}

/** Four rows by two vectors, as the package's tile is. */
function paddedOf({ m, n, ...rest }: Shape, precision: Precision): Shape {
  const [rows, columns] = [4, 32 / BYTES[precision]];
  return { m: Math.ceil(m / rows) * rows, n: Math.ceil(n / columns) * columns, ...rest };
}

/** The first rows and columns of a matrix, or all of it with zeros around it. */
function resized(x: ArrayLike<number>, width: number, rows: number, columns: number): Float64Array {
  const y = new Float64Array(rows * columns);
  const height = Math.min(rows, x.length / width);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < Math.min(width, columns); j++) y[i * columns + j] = x[i * width + j]!;
  }
  return y;
}

type KeepFloats = (tensor: Floats) => Floats;

/** The product in the given sizes, of matrices that are padded with zeros to them; the result is cut back. */
function product(name: string, shape: Shape, own: Shape, data: Operands, precision: Precision, keep: KeepFloats) {
  const { m, k, n, transposed = false } = own;
  const sizes = transposed ? [k, m] : [m, k];
  const a = keep(tensor(resized(data.a, transposed ? shape.m : k, sizes[0]!, sizes[1]!), sizes, precision));
  const b = keep(tensor(resized(data.b, shape.n, k, n), [k, n], precision));
  const out = keep(zeros([m, n], precision));
  const contender = into(name, precision, () => matmul(a, b, { transposeA: transposed, out }), [out]);
  const outputs = async (): Promise<readonly Numbers[]> =>
    (await contender.outputs()).map((result) => resized(result, n, shape.m, shape.n));
  return { ...contender, outputs } satisfies LocalContender;
}

interface Operands {
  /** As it is stored. */
  readonly a: Float64Array;
  readonly b: Float64Array;
}

function shapeTable(shape: Shape): Table {
  const { m, k, n, transposed = false } = shape;
  return defineTable({
    name: `limits/gemm/${m}x${k}x${n}`,
    title: `${m} x ${k} times ${k} x ${n}${transposed ? ", A stored transposed" : ""}; rates count this work, padded or not`,
    onRequest: true,
    rate: rateOf(shape),
    tolerance: TOLERANCE,
    data: {
      a: { seed: 61, shape: transposed ? [k, m] : [m, k], low: -1, high: 1 },
      b: { seed: 62, shape: [k, n], low: -1, high: 1 },
    },
    prepare(data, keep) {
      const c = new Float64Array(m * n);
      return [
        plain("plain JS i-k-j", () => addProduct(c.fill(0), data.a, data.b, { m, k, n, transposed }), [c]),
        ...PRECISIONS.flatMap((precision) => {
          const padded = paddedOf(shape, precision);
          const name = `simdgrad padded to ${padded.m} x ${padded.k} x ${padded.n}`;
          return [
            product("simdgrad", shape, shape, data, precision, keep),
            product(name, shape, padded, data, precision, keep),
          ];
        }),
      ];
    },
  });
}

/** Many products of n x n at once, beside as many calls. */
function batchTable(count: number, n: number): Table {
  return defineTable({
    name: `limits/gemm/${count}-of-${n}`,
    title: `${count} products of ${n} x ${n}, as a batch and one by one`,
    onRequest: true,
    rate: operations(2 * count * n ** 3),
    tolerance: TOLERANCE,
    data: {
      a: { seed: 63, shape: [count, n, n], low: -1, high: 1 },
      b: { seed: 64, shape: [count, n, n], low: -1, high: 1 },
    },
    prepare({ a, b }, keep) {
      const parts = (x: Float64Array) =>
        Array.from({ length: count }, (_, i) => x.subarray(i * n * n, (i + 1) * n * n));
      const c = parts(new Float64Array(count * n * n));
      const [ones, others] = [parts(a), parts(b)];
      const loop = (): void => {
        for (let i = 0; i < count; i++) addProduct(c[i]!.fill(0), ones[i]!, others[i]!, { m: n, k: n, n });
      };
      const whole = new Float64Array(c[0]!.buffer);
      return [
        plain("plain JS i-k-j", loop, [whole]),
        ...PRECISIONS.flatMap((precision) => {
          const [x, y] = [keep(tensor(a, [count, n, n], precision)), keep(tensor(b, [count, n, n], precision))];
          const out = keep(zeros([count, n, n], precision));
          const xs = ones.map((part) => keep(tensor(part, [n, n], precision)));
          const ys = others.map((part) => keep(tensor(part, [n, n], precision)));
          const outs = xs.map(() => keep(zeros([n, n], precision)));
          const single = into(
            `simdgrad, ${count} calls`,
            precision,
            () => {
              for (let i = 0; i < count; i++) matmul(xs[i]!, ys[i]!, { out: outs[i]! });
            },
            outs,
          );
          const joined = async (): Promise<readonly Numbers[]> => [
            Float64Array.from((await single.outputs()).flatMap((part) => [...part])),
          ];
          return [
            into("simdgrad, a batch", precision, () => matmul(x, y, { out }), [out]),
            { ...single, outputs: joined },
          ];
        }),
      ];
    },
  });
}

export const gemmTables: readonly Table[] = [...SHAPES.map(shapeTable), batchTable(1000, 16), batchTable(4, 128)];
