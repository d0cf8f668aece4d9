// A compiled function's `into` inside a gradient and inside another compiled function: as a call. Must not know the tape.
import { describe, expect, it } from "vitest";
import {
  AliasError,
  add,
  compile,
  grad,
  mul,
  ShapeError,
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
