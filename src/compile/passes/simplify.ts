// Algebra that keeps every bit of a result: drops ops that do nothing, computes constants once. Must not know memory or fusion.
import { Op } from "../../../assembly/ops.generated.js";
import { FULL } from "../../ops/create.js";
import { execute } from "../../runtime/program/instruction.js";
import { broadcastShapes, sameShape, sizeOf } from "../../tensor/shape.js";
import { allocateTensor } from "../../tensor/tensor.js";
import { tracing } from "../../tensor/tracer.js";
import { run } from "../emit/instructions.js";
import {
  type Computed,
  type Graph,
  isComputed,
  kernelOf,
  keyOf,
  numbering,
  operandsOf,
  opOf,
  type Read,
  rewrite,
  type Value,
  type View,
} from "../trace/graph.js";

/** The operand at a position, if the op returns it unchanged. */
type Rule = (operands: readonly Read[]) => Read | undefined;

const isNegativeZero = (x: Read | undefined): boolean => Object.is(x, -0);

/**
 * x + (-0), x - 0, x * 1, x / 1 and x^1 are x for every x, including NaN, infinities and zeros of both signs. x + 0 is not x for -0, and
 * x * 0 is not always 0.
 */
const NEUTRAL: { readonly [op: number]: Rule } = {
  [Op.identity]: ([a]) => a,
  [Op.add]: ([a, b]) => (isNegativeZero(b) ? a : isNegativeZero(a) ? b : undefined),
  [Op.sub]: ([a, b]) => (Object.is(b, 0) ? a : undefined),
  [Op.mul]: ([a, b]) => (b === 1 ? a : a === 1 ? b : undefined),
  [Op.div]: ([a, b]) => (b === 1 ? a : undefined),
  [Op.neg]: ([a]) => {
    const inner = typeof a === "object" ? a.value : undefined;
    return inner && isComputed(inner) && kernelOf(inner) === Op.neg ? inner.origin.operands[0] : undefined;
  },
};

/** An elementwise op on numbers. Its own kernel computes it, so the bits are the same. */
function compute({ dtype, origin }: Computed, operands: readonly number[]): number {
  return tracing(undefined, () => {
    const result = allocateTensor("compile", [], dtype);
    execute(run(origin.call, result, operands));
    const value = result.item();
    result.dispose();
    return value;
  });
}

function sameElements(value: Value, view: View): boolean {
  return sizeOf(value.shape) === sizeOf(view.shape) && value.dtype === view.value.dtype;
}

/** Replaces tensors of one number by the number, and repetitions by their source, if the result's shape stays the same. */
function readThrough(value: Computed): Computed {
  const { origin } = value;
  let operands = origin.operands;
  operands.forEach((operand, i) => {
    if (typeof operand === "number") return;
    const { value: inner, shape } = operand;
    if (!isComputed(inner)) return;
    const { kind } = opOf(inner);
    if (kind !== "fill" && (kind !== "repeat" || !sameShape(shape, inner.shape))) return;
    const source = inner.origin.operands[0]!;
    const next = operands.map((other, j) => (j === i ? source : other));
    const shapes = next.map((other) => (typeof other === "number" ? undefined : other.shape));
    const keeps = opOf(value).kind === "repeat" || sameShape(broadcastShapes("compile", shapes), value.shape);
    if (keeps || shapes.every((shape) => shape === undefined)) operands = next;
  });
  return operands === origin.operands ? value : { ...value, origin: { ...origin, operands } };
}

/** Drops ops that do nothing, and computes ops on numbers. */
export function simplify(graph: Graph): Graph {
  return rewrite(graph, (original) => {
    const kernel = kernelOf(original);
    if (kernel === undefined) return original;
    const value = readThrough(original);
    const { operands } = value.origin;
    if (operands.every((operand) => typeof operand === "number")) {
      const number = kernel === Op.identity ? operands[0]! : compute(value, operands);
      // A NaN as a number would lose its sign.
      if (kernel !== Op.identity && Number.isNaN(number)) return value;
      return { ...value, origin: { kind: "op", call: { op: FULL, params: undefined }, operands: [number] } };
    }
    const same = NEUTRAL[kernel]?.(operands);
    if (typeof same === "object" && sameElements(value, same)) return same.value;
    return value;
  });
}

/** One value for the same op on the same operands. */
export function shareCommon(graph: Graph): Graph {
  const numberOf = numbering<unknown>();
  const known = new Map<string, Value>();
  const nameOf = (operand: Read): string =>
    typeof operand === "number" ? keyOf(operand) : `#${numberOf(operand.value)}[${operand.shape.join()}]`;
  return rewrite(graph, (value) => {
    const { call, operands } = value.origin;
    const key = `${numberOf(call.op)} ${value.dtype}[${value.shape.join()}] ${operands.map(nameOf).join(" ")} ${JSON.stringify(call.params)}`;
    if (!known.has(key)) known.set(key, value);
    return known.get(key)!;
  });
}

/** Keeps only values that a result or a write needs. */
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
