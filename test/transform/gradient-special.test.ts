// Gradients of every op at zeros, infinities, NaN, ties, empty axes and axes of size 1, against PyTorch's, made by
// golden/special.py, eager and compiled. Must not know kernels or memory.
import { expect, it } from "vitest";
import { type AnyTensor, add, compile, grad, type Shape, scope, sum, type Tensor } from "../../src/index.js";
import { cases, type OpName, type Options, toTensor } from "../cases.js";
import golden from "../golden/special.json" with { type: "json" };
import { nd } from "../support/reference.js";

type Numbers = readonly (number | string)[];

interface Call {
  readonly op: OpName;
  readonly inputs: readonly { readonly shape: Shape; readonly int32: boolean; readonly data: Numbers }[];
  readonly options: Options;
  readonly value: Numbers;
  /** For each operand; null for integers. */
  readonly first: readonly (Numbers | null)[];
  readonly second: readonly (Numbers | null)[];
}

type Of = "value" | "first" | "second";

/** Where we promise something else than PyTorch does. */
interface Difference {
  readonly ops: readonly OpName[];
  readonly of: readonly Of[];
  /** The operand whose gradient differs. */
  readonly operand?: number;
  /** Of the element's operands, and of all operands' elements. */
  readonly where: (at: number[], all: number[]) => boolean;
  readonly reason: string;
}

const isNan = (x: unknown): boolean => Number.isNaN(x);

const DIFFERENCES: readonly Difference[] = [
  {
    ops: ["silu"],
    of: ["value", "first", "second"],
    where: ([x]) => x === -Infinity,
    reason: "the limit is -0; PyTorch divides infinities",
  },
  {
    ops: ["mod"],
    of: ["first"],
    operand: 1,
    where: ([a, b]) => b === 0 || (Math.abs(b!) === Infinity && a! * b! < 0),
    reason: "y is NaN or infinite, and the quotient is computed from it; PyTorch takes the floor of a / b",
  },
  {
    ops: ["abs", "sign"],
    of: ["value", "first"],
    where: ([x]) => isNan(x),
    reason: "sign(NaN) is NaN here and in NumPy, 0 in PyTorch",
  },
  {
    ops: ["relu"],
    of: ["first"],
    where: ([x]) => isNan(x),
    reason: "relu keeps NaN in its gradient; PyTorch passes g on",
  },
  {
    ops: ["reluBackward"],
    of: ["value", "first"],
    where: ([_, x]) => isNan(x),
    reason: "relu keeps NaN in its gradient; a selection takes 0",
  },
  {
    ops: ["thresholdRelu"],
    of: ["value"],
    where: ([x]) => !(x! >= 0),
    reason: "below the threshold y is x times a slope, NaN for -Infinity and NaN; a selection takes 0",
  },
  {
    ops: ["maximum", "minimum"],
    of: ["first"],
    where: ([a, b]) => isNan(a) || isNan(b),
    reason: "NaN goes to the operand that is NaN and 0 to the other one; PyTorch gives g to both",
  },
  {
    ops: ["power"],
    of: ["first"],
    operand: 1,
    where: ([a]) => a === 0,
    reason: "the exponent has no gradient where the base is 0, whatever the exponent is",
  },
  {
    ops: ["power"],
    of: ["second"],
    where: (_, all) => all.includes(0),
    reason: "what has no gradient at 0 has no second derivative there; PyTorch's is NaN or infinite, from log(0)",
  },
  {
    ops: ["sigmoidBackward"],
    of: ["first"],
    operand: 1,
    where: ([dy, y]) => !Number.isFinite(dy) && (y === 0 || y === 1),
    reason: "dy (1 - 2 y) is one product; PyTorch subtracts two, and infinity from itself",
  },
  {
    ops: ["softmaxCrossEntropy"],
    of: ["first", "second"],
    where: (_, all) => all.slice(6).includes(0),
    reason: "probabilities of 0 have no gradient, so that a logit of -Infinity may stand beside them",
  },
  {
    ops: ["sigmoidCrossEntropy"],
    of: ["value"],
    where: ([x]) => !Number.isFinite(x) || Math.abs(x!) === 40,
    reason: "infinite logits have a loss, and small losses their digits; PyTorch's are NaN and 0",
  },
  {
    ops: ["sigmoidCrossEntropy"],
    of: ["first", "second"],
    where: ([x]) => isNan(x) || Math.abs(x!) === 40,
    reason: "small gradients keep their digits, from both sigmoids, so that NaN reaches the target's second derivative",
  },
];

const calls = golden as unknown as readonly Call[];
const used = new Set<Difference>();

function check(call: Call, of: Of, got: ArrayLike<number>, numbers: Numbers, operand?: number): void {
  const lists = call.inputs.map(({ data }) => data.map(Number));
  const expected = numbers.map(Number);
  expect(got.length).toBe(expected.length);
  expected.forEach((x, i) => {
    const y = got[i]!;
    if (Object.is(x + 0, y + 0) || Math.abs(y - x) <= 1e-14 * Math.abs(x) + 5e-16 || x === y) return;
    const at = lists.flatMap((list) => (list.length === expected.length ? [list[i]!] : []));
    const difference = DIFFERENCES.find(
      (d) =>
        d.ops.includes(call.op) && d.of.includes(of) && (d.operand ?? operand) === operand && d.where(at, lists.flat()),
    );
    if (difference === undefined) {
      expect
        .soft(y, `${call.op} ${JSON.stringify(call.options)} ${of} ${operand ?? ""} [${i}] at ${at.join(", ")}`)
        .toBe(x);
    } else used.add(difference);
  });
}

it.each([...new Set(calls.map(({ op }) => op))])("%s", (op) => {
  for (const call of calls.filter((other) => other.op === op)) {
    scope(() => {
      const inputs = call.inputs.map(({ shape, int32, data }) =>
        toTensor(nd(shape, data.map(Number)), int32 ? "int32" : "float64"),
      );
      const argnums = call.inputs.flatMap(({ int32 }, i) => (int32 ? [] : [i]));
      const f = (...xs: AnyTensor[]): AnyTensor => cases[op].run(xs, call.options);
      const total = (...xs: AnyTensor[]): Tensor<[]> => sum(f(...xs) as never) as never;
      const first = grad(total, { argnums }) as (...xs: AnyTensor[]) => AnyTensor[];
      const second = grad(
        (...xs: AnyTensor[]) =>
          first(...xs).reduce<AnyTensor | undefined>(
            (all, g) => (all === undefined ? sum(g as never) : add(all, sum(g as never))) as never,
            undefined,
          ) as never,
        { argnums },
      ) as typeof first;
      for (const run of [(g: typeof first) => g, (g: typeof first) => compile(g) as typeof first]) {
        check(call, "value", run(((...xs: AnyTensor[]) => [f(...xs)]) as never)(...inputs)[0]!.data, call.value);
        const derivatives = { first: run(first)(...inputs), second: run(second)(...inputs) };
        for (const of of ["first", "second"] as const) {
          argnums.forEach((operand, i) => {
            check(call, of, derivatives[of][i]!.data, call[of][operand]!, operand);
          });
        }
      }
    });
  }
});

it("covers every op that has a gradient", () => {
  const smooth = Object.values(cases).filter(({ differentiable }) => differentiable.length > 0);
  expect(smooth.map(({ name }) => name).filter((name) => !calls.some(({ op }) => op === name))).toEqual([]);
});

it("lists no difference that is gone", () => {
  expect(DIFFERENCES.filter((difference) => !used.has(difference)).map(({ reason }) => reason)).toEqual([]);
});
