// Laws that ops obey for any shapes: broadcasting against plain loops, inverses, adjoints, in place against fresh.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as sg from "../../src/index.js";
import { sumTo } from "../../src/ops/reduce.js";
import { broadcastShapes, floatDType, permutation, settings, shape } from "../support/arbitraries.js";
import { expectSameBits } from "../support/bits.js";
import { expectNoLeak } from "../support/memory.js";
import { elementwise, type Plain, sizeOf, transpose } from "../support/naive.js";
import { identities } from "../tolerances.js";

type Float = "float32" | "float64";
type Any = sg.Tensor<readonly number[], Float>;

const EPSILON: Readonly<Record<Float, number>> = { float32: 2 ** -23, float64: 2 ** -52 };

const normal = (shape: readonly number[], seed: number, dtype: Float): Any => sg.random.normal(shape, { seed, dtype });
const plain = ({ shape, data }: Any): Plain => ({ shape, data: Array.from(data) });
const inner = (a: Any, b: Any): number => sg.scope(() => sg.sum(sg.mul(a, b)).item());
/** The size that rounding is relative to: the sum of absolute values. */
const magnitude = (a: Any, b: Any): number => inner(sg.abs(a), sg.abs(b));

/** Runs a property, each time in a scope: nothing of a run may stay. */
function check<T>(runs: number, values: fc.Arbitrary<T>, law: (value: T) => void): void {
  expectNoLeak(() => {
    fc.assert(
      fc.property(values, (value) => sg.scope(() => law(value))),
      settings<[T]>(runs),
    );
  });
}

function expectSameNumbers(actual: sg.AnyTensor, { shape, data }: Plain): void {
  expect(actual.shape).toEqual(shape);
  expect(Array.from(actual.data)).toEqual(data);
}

/** Two numbers that differ by the rounding of `terms` additions at most. */
function expectWithin(a: number, b: number, dtype: Float, terms: number, scale: number): void {
  expect(Math.abs(a - b)).toBeLessThanOrEqual(identities.perTerm * (terms + 1) * EPSILON[dtype] * scale);
}

describe("broadcasting is what plain loops do", () => {
  const rounded = (dtype: Float, op: (...x: number[]) => number): typeof op =>
    dtype === "float32" ? (...x) => Math.fround(op(...x)) : op;

  test("for two operands, both dtypes, up to five axes", () => {
    const ops: readonly (readonly [(a: Any, b: Any) => Any, (a: number, b: number) => number])[] = [
      [(a, b) => sg.add(a, b) as Any, (a, b) => a + b],
      [(a, b) => sg.sub(a, b) as Any, (a, b) => a - b],
      [(a, b) => sg.mul(a, b) as Any, (a, b) => a * b],
      [(a, b) => sg.div(a, b) as Any, (a, b) => a / b],
      [(a, b) => sg.maximum(a, b) as Any, Math.max],
      [(a, b) => sg.less(a, b) as Any, (a, b) => Number(a < b)],
    ];
    check(
      300,
      fc.tuple(broadcastShapes(2), floatDType, fc.constantFrom(...ops)),
      ([{ shapes, result }, dtype, [op, f]]) => {
        const operands = shapes.map((shape, i) => normal(shape, i, dtype)) as [Any, Any];
        const expected = elementwise(result, operands.map(plain), rounded(dtype, f as (...x: number[]) => number));
        const y = op(...operands);
        expect(y.dtype).toBe(dtype);
        expectSameNumbers(y, expected);
      },
    );
  });

  test("for three operands", () => {
    check(150, fc.tuple(broadcastShapes(3), floatDType), ([{ shapes, result }, dtype]) => {
      const [c, a, b] = shapes.map((shape, i) => normal(shape, i, dtype)) as [Any, Any, Any];
      const condition = sg.greater(c, 0) as Any;
      expectSameNumbers(
        sg.where(condition, a, b),
        elementwise(result, [condition, a, b].map(plain), (c, a, b) => (c !== 0 ? a! : b!)),
      );
    });
  });

  test("for int32", () => {
    check(100, broadcastShapes(2), ({ shapes, result }) => {
      const [a, b] = shapes.map((shape, i) => sg.astype(sg.mul(normal(shape, i, "float64"), 1e6), "int32")) as [
        sg.Tensor<readonly number[], "int32">,
        sg.Tensor<readonly number[], "int32">,
      ];
      const operands = [a, b].map(({ shape, data }) => ({ shape, data: Array.from(data) }));
      expectSameNumbers(sg.mul(a, b), elementwise(result, operands, Math.imul as (...x: number[]) => number));
    });
  });

  test("for broadcastTo", () => {
    check(150, broadcastShapes(2), ({ shapes: [from], result }) => {
      const x = normal(from!, 1, "float32");
      const target = result;
      expectSameNumbers(
        sg.broadcastTo(x, target),
        elementwise(target, [plain(x)], (x) => x!),
      );
    });
  });
});

describe("moving elements", () => {
  const permuted = shape(0, 6).chain((shape) => permutation(shape.length).map((axes) => ({ shape, axes })));

  test("transpose is what plain loops do, and its inverse undoes it", () => {
    check(
      200,
      fc.tuple(permuted, fc.constantFrom<sg.DType>("float32", "float64", "int32")),
      ([{ shape, axes }, dtype]) => {
        const x = sg.reshape(sg.arange(0, sizeOf(shape), 1, dtype), shape);
        const y = sg.transpose(x, axes);
        expectSameNumbers(y, transpose({ shape, data: Array.from(x.data) }, axes));
        const inverse = axes.map((_, i) => axes.indexOf(i));
        expectSameBits(sg.transpose(y, inverse).data, x.data);
        const negative = axes.map((axis) => axis - axes.length);
        expectSameBits(sg.transpose(x, negative).data, y.data);
      },
    );
  });

  test("transposing large matrices: whole panels and the rest", () => {
    const extent = fc.integer({ min: 1, max: 70 });
    check(60, fc.tuple(extent, extent, fc.integer({ min: 1, max: 3 }), floatDType), ([rows, columns, batch, dtype]) => {
      const x = normal([batch, rows, columns], 1, dtype);
      expectSameNumbers(sg.transpose(x, [0, 2, 1]), transpose(plain(x), [0, 2, 1]));
    });
  });

  test("slices of a concatenation are its parts, and parts of a slice make it up again", () => {
    const parts = shape(1, 4).chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        axis: fc.nat(shape.length - 1),
        extents: fc.array(fc.nat(5), { minLength: 1, maxLength: 20 }),
      }),
    );
    check(150, fc.tuple(parts, floatDType), ([{ shape, axis, extents }, dtype]) => {
      const tensors = extents.map((extent, i) =>
        normal(
          shape.map((own, d) => (d === axis ? extent : own)),
          i,
          dtype,
        ),
      );
      const whole = sg.concat(tensors, { axis }) as Any;
      let at = 0;
      tensors.forEach((tensor, i) => {
        const starts = shape.map((_, d) => (d === axis ? at : 0));
        const ends = shape.map((own, d) => (d === axis ? at + extents[i]! : own));
        const part = sg.slice(whole, starts, ends);
        at += extents[i]!;
        expect(part.shape).toEqual(tensor.shape);
        expectSameBits(part.data, tensor.data);
      });
      expect(whole.shape[axis]).toBe(at);
    });
  });

  test("a slice with steps picks what Python picks", () => {
    const bound = fc.integer({ min: -8, max: 8 });
    check(200, fc.tuple(fc.nat(6), bound, bound, fc.integer({ min: 1, max: 4 })), ([n, start, end, step]) => {
      const x = sg.arange(n);
      const picked = x
        .toArray()
        .slice(start, end)
        .filter((_, i) => i % step === 0);
      expect(sg.slice(x, [start], [end], { steps: [step] }).toArray()).toEqual(picked);
    });
  });

  test("take picks what indices name", () => {
    const values = fc.record({
      rows: fc.integer({ min: 1, max: 6 }),
      inner: fc.nat(5),
      picks: fc.array(fc.nat(), { maxLength: 9 }),
    });
    check(100, fc.tuple(values, floatDType), ([{ rows, inner, picks }, dtype]) => {
      const x = normal([rows, inner], 1, dtype);
      const indices = picks.map((pick, i) => (pick % rows) - (i % 2 === 0 ? 0 : rows));
      const y = sg.take(x, sg.tensor(indices, undefined, "int32"));
      const all = x.toArray() as number[][];
      expect(y.toArray()).toEqual(indices.map((i) => all.at(i)));
    });
  });
});

describe("adjoints", () => {
  test("<broadcastTo(x), y> = <x, sumTo(y)>", () => {
    check(
      150,
      fc.tuple(broadcastShapes(2), floatDType),
      ([
        {
          shapes: [from],
          result,
        },
        dtype,
      ]) => {
        const [x, y] = [normal(from!, 1, dtype), normal(result, 2, dtype)];
        const wide = sg.broadcastTo(x, result) as Any;
        const back = sumTo(y, from!) as Any;
        expect(back.shape).toEqual(from);
        expectWithin(inner(wide, y), inner(x, back), dtype, sizeOf(result), magnitude(wide, y));
      },
    );
  });

  test("<take(x), y> = <x, take's gradient of y>", () => {
    const values = shape(1, 3).chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        axis: fc.nat(shape.length - 1),
        picks: fc.array(fc.nat(), { maxLength: 9 }),
      }),
    );
    check(100, fc.tuple(values, floatDType), ([{ shape, axis, picks }, dtype]) => {
      const x = normal(shape, 1, dtype);
      const indices = sg.tensor(
        picks.map((pick) => pick % shape[axis]!),
        undefined,
        "int32",
      );
      const taken = sg.take(x, indices, { axis }) as Any;
      const y = normal(taken.shape, 2, dtype);
      const back = sg.grad((x: Any) => sg.sum(sg.mul(sg.take(x, indices, { axis }) as Any, y)))(x);
      expectWithin(inner(taken, y), inner(x, back), dtype, taken.size + x.size, magnitude(taken, y));
    });
  });

  test("a slice's gradient puts the elements back among zeros", () => {
    const values = shape(1, 3, 7).chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        starts: fc.tuple(...shape.map((n) => fc.nat(n - 1))),
        steps: fc.tuple(...shape.map(() => fc.integer({ min: 1, max: 3 }))),
      }),
    );
    check(100, values, ({ shape, starts, steps }) => {
      const x = normal(shape, 1, "float64");
      const sliced = (x: Any): Any => sg.slice(x, starts, [], { steps });
      const mask = sg.grad((x: Any) => sg.sum(sliced(x)))(x);
      expect(Array.from(mask.data).every((slope) => slope === 0 || slope === 1)).toBe(true);
      expectSameBits(sliced(mask as Any).data, sg.ones(sliced(x).shape, "float64").data);
      expect(sg.sum(mask).item()).toBe(sliced(x).size);
    });
  });
});

describe("sums and products", () => {
  test("(A B)^T = B^T A^T, for operands stored in any way", () => {
    const extent = fc.integer({ min: 1, max: 40 });
    const flags = fc.tuple(fc.boolean(), fc.boolean());
    check(80, fc.tuple(extent, extent, extent, flags, floatDType), ([m, n, k, [transposeA, transposeB], dtype]) => {
      const a = normal(transposeA ? [k, m] : [m, k], 1, dtype);
      const b = normal(transposeB ? [n, k] : [k, n], 2, dtype);
      const product = sg.matmul(a, b, { transposeA, transposeB });
      const turned = sg.matmul(b, a, { transposeA: !transposeB, transposeB: !transposeA });
      const scale = sg.max(sg.matmul(sg.abs(a), sg.abs(b), { transposeA, transposeB }) as Any).item();
      const difference = sg.sub(product as Any, sg.transpose(turned) as Any) as Any;
      expectWithin(sg.max(sg.abs(difference)).item(), 0, dtype, k, scale);
    });
  });

  test("flags give the bits of the product of transposed copies", () => {
    const extent = fc.integer({ min: 1, max: 40 });
    check(80, fc.tuple(extent, extent, extent, floatDType), ([m, n, k, dtype]) => {
      const [a, b] = [normal([m, k], 1, dtype), normal([k, n], 2, dtype)];
      const product = sg.matmul(a, b) as Any;
      const [ta, tb] = [sg.transpose(a) as Any, sg.transpose(b) as Any];
      for (const other of [
        sg.matmul(ta, b, { transposeA: true }),
        sg.matmul(a, tb, { transposeB: true }),
        sg.matmul(ta, tb, { transposeA: true, transposeB: true }),
      ]) {
        expectSameBits(other.data, product.data);
      }
    });
  });

  test("a batch is its products one by one, broadcast as elementwise ops are", () => {
    check(60, fc.tuple(broadcastShapes(2, 3), floatDType), ([{ shapes, result }, dtype]) => {
      const [a, b] = [normal([...shapes[0]!, 3, 4], 1, dtype), normal([...shapes[1]!, 4, 5], 2, dtype)];
      const product = sg.matmul(a, b) as Any;
      expect(product.shape).toEqual([...result, 3, 5]);
      const [allA, allB] = [sg.broadcastTo(a, [...result, 3, 4]) as Any, sg.broadcastTo(b, [...result, 4, 5]) as Any];
      const count = sizeOf(result);
      const [rowsA, rowsB] = [sg.reshape(allA, [count, 3, 4]), sg.reshape(allB, [count, 4, 5])];
      for (let i = 0; i < count; i++) {
        const one = sg.matmul(
          sg.reshape(sg.slice(rowsA, [i], [i + 1]), [3, 4]),
          sg.reshape(sg.slice(rowsB, [i], [i + 1]), [4, 5]),
        );
        expectSameBits(one.data, product.data.subarray(i * 15, (i + 1) * 15));
      }
    });
  });

  test("reducing all axes at once, or one after the other, gives the same", () => {
    const values = shape(1, 5).chain((shape) => fc.tuple(fc.constant(shape), permutation(shape.length)));
    check(120, fc.tuple(values, floatDType), ([[shape, order], dtype]) => {
      const x = normal(shape, 1, dtype);
      const oneByOne = (op: (x: Any, options: object) => Any): Any =>
        order.reduce((y, axis) => op(y, { axis, keepDims: true }), x);
      const sum = sg.sum as (x: Any, options?: object) => Any;
      const max = sg.max as (x: Any, options?: object) => Any;
      const min = sg.min as (x: Any, options?: object) => Any;
      expectWithin(oneByOne(sum).item(), sum(x).item(), dtype, x.size, sum(sg.abs(x)).item());
      expect(oneByOne(max).item()).toBe(max(x).item());
      expect(oneByOne(min).item()).toBe(min(x).item());
      const some = order.slice(0, Math.ceil(order.length / 2));
      const rest = some.reduce((y, axis) => sum(y, { axis, keepDims: true }), x);
      const atOnce = sum(x, { axis: some, keepDims: true });
      expect(atOnce.shape).toEqual(rest.shape);
      const difference = max(sg.abs(sg.sub(atOnce, rest) as Any)).item();
      expectWithin(difference, 0, dtype, x.size, sum(sg.abs(x)).item());
    });
  });
});

describe("programs of elementwise ops", () => {
  /** One step: an op on the present value, with a second operand if it takes two. */
  type Step = (x: Any, y: Any, out?: { out: Any }) => Any;
  const steps: Readonly<Record<string, Step>> = {
    neg: (x, _, out) => sg.neg(x, out),
    sigmoid: (x, _, out) => sg.sigmoid(x, out),
    tanh: (x, _, out) => sg.tanh(x, out),
    softplus: (x, _, out) => sg.softplus(x, out),
    relu: (x, _, out) => sg.relu(x, out),
    add: (x, y, out) => sg.add(x, y, out) as Any,
    subFrom: (x, y, out) => sg.sub(y, x, out as never) as Any,
    mul: (x, y, out) => sg.mul(x, y, out) as Any,
    maximum: (x, y, out) => sg.maximum(x, y, out) as Any,
    square: (x, _, out) => sg.square(x, out),
    halve: (x, _, out) => sg.mul(x, 0.5, out),
    where: (x, y, out) => sg.where(x, y, x, out as never) as Any,
    softmax: (x, _, out) => sg.softmax(x, out),
  };

  test("in place, on fresh tensors and into one other tensor: the same bits", () => {
    const values = fc.record({
      shape: shape(1, 3, 9),
      dtype: floatDType,
      names: fc.array(fc.constantFrom(...Object.keys(steps)), { minLength: 1, maxLength: 12 }),
      shared: fc.boolean(),
    });
    check(150, values, ({ shape, dtype, names, shared }) => {
      const start = normal(shape, 1, dtype);
      const other = normal(shared ? shape.slice(1) : shape, 2, dtype);
      const run = (into: (x: Any) => { out: Any } | undefined): Any =>
        names.reduce<Any>((x, name) => steps[name]!(x, other, into(x)), start.clone() as Any);
      const fresh = run(() => undefined);
      expectSameBits(run((x) => ({ out: x })).data, fresh.data);
      const out = normal(shape, 3, dtype);
      expectSameBits(run(() => ({ out })).data, fresh.data);
    });
  });
});
