// What compiled functions hold: one arena for all, results of their own, and nothing once they are disposed.
import { describe, expect, test } from "vitest";
import * as sg from "../../src/index.js";
import { getRuntime } from "../../src/runtime/memory/memory.js";

type Any = sg.Tensor<readonly number[]>;

/** Needs several values at once, so it has an arena. Three times the sum of all elements' products with rows. */
const busy = (x: Any): Any => {
  const turned = sg.transpose(x) as Any;
  const product = sg.matmul(x, turned) as Any;
  return sg.add(sg.add(sg.sum(product), sg.sum(sg.matmul(turned, x))), sg.sum(sg.transpose(product))) as Any;
};

const matrix = (rows: number): Any => sg.random.normal([rows, rows], { seed: rows }) as Any;

/** `memory()`, whose bytes are all that the allocator has in use. */
function account(): sg.MemoryInfo {
  const info = sg.memory();
  const { allocator } = getRuntime();
  expect(info.bytes + info.programs + info.kernels).toBe(allocator.used);
  expect(info.reserved).toBeGreaterThanOrEqual(allocator.used);
  return info;
}

test("memory() accounts for every byte in use, and all of a program's bytes come back", () => {
  const empty = account();
  const x = matrix(40);
  expect(account().bytes - empty.bytes).toBe(40 * 40 * 4);
  sg.scope(() => void busy(x));
  const before = account();
  const program = sg.compile(busy);
  const result = program(x);
  const after = account();
  expect(after).toMatchObject({ tensors: before.tensors + 1, bytes: before.bytes });
  expect(after.programs - before.programs).toBeGreaterThan(program.explain().arenaBytes);
  result.dispose();
  expect(account().programs).toBe(after.programs);
  program.dispose();
  expect(account()).toEqual({ ...before, reserved: expect.any(Number) });
  x.dispose();
});

test("a result that outlives its program counts as a tensor", () => {
  const before = account();
  let program: sg.Compiled<[Any], Any> | undefined = sg.compile((x: Any) => sg.neg(x) as Any);
  const x = sg.ones([100]) as Any;
  const result = program(x);
  program = program.dispose() as undefined;
  expect(result.isDisposed).toBe(true);
  x.dispose();
  expect(account()).toMatchObject({ bytes: before.bytes, programs: before.programs });
});

describe("one arena for all programs", () => {
  test("thirty shapes take the memory of the largest, and results of their own", () => {
    sg.scope(() => {
      const sizes = Array.from({ length: 30 }, (_, i) => 20 + 4 * i);
      const inputs = sizes.map(matrix);
      const expected = inputs.map((x) => sg.scope(() => busy(x).item()));
      const before = account();
      const program = sg.compile((x: Any) => [busy(x), sg.mul(x, 2)] as [Any, Any]);
      const arenas = inputs.map((x) => {
        program(x);
        return program.explain(x).arenaBytes;
      });
      const results = inputs.reduce((sum, { size }) => sum + 4 * size + 64, 0);
      const { programs } = account();
      const code = 30 * 20 * 256;
      expect(programs - before.programs).toBeLessThan(Math.max(...arenas) + results + code);
      expect(arenas.reduce((sum, bytes) => sum + bytes)).toBeGreaterThan(results + code);
      inputs.forEach((x, i) => {
        const [total, twice] = program(x);
        expect(total.item()).toBe(expected[i]);
        expect(twice.data[5]).toBe(2 * x.data[5]!);
      });
      program.dispose();
      expect(account()).toEqual({ ...before, reserved: expect.any(Number) });
    });
  });

  test("it may grow, move and shrink between a program's runs, whose results stay", () => {
    sg.scope(() => {
      const [small, large] = [matrix(16), matrix(200)];
      const expected = sg.scope(() => busy(small).item());
      const [first, second] = [sg.compile(busy), sg.compile(busy)];
      const kept = first(small);
      const before = account();
      second(large);
      expect(kept.item()).toBe(expected);
      expect(first(small).item()).toBe(expected);
      expect(first.profile(small).runs).toBe(15);
      second.dispose();
      expect(account().programs).toBe(before.programs);
      expect(first(small).item()).toBe(expected);
      first.dispose();
    });
  });

  test("one that does not fit changes nothing for the others", () => {
    sg.scope(() => {
      const x = matrix(16);
      const first = sg.compile(busy);
      const expected = first(x).item();
      const before = account();
      const wide = sg.compile((y: Any) => busy(sg.broadcastTo(sg.sum(y), [2 ** 16, 2 ** 15]) as Any));
      expect(() => wide.explain(x)).toThrow(sg.OutOfMemoryError);
      expect(account()).toEqual({ ...before, reserved: expect.any(Number) });
      expect(first(x).item()).toBe(expected);
      wide.dispose();
      first.dispose();
    });
  });
});

test("a view of a result keeps its elements, whatever the function computes next", () => {
  const double = sg.compile((x: sg.Tensor<[1, 2]>) => sg.mul(x, 2));
  const views = [1, 2, 3].map((i) => [
    sg.reshape(double(sg.tensor([[i, 0]])), [2]),
    sg.stopGradient(double(sg.tensor([[i, 1]]))),
  ]);
  expect(views.map((pair) => pair.map((view) => Array.from(view.data)))).toEqual(
    [1, 2, 3].map((i) => [
      [2 * i, 0],
      [2 * i, 2],
    ]),
  );
  for (const view of views.flat()) view.dispose();
  double.dispose();
});
