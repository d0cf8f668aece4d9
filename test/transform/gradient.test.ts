// Every op's gradient in every operand against finite differences of the op and of its reference. Must not know the tape.
import { describe, expect, it } from "vitest";
import { type AnyTensor, add, type FloatDType, grad, mul, scope, sum, type Tensor } from "../../src/index.js";
import {
  allCases,
  type Case,
  drawGradientInputs,
  operandDType,
  type Scenario,
  toTensor,
  type Value,
} from "../cases.js";
import { build, map, type Nd } from "../support/reference.js";
import { between, randomFrom } from "../support/reference-samples.js";
import { gradients as tolerances } from "../tolerances.js";

type Scalar = Tensor<[], FloatDType>;
type Loss = (...inputs: AnyTensor[]) => Scalar;

/** Random numbers in a shape, the same for the same seed. */
function direction(shape: readonly number[], seed: number): Nd {
  const random = randomFrom(seed * 7919 + 17);
  return build(shape, () => between(-1, 1)(random));
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}

/** f'(0) by four points: off by step^4 and rounding only. */
function difference(f: (h: number) => number): number {
  const { step } = tolerances;
  return (8 * (f(step) - f(-step)) - (f(2 * step) - f(-2 * step))) / (12 * step);
}

function moved(x: Nd, along: Nd, h: number): Nd {
  return map((a, v) => a + h * v, x, along);
}

function expectClose(got: number, expected: number, tolerance: number, what: string): void {
  if (!(Math.abs(got - expected) <= tolerance * (1 + Math.abs(expected)))) {
    throw new Error(`${what}: got ${got}, differences say ${expected}`);
  }
}

/** The weighted sum of a result: its gradient is the vector-Jacobian product with the weights. */
function weighted(result: AnyTensor, weights: Nd, dtype: FloatDType): Scalar {
  return sum(mul(result as Tensor, toTensor(weights, dtype) as Tensor)) as Scalar;
}

/** A case at one point: its loss <u, op(x)>, which of its operands vary, and a direction for each. */
interface Point {
  readonly what: string;
  readonly inputs: readonly Nd[];
  readonly weights: Nd;
  /** Positions of the operands that are floats and not numbers. */
  readonly positions: readonly number[];
  readonly along: readonly Nd[];
  readonly loss: (dtype: FloatDType) => Loss;
  readonly tensors: (dtype: FloatDType, inputs?: readonly Nd[]) => AnyTensor[];
}

/** @param numbers - positions of operands that are given as numbers rather than tensors */
function pointOf(c: Case, s: Scenario, seed: number, numbers: readonly number[] = []): Point {
  const drawn = drawGradientInputs(c, s, seed);
  const inputs = drawn.map((x, i) => (numbers.includes(i) ? { shape: [], data: x.data.slice(0, 1) } : x));
  const weights = direction(c.reference(inputs, s.options, "float64").value.shape, seed);
  const isInteger = (i: number): boolean => operandDType(c, i, s.options, "float64") === "int32";
  const positions = inputs.map((_, i) => i).filter((i) => !isInteger(i) && !numbers.includes(i));
  return {
    what: `${c.name} ${JSON.stringify(s.shapes)} ${JSON.stringify(s.options)}`,
    inputs,
    weights,
    positions,
    along: inputs.map((x, i) => direction(x.shape, seed + i + 1)),
    loss:
      (dtype) =>
      (...tensors) => {
        const values = tensors.map((x, i): Value => (numbers.includes(i) ? inputs[i]!.data[0]! : x));
        return weighted(c.run(values, s.options), weights, dtype);
      },
    tensors: (dtype, at = inputs) => at.map((x, i) => toTensor(x, operandDType(c, i, s.options, dtype))),
  };
}

/** Gradients in several operands, as arrays; checked to have their shapes and dtypes. */
function gradientsOf(f: Loss, argnums: readonly number[], tensors: readonly AnyTensor[], what: string): Float64Array[] {
  const found = grad(f as (...args: unknown[]) => Scalar, { argnums })(...tensors) as unknown as AnyTensor[];
  return found.map((g, i) => {
    const x = tensors[argnums[i]!]!;
    if (g.dtype !== x.dtype || g.shape.join() !== x.shape.join()) {
      throw new Error(`${what}: the gradient in operand ${argnums[i]} is ${g.toString()}, the operand ${x.toString()}`);
    }
    return Float64Array.from(g.data);
  });
}

/** The gradient in each operand alone against differences of the op itself. */
function checkEachOperand(p: Point): void {
  scope(() => {
    const loss = p.loss("float64");
    for (const position of p.positions) {
      const [g] = gradientsOf(loss, [position], p.tensors("float64"), p.what);
      const expected = difference((h) => {
        const at = p.inputs.map((x, i) => (i === position ? moved(x, p.along[i]!, h) : x));
        return scope(() => loss(...p.tensors("float64", at))).item();
      });
      expectClose(dot(g!, p.along[position]!.data), expected, tolerances.first, `${p.what} in operand ${position}`);
    }
  });
}

/** <vjp(u), v> = <u, jvp(v)> in all operands at once, with the Jacobian from the op's reference. */
function checkDotProduct(c: Case, s: Scenario, p: Point): void {
  scope(() => {
    const vjp = gradientsOf(p.loss("float64"), p.positions, p.tensors("float64"), p.what);
    const left = vjp.reduce((total, g, i) => total + dot(g, p.along[p.positions[i]!]!.data), 0);
    const right = difference((h) => {
      const at = p.inputs.map((x, i) => (p.positions.includes(i) ? moved(x, p.along[i]!, h) : x));
      return dot(p.weights.data, c.reference(at, s.options, "float64").value.data);
    });
    expectClose(left, right, tolerances.first, `${p.what}: <vjp(u), v> and <u, jvp(v)>`);
  });
}

/** The gradient of <gradient, w> against differences of gradients. */
function checkSecond(p: Point): void {
  scope(() => {
    const loss = p.loss("float64");
    const across = p.inputs.map((x, i) => direction(x.shape, 31 + i));
    const slope: Loss = (...tensors) => {
      const argnums = p.positions;
      const found = grad(loss as (...args: unknown[]) => Scalar, { argnums })(...tensors) as unknown as AnyTensor[];
      return found
        .map((g, i) => weighted(g, across[argnums[i]!]!, "float64"))
        .reduce((total, part) => add(total, part) as Scalar);
    };
    const second = gradientsOf(slope, p.positions, p.tensors("float64"), p.what);
    const got = second.reduce((total, g, i) => total + dot(g, p.along[p.positions[i]!]!.data), 0);
    const expected = difference((h) => {
      const at = p.inputs.map((x, i) => (p.positions.includes(i) ? moved(x, p.along[i]!, h) : x));
      return scope(() => slope(...p.tensors("float64", at))).item();
    });
    expectClose(got, expected, tolerances.second, `${p.what}: second derivative`);
  });
}

/** The float32 gradient at float32 inputs against float64's. */
function checkFloat32(p: Point): void {
  scope(() => {
    const rounded = p.inputs.map((x) => map(Math.fround, x));
    const at = (dtype: FloatDType) => gradientsOf(p.loss(dtype), p.positions, p.tensors(dtype, rounded), p.what);
    const [narrow, wide] = [at("float32"), at("float64")];
    wide.forEach((g, position) => {
      const greatest = g.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
      g.forEach((expected, i) => {
        const got = narrow[position]![i]!;
        if (!(Math.abs(got - expected) <= tolerances.float32 * greatest)) {
          throw new Error(`${p.what} in float32, operand ${position}, element ${i}: ${got}, in float64 ${expected}`);
        }
      });
    });
  });
}

const differentiable = allCases.filter((c) => c.gradients.length > 0).map((c) => [c.name, c] as const);

describe.each(differentiable)("%s", (_, c) => {
  it("each operand's gradient is the slope along a direction", () => {
    for (const seed of [1, 2]) for (const s of c.gradients) checkEachOperand(pointOf(c, s, seed));
  });

  it("<vjp(u), v> = <u, jvp(v)>", () => {
    for (const seed of [3, 4]) for (const s of c.gradients) checkDotProduct(c, s, pointOf(c, s, seed));
  });

  it("has second derivatives", () => {
    for (const s of c.gradients) checkSecond(pointOf(c, s, 5));
  });

  it("has the same gradient in float32", () => {
    // A result that is float64 whatever goes in has no float32 weights.
    for (const s of c.gradients) if (c.resultDType("float32", s.options) === "float32") checkFloat32(pointOf(c, s, 6));
  });

  it("has the same gradient through out", () => {
    for (const s of c.gradients) {
      scope(() => {
        const fresh = pointOf(c, s, 9);
        const run: Case["run"] = (inputs, options) => {
          const out = scope(() => c.run(inputs, options).clone());
          out.data.fill(Number.NaN);
          return c.run(inputs, { ...options, out });
        };
        const through = pointOf({ ...c, run }, s, 9);
        const [expected, got] = [fresh, through].map((p) =>
          gradientsOf(p.loss("float64"), p.positions, p.tensors("float64"), p.what),
        );
        expect(got).toEqual(expected);
      });
    }
  });

  if (c.differentiable.length === 0)
    it("has the gradient 0 everywhere", () => {
      const p = pointOf(c, c.gradients[0]!, 7);
      for (const g of gradientsOf(p.loss("float64"), p.positions, p.tensors("float64"), p.what)) {
        expect(g.every((x) => x === 0)).toBe(true);
      }
    });

  if (c.elementwise && c.operands.length > 1)
    it("has gradients beside operands that are numbers", () => {
      for (let i = c.name === "where" ? 1 : 0; i < c.operands.length; i++) {
        const p = pointOf(c, c.gradients[0]!, 8, [i]);
        checkEachOperand(p);
        checkSecond(p);
      }
    });
});
