// Tapes: record which op ran on which values, and keep the values that gradients need. Must not know any op. transform/grad.ts walks them.
import { AliasError } from "../errors.js";
import type { FloatDType } from "./dtype.js";
import type { Shape } from "./shape.js";
import type { Storage } from "./storage.js";
import type { AnyTensor, Tensor } from "./tensor.js";
import { activeTracer } from "./tracer.js";
import type { Operand } from "./types.js";

/** The values that a gradient rule may read: the operands by position, and the result. */
export type Saved = "a" | "b" | "c" | "d" | "y";

/** A tensor that can have a gradient. */
export type Variable = Tensor<Shape, FloatDType>;

/** The values that a gradient rule reads. */
export interface GradContext {
  /**
   * The incoming gradient: of the final value with respect to this op's result, in the result's shape. For elementwise ops it may have
   * size 1 along axes where it is constant.
   */
  readonly g: AnyTensor;
  readonly a: Operand;
  readonly b: Operand;
  readonly c: Operand;
  readonly d: Operand;
  readonly y: Operand;
  readonly params: unknown;
  /** The operands' shapes; undefined for numbers. */
  readonly shapes: readonly (Shape | undefined)[];
}

/** One function for each operand, called only if its gradient is wanted; undefined if its derivative is zero everywhere. */
export type Rules = readonly ((() => AnyTensor) | undefined)[];

/** The part of an op's definition that the tape needs. */
export interface Differentiable {
  readonly name: string;
  /** True if, after broadcasting, element i of the result depends only on element i of each operand. */
  readonly elementwise: boolean;
  readonly saves: readonly Saved[];
  /** For a value that only one operand's gradient reads: that operand's position. Saved only if that gradient is wanted. */
  readonly readBy?: Readonly<Partial<Record<Saved, number>>> | undefined;
  /** Undefined if the derivative is zero everywhere. */
  readonly grad: ((context: GradContext) => Rules) | undefined;
  /** Adds the gradient of the first operand to a total of the operand's shape, in place if the total is also `out`. */
  readonly accumulate?:
    | ((context: GradContext, total: AnyTensor, options: { readonly out?: AnyTensor }) => AnyTensor)
    | undefined;
}

/** A value kept for the gradient. Its bytes stay even after the tensor is disposed. */
interface Kept {
  readonly tensor: AnyTensor | number;
  readonly storage: Storage | undefined;
  readonly version: number;
}

interface Node {
  readonly op: Differentiable | undefined;
  /** The result's shape. */
  readonly shape: Shape;
  /** Each operand's node, or -1 for a constant. */
  readonly inputs: readonly number[];
  readonly shapes: readonly (Shape | undefined)[];
  readonly params: unknown;
  kept: Partial<Record<Saved, Kept>>;
}

/** The operands' names, in order. */
const POSITIONS = "abcd";

/** The values that the wanted gradients read. */
function savesFor({ saves, readBy }: Differentiable, inputs: readonly number[]): readonly Saved[] {
  if (readBy === undefined) return saves;
  return saves.filter((name) => readBy[name] === undefined || inputs[readBy[name]]! >= 0);
}

/** A handle's node, or -1 for a constant, and the version of its bytes for which this is true. */
interface Known {
  readonly index: number;
  readonly version: number;
}

/** The recording tapes, outermost first: one for each gradient in progress. */
const active: Tape[] = [];

/** One recording: nodes in the order of execution. */
export class Tape {
  readonly #nodes: Node[] = [];
  readonly #known = new Map<AnyTensor, Known>();
  /** The node last written into bytes through `out`, under any handle; -1 for a constant. */
  readonly #written = new Map<Storage, number>();

  /** The number of nodes so far. */
  get length(): number {
    return this.#nodes.length;
  }

  /** Makes a tensor a variable of this tape. */
  watch(tensor: AnyTensor): number {
    this.#nodes.push({ op: undefined, shape: tensor.extents, inputs: [], shapes: [], params: undefined, kept: {} });
    return this.assign(tensor, this.#nodes.length - 1);
  }

  /**
   * A tensor's node, or -1 for a constant.
   * @throws AliasError if its bytes were overwritten through `out` under another handle
   */
  indexOf(tensor: AnyTensor | number): number {
    if (typeof tensor === "number") return -1;
    const { storage } = tensor;
    const known = this.#known.get(tensor);
    if (known?.version === storage.version) return known.index;
    if ((known?.index ?? -1) < 0 && (this.#written.get(storage) ?? -1) < 0) return -1;
    throw new AliasError(
      `the ${tensor.named} tensor was overwritten through out under another handle: read the one given as out, or ` +
        "clone() before",
    );
  }

  node(index: number): Node {
    return this.#nodes[index]!;
  }

  /** Makes a tensor with its present bytes stand for a node, or for a constant if the index is -1. */
  assign(tensor: AnyTensor, index: number): number {
    this.#known.set(tensor, { index, version: tensor.storage.version });
    return index;
  }

  /** @param inputs - the operands' nodes, from before `result` was written */
  record(
    op: Differentiable,
    operands: readonly (AnyTensor | number)[],
    inputs: readonly number[],
    params: unknown,
    result: AnyTensor,
    isWritten: boolean,
  ): void {
    let index = -1;
    // Integers have no derivative.
    if (op.grad !== undefined && result.dtype !== "int32" && inputs.some((input) => input >= 0)) {
      const kept: Partial<Record<Saved, Kept>> = {};
      for (const name of savesFor(op, inputs)) {
        const tensor = operands[POSITIONS.indexOf(name)] ?? result;
        const storage = typeof tensor === "number" ? undefined : tensor.storage.retain();
        kept[name] = { tensor, storage, version: storage?.version ?? 0 };
      }
      const shapes = operands.map((operand) => (typeof operand === "number" ? undefined : operand.extents));
      index = this.#nodes.push({ op, shape: result.extents, inputs, shapes, params, kept }) - 1;
    }
    if (isWritten) this.#written.set(result.storage, index);
    // A second handle made after the write sees the written value.
    if (index >= 0 || this.#written.has(result.storage)) this.assign(result, index);
  }

  /** A kept value. Its bytes exist even if its tensor is disposed. */
  recall(index: number, name: Saved): AnyTensor | number {
    const node = this.#nodes[index]!;
    const { tensor, storage, version } = node.kept[name]!;
    if (typeof tensor === "number") return tensor;
    if (storage!.version !== version) {
      throw new AliasError(
        `${node.op?.name}: its gradient needs the value of the ${tensor.named} tensor, which was overwritten through out`,
      );
    }
    return tensor;
  }

  /** Releases the values that a node keeps. */
  forget(index: number): void {
    const node = this.#nodes[index]!;
    for (const { storage } of Object.values(node.kept)) storage?.release();
    node.kept = {};
  }

  /** Releases all kept values. */
  close(): void {
    for (let i = 0; i < this.#nodes.length; i++) this.forget(i);
  }

  /** Records `body` on this tape, in addition to the tapes that record already. */
  during<R>(body: () => R): R {
    active.push(this);
    try {
      return body();
    } finally {
      active.pop();
    }
  }
}

/** Runs `body` unrecorded. Its caller records it as one op. */
export function unrecorded<R>(body: () => R): R {
  const outer = active.splice(0);
  try {
    return body();
  } finally {
    active.push(...outer);
  }
}

/** True while a tape records. */
export function isRecording(): boolean {
  return active.length > 0;
}

/** True while a tape or `compile` records. */
export function isRecorded(): boolean {
  return isRecording() || activeTracer() !== undefined;
}

/**
 * The operands' nodes on every recording tape, outermost first. Must be called before `out` is written.
 * @throws AliasError if an operand was overwritten under another handle, or `out` would overwrite a value that a gradient needs
 */
export function nodesOf(
  op: Differentiable,
  operands: readonly (AnyTensor | number)[],
  out: AnyTensor | undefined,
): readonly (readonly number[])[] {
  return active.map((tape) => {
    const inputs = operands.map((operand) => tape.indexOf(operand));
    if (out === undefined || op.grad === undefined || inputs.every((index) => index < 0)) return inputs;
    for (const name of savesFor(op, inputs)) {
      const operand = operands[POSITIONS.indexOf(name)];
      if (typeof operand === "object" && operand.storage === out.storage) {
        throw new AliasError(`${op.name}: out shares its memory with ${name}, whose value the gradient needs`);
      }
    }
    return inputs;
  });
}

/** Tells every recording tape what just ran. `nodes` are the operands' nodes. */
export function record(
  op: Differentiable,
  operands: readonly (AnyTensor | number)[],
  nodes: readonly (readonly number[])[],
  params: unknown,
  result: AnyTensor,
  isWritten: boolean,
): void {
  active.forEach((tape, i) => {
    tape.record(op, operands, nodes[i]!, params, result, isWritten);
  });
}

/**
 * Makes `to` the same variable as `from` on every recording tape, or a constant if `from` is undefined. For copies and second handles.
 */
export function follow(to: AnyTensor, from: AnyTensor | undefined): void {
  for (const tape of active) tape.assign(to, from === undefined ? -1 : tape.indexOf(from));
}
