// Every op's values, shapes and dtypes against plain float64 references. Must not know kernels or memory.
import { describe, expect, it } from "vitest";
import { type AnyTensor, type DType, scope } from "../../src/index.js";
import {
  allCases,
  type Case,
  cases,
  drawInputs,
  type OpName,
  type Options,
  type Scenario,
  toTensors,
  type Value,
} from "../cases.js";
import { type Nd, nd, scalar } from "../support/reference.js";
import { assertMatches } from "../support/reference-compare.js";
import { ROUND } from "../support/ulp.js";

/** Lengths around a vector, the loop of four vectors, and a cache line. */
const SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 1000, 1001];

/** Runs a case on given inputs and holds the result against its reference. */
function check(c: Case, { options, shapes }: Scenario, inputs: readonly Nd[], dtype: DType, values?: readonly Value[]) {
  scope(() => {
    const result = c.run(values ?? toTensors(c, inputs, options, dtype), options);
    const what = `${c.name} ${dtype} ${JSON.stringify(shapes)} ${JSON.stringify(options)}`;
    assertMatches(result, c.reference(inputs, options, dtype), c.resultDType(dtype, options), c.ulp, what);
  });
}

/** Draws inputs for a scenario and checks it. */
function checkDrawn(c: Case, s: Scenario, dtype: DType, seed = 1): void {
  check(c, s, drawInputs(c, s, dtype, seed), dtype);
}

describe.each(allCases.map((c) => [c.name, c] as const))("%s", (name, c) => {
  it("is the case of its own name", () => {
    expect(cases[name]).toBe(c);
    expect(c.name).toBe(name);
  });

  it.each(c.dtypes)("matches its reference at every size: %s", (dtype) => {
    SIZES.forEach((size, seed) => {
      for (const s of c.scenarios(size)) checkDrawn(c, s, dtype, seed);
    });
  });

  it.each(c.dtypes)("matches its reference with every option: %s", (dtype) => {
    for (const s of c.gradients) checkDrawn(c, s, dtype);
  });
});

/** What two operands of unlike shapes give rise to: rows, columns, both, scalars, missing axes, inner repeats, no elements. */
const PAIRS: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[5, 7], [7]],
  [
    [5, 7],
    [5, 1],
  ],
  [
    [5, 7],
    [1, 7],
  ],
  [
    [5, 1],
    [1, 7],
  ],
  // Rows short and many enough to be taken several at a time, with some left over.
  [[41, 13], [13]],
  [
    [300, 7],
    [300, 1],
  ],
  [[700, 3], [3]],
  [
    [2, 35, 6],
    [2, 1, 6],
  ],
  [[9], [9, 1]],
  [[], [6]],
  [[1], []],
  [
    [1, 1],
    [3, 4],
  ],
  [
    [2, 3, 17],
    [2, 1, 17],
  ],
  [
    [2, 3, 4],
    [3, 1],
  ],
  [
    [2, 1, 3, 1, 5],
    [4, 1, 2, 1],
  ],
  [
    [2, 3, 2, 3, 4],
    [2, 1, 2, 1, 4],
  ],
  [[33, 65], [65]],
  [
    [65, 33],
    [65, 1],
  ],
  [[0, 3], [3]],
  [[0], [1]],
];

const several = allCases.filter((c) => c.elementwise && c.operands.length > 1);

/** The list with one item replaced. */
function replaced<T>(list: readonly T[], at: number, item: T): T[] {
  return list.map((other, i) => (i === at ? item : other));
}

describe.each(several.map((c) => [c.name, c] as const))("%s broadcasts", (_, c) => {
  it.each(c.dtypes)("every pair of shapes in either order: %s", (dtype) => {
    for (const [p, q] of PAIRS) {
      const two = [
        [p, q],
        [q, p],
      ];
      const three = [
        [p, q, q],
        [q, p, q],
        [q, q, p],
        [[2, 1, 1, 1, 1], p, q],
      ];
      for (const shapes of c.operands.length === 2 ? two : three) checkDrawn(c, { shapes, options: {} }, dtype);
    }
  });

  it.each(c.dtypes)("numbers on either side: %s", (dtype) => {
    for (const size of [1, 4, 7, 64]) {
      const s = { shapes: c.operands.map(() => [size]), options: {} };
      const inputs = drawInputs(c, s, dtype, size);
      const tensors = toTensors(c, inputs, {}, dtype);
      // The condition of a selection is a tensor always.
      for (let i = c.name === "where" ? 1 : 0; i < inputs.length; i++) {
        const number = inputs[i]!.data[0]!;
        check(c, s, replaced(inputs, i, scalar(number)), dtype, replaced<Value>(tensors, i, number));
      }
    }
  });
});

const LIMITS = {
  float32: { tiny: 2 ** -149, normal: 2 ** -126, greatest: (2 - 2 ** -23) * 2 ** 127, epsilon: 2 ** -23 },
  float64: { tiny: 2 ** -1074, normal: 2 ** -1022, greatest: Number.MAX_VALUE, epsilon: 2 ** -52 },
};

/** Zeros, infinities, NaN, the ends of the range, and where exponentials overflow, vanish and round to 1. */
function specials(dtype: "float32" | "float64"): number[] {
  const { tiny, normal, greatest, epsilon } = LIMITS[dtype];
  const ends = dtype === "float32" ? [87.5, 88.72, 88.73, 103.2, 104.1] : [708.5, 709.78, 709.79, 744.9, 745.2, 500];
  const sizes = [0, tiny, 3 * tiny, normal / 2, normal, epsilon / 4, epsilon, 0.5, 1 - epsilon / 2, 1, 1 + epsilon];
  const all = [...sizes, 2, 3, 17, 2 ** 24 + 1, 2 ** 53, ...ends, greatest / 2, greatest, Infinity];
  return [...all.flatMap((x) => [x, -x]), NaN].map(ROUND[dtype]);
}

/** Every combination of values for as many operands. */
function combinations(values: readonly number[], operands: number): number[][] {
  if (operands === 0) return [[]];
  return combinations(values, operands - 1).flatMap((rest) => values.map((x) => [x, ...rest]));
}

const elementwise = allCases.filter((c) => c.elementwise).map((c) => [c.name, c] as const);

it.each(elementwise)("%s treats zeros, infinities, NaN and the ends of the range as NumPy does", (_, c) => {
  for (const dtype of ["float32", "float64"] as const) {
    const values = specials(dtype);
    const some = c.operands.length < 3 ? values : [0, -0, 1, -2.5, Infinity, -Infinity, NaN, LIMITS[dtype].tiny];
    const points = combinations(some, c.operands.length);
    const inputs = c.operands.map((_operand, i) =>
      nd(
        [points.length],
        points.map((point) => point[i]!),
      ),
    );
    for (const { options } of c.scenarios(1)) check(c, { shapes: [[points.length]], options }, inputs, dtype);
  }
});

it.each(elementwise.filter(([, c]) => c.dtypes.includes("int32")))("%s wraps around in int32", (_, c) => {
  const values = [0, 1, -1, 2, -7, 46341, 2 ** 30, 2 ** 31 - 1, -(2 ** 31)];
  const points = combinations(values, c.operands.length);
  const inputs = c.operands.map((_operand, i) =>
    nd(
      [points.length],
      points.map((point) => point[i]!),
    ),
  );
  check(c, { shapes: [], options: {} }, inputs, "int32");
});

/** The result of an op on float64 data, as nested arrays. */
function evaluate(name: OpName, data: readonly Nd[], options: Options = {}, dtype: DType = "float64"): unknown {
  return scope(() => {
    const c = cases[name];
    return { is: (c.run(toTensors(c, data, options, dtype), options) as AnyTensor).toArray() };
  }).is;
}

describe("the meaning of the names", () => {
  const x = nd([6], [NaN, -Infinity, -2, 0, 3, Infinity]);

  it("relu and its derivative at 0 and NaN", () => {
    expect(evaluate("relu", [x])).toEqual([NaN, 0, 0, 0, 3, Infinity]);
    expect(evaluate("reluGrad", [x])).toEqual([NaN, 0, 0, 0, 1, 1]);
    expect(evaluate("reluBackward", [nd([6], [5, 5, 5, 5, 5, 5]), x])).toEqual([NaN, 0, 0, 0, 5, 5]);
    // A selection, not a product: an infinite gradient makes no NaN where the unit is off.
    expect(evaluate("reluBackward", [nd([2], [Infinity, NaN]), nd([2], [-1, 0])])).toEqual([0, 0]);
  });

  it("sigmoidGrad is exact in both tails", () => {
    expect(evaluate("sigmoidGrad", [nd([2], [500, -500])])).toEqual([7.1245764067412855e-218, 7.1245764067412855e-218]);
  });

  it("thresholdRelu takes the slope below at the threshold itself", () => {
    const at = nd([3], [1, 2, 3]);
    expect(evaluate("thresholdRelu", [at], { threshold: 2, below: 0.5, above: 10 })).toEqual([0.5, 1, 30]);
    expect(evaluate("thresholdRelu", [at], { threshold: 2 })).toEqual([0, 0, 3]);
    expect(evaluate("leakyRelu", [nd([2], [-100, 2])])).toEqual([-1, 2]);
  });

  it("argMax takes the first of several, and the first NaN before all", () => {
    const rows = nd([4, 4], [1, 5, 5, 0, NaN, 9, NaN, 1, -Infinity, -Infinity, -Infinity, -Infinity, -3, -2, -2, -0]);
    expect(evaluate("argMax", [rows], { axis: 1 })).toEqual([1, 0, 0, 3]);
    expect(evaluate("argMax", [rows], { axis: 0 })).toEqual([1, 1, 1, 1]);
    expect(evaluate("argMax", [rows])).toBe(4);
    expect(evaluate("argMax", [nd([2], [-0, 0])])).toBe(0);
  });

  it("max and min let NaN through, wherever it stands", () => {
    for (const size of [1, 4, 17, 64, 100, 2050]) {
      for (const at of new Set([0, size >> 1, size - 1])) {
        const data = Float64Array.from({ length: size }, (_, i) => (i === at ? NaN : i));
        for (const name of ["max", "min", "sum", "mean"] as const) {
          expect(evaluate(name, [nd([size], data)])).toBeNaN();
          expect(evaluate(name, [nd([size], data)], {}, "float32")).toBeNaN();
        }
      }
    }
  });

  it("max and min of a column are NaN where it holds one, and of infinities of both signs they are those", () => {
    for (const [rows, columns] of [
      [3, 5],
      [8, 8],
      [40, 3],
      [300, 70],
    ] as const) {
      for (const dtype of ["float32", "float64"] as const) {
        const at = (i: number): number => Math.floor(i / columns);
        const data = Array.from({ length: rows * columns }, (_, i) => {
          if (i % columns === 1) return at(i) === rows - 2 ? NaN : at(i);
          if (i % columns === 2) return at(i) === 0 ? Infinity : at(i) === 1 ? -Infinity : 0;
          return at(i);
        });
        const ends = (column: number[]): number[] =>
          Array.from({ length: columns }, (_, j) => column[j === 1 ? 1 : j === 2 ? 2 : 0]!);
        const x = nd([rows, columns], data);
        expect(evaluate("max", [x], { axis: 0 }, dtype)).toEqual(ends([rows - 1, NaN, Infinity]));
        expect(evaluate("min", [x], { axis: 0 }, dtype)).toEqual(ends([0, NaN, -Infinity]));
        expect(evaluate("max", [nd([rows], data.slice(0, rows).fill(-Infinity, 0, 1).fill(Infinity, 1, 2))])).toBe(
          Infinity,
        );
      }
    }
  });

  it("sums over no elements are 0, means NaN", () => {
    expect(evaluate("sum", [nd([0, 3], [])], { axis: 0 })).toEqual([0, 0, 0]);
    expect(evaluate("sum", [nd([3, 0], [])])).toBe(0);
    expect(evaluate("mean", [nd([0], [])])).toBeNaN();
    expect(evaluate("max", [nd([0, 3], [])], { axis: 1 })).toEqual([]);
  });

  it("the softmax family has SciPy's infinities", () => {
    const rows = nd([3, 2], [-Infinity, -Infinity, Infinity, 0, -Infinity, 0]);
    expect(evaluate("logSumExp", [rows])).toEqual([-Infinity, Infinity, 0]);
    expect(evaluate("softmax", [nd([2], [-Infinity, 0])])).toEqual([0, 1]);
    expect(evaluate("softmax", [nd([2], [1e308, -1e308])])).toEqual([1, 0]);
    expect(evaluate("logSoftmax", [nd([2], [1000, 0])])).toEqual([0, -1000]);
    expect(evaluate("softmax", [nd([2], [NaN, 0])])).toEqual([NaN, NaN]);
  });

  it("astype saturates, cuts fractions and makes 0 of NaN", () => {
    const values = nd([9], [NaN, Infinity, -Infinity, 1e10, -1e10, 2147483647.5, 1.9, -1.9, -0.5]);
    const cut = [0, 2147483647, -2147483648, 2147483647, -2147483648, 2147483647, 1, -1, 0];
    expect(evaluate("astype", [values], { to: "int32" })).toEqual(cut);
    expect(evaluate("astype", [values], { to: "int32" }, "float32")).toEqual(cut);
    expect(evaluate("astype", [nd([2], [1e300, 1e-300])], { to: "float32" })).toEqual([Infinity, 0]);
  });
});

/** Every subset of the axes of a tensor, by the bits of a number. */
function subsets(rank: number): number[][] {
  return Array.from({ length: 2 ** rank }, (_, bits) =>
    Array.from({ length: rank }, (_axis, i) => i).filter((i) => (bits >> i) & 1),
  );
}

const REDUCTIONS = ["sum", "mean", "max", "min"] as const;

describe.each(REDUCTIONS)("%s over axes", (name) => {
  const c = cases[name];

  it.each(c.dtypes)("every subset of four axes, kept and dropped: %s", (dtype) => {
    for (const keepDims of [false, true]) {
      for (const axis of subsets(4)) checkDrawn(c, { shapes: [[3, 5, 2, 7]], options: { axis, keepDims } }, dtype);
      for (const axis of [-1, -2, -3, -4])
        checkDrawn(c, { shapes: [[2, 5, 3, 4]], options: { axis, keepDims } }, dtype);
    }
  });

  it.each(c.dtypes)("around the blocks of 128 rounds, along rows and down columns: %s", (dtype) => {
    // A round is 64 bytes: 16 float32 or 8 float64.
    const blocks = [128 * 8, 128 * 16, 256 * 8, 256 * 16, 384 * 16];
    for (const n of blocks.flatMap((size) => [size - 1, size, size + 1, size + 23])) {
      checkDrawn(c, { shapes: [[2, n]], options: { axis: 1 } }, dtype, n);
    }
    for (const n of [127, 128, 129, 255, 256, 257, 300, 513]) {
      for (const inner of [2, 7, 8, 9, 15, 16, 17, 33]) {
        checkDrawn(c, { shapes: [[n, inner]], options: { axis: 0 } }, dtype, n);
      }
    }
  });
});

it.each(cases.argMax.dtypes)("argMax along every axis, kept and dropped: %s", (dtype) => {
  for (const keepDims of [false, true]) {
    for (const axis of [undefined, 0, 1, 2, 3, -1, -4]) {
      checkDrawn(cases.argMax, { shapes: [[3, 5, 2, 7]], options: { axis, keepDims } }, dtype);
    }
  }
});

it.each(["softmax", "logSoftmax", "logSumExp"] as const)("%s around its buffer of 4096 elements", (name) => {
  for (const dtype of ["float32", "float64"] as const) {
    for (const size of [2047, 2049, 4095, 4096, 4097, 8192, 8195]) {
      checkDrawn(cases[name], { shapes: [[2, size]], options: {} }, dtype, size);
    }
  }
});

describe("movement", () => {
  const { transpose, slice, concat, take } = cases;

  it.each(transpose.dtypes)("transposes by every permutation of four axes: %s", (dtype) => {
    for (const shape of [
      [3, 5, 7, 9],
      [2, 1, 17, 4],
      [8, 16, 4, 2],
    ]) {
      for (const axes of permutations([0, 1, 2, 3]))
        checkDrawn(transpose, { shapes: [shape], options: { axes } }, dtype);
    }
    checkDrawn(transpose, { shapes: [[3, 5, 7]], options: { axes: [-1, 0, -2] } }, dtype);
    checkDrawn(transpose, { shapes: [[]], options: {} }, dtype);
  });

  it.each(slice.dtypes)("slices with negative and over-long bounds and steps: %s", (dtype) => {
    const bounds = [-100, -7, -6, -1, 0, 1, 3, 6, 7, 100];
    for (const start of bounds) {
      for (const end of bounds) {
        for (const step of [1, 2, 3, 50]) {
          const inner = { starts: [1, start], ends: [3, end], steps: [1, step] };
          checkDrawn(slice, { shapes: [[4, 7]], options: inner }, dtype);
          const outer = { starts: [start, 1], ends: [end], steps: [step, 2] };
          checkDrawn(slice, { shapes: [[7, 4, 2]], options: outer }, dtype);
        }
      }
    }
    checkDrawn(slice, { shapes: [[3, 4, 5]], options: { starts: [] } }, dtype);
  });

  it.each(concat.dtypes)("concatenates along every axis, many and empty parts: %s", (dtype) => {
    for (const axis of [0, 1, 2, -1, -2, -3]) {
      const shapes = [3, 0, 1, 5].map((extent) => [2, 3, 4].map((e, i) => (i === (axis + 3) % 3 ? extent : e)));
      checkDrawn({ ...concat, operands: shapes.map(() => concat.operands[0]!) }, { shapes, options: { axis } }, dtype);
    }
    // More parts than one program holds instructions.
    const many = Array.from({ length: 40 }, (_, i) => [i % 4]);
    checkDrawn({ ...concat, operands: many.map(() => concat.operands[0]!) }, { shapes: many, options: {} }, dtype);
  });

  it.each(take.dtypes)("takes along every axis, from the end too: %s", (dtype) => {
    for (const axis of [0, 1, 2, -1, -2, -3]) {
      for (const indices of [[], [0], [6], [2, 3]]) {
        checkDrawn(take, { shapes: [[3, 4, 5], indices], options: { axis } }, dtype);
      }
    }
  });
});

/** Every order of a list. */
function permutations(list: readonly number[]): number[][] {
  if (list.length === 0) return [[]];
  return list.flatMap((item) => permutations(list.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}
