// Tensors behind a Proxy of a state library: an error says to pass the tensor itself. Vue does not wrap tensors.
import { describe, expect, test } from "vitest";
import * as sg from "../../src/index.js";
import { expectNoLeak } from "../support/memory.js";

const raw = sg.tensor([1, 2, 3]);
const x = new Proxy(raw, {});
/** What wraps whatever is read from it, as Valtio's state does. */
const deep: typeof raw = new Proxy(raw, {
  get: (target, key, receiver) => {
    const value = Reflect.get(target, key, receiver) as unknown;
    return typeof value === "object" && value !== null ? new Proxy(value, {}) : value;
  },
});
const total = (y: sg.Tensor<[3]>): sg.Tensor<[]> => sg.sum(y);
const { init, update } = sg.optim.sgd({ learningRate: 1 });

const USES: Readonly<Record<string, (x: sg.Tensor<[3]>) => unknown>> = {
  exp: (x) => sg.exp(x),
  add: (x) => sg.add(raw, x),
  "out: out": (x) => sg.exp(raw, { out: x }),
  concat: (x) => sg.concat([raw, x]),
  sum: (x) => sg.sum(x),
  softmaxCrossEntropy: (x) => sg.softmaxCrossEntropy(sg.reshape(x, [1, 3]), sg.tensor([0], undefined, "int32")),
  data: (x) => x.data,
  shape: (x) => x.shape,
  toArray: (x) => x.toArray(),
  item: (x) => sg.sum(x).item(),
  clone: (x) => x.clone(),
  dispose: (x) => x.dispose(),
  isDisposed: (x) => x.isDisposed,
  grad: (x) => sg.grad(total)(x),
  "grad in an object": (x) => sg.grad((p: { w: sg.Tensor<[3]> }) => sg.sum(p.w))({ w: x }),
  "grad, returned": (x) => sg.grad((() => x) as never)(raw as never),
  stopGradient: (x) => sg.stopGradient(x),
  compile: (x) => sg.compile(total)(x),
  "compile, returned": (x) => sg.compile(() => ({ x }))(),
  into: (x) => sg.compile((y: sg.Tensor<[3]>) => sg.neg(y)).into(x, raw),
  init: (x) => init({ w: x }),
  update: (x) => update({ w: raw }, { w: x }, init({ w: raw })),
  learningRate: (x) => sg.optim.sgd({ learningRate: x as never }),
  minimize: (x) => sg.optim.minimize(total, x),
  "minimize's f": (x) => sg.optim.minimize((() => x) as never, raw as never),
  scope: (x) => sg.scope(() => x),
  "scope, in an object": (x) => sg.scope(() => ({ list: [x] })),
  "scope, in a Map": (x) => sg.scope(() => new Map([["x", x]])),
};

describe.each([
  ["a Proxy", x],
  ["a Proxy that wraps what it gives", deep],
])("%s of a tensor", (_, wrapped) => {
  test.each(Object.entries(USES))("%s says to pass the tensor itself, and leaves nothing", (_, use) => {
    expectNoLeak(() => {
      expect(() => sg.scope(() => void use(wrapped))).toThrow(TypeError);
      expect(() => sg.scope(() => void use(wrapped))).toThrow(/a Proxy/);
      expect(() => sg.scope(() => void use(wrapped))).not.toThrow(/private/);
    });
    expect(raw.toArray()).toEqual([1, 2, 3]);
  });

  test("is printed as one", () => {
    expect(String(wrapped)).toBe("Tensor(float32 [3], a Proxy)");
    expect(wrapped.inspect()).toBe(String(wrapped));
    expect(wrapped instanceof sg.Tensor).toBe(false);
    expect(raw instanceof sg.Tensor).toBe(true);
  });
});

test("Vue, which wraps what says to be an Object, an Array, a Map or a Set, leaves tensors as they are", () => {
  const vue = /^(Object|Array|(Weak)?(Map|Set))$/;
  expect(Object.prototype.toString.call({}).slice(8, -1)).toMatch(vue);
  expect(Object.prototype.toString.call(raw).slice(8, -1)).not.toMatch(vue);
});

test("what holds tensors may be a Proxy", () => {
  expectNoLeak(() => {
    const state = new Proxy({ w: raw, list: new Proxy([raw], {}) }, {});
    const kept = sg.scope(() => new Proxy({ y: sg.exp(state.w) }, {}));
    expect(kept.y.isDisposed).toBe(false);
    kept.y.dispose();
    sg.scope(() => {
      const { w, list } = sg.grad((p: typeof state) => sg.sum(sg.mul(p.w, p.list[0]!)))(state);
      expect([w.toArray(), list[0]!.toArray()]).toEqual([
        [1, 2, 3],
        [1, 2, 3],
      ]);
    });
  });
});
