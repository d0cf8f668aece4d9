// What a tensor can be made of: options, every kind of array, rows of arrays, and JSON.
import { describe, expect, test } from "vitest";
import { type DType, DTypeError, memory, ShapeError, scope, type TensorParts, tensor, zeros } from "../../src/index.js";
import { expectSameBits } from "../support/bits.js";
import { un } from "../support/error-case.js";

/** The error of a call that makes a tensor, which leaves nothing behind. */
function refusal(make: () => unknown): Error {
  const before = memory();
  let thrown: unknown;
  try {
    make();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(Error);
  expect(memory()).toEqual(before);
  return thrown as Error;
}

describe("options", () => {
  test("name shape and dtype, together or alone", () => {
    scope(() => {
      expect(tensor([1, 2, 3, 4], { shape: [2, 2], dtype: "float64" })).toMatchObject({
        shape: [2, 2],
        dtype: "float64",
      });
      expect(tensor([1, 2], { dtype: "int32" })).toMatchObject({ shape: [2], dtype: "int32" });
      expect(tensor(Float64Array.of(1, 2), { shape: [2, 1] })).toMatchObject({ shape: [2, 1], dtype: "float64" });
      expect(tensor([1, 2], {})).toMatchObject({ shape: [2], dtype: "float32" });
      expect(tensor(5, { shape: undefined, dtype: undefined })).toMatchObject({ shape: [], dtype: "float32" });
    });
  });

  test("with unknown names are refused", () => {
    const { message } = refusal(() => tensor([1], un({ dtyp: "float64" })));
    expect(message).toBe('tensor: unknown option "dtyp"; valid: shape, dtype');
    expect(refusal(() => tensor([1], un({ shape: [2] })))).toBeInstanceOf(ShapeError);
    expect(refusal(() => tensor([1], un({ dtype: "float16" })))).toBeInstanceOf(DTypeError);
    expect(refusal(() => tensor([1], un(null))).message).toContain("a shape must be an array of sizes, got null");
  });
});

const SMALL = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array] as const;

describe("typed arrays", () => {
  test.each(SMALL.map((kind) => ({ kind })))(
    "of kind $kind.name become each dtype, with their extremes",
    ({ kind }) => {
      scope(() => {
        const bits = Math.min(8 * kind.BYTES_PER_ELEMENT, 24);
        const isSigned = kind.name.startsWith("Int");
        const values = isSigned ? [-(2 ** (bits - 1)), 0, 2 ** (bits - 1) - 1] : [0, 1, 2 ** bits - 1];
        const array = kind.from(values);
        expect(tensor(array).dtype).toBe(kind === Int32Array ? "int32" : "float32");
        for (const dtype of ["float32", "float64", "int32"] as const) {
          expect(Array.from(tensor(array, { dtype }).data), dtype).toEqual(values);
        }
      });
    },
  );

  test("of halves become float32", ({ skip }) => {
    const kind = (globalThis as { Float16Array?: { of(...values: number[]): unknown } }).Float16Array;
    if (kind === undefined) return skip();
    scope(() => expect(Array.from(tensor(kind.of(0.5, -65504) as Float32Array).data)).toEqual([0.5, -65504]));
  });

  test("whose integers the dtype cannot hold are refused by index", () => {
    expect(refusal(() => tensor(Uint32Array.of(1, 2 ** 24 + 1)))).toMatchObject({
      name: "DTypeError",
      message: "tensor: float32 cannot hold data[1] = 16777217 exactly",
    });
    expect(refusal(() => tensor(Int32Array.of(-(2 ** 24) - 1), [1], "float32")).message).toContain(
      "data[0] = -16777217",
    );
    expect(refusal(() => tensor(Uint32Array.of(2 ** 31), { dtype: "int32" })).message).toContain(
      "int32 cannot hold data[0]",
    );
    expect(refusal(() => tensor(Float64Array.of(1, 1.5), { dtype: "int32" })).message).toContain("data[1] = 1.5");
    expect(refusal(() => tensor([[1], [1.5]], { dtype: "int32" })).message).toContain("data[1][0] = 1.5");
  });

  test("of floats and plain numbers are rounded to float32", () => {
    scope(() => {
      expect(tensor(Float64Array.of(0.1, 2 ** 24 + 1), { dtype: "float32" }).toArray()).toEqual([
        Math.fround(0.1),
        2 ** 24,
      ]);
      expect(tensor([2 ** 24 + 1]).toArray()).toEqual([2 ** 24]);
      expect(tensor(Uint32Array.of(2 ** 24 + 2, 2 ** 31)).toArray()).toEqual([2 ** 24 + 2, 2 ** 31]);
    });
  });

  test("of bigints, and bigints in arrays, are refused by index", () => {
    for (const data of [BigInt64Array.of(1n), BigUint64Array.of(1n), [1n]]) {
      expect(refusal(() => tensor(un(data))).message).toBe("tensor: data[0] is 1n, not a number");
    }
    expect(refusal(() => tensor(un([[1], [2n]]))).message).toBe("tensor: data[1][0] is 2n, not a number");
    expect(refusal(() => tensor(un([[1], BigInt64Array.of(2n)]))).message).toContain("data[1][0] is 2n");
    expect(refusal(() => tensor(un(1n))).message).toContain("got 1n");
    expect(refusal(() => tensor(un(new DataView(new ArrayBuffer(8))))).message).toContain("got a DataView");
    expect(refusal(() => tensor(un(new ArrayBuffer(8)))).message).toContain("got an ArrayBuffer");
  });
});

describe("rows that are typed arrays", () => {
  test("give their dtype, at any depth", () => {
    scope(() => {
      const rows = tensor([Float32Array.of(1, 2), Float32Array.of(3, 4), Float32Array.of(5, 6)]);
      expect(rows).toMatchObject({ shape: [3, 2], dtype: "float32" });
      expect(rows.toArray()).toEqual([[1, 2], [3, 4], [5, 6]]); // biome-ignore format: a table
      expect(tensor([[Float64Array.of(0.1)], [Float64Array.of(0.2)]])).toMatchObject({
        shape: [2, 1, 1],
        dtype: "float64",
      });
      expect(tensor([Int32Array.of(7)])).toMatchObject({ shape: [1, 1], dtype: "int32" });
      expect(tensor([Uint8Array.of(0, 255), Uint8Array.of(1, 2)]).toArray()).toEqual([[0, 255], [1, 2]]); // biome-ignore format: a table
      expect(tensor([new Float32Array(0), new Float32Array(0)]).shape).toEqual([2, 0]);
      expect(tensor([Float64Array.of(0.1), [0.2]]).data).toEqual(Float64Array.of(0.1, 0.2));
      expect(tensor([Float64Array.of(0.1), Float32Array.of(0.5)], { dtype: "float32" }).data).toEqual(
        Float32Array.of(0.1, 0.5),
      );
    });
  });

  test("of other lengths, dtypes or values are refused by index", () => {
    expect(refusal(() => tensor([Float32Array.of(1, 2), Float32Array.of(3)])).message).toBe(
      "tensor: ragged array: data[1] has 1 items, others 2",
    );
    expect(refusal(() => tensor([Float32Array.of(1), Float64Array.of(0.1)])).message).toBe(
      "tensor: data[1] is float64, others float32; name the dtype",
    );
    expect(refusal(() => tensor([[1], Int32Array.of(1)])).message).toContain("data[1] is int32, others float32");
    expect(refusal(() => tensor(un([[[1]], Float32Array.of(1)]))).message).toContain("data[1][0] is not an array");
    expect(refusal(() => tensor([Uint8Array.of(1), Uint32Array.of(2 ** 25 + 1)])).message).toContain(
      "data[1][0] = 33554433",
    );
  });
});

describe("JSON", () => {
  const values = [Number.NaN, Infinity, -Infinity, -0, 0, 1, 0.1, -1e-45, 3.4028234663852886e38, 1 / 3, 5e-324];
  const wide = Float64Array.from(values);

  test.each([wide, Float32Array.from(values), Int32Array.of(-(2 ** 31), 0, 2 ** 31 - 1)])(
    "gives the same bits back: %#",
    (data) => {
      scope(() => {
        const x = tensor(data, [data.length, 1]);
        const y = tensor(JSON.parse(JSON.stringify(x)) as TensorParts);
        expect(y).toMatchObject({ shape: [data.length, 1], dtype: x.dtype });
        expectSameBits(y.data, x.data);
      });
    },
  );

  test("is shape, dtype and flat data, with strings for numbers that JSON lacks", () => {
    scope(() => {
      expect(
        JSON.stringify(
          tensor(
            [
              [1, -0],
              [Number.NaN, -Infinity],
            ],
            { dtype: "float64" },
          ),
        ),
      ).toBe('{"shape":[2,2],"dtype":"float64","data":[1,"-0","NaN","-Infinity"]}');
      expect(JSON.stringify({ w: zeros([2, 0]), b: tensor(5) })).toBe(
        '{"w":{"shape":[2,0],"dtype":"float32","data":[]},"b":{"shape":[],"dtype":"float32","data":[5]}}',
      );
      expect(tensor({ shape: [2, 0], dtype: "float32", data: [] }).shape).toEqual([2, 0]);
      expect(tensor({ shape: [], dtype: "float32", data: [5] }).item()).toBe(5);
    });
  });

  test("with typed arrays for data is what structuredClone can send", () => {
    scope(() => {
      const { shape, dtype, data } = tensor([[1, 2]], { dtype: "float64" });
      const y = tensor(structuredClone({ shape, dtype, data: data.slice() }));
      expect(y).toMatchObject({ shape: [1, 2], dtype: "float64" });
      expect(y.data).toEqual(Float64Array.of(1, 2));
    });
  });

  test("may be given another shape or dtype", () => {
    scope(() => {
      const json = { shape: [2], dtype: "float32", data: [1, 2] } as const;
      expect(tensor(json, { dtype: "float64" })).toMatchObject({ shape: [2], dtype: "float64" });
      expect(tensor(json, [2, 1])).toMatchObject({ shape: [2, 1], dtype: "float32" });
    });
  });

  test.each([
    [{ shape: [2], dtype: "float32", data: [1] }, "ShapeError", "tensor: 1 elements do not fit shape [2]"],
    [{ shape: [-1], dtype: "float32", data: [1] }, "ShapeError", "sizes must be whole numbers"],
    [{ dtype: "float32", data: [1] }, "ShapeError", "a shape must be an array of sizes, got undefined"],
    [{ shape: [1], data: [1] }, "DTypeError", "unknown dtype undefined"],
    [{ shape: [1], dtype: "float16", data: [1] }, "DTypeError", 'unknown dtype "float16"'],
    [{ shape: [2], dtype: "float32", data: [1, "2"] }, "DTypeError", 'data[1] is "2", not a number'],
    [{ shape: [1], dtype: "float32", data: [null] }, "DTypeError", "data[0] is null, not a number"],
    [{ shape: [1], dtype: "int32", data: ["NaN"] }, "DTypeError", "int32 cannot hold data[0] = NaN exactly"],
    [{ shape: [1], dtype: "float32" }, "DTypeError", "a result of toJSON; got an Object"],
  ])("that is wrong is refused: %j", (json, name, message) => {
    expect(refusal(() => tensor(un(json)))).toMatchObject({
      name,
      message: expect.stringContaining(message) as string,
    });
  });

  test("of a tensor that is gone is refused", () => {
    const x = tensor([1]);
    x.dispose();
    expect(() => JSON.stringify(x)).toThrow(/^data: the float32 \[.*\] tensor is gone: dispose\(\) was called/);
  });
});

test("refused data leaves nothing behind, at any place and in every dtype", () => {
  for (const dtype of ["float32", "float64", "int32"] as DType[]) {
    refusal(() => tensor(un([1, "2"]), { dtype }));
    refusal(() => tensor([1, 2], { shape: [3], dtype }));
  }
  scope(() => expect(tensor([1, 2]).toArray()).toEqual([1, 2]));
});
