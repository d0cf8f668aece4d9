// Unknown options: every call throws a TypeError that lists the valid ones.
import { describe, expect, test } from "vitest";
import * as sg from "../../src/index.js";
import { un } from "../support/error-case.js";

const x = sg.tensor([
  [1, 2],
  [3, 4],
]);
const index = sg.tensor([0, 1], undefined, "int32");
const loss = (a: sg.Tensor): sg.Tensor<[]> => sg.sum(a);

/** What takes options, with the options that it takes. */
const CALLS: Readonly<Record<string, readonly [call: (options: never) => unknown, there: string]>> = {
  relu: [(o) => sg.relu(x, o), "out"],
  add: [(o) => sg.add(x, x, o), "out"],
  where: [(o) => sg.where(x, x, x, o), "out"],
  thresholdRelu: [(o) => sg.thresholdRelu(x, o), "threshold, below, above, out"],
  leakyRelu: [(o) => sg.leakyRelu(x, o), "slope, out"],
  sum: [(o) => sg.sum(x, o), "axis, keepDims, out"],
  max: [(o) => sg.max(x, o), "axis, keepDims, out"],
  mean: [(o) => sg.mean(x, o), "axis, keepDims, out"],
  argMax: [(o) => sg.argMax(x, o), "axis, keepDims, out"],
  softmax: [(o) => sg.softmax(x, o), "axis, out"],
  logSoftmax: [(o) => sg.logSoftmax(x, o), "axis, out"],
  logSumExp: [(o) => sg.logSumExp(x, o), "axis, keepDims, out"],
  matmul: [(o) => sg.matmul(x, x, o), "transposeA, transposeB, out"],
  linear: [(o) => sg.linear(x, x, sg.tensor([1, 2]), o), "out"],
  slice: [(o) => sg.slice(x, [0], [1], o), "steps, out"],
  concat: [(o) => sg.concat([x, x], o), "axis, out"],
  take: [(o) => sg.take(x, index, o), "axis, out"],
  reshape: [(o) => sg.reshape(x, [4], o), "out"],
  broadcastTo: [(o) => sg.broadcastTo(x, [3, 2, 2], o), "out"],
  transpose: [(o) => sg.transpose(x, [1, 0], o), "out"],
  astype: [(o) => sg.astype(x, "int32", o), "out"],
  softmaxCrossEntropy: [(o) => sg.softmaxCrossEntropy(x, index, o), "out"],
  sigmoidCrossEntropy: [(o) => sg.sigmoidCrossEntropy(x, x, o), "out"],
  meanSquaredError: [(o) => sg.meanSquaredError(x, x, o), "out"],
  "random.uniform": [(o) => sg.random.uniform([2], o), "seed, dtype, low, high"],
  "random.normal": [(o) => sg.random.normal([2], o), "seed, dtype, mean, deviation"],
  "random.glorot": [(o) => sg.random.glorot([2, 2], o), "seed, dtype"],
  "random.he": [(o) => sg.random.he([2, 2], o), "seed, dtype"],
  grad: [(o) => sg.grad(loss, o), "argnums"],
  valueAndGrad: [(o) => sg.valueAndGrad(loss, o), "argnums"],
  compile: [(o) => sg.compile(loss, o), "donate"],
  minimize: [
    (o) => sg.optim.minimize(loss, x, o),
    "method, maxIterations, tolerance, valueTolerance, stepTolerance, history, compile, onIteration",
  ],
};

describe.each(Object.entries(CALLS))("%s", (name, [call, there]) => {
  const message = (options: unknown): string => {
    const { tensors } = sg.memory();
    try {
      sg.scope(() => void call(un(options)));
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      expect(sg.memory().tensors).toBe(tensors);
      return (error as Error).message;
    }
    return "nothing was thrown";
  };

  test("refuses an unknown option", () => {
    expect(message({ seed_: 1 })).toBe(`${name}: unknown option "seed_"; valid: ${there}`);
  });

  test("takes undefined for any of them", () => {
    const options = Object.fromEntries(there.split(", ").map((option) => [option, undefined]));
    sg.scope(() => void call(un({ ...options, ...(name.startsWith("random.") && { seed: 1 }) })));
  });

  test("refuses values that are not objects", () => {
    const others = {
      0: 0,
      true: true,
      '"text"': "text",
      null: null,
      "an array": [0],
      "a function": () => 1,
      "a Tensor": x,
    };
    for (const [what, other] of Object.entries({ ...others, symbol: Symbol("s") })) {
      // What stands there is meant for the function that it returns, which another message says.
      if (what === "a Tensor" && ["grad", "valueAndGrad", "compile"].includes(name)) continue;
      const said = what === "symbol" ? "Symbol(s)" : what;
      expect(message(other)).toBe(`${name}: options must be an object, got ${said}; valid: ${there}`);
    }
    expect(message([])).toContain("got an array");
  });
});

test("a misspelt option next to valid ones is refused", () => {
  expect(() => sg.sum(x, un({ axis: 0, keepdims: true }))).toThrow('sum: unknown option "keepdims"');
  expect(() => sg.sum(x, un({ keepdims: true, out: sg.tensor(0) }))).toThrow('sum: unknown option "keepdims"');
  expect(() => sg.softmax(x, un({ axis: 0, dim: 0 }))).toThrow('softmax: unknown option "dim"');
  expect(() => sg.random.normal([2], un({ seed: 1, std: 100 }))).toThrow('random.normal: unknown option "std"');
  expect(() => sg.relu(x, un({ inplace: true }))).toThrow('relu: unknown option "inplace"');
});

test("flags follow JavaScript's truth, and null is not an options object", () => {
  const a = sg.tensor([
    [1, 2],
    [3, 4],
  ]);
  expect(sg.matmul(a, a, un({ transposeB: 1 })).toArray()).toEqual(sg.matmul(a, a, { transposeB: true }).toArray());
  expect(sg.sum(a, un({ axis: 0, keepDims: 1 })).shape).toEqual([1, 2]);
  const ops = { sum: sg.sum, softmax: sg.softmax, leakyRelu: sg.leakyRelu, relu: sg.relu };
  for (const [name, op] of Object.entries(ops)) {
    const call = op as (x: unknown, options: unknown) => unknown;
    expect(() => call(a, null)).toThrow(`${name}: options must be an object, got null`);
  }
  expect(() => sg.transpose(a, un({ out: a }))).toThrow(TypeError);
});
