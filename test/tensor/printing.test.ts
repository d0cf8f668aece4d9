// What a person sees of a tensor: its text, in consoles and in templates, laid out as NumPy does (golden/printing.py made the texts).
import { describe, expect, test } from "vitest";
import {
  type AnyTensor,
  add,
  compile,
  type DType,
  grad,
  memory,
  sum,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.js";
import { layout } from "../../src/tensor/print.js";
import golden from "../golden/printing.json" with { type: "json" };
import { inNode } from "../support/engine.js";
import { un } from "../support/error-case.js";
import { expectNoLeak } from "../support/memory.js";

const { inspect } = inNode ? await import("node:util") : { inspect: String as never };

interface Golden {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: readonly (number | string)[] | number;
  readonly options: { readonly precision: number; readonly threshold: number };
  readonly text: string;
}

/** Elements that a list gives, or a pattern of a scale, as printing.py has it. */
function filled({ dtype, shape, values }: Golden): AnyTensor {
  const x: AnyTensor = zeros(shape, dtype);
  for (let i = 0; i < x.size; i++) {
    x.data[i] = typeof values === "number" ? (((i * 7919) % 1009) - 504) * values : Number(values[i]);
  }
  return x;
}

/** The text below or beside the first line's shape and dtype. */
function layoutOf(x: AnyTensor, options?: Golden["options"]): string {
  const text = x.inspect(options);
  const head = `Tensor(${x.dtype} [${x.shape.join(", ")}])`;
  expect(text.startsWith(head)).toBe(true);
  const rest = text.slice(head.length);
  expect(rest[0]).toBe(rest.trimStart().includes("\n") ? "\n" : " ");
  return rest.slice(1);
}

describe("elements are laid out as NumPy does", () => {
  test.each(["float32", "float64", "int32"])("%s", (dtype) => {
    const cases = (golden as readonly Golden[]).filter((c) => c.dtype === dtype);
    expect(cases.length).toBeGreaterThan(20);
    for (const c of cases) {
      using x = filled(c);
      expect(layoutOf(x, c.options)).toBe(c.text);
    }
  });

  test("with a precision of 8 and a threshold of 1000 unless told otherwise", () => {
    using x = filled({ dtype: "float64", shape: [40, 40], values: 1 / 3 } as unknown as Golden);
    expect(String(x)).toBe(x.inspect({ precision: 8, threshold: 1000 }));
    expect(x.inspect({ threshold: undefined, precision: undefined })).toBe(String(x));
    expect(String(x)).toContain("...");
    using y = zeros([1000]);
    expect(String(y)).not.toContain("...");
  });

  test("all of them where the threshold is Infinity", () => {
    using x = zeros([40, 40], "int32");
    expect(x.inspect({ threshold: Number.POSITIVE_INFINITY }).match(/0/g)).toHaveLength(1602);
  });
});

describe("a tensor's text", () => {
  test("is on one line with its shape and dtype if it fits, else below", () => {
    using x = tensor([0.1, 2, Number.NaN, Number.NEGATIVE_INFINITY]);
    expect(String(x)).toBe("Tensor(float32 [4]) [      0.1,       2. ,       NaN, -Infinity]");
    using y = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(`${y}`).toBe("Tensor(float32 [2, 2])\n[[1., 2.],\n [3., 4.]]");
    using z = tensor(0.5, undefined, "float64");
    expect(`loss: ${z}`).toBe("loss: Tensor(float64 []) 0.5");
  });

  test.runIf(inNode)("is what consoles print, whatever they call it with, within structures, too", () => {
    using x = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(inspect(x)).toBe(String(x));
    expect(inspect({ w: x })).toBe("{\n  w: Tensor(float32 [2, 2])\n  [[1., 2.],\n   [3., 4.]]\n}");
    expect(inspect({ a: { b: { w: x } } }, { depth: 1 })).toContain("[Object]");
    expect(inspect({ w: x }, { depth: 0 })).toBe("{ w: Tensor(float32 [2, 2]) }");
    const custom = (x as unknown as Record<symbol, (...args: unknown[]) => string>)[
      Symbol.for("nodejs.util.inspect.custom")
    ]!;
    expect(custom.call(x)).toBe(String(x));
    expect(custom.call(x, null)).toBe(String(x));
    expect(Object.keys(x)).not.toContain("inspect");
    expect(Object.prototype.toString.call(x)).toBe("[object Tensor]");
    expect(() => inspect(Object.getPrototypeOf(x))).not.toThrow();
    expect(() => custom.call(Object.getPrototypeOf(x))).not.toThrow();
  });

  test("says that a tensor is disposed, and that one of a traced function has no elements", () => {
    const x = tensor([1, 2]);
    x.dispose();
    expect(String(x)).toBe("Tensor(float32 [2], disposed)");
    expect(inspect(x)).toBe(String(x));
    const seen: string[] = [];
    const f = compile((y: Tensor<[2]>) => {
      seen.push(`${y}`, y.inspect({ precision: 2 }), inspect(y));
      return add(y, 1);
    });
    using y = tensor([1, 2]);
    f(y);
    f.dispose();
    expect(new Set(seen)).toEqual(new Set(["Tensor(float32 [2], traced: no elements)"]));
    let inside = "";
    grad((x: Tensor<[2]>) => {
      inside = String(x);
      return sum(x);
    })(y).dispose();
    expect(inside).toBe(String(y));
  });

  test("costs no memory, and looks at the shown elements only", () => {
    using x = zeros([1000, 1000]);
    const before = memory();
    expect(String(x).split("\n")).toHaveLength(8);
    expect(memory()).toEqual(before);
    let read = 0;
    const counted = new Proxy(x.data, {
      get: (data, key) => {
        if (key !== "length") read++;
        return Reflect.get(data, key, data) as unknown;
      },
    });
    expect(layout(x.shape, "float32", counted, 8, 1000)).toBe(layoutOf(x));
    expect(read).toBe(36);
  });

  test("has options that are checked", () => {
    using x = tensor([1, 2]);
    expectNoLeak(() => {
      expect(() => x.inspect(un({ digits: 3 }))).toThrow('inspect: unknown option "digits"');
      for (const options of [{ precision: -1 }, { precision: 1.5 }, { precision: 100 }, { precision: "3" }]) {
        expect(() => x.inspect(un(options))).toThrow("inspect: precision must be 0 to 99, threshold 0 or more, got ");
      }
      for (const threshold of [Number.NaN, -1, "all"]) {
        expect(() => x.inspect(un({ threshold }))).toThrow(RangeError);
      }
      for (const options of [3, null, x]) expect(() => x.inspect(un(options))).toThrow(TypeError);
    });
  });
});

describe("a tensor is not a number", () => {
  const x = tensor([0.1]);
  const operations: Readonly<Record<string, (x: never) => unknown>> = {
    "<": (x) => x < 1,
    ">": (x) => x > 1,
    "<=": (x) => x <= 1,
    // biome-ignore lint/suspicious/noDoubleEquals: it is what is tested
    "==": (x) => x == 1,
    // biome-ignore lint/suspicious/noDoubleEquals: it is what is tested
    "!=": (x) => x != 1,
    "+": (x) => x + 1,
    "+ behind a text": (x) => "loss: ".concat("") + x,
    "-": (x) => x - 1,
    "*": (x) => x * x,
    "unary +": (x) => +x,
    Number: (x) => Number(x),
    "Math.max": (x) => Math.max(x, 1),
  };
  test.each(Object.entries(operations))("%s throws and says what to use", (_, operate) => {
    expect(() => operate(x as never)).toThrow(TypeError);
    expect(() => operate(x as never)).toThrow(/item\(\).*greater.*add/);
  });

  test("but may be compared with null and itself", () => {
    expect(un(x) == null).toBe(false);
    expect([x].includes(x)).toBe(true);
  });
});
