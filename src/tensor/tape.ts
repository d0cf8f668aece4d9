// What ran, recorded for the backward walk: which op on which values, and only those tensors whose values the gradient
// needs. Must not know any op; the walk itself is transform/grad.ts.
import { AliasError } from "../errors.js";
import type { FloatDType } from "./dtype.js";
import type { Shape } from "./shape.js";
import type { Storage } from "./storage.js";
import type { AnyTensor, Tensor } from "./tensor.js";
import { activeTracer } from "./tracer.js";

/** What a gradient rule may ask for: the operands by position and the result. */
export type Saved = "a" | "b" | "c" | "d" | "y";

/** What gradients are taken of. */
export type Variable = Tensor<Shape, FloatDType>;

/** The values a rule reads, and what it reads them for. */
export interface GradContext {
  /**
   * The incoming gradient: of the final value with respect to this op's result, in the result's shape. For elementwise
   * ops it may have size 1 along axes over which it is constant.
   */
  readonly g: Variable;
  readonly a: Variable | number;
  readonly b: Variable | number;
  readonly c: Variable | number;
  readonly d: Variable | number;
  readonly y: Variable;
  readonly params: unknown;
  /** Shapes of the operands; undefined for numbers. */
  readonly shapes: readonly (Shape | undefined)[];
}

/** One closure an operand, called only where its gradient is wanted; undefined for an operand whose derivative is zero everywhere. */
export type Rules = readonly ((() => AnyTensor) | undefined)[];

/** What the tape needs to know of an op. */
export interface Differentiable {
  readonly name: string;
  /** True where element i of the result depends on element i of each operand only, after broadcasting. */
  readonly elementwise: boolean;
  readonly saves: readonly Saved[];
  /** For what only one operand's gradient reads, that operand's position: not saved where that gradient is not wanted. */
  readonly readBy?: Readonly<Partial<Record<Saved, number>>> | undefined;
  /** Undefined where the derivative is zero everywhere. */
  readonly grad: ((context: GradContext) => Rules) | undefined;
  /** Adds the gradient of the first operand to a total of the operand's shape, and may be told to write it there. */
  readonly accumulate?:
    | ((context: GradContext, total: AnyTensor, options: { readonly out?: AnyTensor }) => AnyTensor)
    | undefined;
}

/** A value kept for the gradient: its bytes stay even if the tensor is disposed meanwhile. */
interface Kept {
  readonly tensor: AnyTensor | number;
  readonly storage: Storage | undefined;
  readonly version: number;
}

interface Node {
  readonly op: Differentiable | undefined;
  /** The result's shape. */
  readonly shape: Shape;
  /** For each operand the node it came from, or -1 for a constant. */
  readonly inputs: readonly number[];
  readonly shapes: readonly (Shape | undefined)[];
  readonly params: unknown;
  kept: Partial<Record<Saved, Kept>>;
}

/** The operands' names, in order. */
const POSITIONS = "abcd";

/** What the gradients of operands read that come from nodes. */
function savesFor({ saves, readBy }: Differentiable, inputs: readonly number[]): readonly Saved[] {
  if (readBy === undefined) return saves;
  return saves.filter((name) => readBy[name] === undefined || inputs[readBy[name]]! >= 0);
}

/** A handle's node, or -1 where it is known to be a constant, and the version of its bytes that this holds for. */
interface Known {
  readonly index: number;
  readonly version: number;
}

/** The tapes that record now, outermost first: one for each gradient that is being taken. */
const active: Tape[] = [];

/** One recording: nodes in the order in which they ran. */
export class Tape {
  readonly #nodes: Node[] = [];
  readonly #known = new Map<AnyTensor, Known>();
  /** The node last written through `out` into bytes, under whichever handle; -1 for a constant. */
  readonly #written = new Map<Storage, number>();

  /** Number of nodes so far. */
  get length(): number {
    return this.#nodes.length;
  }

  /** Makes a tensor a variable of this tape. */
  watch(tensor: AnyTensor): number {
    this.#nodes.push({ op: undefined, shape: tensor.extents, inputs: [], shapes: [], params: undefined, kept: {} });
    return this.assign(tensor, this.#nodes.length - 1);
  }

  /**
   * The node a tensor stands for; -1 for a constant.
   * @throws AliasError where its bytes hold another value, written through `out` under another handle
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

  /** Makes a tensor, as its bytes are now, stand for a node, or -1 for a constant. */
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
    // What is an integer does not change smoothly with anything.
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
    // A second handle on written bytes, made afterwards, shows what was written.
    if (index >= 0 || this.#written.has(result.storage)) this.assign(result, index);
  }

  /** A kept value; its bytes are there even if its tensor was disposed meanwhile. */
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

  /** Lets go of what a node keeps. */
  forget(index: number): void {
    const node = this.#nodes[index]!;
    for (const { storage } of Object.values(node.kept)) storage?.release();
    node.kept = {};
  }

  /** Lets go of all that is still kept. */
  close(): void {
    for (let i = 0; i < this.#nodes.length; i++) this.forget(i);
  }

  /** Runs `body` while this tape records, within those that record already. */
  during<R>(body: () => R): R {
    active.push(this);
    try {
      return body();
    } finally {
      active.pop();
    }
  }
}

/** Runs `body` without telling the tapes: for what is recorded as one op. */
export function unrecorded<R>(body: () => R): R {
  const outer = active.splice(0);
  try {
    return body();
  } finally {
    active.push(...outer);
  }
}

/** True while any gradient is being recorded. */
export function isRecording(): boolean {
  return active.length > 0;
}

/** True while a gradient or a compiled function is being recorded. */
export function isRecorded(): boolean {
  return isRecording() || activeTracer() !== undefined;
}

/**
 * The operands' nodes on every tape that records, outermost first, to be read before `out` is written.
 * @throws AliasError where an operand was overwritten under another handle, or `out` would overwrite one whose value a gradient needs
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

/** Tells every tape that records what just ran; `nodes` are those of the operands. */
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
 * Makes `to` the same variable as `from` on every tape that records, or a constant where there is no `from`: for copies and second
 * handles of one value.
 */
export function follow(to: AnyTensor, from: AnyTensor | undefined): void {
  for (const tape of active) tape.assign(to, from === undefined ? -1 : tape.indexOf(from));
}
