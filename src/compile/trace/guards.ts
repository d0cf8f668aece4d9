// Guards: indices that must be within bounds before a program runs, and how to compute them by then. Must not know the program.
import { Op } from "../../../assembly/ops.generated.js";
import { execute } from "../../runtime/program/instruction.js";
import { sizeOf } from "../../tensor/shape.js";
import { type AnyTensor, allocateTensor, Tensor } from "../../tensor/tensor.js";
import { instructionsOf } from "../emit/instructions.js";
import { type Computed, isComputed, operandsOf, opOf, type Read, type Value } from "./graph.js";

/** Throws if one of the integers is out of bounds. */
export type Check = (data: ArrayLike<number>) => void;

/** Integers to check before each run. */
export interface Guard {
  readonly value: Value;
  readonly check: Check;
}

/** The least and the greatest possible value of integers. */
type Range = readonly [least: number, greatest: number];

const ANY: Range = [-(2 ** 31), 2 ** 31 - 1];

/** Ops that choose among elements, by kind or kernel, with the range of operands whose elements they choose. */
const CHOOSING: { readonly [kindOrOp: string]: readonly [from: number, to?: number] } = {
  fill: [0],
  view: [0],
  repeat: [0],
  transpose: [0],
  slice: [0],
  concat: [0],
  take: [0, 1],
  [Op.identity]: [0],
  [Op.where]: [1],
  [Op.maximum]: [0],
  [Op.minimum]: [0],
};

/** The known facts about the integers of a trace. */
export class Integers {
  readonly #ranges = new Map<Value, Range>();
  /** Values computed from arguments and constants by integer ops only. They are cheap enough to compute before each run. */
  readonly #early = new Set<Value>();

  /** Notes a value. Operands come first. */
  add(value: Value): void {
    if (!isComputed(value)) this.#early.add(value);
    else if (value.dtype === "int32") {
      this.#ranges.set(value, this.#rangeOf(value));
      if (operandsOf(value).every((operand) => this.#early.has(operand))) this.#early.add(value);
    }
  }

  /** True if a value can be checked before a run. */
  isEarly(value: Value): boolean {
    return this.#early.has(value);
  }

  /** True if every possible element of the value passes the check. */
  pass(value: Value, check: Check): boolean {
    try {
      if (sizeOf(value.shape) > 0) check(this.#ranges.get(value) ?? ANY);
      return true;
    } catch {
      return false;
    }
  }

  #rangeOf(value: Computed): Range {
    const { kind, op } = opOf(value);
    const { operands } = value.origin;
    const of = (x: Read): Range => (typeof x === "number" ? [x, x] : (this.#ranges.get(x.value) ?? ANY));
    const chosen = CHOOSING[op ?? kind];
    if (chosen !== undefined) {
      const ranges = operands.slice(...chosen).map(of);
      const least = op === Op.maximum ? Math.max : Math.min;
      const greatest = op === Op.minimum ? Math.min : Math.max;
      return [least(...ranges.map((range) => range[0])), greatest(...ranges.map((range) => range[1]))];
    }
    // Positions along an axis of this size.
    const [x] = operands;
    if (op === Op.argMax && typeof x === "object") return [0, sizeOf(x.shape) / sizeOf(value.shape) - 1];
    return ANY;
  }
}

/**
 * Computes a value before a run, by its own ops, in the current scope.
 * @param leaves - the arguments' tensors
 * @param made - the values computed so far; new ones are added
 */
export function computeEarly(value: Value, leaves: readonly AnyTensor[], made: Map<Value, AnyTensor>): AnyTensor {
  const { shape, dtype, origin } = value;
  if (origin.kind === "input") return leaves[origin.index]!;
  let tensor = made.get(value);
  if (tensor !== undefined) return tensor;
  if (origin.kind === "constant") return new Tensor(shape, dtype, origin.storage.retain());
  for (const operand of operandsOf(value)) made.set(operand, computeEarly(operand, leaves, made));
  tensor = allocateTensor("compile", shape, dtype);
  made.set(value, tensor);
  if (isComputed(value)) execute(instructionsOf(value, (read) => made.get(read)!.storage.address));
  return tensor;
}
