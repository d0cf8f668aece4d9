// Tests of the dead leaves generator.

import { expect, test } from "vitest";
import { deadLeaves } from "../../examples/support/images.js";

test("images have the size, number and range asked for", () => {
  const images = deadLeaves({ size: 40, count: 3, seed: 5 });
  expect(images.map(({ name }) => name)).toEqual(["dead leaves 1", "dead leaves 2", "dead leaves 3"]);
  for (const { width, height, pixels } of images) {
    expect([width, height, pixels.length]).toEqual([40, 40, 1600]);
    expect(pixels.every((value) => value >= 0 && value <= 1)).toBe(true);
  }
});

test("the seed decides the pixels", () => {
  const pixels = (seed: number) => deadLeaves({ size: 64, count: 1, seed })[0]?.pixels;
  expect(pixels(1)).toEqual(pixels(1));
  expect(pixels(1)).not.toEqual(pixels(2));
  const [first, second] = deadLeaves({ size: 64, count: 2 });
  expect(first?.pixels).not.toEqual(second?.pixels);
});

test("neighbours are alike but for edges, as in photographs", () => {
  const pixels = deadLeaves({ size: 256, count: 1 })[0]?.pixels ?? new Float64Array();
  const steps = Array.from({ length: pixels.length - 1 }, (_, i) =>
    Math.abs((pixels[i + 1] as number) - (pixels[i] as number)),
  );
  const share = (isSuch: (step: number) => boolean) => steps.filter(isSuch).length / steps.length;
  expect(share((step) => step < 0.03)).toBeGreaterThan(0.5);
  expect(share((step) => step > 0.1)).toBeGreaterThan(0.05);
});

test.each([{ size: 0 }, { size: 1.5 }, { count: 0 }])("refuses %o", (options) => {
  expect(() => deadLeaves(options)).toThrow(RangeError);
});
