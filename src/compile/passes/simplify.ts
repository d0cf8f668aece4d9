// Algebra that keeps every bit of a result: what does nothing is left out, numbers are computed once. Must not know memory or
// fusion.
import { Op } from "../../../assembly/ops.generated.js";
import { FULL } from "../../ops/create.js";
import { execute } from "../../runtime/program/instruction.js";
import { broadcastShapes, sameShape, sizeOf } from "../../tensor/shape.js";
import { allocateTensor } from "../../tensor/tensor.js";
import { tracing } from "../../tensor/tracer.js";
import {
  type Computed,
  type Graph,
  keyOf,
  numbering,
  type Operand,
  operandsOf,
  rewrite,
  uniformValue,
  type Value,
  type View,
} from "../trace/graph.js";

/** The operand at a position, if the op gives it back unchanged. */
type Rule = (operands: readonly Operand[]) => Operand | undefined;

const isNegativeZero = (x: Operand | undefined): boolean => Object.is(x, -0);

/**
 * x + (-0), x - 0, x * 1, x / 1 and x^1 are x for every x, NaN, infinities and zeros of both signs included; x + 0 is not, for
 * -0 + 0 = 0, nor is x * 0.
 */
const NEUTRAL: { readonly [op: number]: Rule } = {
  [Op.identity]: ([a]) => a,
  [Op.add]: ([a, b]) => (isNegativeZero(b) ? a : isNegativeZero(a) ? b : undefined),
  [Op.sub]: ([a, b]) => (Object.is(b, 0) ? a : undefined),
  [Op.mul]: ([a, b]) => (b === 1 ? a : a === 1 ? b : undefined),
  [Op.div]: ([a, b]) => (b === 1 ? a : undefined),
  [Op.neg]: ([a]) => {
    const inner = typeof a === "object" ? a.value : undefined;
    return inner?.origin.kind === "op" && inner.origin.op.opcode === Op.neg ? inner.origin.operands[0] : undefined;
  },
};

/** One elementwise op on numbers, by its own kernel: the same bits as anywhere else. */
function compute({ dtype, origin }: Computed): number {
  return tracing(undefined, () => {
    const result = allocateTensor("compile", [], dtype);
    execute(origin.op.instructions(result, origin.operands as number[], origin.params));
    const value = result.item();
    result.dispose();
    return value;
  });
}

function sameElements(value: Value, view: View): boolean {
  return sizeOf(value.shape) === sizeOf(view.shape) && value.dtype === view.value.dtype;
}

/** Tensors of one number as that number, and repetitions as what they repeat, where the result's shape is the same without them. */
function readThrough(value: Computed): Computed {
  const { origin } = value;
  let operands = origin.operands;
  operands.forEach((operand, i) => {
    if (typeof operand === "number") return;
    const inner = operand.value.origin;
    const repeated =
      inner.kind === "op" && inner.op.name === "broadcastTo" && sameShape(operand.shape, operand.value.shape)
        ? inner.operands[0]
        : undefined;
    const source = uniformValue(operand.value) ?? repeated;
    if (source === undefined) return;
    const next = operands.map((other, j) => (j === i ? source : other));
    const shapes = next.map((other) => (typeof other === "number" ? undefined : other.shape));
    const keeps = origin.op.name === "broadcastTo" || sameShape(broadcastShapes("compile", shapes), value.shape);
    if (keeps || shapes.every((shape) => shape === undefined)) operands = next;
  });
  return operands === origin.operands ? value : { ...value, origin: { ...origin, operands } };
}

/** Leaves out what does nothing, and computes once what depends on numbers alone. */
export function simplify(graph: Graph): Graph {
  return rewrite(graph, (original) => {
    if (original.origin.op.opcode === undefined || original.origin.op === FULL) return original;
    const value = readThrough(original);
    const { op, operands } = value.origin;
    if (operands.every((operand) => typeof operand === "number")) {
      const number = op.opcode === Op.identity ? operands[0]! : compute(value);
      // As a number, a NaN would lose its sign.
      if (op.opcode !== Op.identity && Number.isNaN(number)) return value;
      return { ...value, origin: { kind: "op", op: FULL, operands: [number], params: undefined } };
    }
    const same = NEUTRAL[op.opcode!]?.(operands);
    if (typeof same === "object" && sameElements(value, same)) return same.value;
    return value;
  });
}

/** One value for ops of the same name on the same operands. */
export function shareCommon(graph: Graph): Graph {
  const numberOf = numbering<Value>();
  const known = new Map<string, Value>();
  const nameOf = (operand: Operand): string =>
    typeof operand === "number" ? keyOf(operand) : `#${numberOf(operand.value)}[${operand.shape.join()}]`;
  return rewrite(graph, (value) => {
    const { op, operands, params } = value.origin;
    const key = `${op.name} ${value.dtype}[${value.shape.join()}] ${operands.map(nameOf).join(" ")} ${JSON.stringify(params)}`;
    if (!known.has(key)) known.set(key, value);
    return known.get(key)!;
  });
}

/** Only what a result or a write needs. */
export function dropDead(graph: Graph): Graph {
  const needed = new Set<Value>([...graph.results, ...graph.writes].map(({ value }) => value));
  const kept: Value[] = [];
  for (const value of [...graph.values].reverse()) {
    if (!needed.has(value)) continue;
    kept.push(value);
    for (const operand of operandsOf(value)) needed.add(operand);
  }
  return { ...graph, values: kept.reverse() };
}
