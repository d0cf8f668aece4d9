// What random tests draw from, and how often: one seed for all, so that a failure repeats. Knows shapes and numbers only.
import fc from "fast-check";

/** Settings of every property: the seed is fixed, the number of runs is each property's own. */
export function settings<T>(numRuns: number): fc.Parameters<T> {
  return { seed: 20240607, numRuns };
}

/** Two or more shapes that broadcast, and the shape they broadcast to; sizes of 0 to 4. */
export function broadcastShapes(count: number, maxRank = 5): fc.Arbitrary<{ shapes: number[][]; result: number[] }> {
  const result = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: maxRank });
  return result.chain((full) =>
    fc
      .array(
        fc.tuple(fc.nat(full.length), fc.array(fc.boolean(), { minLength: full.length, maxLength: full.length })),
        {
          minLength: count,
          maxLength: count,
        },
      )
      .map((cuts) => {
        const shapes = cuts.map(([dropped, ones]) =>
          full.slice(dropped).map((extent, i) => (ones[i + dropped] ? 1 : extent)),
        );
        return { shapes, result: broadcastOf(shapes) };
      }),
  );
}

/** NumPy's rule for shapes that are known to broadcast. */
export function broadcastOf(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const extents = shapes.map((shape) => shape[shape.length - rank + axis] ?? 1);
    return extents.find((extent) => extent !== 1) ?? 1;
  });
}

/** A shape of positive sizes. */
export function shape(minRank: number, maxRank: number, maxExtent = 5): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 1, max: maxExtent }), { minLength: minRank, maxLength: maxRank });
}

/** An order of `rank` axes. */
export function permutation(rank: number): fc.Arbitrary<number[]> {
  const axes = Array.from({ length: rank }, (_, i) => i);
  return fc.shuffledSubarray(axes, { minLength: rank, maxLength: rank });
}

export const floatDType: fc.Arbitrary<"float32" | "float64"> = fc.constantFrom("float32", "float64");
