// `into` with every tensor that may be given as an out: the right values, or an AliasError and nothing written.
import { expect, test } from "vitest";
import * as sg from "../../src/index.js";
import { expectNoLeak } from "../support/memory.js";

type Row = sg.Tensor<[2]>;

/** All lists of so many of the items. */
function lists<T>(items: readonly T[], count: number): T[][] {
  return count === 0 ? [[]] : lists(items, count - 1).flatMap((list) => items.map((item) => [...list, item]));
}

const ONE = [1, 10];
const TWO = [2, 20];
const SUM = [3, 30];

/** What each function returns for x = ONE, y = TWO, with a constant k = TWO. */
const functions: [string, (x: Row, y: Row, k: Row) => Row[], number[], number[][]][] = [
  ["arguments and a result of its own", (x, y) => [x, y, sg.add(x, y)], [], [ONE, TWO, SUM]],
  ["an argument twice", (x, y) => [y, x, y], [], [TWO, ONE, TWO]],
  ["a donated argument's next value", (x, y) => [sg.add(x, y), y, sg.neg(sg.neg(x))], [0], [SUM, TWO, ONE]],
  ["a constant that comes back", (x, y, k) => [k, sg.add(x, y), y], [], [TWO, SUM, TWO]],
  ["arguments that are written", (x, y) => [sg.add(x, y, { out: x }), y, x], [], [SUM, TWO, SUM]],
];

test.each(functions)("%s", (_, f, donate, expected) => {
  let [refused, done] = [0, 0];
  const k = sg.tensor([2, 20]);
  const step = sg.compile((x: Row, y: Row) => f(x, y, k), { donate });
  for (const names of lists(["x", "y", "k", "z", "w", "a view of x"], 3)) {
    sg.scope(() => {
      const [x, y, z, w] = [ONE, TWO, [0, 0], [0, 0]].map((values) => sg.tensor(values, [2])) as [Row, Row, Row, Row];
      k.data.set(TWO);
      const tensors: Record<string, Row> = { x, y, z, w, k, "a view of x": sg.reshape(x, [2]) };
      const outs = names.map((name) => tensors[name]!);
      const before = Object.values(tensors).map((t) => t.toArray());
      try {
        expectNoLeak(() => step.into(outs, x, y));
        expect(outs.map((t) => t.toArray())).toEqual(expected);
        done++;
      } catch (error) {
        expect(error, String(error)).toBeInstanceOf(sg.AliasError);
        expect(Object.values(tensors).map((t) => t.toArray())).toEqual(before);
        refused++;
      }
    });
  }
  step.dispose();
  k.dispose();
  expect([done > 0, refused > 0]).toEqual([true, true]);
});

test("two arguments may change places", () => {
  sg.scope(() => {
    const step = sg.compile((x: Row, y: Row) => [x, y, sg.add(x, y)]);
    const [x, y, z] = [sg.tensor([1, 10]), sg.tensor([2, 20]), sg.tensor([0, 0])];
    step.into([y, x, z], x, y);
    expect([x, y, z].map((t) => t.toArray())).toEqual([TWO, ONE, SUM]);
    step.dispose();
  });
});
