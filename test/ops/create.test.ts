// Tensors made from JavaScript data and from rules, and read back.
import { describe, expect, test } from "vitest";
import { arange, full, linspace, memory, ones, scope, type Tensor, tensor, zeros } from "../../src/index.js";

describe("tensor", () => {
  test("of a number is a scalar", () => {
    using x = tensor(2.5);
    expect(x).toMatchObject({ shape: [], dtype: "float32", size: 1 });
    expect([x.item(), x.toArray()]).toEqual([2.5, 2.5]);
  });

  test("of nested arrays has their shape and is float32", () => {
    using x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(x).toMatchObject({ shape: [2, 3], dtype: "float32", size: 6 });
    expect(x.data).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
    using y = tensor([
      [[1], [2]],
      [[3], [4]],
      [[5], [6]],
    ]);
    expect(y.shape).toEqual([3, 2, 1]);
    expect(y.toArray()).toEqual([
      [[1], [2]],
      [[3], [4]],
      [[5], [6]],
    ]);
  });

  test("rounds to its dtype", () => {
    scope(() => {
      expect(tensor([0.1]).item()).toBe(Math.fround(0.1));
      expect(tensor([0.1], undefined, "float64").item()).toBe(0.1);
      expect(tensor([-3, 2 ** 31 - 1, -(2 ** 31)], undefined, "int32").data).toEqual(
        Int32Array.of(-3, 2 ** 31 - 1, -(2 ** 31)),
      );
    });
  });

  test("keeps NaN, infinities and signed zeros", () => {
    scope(() => {
      for (const dtype of ["float32", "float64"] as const) {
        const x = tensor([Number.NaN, Infinity, -Infinity, -0, 0], undefined, dtype);
        expect(Array.from(x.data)).toEqual([Number.NaN, Infinity, -Infinity, -0, 0]);
      }
      expect(Object.is(tensor([-0]).toArray()[0], -0)).toBe(true);
    });
  });

  test("of a typed array has its dtype, is flat unless told otherwise, and is a copy", () => {
    scope(() => {
      for (const array of [Float32Array.of(1, 2, 3, 4), Float64Array.of(1, 2, 3, 4), Int32Array.of(1, 2, 3, 4)]) {
        const x = tensor(array);
        expect(x.shape).toEqual([4]);
        expect(x.data).toEqual(array);
        const y = tensor(array, [2, 2]);
        expect(y.toArray()).toEqual([
          [1, 2],
          [3, 4],
        ]);
        array[0] = 9;
        expect(x.data[0]).toBe(1);
        x.data[1] = 9;
        expect(array[1]).toBe(2);
      }
    });
  });

  test("of a typed array converts to another dtype", () => {
    scope(() => {
      expect(tensor(Float64Array.of(0.1), [1], "float32").item()).toBe(Math.fround(0.1));
      expect(tensor(Int32Array.of(7), [1], "float64")).toMatchObject({ dtype: "float64" });
      expect(tensor(Float32Array.of(1, 2), [2], "int32").data).toEqual(Int32Array.of(1, 2));
    });
  });

  test("of another tensor's data copies it, over memory that may grow", () => {
    using x = arange(300_000);
    using y = tensor(x.data);
    expect(y.data[299_999]).toBe(299_999);
    expect(x.data[299_999]).toBe(299_999);
  });

  test("of nested arrays with a shape of as many elements takes that shape", () => {
    scope(() => {
      expect(tensor([1, 2, 3, 4], [2, 2]).shape).toEqual([2, 2]);
      expect(tensor([[1, 2, 3, 4]], [4, 1]).toArray()).toEqual([[1], [2], [3], [4]]);
      expect(tensor([5], []).item()).toBe(5);
      expect(tensor(5, undefined, "int32").dtype).toBe("int32");
    });
  });

  test("copies the shape that it is given", () => {
    const shape = [2, 2];
    using x = tensor([1, 2, 3, 4], shape);
    shape[0] = 99;
    expect(x.shape).toEqual([2, 2]);
    expect(Object.isFrozen(x.shape)).toBe(true);
  });
});

describe("zeros, ones, full", () => {
  test("hold one value, over memory that held others", () => {
    // What is freed is handed out again as it is.
    full([1000], Number.NaN, "float64").dispose();
    scope(() => {
      for (const dtype of ["float32", "float64", "int32"] as const) {
        for (const size of [1, 3, 4, 5, 100, 1000]) {
          expect(Array.from(zeros([size], dtype).data)).toEqual(new Array(size).fill(0));
          expect(Array.from(ones([size], dtype).data)).toEqual(new Array(size).fill(1));
          expect(Array.from(full([size], -7, dtype).data)).toEqual(new Array(size).fill(-7));
        }
      }
    });
  });

  test("have the given shape and dtype; the default is float32", () => {
    scope(() => {
      expect(zeros([2, 3])).toMatchObject({ shape: [2, 3], dtype: "float32", size: 6 });
      expect(ones([2, 1, 1, 1, 1, 1, 1, 3]).shape).toEqual([2, 1, 1, 1, 1, 1, 1, 3]);
      expect(full([], 0.1, "float64").item()).toBe(0.1);
      expect(full([1], 0.1).item()).toBe(Math.fround(0.1));
      expect(full([1], Number.NaN).item()).toBeNaN();
      expect(Object.is(full([1], -0).item(), -0)).toBe(true);
    });
  });
});

describe("tensors without elements", () => {
  test("keep their shape and are arrays without numbers", () => {
    scope(() => {
      expect(tensor([]).shape).toEqual([0]);
      expect(tensor([[], []], [2, 0]).toArray()).toEqual([[], []]);
      expect(zeros([0, 3]).toArray()).toEqual([]);
      expect(zeros([2, 0, 3]).toArray()).toEqual([[], []]);
      expect(tensor(new Float64Array(0)).data).toEqual(new Float64Array(0));
      expect(zeros([2 ** 40, 0]).size).toBe(0);
    });
  });
});

describe("arange", () => {
  const cases: readonly (readonly [
    title: string,
    make: () => Tensor<readonly number[], "float32" | "float64" | "int32">,
    expected: number[],
  ])[] = [
    ["counts to n", () => arange(4), [0, 1, 2, 3]],
    ["of 0 has no elements", () => arange(0), []],
    ["of a negative number has no elements", () => arange(-3), []],
    ["of a fraction counts past it", () => arange(2.5), [0, 1, 2]],
    ["from start to stop", () => arange(2, 5), [2, 3, 4]],
    ["leaves stop out", () => arange(0, 1, 0.25), [0, 0.25, 0.5, 0.75]],
    ["downwards", () => arange(3, 0, -1), [3, 2, 1]],
    ["the wrong way round has no elements", () => arange(0, 3, -1), []],
    ["in float64 multiplies the step", () => arange(0, 0.5, 0.1, "float64"), [0, 0.1, 0.2, 3 * 0.1, 0.4]],
    [
      "leaves stop out where the quotient is rounded up",
      () => arange(1, 1.6, 0.1, "float64"),
      [1, 1.1, 1.2, 1.3, 1.4, 1.5],
    ],
    ["in int32", () => arange(-2, 6, 3, "int32"), [-2, 1, 4]],
  ];
  test.each(cases)("%s", (_, make, expected) => {
    using x = make();
    expect(Array.from(x.data)).toEqual(expected);
    expect(x.shape).toEqual([expected.length]);
  });

  test("ends just before stop, however its bounds were computed", () => {
    scope(() => {
      for (const step of [0.1, 0.2, 0.3, 0.7, 1 / 3, 1e-3, 2.2, -0.1, -0.3]) {
        for (const start of [0, 1, -1, 0.1, 100]) {
          for (let n = 0; n < 60; n++) {
            const stop = start + n * step;
            const { data } = arange(start, stop, step, "float64");
            expect(data.length).toBe(n);
            expect(data.every((x, i) => x === start + i * step && (step > 0 ? x < stop : x > stop))).toBe(true);
          }
        }
      }
    });
  });

  test("of one element does not ask its step for an int32", () => {
    using x = arange(0, 1, 2.5, "int32");
    expect(x.toArray()).toEqual([0]);
  });
});

describe("linspace", () => {
  test("includes both ends, exactly", () => {
    scope(() => {
      expect(linspace(0, 1, 3).toArray()).toEqual([0, 0.5, 1]);
      expect(linspace(1, -1, 5, "float64").toArray()).toEqual([1, 0.5, 0, -0.5, -1]);
      for (const count of [2, 3, 7, 50, 1000]) {
        const x = linspace(0.1, 0.7, count, "float64");
        expect([x.data[0], x.data[count - 1]]).toEqual([0.1, 0.7]);
        expect(x.data.every((value, i) => i === 0 || value > x.data[i - 1]!)).toBe(true);
      }
    });
  });

  test("of one is its start, of none is empty, of no count 50", () => {
    scope(() => {
      expect(linspace(3, 9, 1).toArray()).toEqual([3]);
      expect(linspace(3, 9, 0).toArray()).toEqual([]);
      expect(linspace(0, 49).toArray()).toEqual(arange(50).toArray());
      expect(linspace(2, 2, 3).toArray()).toEqual([2, 2, 2]);
    });
  });
});

const ARRAYS = [
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
] as const;

test("empty arrays make empty tensors", () => {
  for (const Kind of ARRAYS) {
    expect(tensor(new Kind(0)).shape).toEqual([0]);
    expect(tensor([new Kind(0), new Kind(0)]).shape).toEqual([2, 0]);
  }
});

describe("what cannot be made leaves nothing behind", () => {
  test.each([
    ["a range without end", () => arange(0, 1e20), /arange/],
    ["a range of steps too small", () => arange(0, 1, 1e-20), /arange/],
    ["sizes one by one", () => zeros(2 as never, 3 as never), /zeros: a shape must be an array of sizes, got 2/],
    ...ARRAYS.flatMap((Kind): [string, () => unknown, RegExp][] => [
      [`a detached ${Kind.name}`, () => tensor(detached(Kind)), /tensor: the array is detached/],
      [`a detached ${Kind.name} as float64`, () => tensor(detached(Kind), [0], "float64"), /the array is detached/],
      [`rows that are detached: ${Kind.name}`, () => tensor([detached(Kind)]), /tensor: the array is detached/],
    ]),
  ])("%s", (_, make, message) => {
    const before = memory();
    expect(make).toThrow(message);
    expect(memory()).toEqual(before);
  });
});

function detached(Kind: (typeof ARRAYS)[number]): InstanceType<typeof Kind> {
  const array = new Kind([1, 2]);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}
