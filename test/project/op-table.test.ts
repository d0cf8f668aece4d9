// The op table and the files made from it: each op has a kernel, a cost and an opcode.
import { describe, expect, test } from "vitest";
import { FirstOp, Op } from "../../assembly/ops.generated.js";
import { ELEMENTWISE, type ElementwiseRow, WHOLE, type WholeRow } from "../../assembly/ops.js";
import { COSTS } from "../../src/runtime/program/costs.generated.js";
import { cases } from "../cases.js";
import { root } from "../support/sources.js";

interface Table {
  readonly ELEMENTWISE: Readonly<Record<string, ElementwiseRow>>;
  readonly WHOLE: Readonly<Record<string, WholeRow>>;
}
const { filesOf } = (await import(new URL("scripts/ops.mjs", root).href)) as {
  filesOf(table: Table): Record<string, string>;
};

const rows = Object.entries<ElementwiseRow | WholeRow>({ ...ELEMENTWISE, ...WHOLE });

describe("the files made from the op table", () => {
  test("has an opcode and a cost for every op", () => {
    expect(
      Object.values(Op)
        .filter((name) => typeof name === "string")
        .sort(),
    ).toEqual(rows.map(([name]) => name).sort());
    for (const [name, { cost }] of rows) expect(COSTS[Op[name as keyof typeof Op]]).toBe(cost);
  });

  test("counts elementwise ops by their operands in memory", () => {
    const readBy = (op: Op): number => (op < FirstOp.binary ? 1 : op < FirstOp.ternary ? 2 : 3);
    for (const [name, { operands }] of Object.entries(ELEMENTWISE)) {
      expect(Op[name as keyof typeof Op]).toBeLessThan(FirstOp.whole);
      expect(readBy(Op[name as keyof typeof Op])).toBe(Math.min(operands, 3));
    }
    for (const name of Object.keys(WHOLE)) expect(Op[name as keyof typeof Op]).toBeGreaterThanOrEqual(FirstOp.whole);
  });

  test("is not made of a row whose kernel no file has", () => {
    const table = { ELEMENTWISE: { ...ELEMENTWISE, cbrt: { ...ELEMENTWISE.sqrt, kernel: "Cbrt" } }, WHOLE };
    expect(() => filesOf(table)).toThrow("assembly/ops.ts: no file in assembly/ exports the kernel Cbrt");
  });
});

test("a row lacks nothing", () => {
  const row: ElementwiseRow = { kernel: "Sqrt", operands: 1, dtypes: "float", cost: 3 };
  // @ts-expect-error: a cost
  const noCost: ElementwiseRow = { kernel: "Sqrt", operands: 1, dtypes: "float" };
  // @ts-expect-error: a kernel
  const noKernel: WholeRow = { dtypes: "float", cost: 3 };
  expect([row, noCost, noKernel]).toHaveLength(3);
});

test("public ops take int32 where their kernels do", () => {
  const wrong = rows.filter(([name, { dtypes }]) => {
    const dtypesOfCase = cases[name as keyof typeof cases]?.dtypes;
    return dtypesOfCase !== undefined && dtypesOfCase.includes("int32") !== (dtypes !== "float");
  });
  expect(wrong.map(([name]) => name)).toEqual([]);
});
