// Scopes: tensors they free, tensors that leave them, and bodies that fail.
import { describe, expect, test } from "vitest";
import { add, memory, mul, reshape, scope, sum, type Tensor, tensor, zeros } from "../../src/index.js";
import { inNode } from "../support/engine.js";
import { expectNoLeak } from "../support/memory.js";

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

  test("is not what lies in a closure", () => {
    expectNoLeak(() => {
      const closure = scope(() => {
        const x = zeros([3]);
        return () => x;
      });
      expect(closure().isDisposed).toBe(true);
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

  test("keeps bytes that it shares with a freed tensor", () => {
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

  test("does not disturb the scope around it", () => {
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

class Layer {
  readonly w: unknown;
  constructor(w: unknown = zeros([10])) {
    this.w = w;
  }
}

describe("a result that hides tensors of the scope", () => {
  const hidden: Readonly<Record<string, () => unknown>> = {
    "in an object of a class": () => new Layer(),
    "in an array in an object of a class": () => new Layer([{ w: zeros([2]) }]),
    "in an object of a class in another": () => new Layer(new Layer()),
    "in a field that is not enumerable": () => Object.defineProperty(new Layer(1), "hidden", { value: zeros([2]) }),
    "in an object of a class within a structure": () => ({ layers: [new Layer()], loss: tensor(1) }),
    "in a Map's values": () => new Map([["w", zeros([2])]]),
    "in a Map's keys": () => new Map([[zeros([2]), "w"]]),
    "in a Set": () => [new Set([[zeros([2])]])],
    "in a class that extends Map": () => new (class extends Map<string, Tensor> {})([["w", zeros([2])]]),
    "in a field beside a cycle": () => {
      const layer = new Layer({});
      return Object.assign(layer, { self: layer, all: new Set([layer]), x: zeros([2]) });
    },
  };
  test.each(Object.entries(hidden))("%s is refused, and all is freed", (_, make) => {
    expectNoLeak(() => {
      const message = /^scope: the result hides tensors in an? .*: return them in arrays and plain objects/;
      expect(() => scope(() => [garbage(), make()])).toThrow(TypeError);
      expect(() => scope(make)).toThrow(message);
    });
    using x = scope(garbage);
    expect(x.isDisposed).toBe(false);
  });

  test("is named by its class", () => {
    expect(() => scope(() => new Layer())).toThrow("in a Layer:");
    expect(() => scope(() => new Map([["w", zeros([2])]]))).toThrow("in a Map:");
    expect(() => scope(() => [new Layer(new Set([zeros([2])]))])).toThrow("in a Layer:");
  });

  test("is not one whose objects hold none of the scope's tensors", () => {
    expectNoLeak(() => {
      using outside = zeros([2]);
      const getter = {};
      Object.defineProperty(Object.setPrototypeOf(getter, Layer.prototype), "w", {
        get: () => {
          throw new Error("not to be read");
        },
      });
      const others = [
        new Layer(outside),
        new Map([["w", outside]]),
        new Date(),
        new Float32Array(1e6),
        /x/,
        new Error("x"),
        getter,
      ];
      for (const other of others) {
        expect(scope(() => [garbage().size, other] as const)[1]).toBe(other);
        expect(scope(() => [garbage(), other].at(1))).toBe(other);
      }
    });
  });

  test("is not one that names them in the open, too", () => {
    expectNoLeak(() => {
      const { w, layer } = scope(() => {
        const w = garbage();
        return { layer: new Layer([w]), w };
      });
      expect(w.isDisposed).toBe(false);
      expect(layer.w).toEqual([w]);
      w.dispose();
    });
  });

  test("is not one whose tensors were disposed", () => {
    expectNoLeak(() => {
      const layer = scope(() => {
        const made = new Layer();
        (made.w as Tensor).dispose();
        return made;
      });
      expect((layer.w as Tensor).isDisposed).toBe(true);
    });
  });
});

test("a result may go in circles, and name one object by many ways", () => {
  expectNoLeak(() => {
    interface Ring {
      x: Tensor;
      self?: Ring;
      list: unknown[];
    }
    const ring = scope(() => {
      const ring: Ring = { x: garbage(), list: [] };
      ring.self = ring;
      ring.list.push(ring.list, ring);
      return ring;
    });
    expect(ring.x.isDisposed).toBe(false);
    ring.x.dispose();
    let tree: unknown = [];
    for (let i = 0; i < 64; i++) tree = [tree, tree];
    expect(scope(() => tree)).toBe(tree);
  });
});

describe("tensors that a scope leaves alone", () => {
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

  test("ends its scope: later tensors stay", () => {
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
