// Every elementwise op on tensors, numbers and constants made inside, read by every kind of reader: compiled as eager, bit for bit.
import { afterEach, describe, expect, test, vi } from "vitest";
import { Abi } from "../../assembly/abi.js";
import { Op } from "../../assembly/ops.generated.js";
import { ELEMENTWISE } from "../../assembly/ops.js";
import * as sg from "../../src/index.js";
import type { Apply, OpDefinition, Operands, OutOption } from "../../src/ops/define.js";
import "../../src/ops/optimizer-steps.js";
import { bytesOf } from "../support/hash.js";
import { start, untilShared } from "../support/watched-workers.js";

type Any = sg.Tensor<readonly number[]>;
type Kinds = "elementwise" | "repeat";
type Definition = OpDefinition<Kinds, Operands, never>;

/** Every op that can be fused, as it was defined: one that is added later is tried, too. */
const defined = vi.hoisted(() => ({
  ops: [] as { definition: Definition; apply: Apply<Operands, Kinds> }[],
  forced: false,
}));
vi.mock("../../src/ops/define.js", async (original) => {
  const actual = await original<typeof import("../../src/ops/define.js")>();
  const defineOp = (definition: Definition): Apply<Operands, Kinds> => {
    const apply = actual.defineOp(definition);
    if (["elementwise", "repeat"].includes(definition.kind)) defined.ops.push({ definition, apply });
    return apply;
  };
  return { ...actual, defineOp };
});
vi.mock("../../src/runtime/program/shares.js", async (original) => {
  const actual = await original<typeof import("../../src/runtime/program/shares.js")>();
  const sharesOf: typeof actual.sharesOf = (instruction, threads) =>
    defined.forced && threads > 1 ? threads + Abi.worthWaking : actual.sharesOf(instruction, threads);
  return { ...actual, sharesOf };
});

afterEach(async () => {
  defined.forced = false;
  await sg.init({ threads: 1 });
});

const SHAPE = [2, 3] as const;

function countOperands(op: Op): number {
  return ELEMENTWISE[Op[op] as keyof typeof ELEMENTWISE].operands;
}

/** What the functions are called with. */
interface Inputs {
  readonly x: Any;
  readonly m: Any;
  readonly w: Any;
  readonly b: Any;
  readonly out: Any;
  readonly rows: sg.Tensor<[2], "int32">;
}

function inputsOf(dtype: sg.DType): Inputs {
  const of = (shape: readonly number[], values: readonly number[]): Any =>
    sg.tensor(dtype === "int32" ? values.map((v) => Math.round(v * 4)) : values, shape, dtype as "float32") as Any;
  return {
    x: of(SHAPE, [0.5, -1.25, 0, 2, 0.75, -0.5]),
    m: of(SHAPE, [0.25, 0.5, 0.25, 0.125, 0.375, 0.5]),
    w: of([3, 2], [1, -0.5, 0.75, 2, 0.25, -1]),
    b: of([2], [0.5, -2]),
    out: of(SHAPE, [9, 9, 9, 9, 9, 9]),
    rows: sg.tensor(Int32Array.of(1, 0), [2]) as never,
  };
}

type Operand = (inputs: Inputs) => Any | number;

const TENSOR: Operand = ({ x }) => x;
const NUMBER: Operand = () => 2;
/** Constants that a function makes, and the numbers that they are made of. */
const CONSTANTS: readonly (readonly [make: Operand, value: number])[] = [
  [({ x }) => sg.zeros(SHAPE, x.dtype) as Any, 0],
  [({ x }) => sg.ones(SHAPE, x.dtype) as Any, 1],
  [({ x }) => sg.full(SHAPE, 2, x.dtype) as Any, 2],
  [({ x }) => sg.full([], -1, x.dtype) as Any, -1],
  // The 1 that a gradient begins with.
  [({ x }) => (x.dtype === ("int32" as never) ? sg.ones([], x.dtype) : sg.grad((y: Any) => sg.sum(y))(x)) as Any, 1],
];

/** The operands with which an op of so many is tried: one of each kind among others, and constants alone. */
function operandsFor(count: number): Operand[][] {
  const rest = (kind: Operand, at: number, other: Operand): Operand[] =>
    Array.from({ length: count }, (_, i) => (i === at ? kind : other));
  const lists = [rest(TENSOR, 0, TENSOR)];
  for (const [constant] of CONSTANTS) {
    lists.push(rest(constant, 0, constant));
    for (let i = 0; i < count && count > 1; i++) lists.push(rest(constant, i, TENSOR));
  }
  for (let i = 0; i < count && count > 1; i++) lists.push(rest(CONSTANTS[2]![0], i, NUMBER));
  return lists;
}

type Make = (options?: OutOption) => Any;

/** What may read an op's value: `make` runs the op. */
const READERS: Readonly<Record<string, (make: Make, inputs: Inputs) => sg.AnyTensor>> = {
  "the caller": (make) => make(),
  reshape: (make) => sg.reshape(make(), [3, 2]),
  "reshape, then an op": (make) => sg.neg(sg.reshape(make(), [6])),
  broadcastTo: (make) => sg.broadcastTo(make(), [2, 2, 3]),
  sum: (make) => sg.sum(make()),
  "sum of an axis": (make) => sg.sum(make(), { axis: 0 }),
  mean: (make) => sg.mean(make()),
  max: (make) => sg.max(make()),
  argMax: (make) => sg.argMax(make(), { axis: 1 }),
  "matmul, left": (make, { w }) => sg.matmul(make() as never, w as never),
  "matmul, right": (make, { w }) => sg.matmul(w as never, make() as never),
  linear: (make, { w, b }) => sg.linear(make() as never, w as never, b as never),
  transpose: (make) => sg.transpose(make()),
  slice: (make) => sg.slice(make(), [0, 1]),
  concat: (make, { m }) => sg.concat([make(), m, make()]),
  take: (make, { rows }) => sg.take(make(), rows),
  astype: (make) => sg.astype(make(), "float64"),
  "astype to int32": (make) => sg.astype(make(), "int32"),
  softmax: (make) => sg.softmax(make() as never),
  logSumExp: (make) => sg.logSumExp(make() as never),
  softmaxCrossEntropy: (make, { rows }) => sg.softmaxCrossEntropy(make() as never, rows),
  "softmaxCrossEntropy, as labels": (make, { m }) => sg.softmaxCrossEntropy(m as never, make() as never),
  sigmoidCrossEntropy: (make, { m }) => sg.sigmoidCrossEntropy(make() as never, m as never),
  meanSquaredError: (make, { m }) => sg.meanSquaredError(m as never, make() as never),
  "another op": (make, { m }) => sg.add(make(), m as never),
  "another op, with a number": (make) => sg.mul(make(), 2),
  "an op with out": (make, { out }) => sg.neg(make(), { out: out as never }).clone(),
  "out itself": (make, { out }) => make({ out }).clone(),
  clone: (make) => make().clone(),
  "the gradient of another": (make, { m }) => sg.grad((y: Any) => sg.sum(sg.mul(y, sg.mul(make(), y) as Any)))(m),
};

/** What a tensor holds, to the bit; any NaN for any other outside of Node, as engines give NaNs of different bits in different tiers. */
function contentOf({ dtype, shape, data }: sg.AnyTensor): string {
  const known = globalThis.process === undefined ? data.map((x) => (Number.isNaN(x) ? Number.NaN : x)) : data;
  return `${dtype} [${shape.join()}] ${bytesOf(known).join(" ")}`;
}

/** What a run gives; undefined where an op or its reader refuses its operands. */
function contentUnlessRefused(run: () => sg.AnyTensor): string | undefined {
  try {
    return sg.scope(() => contentOf(run()));
  } catch (error) {
    if (error instanceof sg.DTypeError || error instanceof sg.ShapeError) return undefined;
    throw error;
  }
}

/** What each op gave under each reader as it stands, on one thread. */
const eagerly = new Map<string, readonly (string | undefined)[]>();

/** Runs an op with all its operands under every reader: as it stands, and as one compiled function for each reader. */
function expectSameBits({ definition, apply }: (typeof defined.ops)[number], dtype: sg.DType): void {
  const lists = operandsFor(countOperands(definition.op ?? Op.identity));
  const params = definition.kind === "elementwise" ? undefined : SHAPE;
  for (const [reader, read] of Object.entries(READERS)) {
    const run = (list: readonly Operand[], inputs: Inputs): sg.AnyTensor => {
      const make: Make = (options) =>
        sg.scope(() => {
          const operands = list.map((operand) => operand(inputs));
          const y = apply(operands, params, options) as Any;
          return options === undefined ? (sg.broadcastTo(y, SHAPE) as Any) : y;
        });
      return read(make, inputs);
    };
    const name = `${definition.name}, ${dtype}, read by ${reader}`;
    const eager = eagerly.get(name) ?? lists.map((list) => contentUnlessRefused(() => run(list, inputsOf(dtype))));
    eagerly.set(name, eager);
    const usable = lists.filter((_, i) => eager[i] !== undefined);
    const step = sg.compile((inputs: Inputs) => usable.map((list) => run(list, inputs)));
    sg.scope(() => {
      const compiled = step(inputsOf(dtype)).map(contentOf);
      const expected = eager.filter((content) => content !== undefined);
      const wrong = compiled.flatMap((content, i) =>
        content === expected[i] ? [] : [`operands ${lists.indexOf(usable[i]!)}: ${content} for ${expected[i]}`],
      );
      expect(wrong, name).toEqual([]);
    });
    step.dispose();
  }
}

describe("constants made inside a compiled function", () => {
  test("every elementwise opcode is tried", () => {
    const opcodes = new Set(defined.ops.map(({ definition }) => definition.op ?? Op.identity));
    expect([...opcodes].sort((a, b) => a - b)).toEqual(Array.from({ length: Op.sum }, (_, op) => op));
  });

  const dtypes = ["float32", "float64", "int32"] as const;
  test.each(dtypes)("%s: every op under every reader", (dtype) => {
    for (const op of defined.ops) expectSameBits(op, dtype);
  });

  test("every op under every reader, on three threads", async () => {
    const watched = await start(3);
    defined.forced = true;
    await untilShared(watched, () => {
      for (const dtype of dtypes.slice(0, 2)) for (const op of defined.ops) expectSameBits(op, dtype);
    });
  });

  const x: Any = sg.tensor([1, 2], [2] as readonly number[]);
  const hessian = (y: Any) => sg.grad((z: Any) => sg.sum(sg.grad((u: Any) => sg.sum(sg.square(u) as Any))(z)))(y);
  test.each([
    ["a function of a constant", () => sg.exp(sg.zeros([3])), [1, 1, 1]],
    ["a derivative that is a constant", () => sg.grad((y: sg.Tensor<[]>) => sg.sub(1, y))(sg.tensor(1)), -1],
    ["a quadratic's second derivative", hessian, [2, 2]],
    ["an optimizer's first state", (y: Any) => sg.sqrt(sg.optim.adam({ learningRate: 1 }).init(y)["step"] as never), 0],
    ["a root of a negative number", () => sg.sqrt(sg.full([2], -1)), [NaN, NaN]],
  ] as [string, (y: Any) => sg.AnyTensor, unknown][])("%s", (_, f, expected) => {
    const step = sg.compile(f);
    expect(step(x).toArray()).toEqual(expected);
    step.dispose();
  });

  test("a compiled minimization of a quadratic", () => {
    const f = (y: sg.Tensor<[2]>) => sg.sum(sg.square(sg.sub(y, sg.ones([2]))));
    const { x: least } = sg.optim.minimize(f, sg.tensor([5, -5]), { compile: true });
    for (const value of least.data) expect(value).toBeCloseTo(1, 5);
  });
});

test("a product may be added to its own operand", () => {
  const residual = sg.compile((x: sg.Tensor<[2, 2]>, w: sg.Tensor<[2, 2]>) => {
    const h = sg.mul(x, 2);
    return sg.add(sg.matmul(h, w), h);
  });
  const [x, w] = [sg.tensor([1, 2, 3, 4], [2, 2]), sg.tensor([0, 1, 1, 0], [2, 2])];
  expect(residual(x, w).toArray()).toEqual([
    [6, 6],
    [14, 14],
  ]);
  for (const made of [residual, x, w]) made.dispose();
});
