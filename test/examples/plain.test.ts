// Tests of the plain JavaScript autoencoder: both forms against NumPy's values, finite differences and each other.

import { expect, test } from "vitest";
import {
  costAndGradientLoop,
  costAndGradientVectorised,
  createWorkspace,
} from "../../bench/plain/plain-autoencoder.js";
import { createRandom } from "../../examples/support/random.js";
import { flat, flatAll, golden, NAMES } from "./golden-autoencoder.js";

const FORMS = [
  ["loop", costAndGradientLoop],
  ["vectorised", costAndGradientVectorised],
] as const;

function randomCase(rows: number, inputs: number, hidden: number) {
  const random = createRandom(rows + 10 * inputs + 100 * hidden);
  const uniform = (length: number, scale: number, offset = 0) =>
    Float64Array.from({ length }, () => offset + scale * (random() - 0.5));
  const parameters = {
    w1: uniform(inputs * hidden, 1),
    b1: uniform(hidden, 1),
    w2: uniform(hidden * inputs, 1),
    b2: uniform(inputs, 1),
  };
  return { parameters, x: uniform(rows * inputs, 0.8, 0.5), rows };
}

/** The largest difference, relative to the largest value. */
function distance(a: Float64Array, b: Float64Array): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  let difference = 0;
  a.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value));
    difference = Math.max(difference, Math.abs(value - (b[i] as number)));
  });
  return difference / largest;
}

test.each(FORMS)("%s: NumPy's cost and gradient", (_, costAndGradient) => {
  const { cost, gradient } = costAndGradient(flatAll(golden.parameters), flat(golden.x), golden.rows);
  expect(Math.abs(cost - golden.cost) / golden.cost).toBeLessThan(1e-13);
  for (const name of NAMES) expect(distance(flat(golden.gradient[name]), gradient[name]), name).toBeLessThan(1e-12);
});

test.each(FORMS)("%s: the gradient agrees with central differences", (_, costAndGradient) => {
  const { parameters, x, rows } = randomCase(7, 6, 3);
  const penalties = { rho: 0.05, lambda: 0.01, beta: 2 };
  const { gradient } = costAndGradient(parameters, x, rows, penalties);
  const step = 1e-5;
  for (const name of NAMES) {
    const numeric = parameters[name].map((_value, i) => {
      const costAt = (change: number): number => {
        const moved = parameters[name].slice();
        moved[i] = (moved[i] as number) + change;
        return costAndGradient({ ...parameters, [name]: moved }, x, rows, penalties).cost;
      };
      return (costAt(step) - costAt(-step)) / (2 * step);
    });
    expect(distance(gradient[name], numeric), name).toBeLessThan(1e-8);
  }
});

// Sizes around the blocks of two rows and four terms.
test.each([
  [1, 1, 1],
  [2, 4, 2],
  [3, 5, 3],
  [4, 8, 4],
  [5, 7, 5],
  [9, 64, 25],
  [50, 64, 6],
])("both forms agree: %i rows, %i inputs, %i hidden units", (rows, inputs, hidden) => {
  const { parameters, x } = randomCase(rows, inputs, hidden);
  const loop = costAndGradientLoop(parameters, x, rows);
  const vectorised = costAndGradientVectorised(parameters, x, rows);
  expect(Math.abs(loop.cost - vectorised.cost) / loop.cost).toBeLessThan(1e-12);
  for (const name of NAMES) {
    expect(distance(loop.gradient[name], vectorised.gradient[name]), name).toBeLessThan(1e-12);
  }
});

test("a workspace can be used again, and its old content does not matter", () => {
  const { parameters, x, rows } = randomCase(5, 6, 3);
  const fresh = costAndGradientVectorised(parameters, x, rows);
  const workspace = createWorkspace(rows, 6, 3);
  costAndGradientVectorised(
    parameters,
    x.map((value) => 1 - value),
    rows,
    {},
    workspace,
  );
  const again = costAndGradientVectorised(parameters, x, rows, {}, workspace);
  expect(again).toEqual(fresh);
  expect(again.gradient).toBe(workspace.gradient);
});

test.each(FORMS)("%s: sizes that do not fit are errors", (_, costAndGradient) => {
  const { parameters, x, rows } = randomCase(5, 6, 3);
  expect(() => costAndGradient(parameters, x, rows + 1)).toThrow("30 inputs, expected 6 x 6");
  expect(() => costAndGradient({ ...parameters, w2: new Float64Array(5) }, x, rows)).toThrow(
    "18 and 5 weights, expected 6 x 3 each",
  );
  expect(() => costAndGradientVectorised(parameters, x, rows, {}, createWorkspace(4, 6, 3))).toThrow(
    "the workspace is not for 5 examples",
  );
});
