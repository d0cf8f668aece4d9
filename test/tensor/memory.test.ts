// Memory as callers see it: counts, shared bytes, lifetimes, growth in the middle of things, no leak in a long training.
import { describe, expect, test } from "vitest";
import {
  type AnyTensor,
  add,
  linear,
  meanSquaredError,
  memory,
  mul,
  optim,
  random,
  reshape,
  scope,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  valueAndGrad,
  zeros,
} from "../../src/index.js";
import { expectSameBits } from "../support/bits.js";
import { copiesOf, expectNoLeak, freshLibrary, growMemory, type Library } from "../support/memory.js";

describe("memory()", () => {
  test("counts tensors and the bytes of their blocks", () => {
    const before = memory();
    const x = zeros([1000]);
    const y = zeros([1000], "float64");
    const z = zeros([]);
    expect(memory().tensors).toBe(before.tensors + 3);
    const bytes = memory().bytes - before.bytes;
    expect(bytes).toBeGreaterThanOrEqual(4000 + 8000 + 4);
    expect(bytes).toBeLessThan(4000 + 8000 + 4 + 3 * 64);
    for (const tensor of [x, y, z]) tensor.dispose();
    expect(memory()).toMatchObject({ tensors: before.tensors, bytes: before.bytes });
  });

  test("reserves whole pages and never gives them back", async () => {
    const library = await freshLibrary();
    const { reserved, tensors, bytes } = library.memory();
    expect([reserved % 65536, tensors, bytes]).toEqual([0, 0, 0]);
    growMemory(library);
    const grown = library.memory().reserved;
    expect(grown % 65536).toBe(0);
    expect(library.memory()).toMatchObject({ tensors: 0, bytes: 0, programs: 0, reserved: grown });
  });
});

describe("dispose", () => {
  test("twice is harmless", () => {
    expectNoLeak(() => {
      const x = tensor([1, 2]);
      const y = tensor([3, 4]);
      x.dispose();
      x.dispose();
      {
        using _again = x;
      }
      expect(x.isDisposed).toBe(true);
      expect(y.toArray()).toEqual([3, 4]);
      y.dispose();
    });
  });

  test("happens at the end of a block by `using`", () => {
    expectNoLeak(() => {
      let seen: AnyTensor;
      {
        using x = tensor([1, 2]);
        seen = x;
        expect(seen.isDisposed).toBe(false);
      }
      expect(seen.isDisposed).toBe(true);
    });
  });

  test("happens by `using` where the block fails, too", () => {
    expectNoLeak(() => {
      expect(() => {
        using x = tensor([1, 2]);
        throw new Error(`on purpose, ${x.size}`);
      }).toThrow("on purpose, 2");
    });
  });

  test("shows in toString", () => {
    const x = tensor([[1, 2]]);
    expect(String(x)).toBe("Tensor(float32 [1, 2]) [[1., 2.]]");
    x.dispose();
    expect(String(x)).toBe("Tensor(float32 [1, 2], disposed)");
  });
});

describe("reshape", () => {
  test("shares bytes, which count once", () => {
    expectNoLeak(() => {
      const x = tensor([1, 2, 3, 4]);
      const { bytes, tensors } = memory();
      const y = reshape(x, [2, 2]);
      expect(memory()).toMatchObject({ bytes, tensors: tensors + 1 });
      y.data[3] = 40;
      expect(x.toArray()).toEqual([1, 2, 3, 40]);
      x.dispose();
      y.dispose();
    });
  });

  test("keeps the bytes alive after their first tensor is gone", () => {
    expectNoLeak(() => {
      const x = tensor([1, 2, 3, 4]);
      const y = reshape(x, [2, 2]);
      const z = reshape(y, [4, 1]);
      const { bytes } = memory();
      x.dispose();
      y.dispose();
      expect(memory().bytes).toBe(bytes);
      // Had the block been given back, this would take its place.
      const other = zeros([4]);
      expect(z.toArray()).toEqual([[1], [2], [3], [4]]);
      other.dispose();
      z.dispose();
    });
  });

  test("gives the copy of a clone bytes of its own", () => {
    using x = tensor([1, 2]);
    using y = x.clone();
    y.data[0] = 10;
    expect(x.toArray()).toEqual([1, 2]);
  });
});

describe("growth of the memory", () => {
  /** Something to compute with, made the same way in any instance of the library. */
  const inputsOf = ({ random }: Library): readonly [Tensor<[37, 19]>, Tensor<[19, 23]>, Tensor<[37, 23]>] => [
    random.normal([37, 19], { seed: 1 }),
    random.normal([19, 23], { seed: 2 }),
    random.normal([37, 23], { seed: 3 }),
  ];

  test("leaves what tensors hold, and `data` is right when it is taken again", async () => {
    const library = await freshLibrary();
    const made = [library.tensor([1, 2, 3]), library.arange(100), library.full([9], 7, "int32"), ...inputsOf(library)];
    const view = made[0]!.data;
    expect(made[0]!.data).toBe(view);
    const before = copiesOf(made);
    for (let i = 0; i < 4; i++) {
      growMemory(library);
      expect(view.length).toBe(0);
      made.forEach((tensor, j) => {
        expectSameBits(tensor.data, before[j]!);
      });
    }
    made[0]!.data[1] = 20;
    expect(made[0]!.toArray()).toEqual([1, 20, 3]);
  });

  /** Runs the same computation on a memory that grows at every step and on one that is large enough from the start. */
  async function expectSameWithGrowth(
    compute: (library: Library, grow: () => void) => readonly AnyTensor[],
  ): Promise<void> {
    const roomy = await freshLibrary();
    for (let i = 0; i < 4; i++) growMemory(roomy);
    const expected = compute(roomy, () => undefined);
    const tight = await freshLibrary();
    const actual = compute(tight, () => growMemory(tight));
    expect(actual.length).toBe(expected.length);
    actual.forEach((tensor, i) => {
      expectSameBits(tensor.data, expected[i]!.data);
    });
  }

  test("between eager ops changes nothing", () =>
    expectSameWithGrowth((library, grow) => {
      const [a, , c] = inputsOf(library);
      const x = library.exp(c);
      grow();
      const y = library.add(x, 1);
      grow();
      return [x, y, library.softmax(y), library.sum(a, { axis: 0 })];
    }));

  test("inside scopes changes nothing", () =>
    expectSameWithGrowth((library, grow) => {
      const [, , c] = inputsOf(library);
      return library.scope(() => {
        const x = library.exp(c);
        grow();
        const y = library.scope(() => {
          const z = library.mul(x, 2);
          grow();
          return library.sub(z, c);
        });
        return [x, y];
      });
    }));

  test("with out changes nothing", () =>
    expectSameWithGrowth((library, grow) => {
      const [, , c] = inputsOf(library);
      const out = library.zeros([37, 23]);
      library.exp(c, { out });
      grow();
      library.add(out, 1, { out });
      grow();
      library.sub(out, c, { out });
      return [out];
    }));

  test("by the scratch memory of the first product changes nothing", async () => {
    const library = await freshLibrary();
    // Not random ones: the generator uses scratch memory itself.
    const a = library.reshape(library.linspace(-1, 1, 37 * 19), [37, 19]);
    const b = library.reshape(library.linspace(2, -1, 19 * 23), [19, 23]);
    const inputs = [a, b];
    const before = copiesOf(inputs);
    const { reserved } = library.memory();
    const product = library.matmul(a, b);
    expect(library.memory().reserved).toBeGreaterThan(reserved);
    inputs.forEach((tensor, i) => {
      expectSameBits(tensor.data, before[i]!);
    });
    growMemory(library);
    expectSameBits(library.matmul(a, b).data, product.data);
    const rows = product.toArray().map((row) => row[0]!);
    const column = b.toArray().map((row) => row[0]!);
    a.toArray().forEach((row, i) => {
      expect(rows[i]).toBeCloseTo(
        row.reduce((total, x, k) => total + x * column[k]!, 0),
        4,
      );
    });
  });

  test("in a function and its backward walk changes nothing", () =>
    expectSameWithGrowth((library, grow) => {
      const [a, b, c] = inputsOf(library);
      const loss = (p: { a: Tensor<[37, 19]>; b: Tensor<[19, 23]> }): Tensor<[]> => {
        const product = library.matmul(p.a, p.b);
        grow();
        const y = library.tanh(library.sub(product, c));
        grow();
        return library.mean(library.square(y));
      };
      const [value, gradients] = library.valueAndGrad(loss)({ a, b });
      return [value, gradients.a, gradients.b];
    }));

  test("in a minimisation changes nothing", () =>
    expectSameWithGrowth((library, grow) => {
      let calls = 0;
      const target = library.arange(0, 20, 1, "float64");
      const x0 = library.zeros([20], "float64");
      const quartic = (x: Tensor<[20], "float64">): Tensor<[], "float64"> => {
        calls++;
        if (calls % 3 === 0 && calls < 12) grow();
        return library.sum(library.power(library.sub(x, target), 4));
      };
      const { x, gradient } = library.optim.minimize(quartic, x0);
      return [x, gradient, x0];
    }));
});

describe("a long training", () => {
  type Params = { readonly w1: Tensor<[4, 8]>; readonly b1: Tensor<[8]>; readonly w2: Tensor<[8, 1]>; b2: Tensor<[1]> };

  function train(steps: number, optimizer: optim.Optimizer, donate: boolean): void {
    const x = random.normal([16, 4], { seed: 1 });
    const t = random.normal([16, 1], { seed: 2 });
    const loss = ({ w1, b1, w2, b2 }: Params): Tensor<[]> =>
      meanSquaredError(linear(tanh(linear(x, w1, b1)), w2, b2), t);
    let params: Params = {
      w1: random.glorot([4, 8], { seed: 3 }),
      b1: zeros([8]),
      w2: random.glorot([8, 1], { seed: 4 }),
      b2: zeros([1]),
    };
    let state = optimizer.init(params);
    const step = (): number => {
      const [value, gradients] = valueAndGrad(loss)(params);
      const before = [params, state] as const;
      [params, state] = optimizer.update(params, gradients, state, { donate });
      const cost = value.item();
      if (!donate) disposeAll(before);
      disposeAll([value, gradients]);
      return cost;
    };
    const first = step();
    const before = memory();
    let last = first;
    for (let i = 1; i < steps; i++) last = step();
    expect(memory()).toEqual(before);
    expect(last).toBeLessThan(first / 2);
    disposeAll([x, t, params, state]);
  }

  const disposeAll = (tree: unknown): void => {
    if (tree instanceof Object && "dispose" in tree) (tree as AnyTensor).dispose();
    else if (tree instanceof Object) Object.values(tree).forEach(disposeAll);
  };

  test("keeps memory flat with donated parameters", () => {
    expectNoLeak(() => train(10_000, optim.sgd({ learningRate: 1e-3 }), true));
  });

  test("keeps memory flat with new parameters each step", () => {
    expectNoLeak(() => train(2000, optim.adam({ learningRate: 3e-3 }), false));
  });

  test("keeps memory flat in scopes of one step each", () => {
    expectNoLeak(() => {
      const w = tensor([1, 2, 3]);
      const before = memory();
      for (let i = 0; i < 1000; i++) {
        scope(() => {
          const [, slope] = valueAndGrad((w: Tensor<[3]>) => sum(mul(w, add(w, 1))))(w);
          sub(w, mul(slope, 1e-3), { out: w });
        });
      }
      expect(memory()).toEqual(before);
      w.dispose();
    });
  });
});
