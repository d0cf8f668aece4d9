// The API reference of every public symbol: it is complete, and the ops keep its promises on dtypes and errors.
import { beforeAll, describe, expect, test } from "vitest";
import * as simdgrad from "../../src/index.js";
import * as ops from "../../src/ops/index.js";
import { allCases, drawInputs, toTensors } from "../cases.js";
import { type Documented, documented } from "../support/api-reference.js";
import { type ErrorCase, makeFixture } from "../support/error-case.js";
import { dtypeCases } from "../support/errors-of-dtypes.js";
import { axisCases, shapeCases } from "../support/errors-of-shapes.js";
import { read } from "../support/sources.js";
import { ulps } from "../tolerances.js";

/** What takes or gives tensors and nothing else. */
const OPS: readonly string[] = [
  ...Object.keys(ops),
  ...Object.keys(simdgrad.random).map((name) => `random.${name}`),
  "stopGradient",
];
/** Ops that make tensors of JavaScript data: no gradient leads there. */
const SOURCES = /^(tensor|full|zeros|ones|arange|linspace|random\..*)$/;

/** What may be thrown: the package's own errors and JavaScript's. */
const ERRORS: readonly string[] = [
  ...Object.keys(simdgrad).filter((name) => /^[A-Z]\w*Error$/.test(name)),
  "TypeError",
  "RangeError",
];

/** What a docstring must say and does not. */
function missingFrom({ name, kind, text, throws, hasExample }: Documented): string[] {
  const isOp = OPS.includes(name);
  const isCallable = kind === "function" || kind === "method";
  const errors = throws.join(" ").match(/\w+Error\b/g) ?? [];
  return [
    text === "" && "a summary",
    isOp && kind !== "function" && "`@function`: to TypeDoc it is a constant",
    isCallable && errors.length === 0 && !text.includes("Throws nothing") && "@throws, or that it throws nothing",
    errors.some((error) => !ERRORS.includes(error)) && "@throws of errors that there are",
    (kind === "function" || (kind === "class" && !name.endsWith("Error"))) && !hasExample && "@example",
    isOp && !/[\w\])] = \S/.test(text) && "a formula, `y = ...`",
    isOp && !SOURCES.test(name) && !/\bGradients?: /.test(text) && "its gradient, `Gradient: ...`",
    isOp && !/\bShapes: \S/.test(text) && "`Shapes: ...`",
    isOp && dtypesOf(text) === "" && "`Dtypes: ...`",
    isOp && !/\bAccuracy: \S/.test(text) && "`Accuracy: ...`",
  ].filter((part) => part !== false);
}

function dtypesOf(text: string): string {
  return /\bDtypes: (.*?)(?: Accuracy: |$)/.exec(text)?.[1] ?? "";
}

let symbols: Documented[];
beforeAll(async () => {
  symbols = await documented();
}, 60_000);

const docOf = (name: string): Documented => symbols.find((symbol) => symbol.name === name)!;

describe("the API reference", () => {
  test("covers every entry of the package that exports something", () => {
    const { exports } = JSON.parse(read("package.json")) as { exports: Record<string, unknown> };
    const entries = Object.keys(exports).filter((path) => !/\.(wasm|json)$/.test(path));
    expect(entries).toEqual([".", "./optim", "./worker"]);
    expect(read("src/runtime/threads/worker.ts")).not.toMatch(/^export/m);
    const modules = symbols.filter(({ kind }) => kind === "module").map(({ name }) => name);
    expect(modules).toEqual(["simdgrad", "simdgrad/optim"]);
    const named = new Set(symbols.map(({ name }) => name));
    expect(
      [...Object.keys(simdgrad), ...Object.keys(simdgrad.optim), ...OPS].filter(
        (name) => !named.has(name) && name !== "random" && name !== "optim",
      ),
    ).toEqual([]);
  });

  test("has all parts for every symbol", () => {
    const missing = symbols.flatMap((symbol) => missingFrom(symbol).map((part) => `${symbol.name}: ${part}`));
    expect(missing).toEqual([]);
  });

  test("reports missing parts", () => {
    const bare: Documented = { name: "sigmoid", kind: "function", text: "", throws: [], hasExample: false };
    expect(missingFrom(bare)).toHaveLength(8);
    expect(missingFrom({ ...bare, kind: "member" })).toContain("`@function`: to TypeDoc it is a constant");
    expect(missingFrom({ ...bare, throws: ["SizeError where it is too large"] })).toContain(
      "@throws of errors that there are",
    );
  });
});

describe("ops take the dtypes that they say", () => {
  test.each(allCases)("$name", (c) => {
    const takesInt32 = /\bany\b/.test(dtypesOf(docOf(c.name).text));
    const [scenario] = c.scenarios(4);
    const run = (): void => {
      const inputs = toTensors(c, drawInputs(c, scenario!, "int32", 1), scenario!.options, "int32");
      c.run(inputs, scenario!.options);
    };
    if (takesInt32) simdgrad.scope(run);
    else expect(() => simdgrad.scope(run)).toThrow(simdgrad.DTypeError);
    if (!takesInt32) expect(docOf(c.name).throws.join()).toContain("DTypeError");
  });
});

test("elementwise ops are tested as accurate as they say", () => {
  const promised = { "2 ULP.": ulps.transcendental, "exact.": ulps.exact, "correctly rounded.": ulps.exact };
  const wrong = allCases.filter(({ name, ulp, elementwise }) => {
    const accuracy = /\bAccuracy: (.*)$/.exec(docOf(name).text)![1]!;
    return elementwise && (promised[accuracy as keyof typeof promised] ?? ulps.exact) !== ulp;
  });
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

describe("ops throw the documented errors", () => {
  const all: readonly ErrorCase[] = [...shapeCases, ...axisCases, ...dtypeCases];
  const fixture = makeFixture();
  test.each(all.map(([title, call]) => ({ title, call })))("$title", ({ call }) => {
    let thrown = new Error("nothing");
    try {
      simdgrad.scope(() => call(fixture) as never);
    } catch (error) {
      thrown = error as Error;
    }
    const name = /^\w+/.exec(thrown.message)![0];
    // The error for operands that are not tensors is documented once, for the module.
    const { throws } = docOf(
      thrown.constructor === TypeError ? "simdgrad" : OPS.includes(name) ? name : `Tensor.${name}`,
    );
    const said = thrown.constructor === TypeError ? docOf("simdgrad").text : throws.join(" ");
    expect(said).toContain(thrown.name);
  });
});
