// What optimizers are given: structures matched by their keys, states, options. What does not fit is an error that names the place.
import { expect, test } from "vitest";
import {
  AliasError,
  type AnyTensor,
  compile,
  DisposedError,
  DTypeError,
  ones,
  optim,
  ShapeError,
  scope,
  Tensor,
  tensor,
  zeros,
} from "../../src/index.js";
import { mapTree } from "../../src/tensor/tree.js";
import { copiesOf, expectNoLeak, freshLibrary } from "../support/memory.js";
import { allTensors } from "../support/parameters.js";

const un = (value: unknown): never => value as never;

const OPTIMIZERS: readonly (readonly [name: string, optimizer: optim.Optimizer])[] = [
  ["sgd", optim.sgd({ learningRate: 1 })],
  ["momentum", optim.momentum({ learningRate: 1 })],
  ["adam", optim.adam({ learningRate: 1 })],
  ["adamW", optim.adamW({ learningRate: 1 })],
];

/** Every array of a structure, by its path. */
const valuesOf = (tree: unknown): unknown =>
  JSON.parse(JSON.stringify(mapTree(tree, (x) => (x instanceof Tensor ? x.toArray() : x))));

/** The same structure with the keys of every object the other way round. */
function turned(tree: unknown): never {
  if (Array.isArray(tree)) return tree.map(turned) as never;
  if (Object.getPrototypeOf(tree) !== Object.prototype) return tree as never;
  const entries = Object.entries(tree as object).reverse();
  return Object.fromEntries(entries.map(([key, value]) => [key, turned(value)])) as never;
}

test.each(OPTIMIZERS)("%s pairs gradients and state with parameters by their keys", (_, optimizer) => {
  const run = (turn: (tree: unknown) => never, donate: boolean): unknown =>
    scope(() => {
      let params = { layers: [{ w: ones([2]), b: zeros([2]) }], scale: tensor([1, 2]) };
      let state = optimizer.init(params);
      for (let step = 1; step <= 3; step++) {
        const gradients = { layers: [{ w: tensor([1, step]), b: tensor([5, 7]) }], scale: tensor([-3, step]) };
        [params, state] = optimizer.update(turn(params), gradients, turn(state), { donate });
      }
      return valuesOf({ params, state });
    });
  for (const donate of [false, true]) {
    expect(run(turned, donate)).toEqual(run((tree) => tree as never, donate));
  }
});

test("sgd, gradients in another order: each parameter its own", () => {
  scope(() => {
    const optimizer = optim.sgd({ learningRate: 1 });
    const params = { a: zeros([2]), b: zeros([2]) };
    const [next] = optimizer.update(params, { b: ones([2]), a: tensor([5, 5]) }, optimizer.init(params));
    expect(valuesOf(next)).toEqual({ a: [-5, -5], b: [-1, -1] });
    expect(Object.keys(next)).toEqual(["a", "b"]);
  });
});

test("gradients and state that are not structured like the parameters are refused by path, before anything is written", async () => {
  const stranger = (await freshLibrary()).tensor([1, 2]);
  const gone = zeros([2]);
  gone.dispose();
  scope(() => {
    const params = { layers: [{ w: ones([2]), b: zeros([2]) }], scale: tensor([1, 2]) };
    const layer = params.layers[0]!;
    const misfits: readonly (readonly [wrong: unknown, error: new () => Error, message: string])[] = [
      [{ ...params, scale: undefined }, TypeError, ".scale: expected a tensor, got undefined"],
      [{ layers: params.layers }, TypeError, ": expected {layers, scale}, got {layers}"],
      [{ ...params, layers: undefined }, TypeError, ".layers: expected an array of 1, got undefined"],
      [{ ...params, layers: [{ W: layer.w, b: layer.b }] }, TypeError, ".layers[0]: expected {w, b}, got {W, b}"],
      [{ ...params, more: ones([2]) }, TypeError, ": expected {layers, scale}, got {layers, scale, more}"],
      [{ ...params, layers: [] }, TypeError, ".layers: expected an array of 1, got an array of 0"],
      [{ ...params, layers: { 0: layer } }, TypeError, ".layers: expected an array of 1, got {0}"],
      [{ ...params, layers: [[layer.w, layer.b]] }, TypeError, ".layers[0]: expected {w, b}, got an array of 2"],
      [{ ...params, scale: [1, 2] }, TypeError, ".scale: expected a tensor, got an array"],
      [{ ...params, scale: 3 }, TypeError, ".scale: expected a tensor, got 3"],
      [
        { ...params, scale: stranger },
        TypeError,
        ".scale: expected a tensor, got a tensor of another copy of simdgrad",
      ],
      [{ ...params, scale: gone }, DisposedError, ".scale: the float32 ["],
      [{ ...params, scale: zeros([3]) }, ShapeError, ".scale is Tensor(float32 [3]), expected Tensor(float32 [2])"],
      [
        { ...params, scale: zeros([2], "float64") },
        DTypeError,
        ".scale is Tensor(float64 [2]), expected Tensor(float32 [2])",
      ],
      [undefined, TypeError, ": expected {layers, scale}, got undefined"],
      [params.scale, TypeError, ": expected {layers, scale}, got Tensor(float32 [2])"],
    ];
    for (const [, optimizer] of OPTIMIZERS) {
      const state = optimizer.init(params);
      const before = copiesOf(allTensors([params, state]));
      expectNoLeak(() => {
        for (const [wrong, error, message] of misfits) {
          const update = (): unknown => optimizer.update(params, un(wrong), state, { donate: true });
          expect(update).toThrow(error);
          expect(update).toThrow(`update: gradients${message}`);
          const part = Object.keys(state).at(-1);
          if (part === undefined) continue;
          const spoilt = (): unknown =>
            optimizer.update(params, params, { ...state, [part]: un(wrong) }, { donate: true });
          expect(spoilt).toThrow(error);
          expect(spoilt).toThrow(`update: state.${part}${message}`);
        }
      });
      expect(copiesOf(allTensors([params, state]))).toEqual(before);
    }
  });
});

test("a state that is not this optimizer's is refused", () => {
  scope(() => {
    const params = { w: zeros([2]) };
    const [sgd, momentum, adam] = OPTIMIZERS.map(([, optimizer]) => optimizer);
    const update = (optimizer: optim.Optimizer | undefined, state: unknown) => () =>
      optimizer!.update(params, params, un(state));
    expect(update(adam, undefined)).toThrow("update: state: expected {step, first, second}, got undefined");
    expect(update(sgd, undefined)).toThrow("update: state: expected {}, got undefined");
    expect(update(adam, {})).toThrow("update: state: expected {step, first, second}, got {}");
    expect(update(adam, momentum!.init(params))).toThrow("expected {step, first, second}, got {velocity}");
    expect(update(momentum, adam!.init(params))).toThrow("expected {velocity}, got {step, first, second}");
    expect(update(sgd, adam!.init(params))).toThrow("update: state: expected {}, got {step, first, second}");
    expect(update(adam, { ...adam!.init(params), step: 1 })).toThrow("update: state.step: expected a tensor, got 1");
    expect(update(adam, { ...adam!.init(params), step: zeros([]) })).toThrow("expected a float64 scalar");
    expect(update(adam, { ...adam!.init(params), step: zeros([1], "float64") })).toThrow(ShapeError);
  });
});

test("parameters are tensors, at least one", async () => {
  const other = await freshLibrary();
  for (const [, optimizer] of OPTIMIZERS) {
    expectNoLeak(() => {
      const init = (params: unknown) => () => optimizer.init(params);
      expect(init({ w: other.tensor([1]) })).toThrow("init: params.w: expected a tensor, got a tensor of another copy");
      expect(init({ w: [1, 2] })).toThrow("init: params.w[0]: expected a tensor, got 1");
      expect(init(null)).toThrow("init: params: expected a tensor, got null");
      for (const empty of [undefined, {}, [], { layers: [], b: undefined }])
        expect(init(empty)).toThrow("init: there is no tensor in params");
      expect(() => optimizer.update({}, {}, {})).toThrow("update: there is no tensor in params");
    });
  }
});

test("unknown options and invalid learning rates are refused at once", () => {
  const make = optim as unknown as Record<string, (options?: unknown) => unknown>;
  for (const name of ["sgd", "momentum", "adam", "adamW"]) {
    const wrong = (options?: unknown) => () => make[name]!(options);
    expect(wrong()).toThrow(TypeError);
    expect(wrong()).toThrow(`optim.${name}: learningRate must be a number or a float scalar, got undefined`);
    expect(wrong({ learningRate: "0.1" })).toThrow(
      `optim.${name}: learningRate must be a number or a float scalar, got "0.1"`,
    );
    expect(wrong({ lr: 0.1 })).toThrow(new RegExp(`^optim.${name}: unknown option "lr"; valid: learningRate`));
    expect(wrong(0.1)).toThrow(`optim.${name}: options must be an object, got 0.1`);
    expect(wrong(null)).toThrow(TypeError);
  }
  expect(() => make["adam"]!({ lr: 0.1 })).toThrow("valid: learningRate, beta1, beta2, epsilon");
  expect(() => make["adam"]!({ learningRate: 0.1, weightDecay: 0.1 })).toThrow('unknown option "weightDecay"');
});

test.each(OPTIMIZERS)("%s: an update's options are checked", (_, optimizer) => {
  scope(() => {
    const params = { w: zeros([2]) };
    const update = (options: unknown) => () => optimizer.update(params, params, optimizer.init(params), un(options));
    expect(update({ donated: true })).toThrow('update: unknown option "donated"; valid: donate, learningRate');
    expect(update(true)).toThrow("update: options must be an object, got true");
    expect(update({ learningRate: "1" })).toThrow('update: learningRate must be a number or a float scalar, got "1"');
    expect(update({ learningRate: null })).toThrow("update: learningRate must be a number or a float scalar, got null");
  });
});

test("a learning rate may be a tensor of the optimizer's own", () => {
  scope(() => {
    const params = { w: zeros([2]) };
    const optimizer = optim.sgd({ learningRate: un(tensor(0.5)) });
    expect(valuesOf(optimizer.update(params, { w: ones([2]) }, optimizer.init(params))[0])).toEqual({
      w: [-0.5, -0.5],
    });
  });
});

test("compiled, into matches results with its tensors by keys", () => {
  scope(() => {
    const f = compile((x: AnyTensor) => ({ sum: [ones([2])], x: zeros([2]), n: 3, own: x }));
    const x = tensor([7, 7]);
    const out = { own: tensor([0, 0]), x: ones([2]), sum: [zeros([2])], n: 4 };
    f.into(out, x);
    expect(valuesOf(out)).toEqual({ own: [7, 7], x: [0, 0], sum: [[1, 1]], n: 4 });
    const into = (wrong: unknown) => () => f.into(un(wrong), x);
    expect(into({ ...out, X: out.x })).toThrow("compile: out: expected {sum, x, n, own}, got {own, x, sum, n, X}");
    expect(into({ ...out, x: undefined })).toThrow("compile: out.x: expected a tensor, got undefined");
    expect(into({ ...out, sum: [] })).toThrow("compile: out.sum: expected an array of 1, got an array of 0");
    expect(into({ ...out, x: zeros([3]) })).toThrow("compile: out.x has shape [3], the result [2]");
    f.dispose();
  });
});

test("donated tensors lie apart, as one would be stepped twice", () => {
  const optimizer = optim.momentum({ learningRate: 0.1 });
  const [w, g] = [tensor([1]), tensor([1])];
  const tied = { a: w, b: w };
  const state = optimizer.init(tied);
  expect(() => optimizer.update(tied, { a: g, b: g }, state, { donate: true })).toThrow(AliasError);
  const crossed = { a: tensor([1]), b: tensor([10]) };
  const gradients = { a: crossed.b, b: crossed.a };
  expect(() => optimizer.update(crossed, gradients, state, { donate: true })).toThrow(AliasError);
  expect(w.toArray()).toEqual([1]);
  const apart = { a: tensor([1]), b: tensor([1]) };
  const [next] = optimizer.update(apart, { a: g, b: g }, state, { donate: true });
  expect(next.a).toBe(apart.a);
});
