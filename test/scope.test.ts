// Scopes: what they free, what leaves them, and what happens when their body fails.
import { describe, expect, test } from "vitest";
import { add, memory, mul, reshape, scope, sum, type Tensor, tensor, zeros } from "../src/index.js";
import { inNode } from "./support/engine.js";
import { expectNoLeak } from "./support/memory.js";

/** Made on the way to every result; only its scope can free it. */
const garbage = (): Tensor => add(zeros([100]), 1);

describe("what leaves a scope", () => {
  test("is its result, and nothing else that it made", () => {
    expectNoLeak(() => {
      const { tensors } = memory();
      const made: Tensor[] = [];
      const result = scope(() => {
        made.push(garbage(), garbage());
        return sum(mul(made[0]!, made[1]!));
      });
      expect(memory().tensors).toBe(tensors + 1);
      expect(made.map((x) => x.isDisposed)).toEqual([true, true]);
      expect(result.item()).toBe(100);
      result.dispose();
    });
  });

  test("is every tensor of nested arrays and plain objects", () => {
    expectNoLeak(() => {
      const { tensors } = memory();
      const result = scope(() => {
        garbage();
        const bare = Object.assign(Object.create(null) as object, { y: tensor(4) });
        return { a: tensor(1), layers: [{ w: tensor(2) }, [tensor(3)]], bare, name: "x", none: null } as const;
      });
      expect(memory().tensors).toBe(tensors + 4);
      const { a, layers, bare } = result;
      const kept = [a, layers[0].w, layers[1][0], (bare as { y: Tensor }).y];
      expect(kept.map((x) => x.item())).toEqual([1, 2, 3, 4]);
      expect([result.name, result.none]).toEqual(["x", null]);
      for (const x of kept) x.dispose();
    });
  });

  test("is not what lies in an object of a class, a Map or a closure", () => {
    expectNoLeak(() => {
      class Layer {
        readonly w = zeros([10]);
      }
      const [layer, map, closure] = scope(() => {
        const x = zeros([3]);
        return [new Layer(), new Map([["w", zeros([10])]]), () => x] as const;
      });
      expect([layer.w.isDisposed, map.get("w")!.isDisposed, closure().isDisposed]).toEqual([true, true, true]);
    });
  });

  test("keeps one tensor that the result names twice", () => {
    expectNoLeak(() => {
      const [x, y] = scope(() => {
        const once = tensor([1, 2]);
        return [once, once] as const;
      });
      expect(x).toBe(y);
      expect(x.toArray()).toEqual([1, 2]);
      x.dispose();
    });
  });

  test("keeps bytes that it shares with what is freed", () => {
    expectNoLeak(() => {
      const view = scope(() => reshape(tensor([1, 2, 3, 4]), [2, 2]));
      expect(view.toArray()).toEqual([
        [1, 2],
        [3, 4],
      ]);
      view.dispose();
    });
  });

  test("may be no tensor at all", () => {
    expectNoLeak(() => {
      expect(scope(() => garbage().size)).toBe(100);
      expect(scope(() => void garbage())).toBeUndefined();
      expect(scope(() => null)).toBeNull();
    });
  });

  test("belongs to the scope around it", () => {
    expectNoLeak(() => {
      const { tensors } = memory();
      scope(() => {
        const inner = scope(() => garbage());
        expect(memory().tensors).toBe(tensors + 1);
        expect(inner.isDisposed).toBe(false);
        scope(() => {
          garbage();
          expect(memory().tensors).toBe(tensors + 3);
        });
        expect(memory().tensors).toBe(tensors + 1);
      });
    });
  });

  test("is followed by what the scope around it makes and frees", () => {
    expectNoLeak(() => {
      scope(() => {
        scope(garbage);
        garbage();
        scope(() => undefined);
        garbage();
      });
    });
  });

  test("passes through several scopes", () => {
    expectNoLeak(() => {
      const x = scope(() => scope(() => scope(() => add(garbage(), 1))));
      expect(x.data[99]).toBe(2);
      x.dispose();
    });
  });
});

describe("what a scope leaves alone", () => {
  test("is every tensor from outside, in its result or not", () => {
    using outside = tensor([1, 2, 3]);
    using returned = tensor([4, 5, 6]);
    expectNoLeak(() => {
      expect(
        scope(() => {
          sum(add(outside, returned));
          return returned;
        }),
      ).toBe(returned);
    });
    expect([outside.isDisposed, returned.isDisposed]).toEqual([false, false]);
    // Not taken over by the scope around the one that it was returned from.
    scope(() => {
      scope(() => returned);
    });
    scope(() => scope(() => returned));
    expect(returned.toArray()).toEqual([4, 5, 6]);
  });

  test("is what was made between it and the scope around it", () => {
    scope(() => {
      const x = tensor([1, 2]);
      expect(scope(() => x)).toBe(x);
      scope(() => [x]);
      expect(x.isDisposed).toBe(false);
    });
  });

  test("may be disposed inside", () => {
    expectNoLeak(() => {
      const outside = tensor([1]);
      scope(() => {
        outside.dispose();
        const inside = tensor([2]);
        inside.dispose();
        inside.dispose();
      });
      expect(outside.isDisposed).toBe(true);
    });
  });
});

describe("a body that fails", () => {
  test("leaves nothing", () => {
    const failure = new Error("on purpose");
    expectNoLeak(() => {
      expect(() =>
        scope(() => {
          const x = garbage();
          scope(() => {
            add(x, garbage());
            throw failure;
          });
        }),
      ).toThrow(failure);
    });
  });

  test("ends its scope: what is made afterwards stays", () => {
    expect(() =>
      scope(() => {
        throw new Error("on purpose");
      }),
    ).toThrow();
    using x = garbage();
    scope(() => garbage());
    expect(x.isDisposed).toBe(false);
  });

  test("is what an asynchronous one is taken for", () => {
    expectNoLeak(() => {
      expect(() => scope(async () => garbage())).toThrow(TypeError);
      // biome-ignore lint/suspicious/noThenProperty: anything that can be awaited is refused, whatever its class
      expect(() => scope(() => ({ x: garbage(), then: () => undefined }))).toThrow(/scope: .*promise/);
    });
  });

  test.runIf(inNode)("does not end the process when it is asynchronous and fails later on what was freed", async () => {
    const rejections: unknown[] = [];
    const listeners = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection").on("unhandledRejection", (reason) => rejections.push(reason));
    expect(() =>
      scope(async () => {
        const x = garbage();
        await undefined;
        return x.data;
      }),
    ).toThrow(TypeError);
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
    expect(rejections).toEqual([]);
  });
});
