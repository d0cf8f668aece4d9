// A compiled function's `into` inside a gradient and inside another compiled function: as a call. Must not know the tape.
import { describe, expect, it } from "vitest";
import {
  AliasError,
  add,
  compile,
  div,
  grad,
  memory,
  mul,
  power,
  ShapeError,
  scope,
  square,
  sum,
  type Tensor,
  TraceError,
  tensor,
  zeros,
} from "../../src/index.js";
import { expectNoLeak } from "../support/memory.js";

type Vector = Tensor<[number]>;
const total = (x: unknown): Tensor<[]> => sum(x as Vector) as never;
const vector = (...data: number[]): Vector => tensor(data) as Vector;

describe("into, inside a gradient", () => {
  const double = compile((x: Vector) => mul(x, 2) as Vector);
  const swap = compile((x: Vector, y: Vector) => ({ x: y, y: x, sum: add(x, y) as Vector }));
  const g = grad((x: Vector) => {
    const out = zeros([2]) as Vector;
    return total(square(double.into(out, x)));
  });

  it("is recorded as a call is", () => {
    expect(g(vector(1, 2)).toArray()).toEqual([8, 16]);
    expect(compile(g)(vector(1, 2)).toArray()).toEqual([8, 16]);
    const outer = vector(0, 0);
    expect(grad((x: Vector) => total(square(double.into(outer, x))))(vector(1, 2)).toArray()).toEqual([8, 16]);
    expect(outer.toArray()).toEqual([2, 4]);
  });

  it("takes second derivatives", () => {
    const hessian = grad((x: Vector) => total(mul(g(x), x)));
    expect(hessian(vector(1, 2)).toArray()).toEqual([16, 32]);
  });

  it("writes results that are its arguments as if at once", () => {
    const f = (x: Vector): Tensor<[]> => {
      const [a, b, c] = [mul(x, 1), mul(x, 10), zeros([2])] as Vector[];
      swap.into({ x: a!, y: b!, sum: c! }, a!, b!);
      return total(add(add(mul(a!, 3), b!), c!));
    };
    expect(grad(f)(vector(1, 2)).toArray()).toEqual([42, 42]);
    expect(compile(grad(f))(vector(1, 2)).toArray()).toEqual([42, 42]);
  });

  it("refuses what does not fit and leaves nothing behind", () => {
    const misfit = vector(1, 2, 3);
    const x = vector(1, 2);
    expectNoLeak(() => {
      expect(() => grad((x: Vector) => total(double.into(misfit, x)))(x)).toThrow(ShapeError);
      expect(() => grad((x: Vector) => total(swap.into({ x, y: x } as never, x, x).x))(x)).toThrow(TypeError);
      expect(() => grad((y: Vector) => total(swap.into({ x, y, sum: x }, y, y).x))(x)).toThrow(AliasError);
    });
    expect(misfit.toArray()).toEqual([1, 2, 3]);
    expect(x.toArray()).toEqual([1, 2]);
  });
});

describe("into, run as a program", () => {
  const swap = compile((x: Vector, y: Vector) => [x, y, add(x, y) as Vector] as const);

  it("writes results that are its arguments as if at once", () => {
    const [x, y, z] = [vector(1), vector(2), vector(0)];
    swap.into([y, x, z], x, y);
    expect([x, y, z].map((t) => t.item())).toEqual([2, 1, 3]);
  });

  it("refuses two outs on the same bytes and writes nothing", () => {
    const [x, y, z] = [vector(1), vector(2), vector(0)];
    expectNoLeak(() => expect(() => swap.into([z, z, x], x, y)).toThrow(AliasError));
    expect([x, y, z].map((t) => t.item())).toEqual([1, 2, 0]);
  });
});

describe("into, inside another compiled function", () => {
  it("is recorded as a call is", () => {
    const double = compile((x: Vector) => mul(x, 2) as Vector);
    const f = compile((x: Vector) => {
      const out = add(x, 1) as Vector;
      return add(double.into(out, x), out) as Vector;
    });
    expect(f(vector(1, 2)).toArray()).toEqual([4, 8]);
    const outside = vector(0, 0);
    const g = compile((x: Vector) => double.into(outside, x));
    const x = vector(1, 2);
    expectNoLeak(() => expect(() => g(x)).toThrow(TraceError));
  });
});

describe("an op that writes over its operand, inside a gradient", () => {
  type Loss = (x: Vector) => Tensor<[]>;
  type Loose = (...operands: readonly unknown[]) => Vector;
  const [product, quotient, raised, squared] = [mul, div, power, square] as unknown as Loose[] as [
    Loose,
    Loose,
    Loose,
    Loose,
  ];
  const ways = { plain: (f: Loss) => grad(f), compiled: (f: Loss) => compile(grad(f)) };

  it.each(Object.entries(ways))("is allowed where no gradient needs the old value: %s", (_, gradOf) => {
    const weights = vector(3, 5);
    const cases: readonly [(y: Vector) => Vector, number[]][] = [
      [(y) => product(y, 3, { out: y }), [3, 3]],
      [(y) => product(3, y, { out: y }), [3, 3]],
      [(y) => product(y, weights, { out: y }), [3, 5]],
      [(y) => product(weights, y, { out: y }), [3, 5]],
      [(y) => quotient(y, 2, { out: y }), [0.5, 0.5]],
      [(y) => quotient(y, weights, { out: y }), [Math.fround(1 / 3), Math.fround(1 / 5)]],
      [(y) => add(product(product(y, 2, { out: y }), 3, { out: y }), y, { out: y }) as Vector, [12, 12]],
    ];
    for (const [f, slope] of cases) {
      expect(gradOf((x) => total(f(product(x, 1))))(vector(1, 2)).toArray()).toEqual(slope);
    }
    const second = gradOf((x) =>
      total(product(grad((z: Vector) => total(squared(product(product(z, 1), 3, { out: zeros([2]) }))))(x), x)),
    );
    expect(second(vector(1, 2)).toArray()).toEqual([36, 72]);
  });

  it.each(Object.entries(ways))("is refused where one needs it: %s", (_, gradOf) => {
    const cases: readonly ((y: Vector) => Vector)[] = [
      (y) => product(y, y, { out: y }),
      (y) => squared(y, { out: y }),
      (y) => quotient(2, y, { out: y }),
      (y) => raised(y, 2, { out: y }),
    ];
    for (const f of cases) expect(() => gradOf((x) => total(f(product(x, 1))))(vector(1, 2))).toThrow(AliasError);
    // The variable's gradient needs the constant.
    const constant = vector(1, 1);
    expect(() => gradOf((x) => total(product(constant, x, { out: constant })))(vector(1, 2))).toThrow(/AliasError|out/);
  });

  it("keeps only operands that some gradient needs", () => {
    const held = (f: (x: Vector) => Vector): number =>
      scope(() => {
        let bytes = 0;
        grad((x: Vector) => {
          const y = scope(() => f(x));
          bytes = memory().bytes;
          return total(y);
        })(vector(1, 2));
        return bytes;
      });
    const w = vector(3, 4);
    const chain = (op: (y: Vector) => Vector) => (x: Vector) => op(op(op(product(x, 1))));
    const plain = held(chain((y) => add(y, 1) as Vector));
    for (const op of [(y: Vector) => product(y, 3), (y: Vector) => product(w, y), (y: Vector) => quotient(y, 2)]) {
      expect(held(chain(op))).toBe(plain);
    }
    expect(held(chain((y) => squared(y)))).toBeGreaterThan(plain);
  });
});
