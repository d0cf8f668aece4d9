// Arguments that `grad`, `valueAndGrad` and `compile` refuse at once. Must not know what they compute.
import { describe, expect, test } from "vitest";
import * as sg from "../../src/index.js";

type Loose = (f: unknown, options?: unknown) => unknown;
const f = (x: sg.Tensor<[2]>): sg.Tensor<[]> => sg.sum(x);

describe.each([
  ["grad", sg.grad as unknown as Loose, "argnums"],
  ["valueAndGrad", sg.valueAndGrad as unknown as Loose, "argnums"],
  ["compile", sg.compile as unknown as Loose, "donate"],
])("%s", (name, transform, option) => {
  test.each(["0", ["0"], null, [undefined], {}])("positions that are not numbers: %j", (position) => {
    expect(() => transform(f, { [option]: position })).toThrow(TypeError);
    expect(() => transform(f, { [option]: position })).toThrow(
      `${name}: ${option} must be a whole number in [0, Infinity), got `,
    );
  });

  test.each([-1, 0.5, Number.NaN, [0, -1]])("positions that cannot be: %j", (position) => {
    expect(() => transform(f, { [option]: position })).toThrow(RangeError);
  });

  test("arguments in the place of options", () => {
    const x = sg.tensor([1, 2]);
    for (const params of [x, [x], { w: x }, { layers: [{ w: x }] }]) {
      expect(() => transform(f, params)).toThrow(TypeError);
      expect(() => transform(f, params)).toThrow(`${name}: expected options, got tensors: write ${name}(f)(x)`);
    }
    x.dispose();
  });

  test("positions that there may be", () => {
    for (const position of [0, 1, [0, 1], [], undefined]) transform(f, { [option]: position });
  });
});

test("an argument that is named twice", () => {
  for (const transform of [sg.grad, sg.valueAndGrad] as unknown as Loose[]) {
    expect(() => transform(f, { argnums: [0, 0] })).toThrow(/argnums \[0, 0\] names an argument twice/);
  }
});
