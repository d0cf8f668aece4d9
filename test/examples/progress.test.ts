// Tests of the progress display: silent, on a terminal, and elsewhere.

import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { startProgress } from "../../examples/support/progress.js";

function recorder(isTTY: boolean) {
  let text = "";
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 100, cursorTo: () => true, clearLine: () => true });
  stream.on("data", (chunk) => {
    text += String(chunk);
  });
  return { stream, text: () => text };
}

test("quiet is silent", () => {
  const { stream, text } = recorder(true);
  const progress = startProgress({ total: 3, quiet: true, stream });
  progress.update(1, 5);
  progress.stop();
  expect(text()).toBe("");
});

test("without a terminal, a line per tenth", () => {
  const { stream, text } = recorder(false);
  const progress = startProgress({ total: 400, stream });
  for (let iteration = 1; iteration <= 400; iteration++) progress.update(iteration, 1 / iteration);
  progress.stop();
  const lines = text().trimEnd().split("\n");
  expect(lines.length).toBe(10);
  expect(lines[0]).toMatch(/^iteration 40\/400, cost 0\.0250000, \d+ s left$/);
  expect(lines[9]).toMatch(/^iteration 400\/400, cost 0\.00250000, 0 s left$/);
});

test("without a terminal, fewer iterations than tenths are a line each, and none follows the stop", () => {
  const { stream, text } = recorder(false);
  const progress = startProgress({ total: 3, stream });
  progress.update(1, 5);
  progress.update(2, 4);
  progress.stop();
  progress.update(3, 3);
  expect(text().trimEnd().split("\n").length).toBe(2);
});

test("on a terminal, a bar that draws itself without timers", () => {
  const { stream, text } = recorder(true);
  const progress = startProgress({ total: 10, stream });
  const before = process.listenerCount("SIGINT");
  // A synchronous wait longer than the bar's throttling, as an iteration of training is.
  const until = Date.now() + 250;
  while (Date.now() < until);
  progress.update(4, 1.5);
  expect(text()).toContain("4/10 | cost 1.50000 | ");
  expect(process.listenerCount("SIGINT")).toBe(before);
  progress.update(10, 1.25);
  progress.stop();
  progress.update(3, 9);
  expect(text()).toContain("10/10 | cost 1.25000");
  expect(text()).not.toContain("3/10");
});
