// Sums and means of ten million elements, over any axes, against plain float64 accumulation. Must not know kernels.
import { expect, it } from "vitest";
import { type AnyTensor, compile, mean, type Shape, sum, tensor } from "../../src/index.js";

const COUNT = 1e7;
const EPSILON = 2 ** -24;

/** Shapes of ten million elements, and the axes that are summed; several runs of neighbours add their bounds. */
const LAYOUTS: readonly [shape: Shape, axis: readonly number[], runs: number][] = [
  [[COUNT], [0], 1],
  [[COUNT, 1], [0], 1],
  [[1, COUNT], [1], 1],
  [[10_000, 1000], [0], 1],
  [[10_000, 1000], [1], 1],
  [[1000, 10_000], [0, 1], 1],
  [[1_000_000, 10], [0], 1],
  [[10, 1_000_000], [0], 1],
  [[3, 1111, 3000], [1], 1],
  [[100, 1000, 100], [0, 2], 2],
  [[1000, 100, 100], [0, 2], 2],
  [[10, 100, 100, 100], [1, 3], 2],
];

const all = new Float32Array(COUNT);
for (let i = 0, seed = 1; i < COUNT; i++) {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  all[i] = seed / 2 ** 32 + 0.1;
}

/** Sums in float64, for each element that is left. */
function expected(shape: Shape, axis: readonly number[]): Float64Array {
  const kept = shape.map((extent, i) => (axis.includes(i) ? 1 : extent));
  const sums = new Float64Array(kept.reduce((a, b) => a * b, 1));
  const inner = shape.at(-1)!;
  const isInner = axis.includes(shape.length - 1);
  const index = shape.map(() => 0);
  const size = shape.reduce((a, b) => a * b, 1);
  for (let from = 0; from < size; from += inner) {
    let at = 0;
    for (let i = 0; i < shape.length - 1; i++) at = at * kept[i]! + (kept[i] === 1 ? 0 : index[i]!);
    at *= kept.at(-1)!;
    if (isInner) {
      let total = 0;
      for (let j = 0; j < inner; j++) total += all[from + j]!;
      sums[at]! += total;
    } else for (let j = 0; j < inner; j++) sums[at + j]! += all[from + j]!;
    for (let i = shape.length - 2; i >= 0 && ++index[i]! === shape[i]; i--) index[i] = 0;
  }
  return sums;
}

it.each(LAYOUTS)("%j over %j: sum and mean stay within the bound, compiled to the same bits", (shape, axis, runs) => {
  const size = shape.reduce((a, b) => a * b, 1);
  const x = tensor(all.subarray(0, size), shape as never) as AnyTensor;
  const sums = sum(x as never, { axis } as never) as AnyTensor;
  const means = mean(x as never, { axis } as never) as AnyTensor;
  const compiled = compile((x: AnyTensor) => [sum(x as never, { axis } as never), mean(x as never, { axis } as never)])(
    x,
  );
  const count = size / sums.size;
  const bound = runs * (128 + Math.log2(Math.max(count / 128, 1))) * EPSILON;
  const exact = expected(shape, axis);
  let worst = 0;
  for (let i = 0; i < exact.length; i++) {
    // All elements are positive: the sum of their sizes is the sum.
    worst = Math.max(
      worst,
      Math.abs(sums.data[i]! / exact[i]! - 1),
      Math.abs((means.data[i]! * count) / exact[i]! - 1) - EPSILON,
    );
  }
  expect(worst).toBeLessThanOrEqual(bound);
  // The errors are far below the documented bound.
  expect(worst).toBeLessThanOrEqual(20 * EPSILON);
  expect(compiled[0]!.data).toEqual(sums.data);
  expect(compiled[1]!.data).toEqual(means.data);
  for (const t of [x, sums, means]) t.dispose();
});
