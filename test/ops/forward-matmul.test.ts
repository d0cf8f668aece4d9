// Matrix products at every edge of tile, block and batch against a plain triple loop. Must not know kernels or memory.
import { describe, expect, it } from "vitest";
import { linear, matmul, scope, tensor } from "../../src/index.js";
import { layouts } from "../cases/matmul.js";
import { cases, drawInputs, toTensor, toTensors } from "../cases.js";
import { type Nd, swapLast } from "../support/reference.js";
import { assertMatches, assertSameBits, type Expected } from "../support/reference-compare.js";

const FLOATS = ["float32", "float64"] as const;
/** Around the tile's rows and columns, and vectors of 2 and 4. */
const SMALL = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17];
const EDGES = [...SMALL, 31, 32, 33, 63, 64, 65];
/** Around one and two blocks of K. */
const DEEP = [255, 256, 257, 511, 512, 513];

/** All four layouts of one product in both dtypes: the first against the reference, the others against its bits. */
function checkLayouts(m: number, n: number, k: number, batchA: number[] = [], batchB: number[] = []): void {
  const all = layouts(m, n, k, batchA, batchB);
  // Exact in float32, so that one reference serves both.
  const [a, b] = drawInputs(cases.matmul, all[0]!, "float32", m * 7919 + n * 104729 + k) as [Nd, Nd];
  const expected: Expected = cases.matmul.reference([a, b], {}, "float64");
  const turned = { a: swapLast(a), b: swapLast(b) };
  for (const dtype of FLOATS) {
    scope(() => {
      const stored = { a: toTensor(a, dtype), b: toTensor(b, dtype) };
      const swapped = { a: toTensor(turned.a, dtype), b: toTensor(turned.b, dtype) };
      const products = all.map(({ options }) =>
        cases.matmul.run(
          [(options["transposeA"] ? swapped : stored).a, (options["transposeB"] ? swapped : stored).b],
          options,
        ),
      );
      const what = `matmul ${dtype} ${m} x ${k} x ${n}, batches [${batchA}] [${batchB}]`;
      assertMatches(products[0]!, expected, dtype, cases.matmul.ulp, what);
      products.forEach((other, i) => {
        assertSameBits(other.data, products[0]!.data, `${what} ${JSON.stringify(all[i]!.options)}`);
      });
    });
  }
}

describe("matmul in all four layouts, with the same bits", () => {
  it.each(EDGES)("%i rows and every edge of columns and depth", (m) => {
    for (const n of EDGES) for (const k of m > 17 && n > 17 ? [1, 2, 5, 8, 33, 65] : EDGES) checkLayouts(m, n, k);
  });

  it.each(DEEP)("depth %i and the edges of a tile", (k) => {
    for (const m of [1, 2, 3, 5, 8, 9, 17]) for (const n of [1, 2, 3, 4, 5, 8, 9, 17]) checkLayouts(m, n, k);
    checkLayouts(65, 33, k);
    // One row's strips of 8 vectors; the fewest rows and columns that are packed, and one less.
    checkLayouts(1, 70, k);
    checkLayouts(32, 34, k);
    checkLayouts(34, 32, k);
  });

  it("blocks of rows and of columns", () => {
    // 64 rows make a block of A; 1024 (float32) or 512 (float64) columns one of B.
    for (const m of [127, 128, 129]) checkLayouts(m, 9, 257);
    for (const n of [511, 512, 513, 1023, 1024, 1025]) checkLayouts(3, n, 7);
    checkLayouts(5, 1030, 258);
  });

  it("no rows, no columns, and a sum over nothing is 0", () => {
    for (const [m, n, k] of [
      [0, 3, 2],
      [3, 0, 2],
      [3, 2, 0],
      [17, 33, 0],
      [0, 0, 0],
    ] as const) {
      checkLayouts(m, n, k);
      checkLayouts(m, n, k, [3], []);
      checkLayouts(m, n, k, [2], [2]);
    }
    checkLayouts(2, 3, 4, [0], []);
  });

  it("batches, equal and broadcast", () => {
    for (const [p, q] of [
      [[3], [3]],
      [[3], []],
      [[], [3]],
      [[3], [1]],
      [[1], [3]],
      [
        [2, 1],
        [1, 3],
      ],
      [[2, 3], [3]],
      [
        [2, 1, 2],
        [2, 3, 1],
      ],
      [
        [2, 1, 1, 2],
        [3, 1],
      ],
    ] as const) {
      for (const [m, n, k] of [
        [1, 1, 1],
        [5, 3, 4],
        [4, 8, 9],
        [9, 5, 17],
        [1, 7, 3],
        [7, 1, 3],
        [66, 3, 5],
        [3, 9, 258],
      ] as const) {
        checkLayouts(m, n, k, [...p], [...q]);
      }
    }
  });
});

/** Scenarios by operand shapes. */
function checkShapes(name: "matmul" | "linear", shapes: readonly (readonly number[])[], options = {}): void {
  const c = cases[name];
  for (const dtype of FLOATS) {
    scope(() => {
      const inputs = drawInputs(c, { shapes, options }, dtype, 5);
      const result = c.run(toTensors(c, inputs, options, dtype), options);
      assertMatches(
        result,
        c.reference(inputs, options, dtype),
        dtype,
        c.ulp,
        `${name} ${dtype} ${JSON.stringify(shapes)}`,
      );
    });
  }
}

describe("matmul with vectors", () => {
  it.each([0, 1, 2, 5, 16, 33, 257])("of %i elements: rows on the left, columns on the right", (k) => {
    checkShapes("matmul", [[k], [k]]);
    for (const n of [1, 3, 4, 9]) {
      checkShapes("matmul", [[n, k], [k]]);
      checkShapes("matmul", [[k], [k, n]]);
      checkShapes("matmul", [[2, n, k], [k]]);
      checkShapes("matmul", [[k], [2, k, n]]);
      checkShapes("matmul", [[k, n], [k]], { transposeA: true });
      checkShapes("matmul", [[k], [n, k]], { transposeB: true });
    }
  });
});

describe("linear", () => {
  it.each([0, 1, 7, 255, 256, 257, 511, 512, 513, 769])("adds the bias once at depth %i", (k) => {
    for (const rows of [1, 2, 5, 65]) {
      for (const n of [1, 4, 9, 17]) checkShapes("linear", [[rows, k], [k, n], [n]]);
    }
    checkShapes("linear", [[2, 3, k], [k, 5], [5]]);
    checkShapes("linear", [[k], [k, 5], [5]]);
  });

  it("adds the bias once in every block of columns, exactly", () => {
    const [rows, k, n] = [3, 600, 1030];
    for (const dtype of FLOATS) {
      const ones = (shape: [number, number]) => tensor(new Float64Array(shape[0] * shape[1]).fill(1), shape, dtype);
      const bias = tensor(
        Float64Array.from({ length: n }, (_, j) => j),
        [n],
        dtype,
      );
      const y = linear(ones([rows, k]), ones([k, n]), bias).data;
      for (let i = 0; i < rows * n; i++) if (y[i] !== k + (i % n)) expect.fail(`element ${i} is ${y[i]}`);
    }
  });
});

describe("matmul lets NaN and infinities through, and no further than their row and column", () => {
  it.each(FLOATS)("%s", (dtype) => {
    for (const [m, n, k] of [
      [5, 6, 3],
      [9, 17, 258],
    ] as const) {
      for (const poison of [NaN, Infinity]) {
        scope(() => {
          const a = tensor(new Float64Array(m * k).fill(1), [m, k], dtype);
          const b = tensor(new Float64Array(k * n).fill(1), [k, n], dtype);
          a.data[2 * k + k - 1] = poison;
          const y = matmul(a, b).data;
          for (let i = 0; i < m * n; i++) {
            const expected = Math.floor(i / n) === 2 ? poison : k;
            if (!Object.is(y[i], expected)) expect.fail(`element ${i} is ${y[i]}, not ${expected}`);
          }
        });
      }
    }
  });
});
