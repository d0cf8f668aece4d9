// Gradients of a tensor of which many parts are read: slices, rows, what is joined. Their values against plain loops, and what they
// take as there are more parts.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recurrentArguments, recurrentLoss } from "../../bench/unrolled.js";
import * as sg from "../../src/index.js";
import { getRuntime } from "../../src/runtime/memory/memory.js";
import { expectNoLeak } from "../support/memory.js";

/** Of a recurrent network. */
const SIZES = { examples: 2, inputs: 3, units: 4 };

type Any = sg.Tensor<readonly number[], "float32" | "float64">;

/** A part of a matrix: which elements, by position, and how the library takes it. */
interface Part {
  readonly positions: readonly number[];
  readonly take: (x: Any) => Any;
}

interface Drawn {
  readonly dtype: "float32" | "float64";
  readonly rows: number;
  readonly columns: number;
  readonly parts: readonly (readonly number[])[];
  readonly seed: number;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  dtype: fc.constantFrom("float32" as const, "float64" as const),
  rows: fc.integer({ min: 1, max: 9 }),
  columns: fc.integer({ min: 1, max: 70 }),
  parts: fc.array(fc.array(fc.nat(1000), { minLength: 7, maxLength: 7 }), { minLength: 1, maxLength: 6 }),
  seed: fc.nat(1000),
});

/** The numbers from `start` to `end`, `step` apart. */
const range = (start: number, end: number, step: number): number[] =>
  Array.from({ length: Math.max(0, Math.ceil((end - start) / step)) }, (_, i) => start + i * step);

function partOf({ rows, columns }: Drawn, numbers: readonly number[]): Part {
  const [kind, a, b, c, d, e, f] = numbers as [number, number, number, number, number, number, number];
  const across = (is: readonly number[], js: readonly number[]): number[] =>
    is.flatMap((i) => js.map((j) => i * columns + j));
  const all = [range(0, rows, 1), range(0, columns, 1)] as const;
  if (kind % 4 === 0) return { positions: across(...all), take: (x) => x };
  if (kind % 4 === 1) {
    const axis = a % 2;
    const extent = axis === 0 ? rows : columns;
    // More of them than there are, so that some come twice; from the end, too.
    const indices = [b, c, d, e, f].map((n) => (n % (2 * extent)) - extent);
    const named = indices.map((i) => (i < 0 ? i + extent : i));
    return {
      positions: axis === 0 ? across(named, all[1]) : across(all[0], named),
      take: (x) => sg.take(x, sg.tensor(Int32Array.from(indices)), { axis }) as Any,
    };
  }
  const starts = [a % rows, b % columns];
  const ends = [c % (rows + 1), kind % 4 === 2 ? columns : d % (columns + 1)];
  const steps = [1 + (e % 2), kind % 4 === 2 ? 1 : 1 + (f % 3)];
  return {
    positions: across(range(starts[0]!, ends[0]!, steps[0]!), range(starts[1]!, ends[1]!, steps[1]!)),
    take: (x) => sg.slice(x as never, starts, ends, { steps }) as unknown as Any,
  };
}

/** Zeros of both signs are one: adding up may lose the sign. */
const unsigned = (values: Iterable<number>): number[] => Array.from(values, (value) => value + 0);

describe("the gradient of many parts of a tensor", () => {
  /** The parts, a factor for each element of each, and the tensor. */
  function prepare(program: Drawn): { parts: Part[]; factors: Any[]; x: Any } {
    const { dtype, rows, columns, parts: numbers, seed } = program;
    const parts = numbers.map((list) => partOf(program, list));
    const normal = (shape: readonly number[], i: number): Any =>
      sg.random.normal(shape, { seed: seed + i, dtype }) as Any;
    const x = normal([rows, columns], 0);
    return { parts, factors: parts.map(({ take }, i) => normal(take(x).shape, i + 1)), x };
  }

  const total = (parts: readonly Part[], factors: readonly Any[], of: (x: Any) => Any) => (x: Any) =>
    parts.reduce<Any>(
      (sum, { take }, i) => sg.add(sum, sg.sum(sg.mul(of(take(x)), factors[i]!))) as Any,
      sg.zeros([], x.dtype) as unknown as Any,
    ) as never;

  test("is the same, bit for bit but for the sign of zeros, as adding them up in a loop", () => {
    fc.assert(
      fc.property(drawn, (program) => {
        sg.scope(() => {
          const { parts, factors, x } = prepare(program);
          const expected = x.data.slice().fill(0);
          // The last part read is the first to be added; the array rounds each sum to its dtype.
          for (const [k, { positions }] of [...parts.entries()].reverse()) {
            const { data } = factors[k]!;
            positions.forEach((position, i) => {
              expected[position]! += data[i]!;
            });
          }
          const gradient = sg.grad(total(parts, factors, (part) => part));
          const compiled = sg.compile(gradient);
          expect(unsigned(gradient(x).data)).toEqual(unsigned(expected));
          expect(unsigned(compiled(x).data)).toEqual(unsigned(expected));
          compiled.dispose();
        });
      }),
      { numRuns: 150 },
    );
  });

  test("has a gradient itself", () => {
    fc.assert(
      fc.property(drawn, (program) => {
        sg.scope(() => {
          const { parts, factors, x } = prepare({ ...program, dtype: "float64" });
          const v = sg.random.normal(x.shape, { seed: 99, dtype: "float64" }) as Any;
          const expected = new Float64Array(x.size);
          parts.forEach(({ positions }, k) => {
            const { data } = factors[k]!;
            positions.forEach((position, i) => {
              expected[position]! += 6 * x.data[position]! * data[i]! * v.data[position]!;
            });
          });
          // Of f, the sum of factors times cubes, f'' v.
          const cubes = total(parts, factors, (part) => sg.mul(sg.square(part), part) as Any);
          const second = sg.grad((y: Any) => sg.sum(sg.mul(sg.grad(cubes)(y), v)) as never);
          const compiled = sg.compile(second);
          for (const result of [second(x), compiled(x)]) {
            result.data.forEach((value, i) => {
              expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-11);
            });
          }
          compiled.dispose();
        });
      }),
      { numRuns: 60 },
    );
  });

  test("is added up in nobody else's bytes", () => {
    // The sum's gradient goes to both operands as it is, and each has a part besides.
    const f = (a: sg.Tensor<[4]>, b: sg.Tensor<[4]>) => {
      const [h, k] = [sg.neg(a), sg.neg(b)];
      const parts = sg.add(sg.mul(sg.sum(sg.slice(h, [0], [2])), 10), sg.mul(sg.sum(sg.slice(k, [1], [3])), 100));
      return sg.add(parts, sg.sum(sg.mul(sg.add(h, k), sg.tensor([1, 2, 3, 4]))));
    };
    const gradient = sg.grad(f as never, { argnums: [0, 1] }) as unknown as (...args: Any[]) => [Any, Any];
    const args = [sg.ones([4]), sg.ones([4])] as Any[];
    for (const g of [gradient, sg.compile(gradient)]) {
      const [a, b] = g(...args);
      expect(a.toArray()).toEqual([-11, -12, -3, -4]);
      expect(b.toArray()).toEqual([-1, -102, -103, -4]);
    }
  });

  test("leaves nothing behind where a part's gradient fails", () => {
    const x = sg.ones([6]);
    const out = sg.tensor(Int32Array.of(0, 1));
    const f = (y: sg.Tensor<[6]>) => {
      const parts = sg.add(sg.sum(sg.take(y, out)), sg.sum(sg.slice(y, [3])));
      sg.add(out, 1, { out });
      return parts;
    };
    expect(() => expectNoLeak(() => sg.grad(f)(x))).toThrow(sg.AliasError);
    expectNoLeak(() =>
      sg
        .grad((y: sg.Tensor<[6]>) => sg.sum(sg.take(y, out)))(x)
        .dispose(),
    );
  });
});

describe("what it takes is in proportion to the tensor and its parts", () => {
  /** Bytes that are allocated meanwhile. */
  function allocatedBy(body: () => unknown): number {
    const { allocator } = getRuntime();
    const { used } = allocator;
    let bytes = 0;
    allocator.allocate = (size) => {
      const block = Object.getPrototypeOf(allocator).allocate.call(allocator, size);
      bytes += block.size;
      return block;
    };
    try {
      sg.scope(() => void body());
    } finally {
      delete (allocator as { allocate?: unknown }).allocate;
    }
    expect(allocator.used).toBe(used);
    return bytes;
  }

  /** A gradient's bytes: allocated one op after the other, planned, and moved by the compiled program. */
  function costOf<Args extends readonly unknown[]>(gradient: (...args: Args) => unknown, ...args: Args) {
    sg.scope(() => void gradient(...args));
    const program = sg.compile(gradient);
    const { arenaBytes, steps } = program.explain(...args);
    program.dispose();
    // Without the parts' own steps, for which the whole is counted that they are part of.
    const others = steps.filter(({ ops }) => !["slice", "take"].includes(ops.join()));
    const moved = others.reduce((sum, { bytes }) => sum + bytes, 0);
    return { allocated: allocatedBy(() => gradient(...args)), arenaBytes, moved, steps: steps.length };
  }

  const WIDTH = 64;
  const tensorOf = (parts: number): Any => sg.ones([parts, WIDTH]) as Any;
  /** Each part through a function of its own number, so that no two are the same. */
  const each = (count: number, part: (i: number) => Any): Any =>
    Array.from({ length: count }, (_, i) => sg.sum(sg.square(sg.mul(part(i), i + 2))) as Any).reduce(
      (sum, one) => sg.add(sum, one) as Any,
    );

  test.each([
    ["slices", (x: Any) => each(x.shape[0]!, (i) => sg.slice(x as never, [i], [i + 1]) as unknown as Any)],
    [
      "columns",
      (x: Any) => {
        const turned = sg.transpose(x) as Any;
        return each(x.shape[0]!, (i) => sg.slice(turned as never, [0, i], [WIDTH, i + 1]) as unknown as Any);
      },
    ],
    ["rows", (x: Any) => each(x.shape[0]!, (i) => sg.take(x, sg.tensor(Int32Array.of(i))) as Any)],
    [
      "parts that are joined",
      (x: Any) => {
        const parts = Array.from({ length: x.shape[0]! }, (_, i) => sg.slice(x as never, [i], [i + 1]));
        return sg.sum(sg.square(sg.concat(parts as never[]))) as Any;
      },
    ],
  ] as [string, (x: Any) => Any][])("%s: twice as many take twice as much", (_, f) => {
    const gradient = sg.grad(f as never) as unknown as (x: Any) => unknown;
    const [once, twice] = [costOf(gradient, tensorOf(40)), costOf(gradient, tensorOf(80))];
    expect(twice.allocated).toBeLessThanOrEqual(2.2 * once.allocated);
    expect(twice.arenaBytes).toBeLessThanOrEqual(2.2 * once.arenaBytes);
    expect(twice.moved).toBeLessThanOrEqual(2.2 * once.moved);
    expect(twice.steps).toBeLessThanOrEqual(2.2 * once.steps);
  });

  test("a recurrent network that slices its product takes hardly more than one that slices its inputs", () => {
    const cost = (sliced: "inputs" | "product") =>
      costOf(sg.valueAndGrad(recurrentLoss(sliced)), ...recurrentArguments(60, SIZES));
    const [product, inputs] = [cost("product"), cost("inputs")];
    expect(product.allocated).toBeLessThan(1.3 * inputs.allocated);
    expect(product.arenaBytes).toBeLessThan(1.3 * inputs.arenaBytes);
    expect(product.moved).toBeLessThan(1.3 * inputs.moved);
    expect(product.steps).toBeLessThan(1.3 * inputs.steps);
  });
});
