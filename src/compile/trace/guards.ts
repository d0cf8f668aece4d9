// Integers that must be within bounds before a program runs, and how they are known by then. Must not know the program.
import { Op } from "../../../assembly/ops.generated.js";
import { execute } from "../../runtime/program/instruction.js";
import { sizeOf } from "../../tensor/shape.js";
import { type AnyTensor, allocateTensor, Tensor } from "../../tensor/tensor.js";
import { instructionsOf } from "../emit/instructions.js";
import { type Computed, isComputed, operandsOf, opOf, type Read, type Value } from "./graph.js";

/** Throws where one of some integers is out of bounds. */
export type Check = (data: ArrayLike<number>) => void;

/** Integers that are checked before each run. */
export interface Guard {
  readonly value: Value;
  readonly check: Check;
}

/** The least and the greatest that integers may be. */
type Range = readonly [least: number, greatest: number];

const ANY: Range = [-(2 ** 31), 2 ** 31 - 1];

/** Ops that choose among elements, by kind or kernel: the operands whose elements they choose, from one up to another, or to the last. */
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

/** What is known of the integers of a trace. */
export class Integers {
  readonly #ranges = new Map<Value, Range>();
  /** Those that follow from arguments and constants in steps of integers: cheap enough to be computed before each run, too. */
  readonly #early = new Set<Value>();

  /** Told of every value, operands first. */
  add(value: Value): void {
    if (!isComputed(value)) this.#early.add(value);
    else if (value.dtype === "int32") {
      this.#ranges.set(value, this.#rangeOf(value));
      if (operandsOf(value).every((operand) => this.#early.has(operand))) this.#early.add(value);
    }
  }

  /** True where a value can be checked before a run. */
  isEarly(value: Value): boolean {
    return this.#early.has(value);
  }

  /** True where no integers that the value may hold fail. */
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
    // Positions along an axis of so many elements.
    const [x] = operands;
    if (op === Op.argMax && typeof x === "object") return [0, sizeOf(x.shape) / sizeOf(value.shape) - 1];
    return ANY;
  }
}

/**
 * A value from before a run, made of others by its own ops, in the scope that is open.
 * @param leaves - the arguments' tensors
 * @param made - what was made before; this is added
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
