// checkGrad: gradients it accepts, faults it catches, and memory it leaves.
import { describe, expect, test } from "vitest";
import {
  add,
  checkGrad,
  exp,
  GradientError,
  matmul,
  memory,
  mul,
  relu,
  scope,
  sigmoid,
  stopGradient,
  sum,
  type Tensor,
  tensor,
} from "../../src/index.js";

type Vector = Tensor<[3], "float64">;
const vector = (): Vector => tensor([0.5, -1, 2], undefined, "float64");

describe("checkGrad", () => {
  test("returns the error of a right gradient, which is small", () => {
    scope(() => {
      expect(checkGrad((x: Vector) => sum(exp(x)), [vector()])).toBeLessThan(1e-8);
    });
  });

  test("takes several arguments and structures of tensors", () => {
    scope(() => {
      const w = tensor([[1, 2, 3], [4, 5, 6], [7, 8, 10]], undefined, "float64"); // biome-ignore format: a matrix
      const f = ({ x }: { x: Vector }, m: typeof w) => sum(sigmoid(matmul(m, x)));
      expect(checkGrad(f, [{ x: vector() }, w], { directions: 5 })).toBeLessThan(1e-8);
    });
  });

  test("throws for a wrong gradient, and says how far off it is", () => {
    scope(() => {
      // Half of x^2 is hidden from the gradient: x where 2 x would be right.
      const wrong = (x: Vector) => sum(mul(x, stopGradient(x)));
      expect(() => checkGrad(wrong, [vector()])).toThrow(GradientError);
      expect(() => checkGrad(wrong, [vector()])).toThrow(/along direction 0 the gradient is off by \d/);
    });
  });

  test("tries the directions of its seed, to the tolerance it is given", () => {
    scope(() => {
      const kinked = (x: Vector) => sum(relu(add(x, 1)));
      const options = { seed: 4, step: 1e-3 };
      expect(checkGrad(kinked, [tensor([0.5, 1, 2], undefined, "float64")], options)).toBeLessThan(1e-8);
      // The second element lies on the kink: half of the step is on either side.
      expect(() => checkGrad(kinked, [vector()], options)).toThrow(GradientError);
      expect(checkGrad(kinked, [vector()], { ...options, tolerance: 10 })).toBeGreaterThan(1e-3);
    });
  });

  test("leaves no tensor behind, whether it passes or throws", () => {
    const x = vector();
    const before = memory();
    checkGrad((y: Vector) => sum(mul(y, y)), [x]);
    expect(() => checkGrad((y: Vector) => sum(mul(y, stopGradient(y))), [x])).toThrow();
    expect(memory()).toEqual(before);
    x.dispose();
  });
});
