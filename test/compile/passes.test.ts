// The passes of compile one by one, each on the graph of a small function. Must not run programs.
import { describe, expect, test } from "vitest";
import { fuse } from "../../src/compile/passes/fuse.js";
import { type Plan, plan } from "../../src/compile/passes/plan.js";
import { dropDead, shareCommon, simplify } from "../../src/compile/passes/simplify.js";
import { type Unit, valuesOf } from "../../src/compile/passes/unit.js";
import { type Graph, isComputed } from "../../src/compile/trace/graph.js";
import { trace } from "../../src/compile/trace/record.js";
import * as sg from "../../src/index.js";

type Any = sg.Tensor<readonly number[]>;
type Function = (...args: Any[]) => unknown;

const shapes = (...list: readonly (readonly number[])[]): Any[] => list.map((shape) => sg.zeros(shape) as Any);
const graphOf = (f: Function, args: readonly Any[]): Graph => trace(f as never, args).graph;
const opsOf = ({ values }: Pick<Graph, "values">): string[] =>
  values.flatMap((value) => (isComputed(value) ? [value.origin.call.op.name] : []));
const simplified = (f: Function, ...args: Any[]): string[] => opsOf(dropDead(simplify(graphOf(f, args))));
const unitsOf = (f: Function, ...args: Any[]): readonly Unit[] =>
  fuse(dropDead(shareCommon(simplify(graphOf(f, args)))));
const namesOf = (units: readonly Unit[]): string[] =>
  units.map((unit) =>
    valuesOf(unit)
      .map(({ origin }) => origin.call.op.name)
      .join(" "),
  );

describe("tracing", () => {
  test("takes down ops, not views; writes become values", () => {
    const f: Function = (x) => {
      const y = sg.reshape(sg.neg(x), [4]);
      sg.add(sg.reshape(y, [2, 2]), 1, { out: x as never });
      return [y, sg.exp(x)];
    };
    const { graph, inputs } = trace(f as never, shapes([2, 2]));
    expect(opsOf(graph)).toEqual(["neg", "add", "exp"]);
    expect(graph.writes).toHaveLength(1);
    expect(graph.writes[0]!.input).toBe(inputs[0]);
    expect(graph.results.map(({ shape }) => shape)).toEqual([[4], [2, 2]]);
    expect(graph.results.map(({ passed }) => passed)).toEqual([undefined, undefined]);
  });
});

describe("simplifying keeps every bit", () => {
  const [x] = shapes([3]) as [Any];
  test.each([
    ["x * 1", (y: Any) => sg.mul(y, 1), []],
    ["1 * x", (y: Any) => sg.mul(1, y), []],
    ["x / 1", (y: Any) => sg.div(y, 1), []],
    ["x - 0", (y: Any) => sg.sub(y, 0), []],
    ["x + (-0)", (y: Any) => sg.add(y, -0), []],
    ["-(-x)", (y: Any) => sg.neg(sg.neg(y)), []],
    ["a tensor of ones", (y: Any) => sg.mul(y, sg.ones([3])), []],
    ["numbers only", (y: Any) => sg.add(y, sg.sub(sg.full([3], 2), sg.ones([3]))), ["add"]],
    [
      "a repetition that is read",
      (y: Any) => sg.add(sg.ones([2, 3]), sg.broadcastTo(y, [2, 3])),
      ["broadcastTo", "add"],
    ],
    // These would change a bit: -0 + 0 = 0, NaN * 0 = NaN, and 0 - x has another zero than -x.
    ["x + 0", (y: Any) => sg.add(y, 0), ["add"]],
    ["x * 0", (y: Any) => sg.mul(y, 0), ["mul"]],
    ["0 - x", (y: Any) => sg.sub(0, y), ["sub"]],
    ["x - (-0)", (y: Any) => sg.sub(y, -0), ["sub"]],
    ["a repetition that makes the shape", (y: Any) => sg.mul(y, sg.ones([2, 3])), ["full", "mul"]],
  ] as [string, Function, string[]][])("%s", (_, f, expected) => {
    expect(simplified(f, x)).toEqual(expected);
  });

  test("numbers are computed by their kernels, in their dtype", () => {
    const f: Function = (y) => sg.mul(y, sg.div(1, sg.full([], 3)));
    const graph = dropDead(simplify(graphOf(f, [x])));
    const [product] = graph.values.filter(isComputed);
    expect(product!.origin.operands[1]).toBe(Math.fround(1 / 3));
  });
});

test("common subexpressions are computed once, others are not taken for them", () => {
  const f: Function = (x, y) => [
    sg.add(sg.sigmoid(x), sg.sigmoid(x)),
    sg.matmul(x, y),
    sg.matmul(x, y, { transposeA: true } as never),
    sg.matmul(x, y),
    sg.mul(x, 0),
    sg.mul(x, -0),
  ];
  const graph = shareCommon(graphOf(f, shapes([2, 2], [2, 2])));
  expect(opsOf(graph).sort()).toEqual(["add", "matmul", "matmul", "mul", "mul", "sigmoid"]);
});

test("what no result needs is dropped", () => {
  const f: Function = (x) => {
    sg.exp(sg.neg(x));
    return sg.abs(x);
  };
  expect(opsOf(dropDead(graphOf(f, shapes([3]))))).toEqual(["abs"]);
});

describe("fusing", () => {
  test("elementwise ops of one shape, through several operands", () => {
    const f: Function = (x, b) => sg.mul(sg.sigmoid(sg.add(x, b)), sg.tanh(x));
    expect(namesOf(unitsOf(f, ...shapes([4, 3], [3])))).toEqual(["add sigmoid tanh mul"]);
  });

  test("behind a product, but not two of them", () => {
    const f: Function = (x, w) => sg.relu(sg.add(sg.matmul(x, w), sg.square(sg.matmul(w, w))));
    expect(namesOf(unitsOf(f, ...shapes([4, 4], [4, 4])))).toEqual(["matmul", "matmul square add relu"]);
  });

  test("after a product, but not with its operands", () => {
    const residual: Function = (x, w) => {
      const h = sg.tanh(x);
      return sg.add(sg.matmul(h, w!), h);
    };
    expect(namesOf(unitsOf(residual, ...shapes([4, 4], [4, 4])))).toEqual(["tanh", "matmul add"]);
  });

  test("before a sum of everything, or of long rows", () => {
    const all: Function = (x, y) => sg.sum(sg.square(sg.sub(x, y)));
    expect(namesOf(unitsOf(all, ...shapes([40, 30], [40, 30])))).toEqual(["sub square sum"]);
    const rows: Function = (x) => sg.sum(sg.square(x), { axis: 1 });
    expect(namesOf(unitsOf(rows, ...shapes([40, 300])))).toEqual(["square sum"]);
    expect(namesOf(unitsOf(rows, ...shapes([40, 30])))).toEqual(["square", "sum"]);
    const columns: Function = (x) => sg.sum(sg.square(x), { axis: 0 });
    expect(namesOf(unitsOf(columns, ...shapes([40, 300])))).toEqual(["square", "sum"]);
  });

  test("not around another unit, which would wait for itself", () => {
    // exp feeds the sum, the sum feeds the quotient: exp and div can't be one unit.
    const f: Function = (x) => {
      const e = sg.exp(x);
      return sg.div(e, sg.sum(e));
    };
    expect(namesOf(unitsOf(f, ...shapes([40, 30])))).toEqual(["exp sum", "div"]);
  });

  test("not where operands run in more than two strides", () => {
    const f: Function = (x, y) => sg.neg(sg.add(x, y));
    expect(namesOf(unitsOf(f, ...shapes([2, 3, 4], [2, 1, 4])))).toEqual(["add", "neg"]);
  });
});

describe("planning", () => {
  const planOf = (f: Function, ...args: Any[]): { plan: Plan; units: readonly Unit[] } => {
    const { graph: traced, inputs } = trace(f as never, args);
    const graph = dropDead(simplify(traced));
    const units = fuse(graph);
    const results = graph.results.map(({ value }) => value);
    return { plan: plan(units, inputs, results, graph.writes).plan, units };
  };

  test("a chain takes turns in as much memory as two of its values", () => {
    // Transpositions are units of their own and can't work in place.
    const f: Function = (x) => Array.from({ length: 6 }).reduce<Any>((y) => sg.transpose(y) as Any, sg.neg(x) as Any);
    const { plan } = planOf(f, ...shapes([32, 32]));
    expect(plan.arenaBytes).toBe(2 * 32 * 32 * 4);
    expect(plan.liveBytes).toBe(plan.arenaBytes);
  });

  test("elementwise units overwrite values that they read for the last time", () => {
    const f: Function = (x) => sg.transpose(sg.exp(sg.transpose(x)));
    const { plan, units } = planOf(f, ...shapes([32, 16]));
    expect(units).toHaveLength(3);
    expect(plan.arenaBytes).toBe(32 * 16 * 4);
  });

  test("values in blocks have no place, and a product's rows use the place of its unit's result", () => {
    const f: Function = (x, w) => sg.tanh(sg.neg(sg.matmul(x, w)));
    const { plan, units } = planOf(f, ...shapes([8, 8], [8, 8]));
    const [product, negated, result] = valuesOf(units[0]!);
    expect(plan.places.get(negated!)).toBeUndefined();
    expect(plan.places.get(product!)).toEqual(plan.places.get(result!));
    expect(plan.arenaBytes).toBe(0);
  });
});
