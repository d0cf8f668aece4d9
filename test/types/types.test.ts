// What the compiler says about sizes and dtypes that do not fit: its text names both.
import { expect, test } from "vitest";
import { messagesOf } from "../support/compiler-messages.js";

const IMPORT = 'import * as sg from "../src/index.js";';
const DECLARATIONS = [
  "declare const m23: sg.Tensor<[2, 3]>;",
  "declare const m45: sg.Tensor<[4, 5]>;",
  "declare const v3: sg.Tensor<[3]>;",
  'declare const wide23: sg.Tensor<[2, 3], "float64">;',
  'declare const int23: sg.Tensor<[2, 3], "int32">;',
  "declare const batch5: sg.Tensor<[5, 2, 3]>;",
  "declare const batch6: sg.Tensor<[6, 3, 4]>;",
  "declare const rows3: sg.Tensor<[number, 3]>;",
];

const REFUSED: readonly (readonly [code: string, ...names: string[]])[] = [
  ["sg.add(m23, m45)", "add: sizes 3 and 5 do not broadcast: [2, 3] and [4, 5]"],
  ["sg.mul(rows3, m45)", "mul: sizes 3 and 5 do not broadcast: [", ", 3] and [4, 5]"],
  ["sg.where(m23, m45, 1)", "where: sizes 3 and 5 do not broadcast"],
  ["sg.add(m23, wide23)", "add: float32 and float64 do not mix; convert one with astype"],
  ["sg.matmul(m23, m45)", "matmul: inner sizes differ: 3 and 4: a [2, 3], b [4, 5]"],
  ["sg.matmul(m23, m45, { transposeA: true })", "matmul: inner sizes differ: 2 and 4"],
  ["sg.matmul(m23, m45, { transposeB: true })", "matmul: inner sizes differ: 3 and 5"],
  ["sg.matmul(v3, m23)", "matmul: inner sizes differ: 3 and 2: a [3], b [2, 3]"],
  ["sg.matmul(batch5, batch6)", "matmul: batch: sizes 5 and 6 do not broadcast"],
  ["sg.matmul(m23, wide23, { transposeB: true })", "matmul: float32 and float64 do not mix"],
  ["sg.linear(m23, m45, v3)", "linear: inner sizes differ: 3 and 4: x [2, 3], w [4, 5]"],
  ["sg.linear(sg.zeros([2, 4]), m45, v3)", "linear: the bias has 3 values, w has 5 columns"],
  ["sg.sum(m23, { axis: 2 })", "sum: axis 2 is not an axis of [2, 3]"],
  ["sg.mean(m23, { axis: [0, -3] })", "mean: axis -3 is not an axis of [2, 3]"],
  ["sg.sum(m23, { axes: 0 })", "unknown option axes; valid: axis, keepDims, out"],
  [
    "sg.matmul(m23, m23, { transposeB: true, transA: true })",
    "unknown option transA; valid: transposeA, transposeB, out",
  ],
  ["sg.meanSquaredError(m23, v3)", "meanSquaredError: shapes differ: [2, 3] and [3]"],
  ["sg.exp(int23)", '"int32"', "FloatDType"],
  ["sg.grad((x: sg.Tensor<[2]>) => sg.exp(x))", "Tensor<[2]", "Tensor<[]"],
];

const ACCEPTED: readonly string[] = [
  "sg.add(m23, v3)",
  "sg.add(rows3, m23)",
  "sg.matmul(rows3, sg.zeros([3, 4]))",
  "sg.matmul(m23 as sg.Tensor, m45)",
  "sg.sum(m23 as sg.Tensor, { axis: 7 })",
  "sg.linear(rows3, sg.zeros([3, 4]), sg.zeros([4]))",
  "const sizes: [number, number] = [2, 3]; sg.add(sg.zeros(sizes), m45)",
];

test("the compiler names the op and both sizes, and accepts unknown sizes", () => {
  const before = [IMPORT, ...DECLARATIONS];
  const lines = [...before, ...REFUSED.map(([code]) => `${code};`), ...ACCEPTED.map((code) => `{ ${code}; }`)];
  const messages = messagesOf(lines);
  expect(messages.slice(0, before.length).join("")).toBe("");
  REFUSED.forEach(([code, ...names], i) => {
    const message = messages[before.length + i]!;
    for (const name of names) expect(message, code).toContain(name);
  });
  ACCEPTED.forEach((code, i) => {
    expect(messages[before.length + REFUSED.length + i], code).toBe("");
  });
});
