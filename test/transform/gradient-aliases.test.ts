// Gradients where `out` writes over bytes that another handle shows: right, or an AliasError. Must not know the tape.
import { describe, expect, it } from "vitest";
import {
  AliasError,
  add,
  compile,
  exp,
  grad,
  mean,
  mul,
  neg,
  ones,
  optim,
  relu,
  reshape,
  square,
  stopGradient,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from "../../src/index.js";
import { expectNoLeak } from "../support/memory.js";

type Vector = Tensor<[number]>;
type Loss = (x: Vector) => Tensor<[]>;
const at = [1, 2];

/** The gradient at [1, 2], or the AliasError's message; compiled, the same. */
function gradientOf(f: Loss): (number[] | string)[] {
  const compiled = compile((x: Vector) => grad(f)(x));
  const outcomes = [grad(f), compiled].map((g) =>
    expectNoLeak(() => {
      const x = tensor(at) as Vector;
      try {
        const result = g(x);
        const list = [...result.data];
        result.dispose();
        return list;
      } catch (error) {
        expect(error).toBeInstanceOf(AliasError);
        return (error as Error).message;
      } finally {
        x.dispose();
        compiled.dispose();
      }
    }),
  );
  return outcomes;
}

const column = (x: Vector): Tensor<[number, 1]> => reshape(x, [-1, 1]) as never;
const total = (x: unknown): Tensor<[]> => sum(x as Vector) as never;

/** Reads of bytes overwritten under another handle, with the gradient they would give if they were allowed. */
const refused: Record<string, Loss> = {
  "a reshape of what is written": (x) => {
    const z = add(x, 1);
    const y = column(z);
    neg(z, { out: z });
    return total(y);
  },
  "what a reshape is written through": (x) => {
    const z = add(x, 1);
    const y = column(z);
    neg(y, { out: y });
    return total(mul(z, 2));
  },
  "a second handle that stopGradient made": (x) => {
    const z = add(x, 1);
    const s = stopGradient(z);
    neg(z, { out: z });
    return total(mul(s, x));
  },
  "what is written through stopGradient": (x) => {
    const z = add(x, 1);
    const s = stopGradient(z);
    neg(s, { out: s });
    return total(z);
  },
  "a constant's reshape, after a variable was written into it": (x) => {
    const c = zeros([2]);
    const r = column(c);
    add(x, 1, { out: c });
    return total(mul(r, 2));
  },
  "the argument, written within an inner gradient": (x) => {
    const z = add(x, 1);
    const inner = grad((y: Vector) => {
      const w = exp(y);
      neg(y, { out: y });
      return total(w);
    })(z);
    return total(mul(z, inner));
  },
  "the inner gradient's argument, written from around it": (x) => {
    const z = add(x, 1);
    const inner = grad((y: Vector) => {
      neg(z, { out: z });
      return total(mul(y, 3));
    })(z);
    return total(mul(inner, x));
  },
  "a handle that reads the final value": (x) => {
    const z = total(x);
    const y = reshape(z, [1]);
    neg(y, { out: y });
    return z;
  },
  "a parameter's reshape, after an optimizer's step in place": (x) => {
    const w = add(x, 1);
    const flat = column(w);
    const optimizer = optim.sgd({ learningRate: 0.5 });
    optimizer.update(w, mul(w, 2), optimizer.init(w), { donate: true });
    return total(flat);
  },
};

/** What must go on working: the gradient at [1, 2]. */
const allowed: Record<string, [f: Loss, right: number[]]> = {
  "one handle, in place": [
    (x) => {
      const z = add(x, 1);
      add(z, 1, { out: z });
      neg(z, { out: z });
      return total(mul(z, 2));
    },
    [-2, -2],
  ],
  "one handle, in place, its output saved": [
    (x) => {
      const z = add(x, 1);
      relu(z, { out: z });
      return total(z);
    },
    [1, 1],
  ],
  "a reshape made after the write": [
    (x) => {
      const z = add(x, 1);
      neg(z, { out: z });
      return total(column(z));
    },
    [-1, -1],
  ],
  "stopGradient of what was written in place": [
    (x) => {
      const z = add(x, 1);
      neg(z, { out: z });
      return total(mul(stopGradient(z), x));
    },
    [-2, -3],
  ],
  "a copy of what is overwritten later": [
    (x) => {
      const z = add(x, 1);
      const y = column(z.clone());
      neg(z, { out: z });
      return total(mul(y, 3));
    },
    [3, 3],
  ],
  "a constant written through one handle and read through another": [
    (x) => {
      const c = ones([2]);
      const r = column(c);
      add(c, 1, { out: c });
      neg(c, { out: c });
      return total(mul(reshape(r, [2]), x as never));
    },
    [-2, -2],
  ],
  "a constant that a variable is written into": [
    (x) => {
      const c = zeros([2]);
      add(x, 1, { out: c });
      return total(square(c));
    },
    [4, 6],
  ],
  "a variable that a constant is written into": [
    (x) => {
      const z = add(x, 1);
      const before = add(add(z, z), x);
      add(ones([2]), 1, { out: z as never });
      return total(add(before, mul(z, x)));
    },
    [5, 5],
  ],
  "an inner gradient's result, written in place": [
    (x) => {
      const inner = grad((y: Vector) => total(mul(y, square(y))))(x);
      neg(inner, { out: inner });
      return total(inner);
    },
    [-6, -12],
  ],
  "an optimizer's step in place": [
    (x) => {
      const w = add(x, 1);
      const optimizer = optim.sgd({ learningRate: 0.5 });
      const [next] = optimizer.update(w, mul(x, 2), optimizer.init(w), { donate: true });
      return total(square(next));
    },
    [0, 0],
  ],
};

describe("a gradient that reads bytes written through another handle", () => {
  it.each(Object.entries(refused))("is refused: %s", (_, f) => {
    for (const outcome of gradientOf(f)) {
      expect(outcome).toMatch(/the float32 \[.*\] tensor was overwritten through out under another handle.*clone/);
    }
  });

  it.each(Object.entries(allowed))("is right: %s", (_, [f, right]) => {
    for (const outcome of gradientOf(f)) expect(outcome).toEqual(right);
  });

  it("is refused before anything is written", () => {
    const buffer = tensor([7, 7]) as Vector;
    const f: Loss = (x) => {
      const z = add(x, 1);
      const y = reshape(z, [-1]);
      neg(z, { out: z });
      return total(neg(y, { out: buffer }));
    };
    expect(() => grad(f)(tensor(at) as Vector)).toThrow(AliasError);
    expect(buffer.toArray()).toEqual([7, 7]);
  });

  it("is refused where the caller's own handle shows an argument that was written", () => {
    const x = tensor(at) as Vector;
    const f: Loss = (y) => {
      neg(y, { out: y });
      return total(mul(x, 2));
    };
    expect(() => grad(f)(x)).toThrow(AliasError);
    const reversed: Loss = (y) => {
      neg(x, { out: x });
      return total(mul(y, 2));
    };
    expect(() => grad(reversed)(x)).toThrow(AliasError);
    expect(grad((y: Vector) => total(mul(y, x)))(x).toArray()).toEqual(x.toArray());
  });
});

describe("the value beside a gradient", () => {
  it("has bytes of its own, though f returned another handle on a constant", () => {
    const c = tensor([3]);
    const [value, gradient] = valueAndGrad((_: Vector) => reshape(c, []))(tensor(at) as Vector);
    neg(c, { out: c });
    expect(value.item()).toBe(3);
    expect(gradient.toArray()).toEqual([0, 0]);
    const [stopped] = valueAndGrad((_: Vector) => stopGradient(reshape(c, [])))(tensor(at) as Vector);
    stopped.dispose();
    expect(c.item()).toBe(-3);
  });
});

it("gives the same bits through clone(), eager and compiled", () => {
  const f: Loss = (x) => {
    const y = x.clone();
    return total(add(add(mul(x, 0.1), mul(y, 0.7)), mul(exp(x), exp(y))));
  };
  const [eager, compiled] = gradientOf(f);
  expect(compiled).toEqual(eager);
  const second: Loss = (x) => total(grad(f)(x));
  const [eagerSecond, compiledSecond] = gradientOf(second);
  expect(compiledSecond).toEqual(eagerSecond);
});

it("a second handle made after the write shows what was written, constant or not", () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  const centred = (stop: (y: Tensor<[2]>) => Tensor<[2]>) =>
    grad((x: Tensor<[2, 2]>) => sum(mul(reshape(stop(mean(x, { axis: 1 })), [2, 1]), x)))(x).toArray();
  expect(centred(stopGradient)).toEqual([
    [1.5, 1.5],
    [3.5, 3.5],
  ]);
  expect(centred((y) => y)).toEqual([
    [3, 3],
    [7, 7],
  ]);
});
