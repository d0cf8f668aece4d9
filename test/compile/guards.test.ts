// Indices and labels within a compiled function: moved or computed from arguments they are checked at each call, as without compile.
import { describe, expect, test, vi } from "vitest";
import * as sg from "../../src/index.js";
import { using } from "../support/compiled.js";
import { expectNoLeak } from "../support/memory.js";

type Indices = sg.Tensor<readonly number[], "int32">;
type Table = sg.Tensor<readonly number[]>;

const table = (): Table => sg.tensor([10, 20, 30, 40]) as never;
const indices = (values: readonly number[], shape: readonly number[] = [values.length]): Indices =>
  sg.tensor(Int32Array.from(values), shape) as never;

/** What makes indices of a [2, 2] argument, and the elements of it that are read. */
const MOVES: readonly [string, (i: Indices) => sg.AnyTensor, read: readonly number[]][] = [
  ["as they are", (i) => i, [0, 1, 2, 3]],
  ["slice", (i) => sg.slice(i, [0, 1]), [1, 3]],
  ["slice with steps", (i) => sg.slice(sg.reshape(i, [4]), [1], [4], { steps: [2] }), [1, 3]],
  ["transpose", (i) => sg.transpose(i), [0, 2, 1, 3]],
  ["reshape", (i) => sg.reshape(i, [4]), [0, 1, 2, 3]],
  ["clone", (i) => i.clone(), [0, 1, 2, 3]],
  ["concat", (i) => sg.concat([i, sg.slice(i, [1])]), [0, 1, 2, 3, 2, 3]],
  ["concat with a constant", (i) => sg.concat([sg.slice(i, [1]), sg.zeros([1, 2], "int32") as never]), [2, 3]],
  ["broadcastTo", (i) => sg.broadcastTo(sg.slice(i, [0, 0], [1, 2]), [3, 2]), [0, 1]],
  ["take of indices", (i) => sg.take(i, indices([1])), [2, 3]],
  ["several moves", (i) => sg.reshape(sg.transpose(sg.slice(i, [1])), [2]), [2, 3]],
  ["astype", (i) => sg.astype(sg.astype(i, "int32"), "int32"), [0, 1, 2, 3]],
  ["a double transpose in a scope", (i) => sg.scope(() => sg.transpose(sg.transpose(i))), [0, 1, 2, 3]],
  ["through out", (i) => sg.add(i, 0, { out: sg.zeros([2, 2], "int32") as never }), [0, 1, 2, 3]],
];

describe("indices that were moved", () => {
  test.each(MOVES)("%s: only indices that are read must be within bounds", (_, move, read) => {
    const f = (w: Table, i: Indices): sg.AnyTensor => sg.take(w, move(i) as never);
    using(sg.compile(f), (step) => {
      const w = table();
      const good = indices([3, 0, -4, 2], [2, 2]);
      expect(step(w, good).toArray()).toEqual(f(w, good).toArray());
      for (let at = 0; at < 4; at++) {
        for (const wrong of [4, -5]) {
          const values = [3, 0, -4, 2];
          values[at] = wrong;
          const bad = indices(values, [2, 2]);
          if (read.includes(at)) {
            const messages = [f, step].map((run) => messageOf(() => expectNoLeak(() => run(w, bad))));
            expect(messages[1]).toBe(messages[0]);
            expect(messages[0]).toMatch(/^take: index (4|-5) at position \d is not from -4 to 3/);
          } else {
            expect(step(w, bad).toArray()).toEqual(f(w, bad).toArray());
          }
        }
      }
      expect(step(w, good).toArray()).toEqual(f(w, good).toArray());
    });
  });

  test("labels, too", () => {
    const loss = (x: sg.Tensor<[2, 3]>, i: Indices) =>
      sg.softmaxCrossEntropy(x, sg.slice(sg.reshape(i, [4]), [1], [3]));
    using(sg.compile(loss), (step) => {
      const x = sg.random.normal([2, 3], { seed: 1 });
      expect(step(x, indices([9, 2, 0, 9])).item()).toBe(loss(x, indices([9, 2, 0, 9])).item());
      expect(() => expectNoLeak(() => step(x, indices([0, 3, 0, 0])))).toThrow(
        "index 3 at position 0 is not from 0 to 2",
      );
    });
  });
});

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(sg.ShapeError);
    return (error as Error).message;
  }
  return "nothing thrown";
}

describe("indices that are computed", () => {
  /** Runs f eagerly and compiled on good indices and expects the same; on bad ones the same error. */
  const expectAlike = (f: (i: Indices) => sg.AnyTensor, good: readonly number[], bad?: readonly number[]): void => {
    using(sg.compile(f), (step) => {
      for (let run = 0; run < 2; run++) expect(step(indices(good)).toArray()).toEqual(f(indices(good)).toArray());
      if (bad === undefined) return;
      const expected = messageOf(() => f(indices(bad)));
      expect(messageOf(() => expectNoLeak(() => step(indices(bad))))).toBe(expected);
      expect(expected).not.toBe("nothing thrown");
    });
  };

  test("by arithmetic on arguments and constants", () => {
    const w = table();
    const shift = indices([1, 0]);
    expectAlike((i) => sg.take(w, sg.add(i, 1) as never), [2, -1], [3, 0]);
    expectAlike((i) => sg.take(w, sg.mul(sg.add(i, shift), 2) as never), [0, 1], [1, 1]);
    expectAlike((i) => sg.take(w, sg.where(sg.less(i, 0), 0, i) as never), [-7, 3], [-7, 4]);
    // Each call reads a constant again, and so its bounds.
    using(
      sg.compile((i: Indices) => sg.take(w, sg.add(i, shift) as never)),
      (step) => {
        expect(step(indices([1, 1])).toArray()).toEqual([30, 20]);
        shift.data[0] = 9;
        expect(() => step(indices([1, 1]))).toThrow("index 10 at position 0");
        shift.data[0] = 2;
        expect(step(indices([1, 1])).toArray()).toEqual([40, 20]);
      },
    );
  });

  test("from many steps, each taken once", () => {
    const w = table();
    const doubled = (i: Indices): Indices => {
      let j = i;
      for (let k = 0; k < 60; k++) j = sg.sub(sg.add(j, j), j) as Indices;
      return j;
    };
    expectAlike((i) => sg.take(w, doubled(i) as never), [1, 3], [1, 4]);
  });

  test("from the argument's value before the function writes into it", () => {
    const w = table();
    const f = (i: Indices): sg.AnyTensor => {
      const y = sg.take(w, i);
      sg.add(i, 1, { out: i as never });
      return sg.add(y, sg.take(w, i) as never);
    };
    using(sg.compile(f), (step) => {
      const [eager, traced] = [indices([0, 2]), indices([0, 2])];
      expect(step(traced).toArray()).toEqual(f(eager).toArray());
      expect(traced.toArray()).toEqual(eager.toArray());
      expect(() => step(traced)).toThrow("index 4 at position 1");
      expect(traced.toArray()).toEqual([1, 3]);
    });
  });

  test("argMax of a network over as many classes as rows needs no check", () => {
    const w = table();
    const f = (x: sg.Tensor<[2, 4]>) => {
      const best = sg.argMax(sg.exp(x), { axis: 1 });
      return [sg.take(w, best), sg.softmaxCrossEntropy(sg.tanh(x), best)] as const;
    };
    using(sg.compile(f), (step) => {
      const x = sg.random.normal([2, 4], { seed: 1 });
      expect(step(x).map((y) => y.toArray())).toEqual(f(x).map((y) => y.toArray()));
      expect(step.explain().steps.flatMap(({ ops }) => ops)).toContain("argMax");
    });
    // Nor do comparisons, clipped values and constants.
    using(
      sg.compile((x: sg.Tensor<[2, 4]>) => [
        sg.take(w, sg.minimum(sg.maximum(sg.astype(sg.exp(x), "int32"), 0), 3)),
        sg.take(w, sg.astype(sg.full([2], 3, "int32"), "int32")),
        sg.take(w, sg.where(sg.greater(sg.astype(sg.exp(x), "int32"), 1), 2, 0)),
        sg.take(w, sg.concat([sg.argMax(sg.exp(x), { axis: 1 }), sg.zeros([1], "int32")]) as never),
      ]),
      (step) => {
        const results = step(
          sg.tensor([
            [-9, 0, 1, 9],
            [0, 0, 0, 0],
          ]),
        ); // prettier-ignore
        expect(results[0]!.toArray()).toEqual([
          [10, 20, 30, 40],
          [20, 20, 20, 20],
        ]);
        expect(results[2]!.toArray()).toEqual([
          [10, 10, 30, 30],
          [10, 10, 10, 10],
        ]);
      },
    );
  });

  test("argMax of an argument over more classes than rows is taken first", () => {
    const w = table();
    const f = (x: sg.Tensor<[2, 5]>): sg.AnyTensor => sg.take(w, sg.argMax(x, { axis: 1 }));
    using(sg.compile(f), (step) => {
      expect(
        step(
          sg.tensor([
            [0, 1, 0, 0, 0],
            [0, 0, 0, 1, 0],
          ]),
        ).toArray(),
      ).toEqual([20, 40]); // prettier-ignore
      const bad = sg.tensor([
        [0, 1, 0, 0, 0],
        [0, 0, 0, 0, 1],
      ]); // prettier-ignore
      expect(() => expectNoLeak(() => step(bad))).toThrow("take: index 4 at position 1 is not from -4 to 3");
    });
  });

  test("what only the program itself computes can't be checked, and says so while it is traced", () => {
    for (const f of [
      (x: Table) => sg.take(x, sg.astype(sg.exp(x), "int32")),
      (x: Table) => sg.take(sg.zeros([4]), sg.argMax(sg.exp(x)) as never),
    ]) {
      const step = sg.compile(f as (x: Table) => sg.AnyTensor);
      sg.scope(() => {
        const x = sg.zeros([5]) as Table;
        expect(() => expectNoLeak(() => step(x))).toThrow(sg.TraceError);
        expect(() => step(x)).toThrow(/can't be checked.*pass them as an argument/);
      });
    }
  });

  test("plain arguments are checked in place", () => {
    const spy = vi.spyOn(sg.Tensor.prototype, "data", "get");
    using(
      sg.compile((w: Table, i: Indices) => sg.take(w, i)),
      (step) => {
        const [w, i] = [table(), indices([1, 2])];
        step(w, i);
        const before = sg.memory();
        spy.mockClear();
        step(w, i);
        expect(spy.mock.contexts).toEqual([i]);
        expect(sg.memory()).toEqual(before);
      },
    );
    spy.mockRestore();
  });
});
