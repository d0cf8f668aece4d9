// Tests of the cost chart: it is an SVG, has labels, and is the same every time.

import { expect, test } from "vitest";
import { costChart } from "../../examples/support/chart.js";

const falling = (from: number, to: number) => Array.from({ length: 50 }, (_, i) => from * (to / from) ** (i / 49));

test("a complete SVG with title and axes", () => {
  const svg = costChart(falling(60, 0.45), { title: "Cost & progress" });
  expect(svg).toMatch(/^<svg [^>]*width="720" height="420"/);
  expect(svg.trimEnd()).toMatch(/<\/svg>$/);
  for (const text of ["Cost &amp; progress", ">iteration<", ">cost (logarithmic)<", ">10<"])
    expect(svg).toContain(text);
  expect(svg).toContain('fill="#ffffff"');
});

test("a small range has a linear axis, and so have costs that are not positive", () => {
  expect(costChart(falling(2, 1), { title: "t" })).toContain(">cost<");
  expect(costChart([100, 1, 0], { title: "t" })).toContain(">cost<");
});

test("equal input gives equal text, whatever was drawn before", () => {
  const draw = () => costChart(falling(60, 0.45), { title: "t" });
  const first = draw();
  costChart([3, 2], { title: "another" });
  expect(draw()).toBe(first);
});

test("a cost that is not finite leaves a gap", () => {
  const svg = costChart([3, Number.NaN, 2, 1, Number.POSITIVE_INFINITY], { title: "t" });
  expect(svg).not.toMatch(/NaN|Infinity/);
});

test("a single cost is drawn, none is an error", () => {
  expect(costChart([3], { title: "t" })).toContain("</svg>");
  expect(() => costChart([], { title: "t" })).toThrow(RangeError);
  expect(() => costChart([Number.NaN], { title: "t" })).toThrow(RangeError);
});
