// Numbers among options: each is checked at the call that takes it. The error names function, option, rule and value.
import { afterAll, describe, expect, test } from "vitest";
import * as sg from "../../src/index.js";
import { un } from "../support/error-case.js";

const x = sg.tensor([1, 2]);
const x64 = sg.tensor([1, 2], undefined, "float64");
const total = (a: sg.Tensor<[2]>): sg.Tensor<[]> => sg.sum(sg.square(a));
const total64 = (a: sg.Tensor<[2], "float64">): sg.Tensor<[], "float64"> => sg.sum(sg.square(a));
const sgd = sg.optim.sgd({ learningRate: 0.1 });
const state = sgd.init(x);
afterAll(() => {
  x.dispose();
  x64.dispose();
});

const optimizer =
  (make: (options: never) => sg.optim.Optimizer) =>
  (options: object): unknown =>
    make(un({ learningRate: 0.1, ...options }));
const uniform =
  (dtype: "float32" | "float64") =>
  (options: object): unknown =>
    sg.random.uniform([2], { seed: 1, dtype, ...options });
const normal = (options: object): unknown => sg.random.normal([2], { seed: 1, ...options });

type Setting = readonly [
  what: string,
  call: (options: object) => unknown,
  rule: string,
  bad: readonly number[],
  good: readonly number[],
];

const RATE = "in [0, Infinity)";
const NO_RATES = [Number.NaN, -1, Infinity];
/** Where float32 rounds to infinity. */
const MOST = 2 ** 128 - 2 ** 103;
const WHOLE = [Number.NaN, 0.5, -1, Infinity];

const SETTINGS: readonly Setting[] = [
  ...Object.entries({ sgd: sg.optim.sgd, momentum: sg.optim.momentum, adam: sg.optim.adam, adamW: sg.optim.adamW }).map(
    ([name, make]): Setting => [`optim.${name}: learningRate`, optimizer(make), RATE, NO_RATES, [0, 0.1]],
  ),
  ["update: learningRate", (o) => sgd.update(x, x, state, o), RATE, NO_RATES, [0, 1]],
  ["optim.momentum: momentum", optimizer(sg.optim.momentum), RATE, NO_RATES, [0, 0.9, 1]],
  ...Object.entries({ adam: sg.optim.adam, adamW: sg.optim.adamW }).flatMap(([name, make]): Setting[] => [
    [`optim.${name}: beta1`, optimizer(make), "in [0, 1)", [1, ...NO_RATES], [0, 0.9]],
    [`optim.${name}: beta2`, optimizer(make), "in [0, 1)", [1, ...NO_RATES], [0, 0.9]],
    [`optim.${name}: epsilon`, optimizer(make), RATE, NO_RATES, [0, 1e-8]],
  ]),
  ["optim.adamW: weightDecay", optimizer(sg.optim.adamW), RATE, NO_RATES, [0, 0.1]],
  ...["tolerance", "valueTolerance", "stepTolerance"].map(
    (name): Setting => [`minimize: ${name}`, (o) => sg.optim.minimize(total, x, o), RATE, NO_RATES, [0, 1]],
  ),
  ["minimize: maxIterations", (o) => sg.optim.minimize(total, x, o), "a whole number in [0, Infinity)", WHOLE, [0, 1]],
  ["minimize: history", (o) => sg.optim.minimize(total, x, o), "a whole number in [1, Infinity)", [0, ...WHOLE], [1]],
  ["checkGrad: step", (o) => sg.checkGrad(total64, [x64], o), "in (0, Infinity)", [0, ...NO_RATES], [1e-6]],
  ["checkGrad: tolerance", (o) => sg.checkGrad(total64, [x64], o), RATE, NO_RATES, [1]],
  [
    "checkGrad: directions",
    (o) => sg.checkGrad(total64, [x64], o),
    "a whole number in [1, Infinity)",
    [0, ...WHOLE],
    [1],
  ],
  [
    "checkGrad: seed",
    (o) => sg.checkGrad(total64, [x64], o),
    "a whole number in [0, 9007199254740992)",
    [2 ** 53, ...WHOLE],
    [0, 2 ** 31],
  ],
  ["leakyRelu: slope", (o) => sg.leakyRelu(x, o), "in [-Infinity, Infinity]", [Number.NaN], [-1, 0, Infinity]],
  ...["threshold", "below", "above"].map(
    (name): Setting => [
      `thresholdRelu: ${name}`,
      (o) => sg.thresholdRelu(x, o),
      "in [-Infinity, Infinity]",
      [Number.NaN],
      [-1, 0, Infinity],
    ],
  ),
  ["random.uniform: low", uniform("float64"), "in (-Infinity, Infinity)", [Number.NaN, -Infinity], [1, -5]],
  ["random.uniform: low", uniform("float32"), `in (-${MOST}, ${MOST})`, [Number.NaN, -1e39], [1, -5]],
  ["random.uniform: high", uniform("float64"), "in [0, Infinity)", [Number.NaN, Infinity, -1], [0, 5]],
  ["random.uniform: high", uniform("float32"), `in [0, ${MOST})`, [Number.NaN, 1e39, -1], [0, 5]],
  ["random.normal: mean", normal, `in (-${MOST}, ${MOST})`, [Number.NaN, Infinity, 1e39], [0, -5]],
  ["random.normal: deviation", normal, `in [0, ${MOST})`, [1e39, ...NO_RATES], [0, 5]],
];

describe.each(SETTINGS)("%s", (what, call, rule, bad, good) => {
  const option = what.split(": ")[1]!;
  const errorOf = (value: unknown): Error => {
    const before = sg.memory();
    try {
      sg.scope(() => void call({ [option]: value }));
    } catch (error) {
      expect(sg.memory()).toEqual(before);
      return error as Error;
    }
    throw new Error(`${what} may be ${String(value)}`);
  };

  test(`is ${rule}`, () => {
    for (const value of bad) {
      const error = errorOf(value);
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toContain(`${what} must be ${rule}, got ${value}`);
    }
    for (const value of good) sg.scope(() => void call({ [option]: value }));
    if (!/^optim.*learningRate/.test(what)) sg.scope(() => void call({ [option]: undefined }));
  });

  test("is a number", () => {
    for (const value of ["0.5", null, true, [1], ...(option === "learningRate" ? [] : [x])]) {
      const error = errorOf(value);
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toContain(what);
    }
  });
});

test("a string is quoted, so that it can be told from a number", () => {
  expect(() => sg.optim.adam({ learningRate: 0.1, beta1: un("0.9") })).toThrow(
    'optim.adam: beta1 must be in [0, 1), got "0.9"',
  );
});

test("errors of other options list the valid values", () => {
  const before = sg.memory();
  expect(() => sg.optim.minimize(total, x, { onIteration: un(3) })).toThrow(
    "minimize: onIteration must be a function, got 3",
  );
  expect(() => sg.checkGrad(total64, [x64], un({ direction: 1 }))).toThrow(
    'checkGrad: unknown option "direction"; valid: step, tolerance, directions, seed',
  );
  expect(() => sg.grad(total, { argnums: un("0") })).toThrow(
    'argnums must be a whole number in [0, Infinity), got "0"',
  );
  expect(() => sg.compile(total, { donate: un(true) })).toThrow(
    "donate must be a whole number in [0, Infinity), got true",
  );
  expect(sg.memory()).toEqual(before);
});
