// What ran, recorded for the backward walk: which op on which values, and only those tensors whose values the gradient
// needs. Must not know any op; the walk itself is transform/grad.ts.
import { AliasError } from "../errors.js";
import type { FloatDType } from "./dtype.js";
import type { Shape } from "./shape.js";
import type { AnyTensor, Storage, Tensor } from "./tensor.js";

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

/** What the tape needs to know of an op. */
export interface Differentiable {
  readonly name: string;
  /** True where element i of the result depends on element i of each operand only, after broadcasting. */
  readonly elementwise: boolean;
  readonly saves: readonly Saved[];
  /** One closure an operand, called only where its gradient is wanted; undefined where the derivative is zero everywhere. */
  readonly grad: ((context: GradContext) => readonly (() => AnyTensor)[]) | undefined;
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
  readonly kept: Partial<Record<Saved, Kept>>;
}

const POSITIONS = ["a", "b", "c", "d"] as const;

/** The tapes that record now, outermost first: one for each gradient that is being taken. */
const active: Tape[] = [];

/** One recording: nodes in the order in which they ran. */
export class Tape {
  readonly #nodes: Node[] = [];
  readonly #indices = new Map<AnyTensor, number>();

  /** Number of nodes so far. */
  get length(): number {
    return this.#nodes.length;
  }

  /** Makes a tensor a variable of this tape. */
  watch(tensor: AnyTensor): number {
    this.#nodes.push({ op: undefined, shape: tensor.extents, inputs: [], shapes: [], params: undefined, kept: {} });
    this.#indices.set(tensor, this.#nodes.length - 1);
    return this.#nodes.length - 1;
  }

  /** The node a tensor stands for; -1 for a constant. */
  indexOf(tensor: AnyTensor | number): number {
    return typeof tensor === "number" ? -1 : (this.#indices.get(tensor) ?? -1);
  }

  node(index: number): Node {
    return this.#nodes[index]!;
  }

  /** Makes `to` stand for the node that `from` stands for, or for none. */
  assign(to: AnyTensor, from: AnyTensor | undefined): void {
    const index = from === undefined ? undefined : this.#indices.get(from);
    if (index === undefined) this.#indices.delete(to);
    else this.#indices.set(to, index);
  }

  record(op: Differentiable, operands: readonly (AnyTensor | number)[], params: unknown, result: AnyTensor): void {
    const inputs = operands.map((operand) => this.indexOf(operand));
    // What is an integer does not change smoothly with anything.
    if (op.grad === undefined || result.dtype === "int32" || inputs.every((index) => index < 0)) {
      this.assign(result, undefined);
      return;
    }
    const kept: Partial<Record<Saved, Kept>> = {};
    for (const name of op.saves) {
      const tensor = name === "y" ? result : operands[POSITIONS.indexOf(name)]!;
      const storage = typeof tensor === "number" ? undefined : tensor.storage.retain();
      kept[name] = { tensor, storage, version: storage?.version ?? 0 };
    }
    const shapes = operands.map((operand) => (typeof operand === "number" ? undefined : operand.extents));
    this.#nodes.push({ op, shape: result.extents, inputs, shapes, params, kept });
    this.#indices.set(result, this.#nodes.length - 1);
  }

  /** A kept value; its bytes are there even if its tensor was disposed meanwhile. */
  recall(index: number, name: Saved): AnyTensor | number {
    const node = this.#nodes[index]!;
    const kept = node.kept[name];
    if (kept === undefined) throw new Error(`${node.op?.name}: the gradient reads ${name}, which it does not save`);
    const { tensor, storage, version } = kept;
    if (typeof tensor === "number") return tensor;
    if (storage!.version !== version) {
      throw new AliasError(
        `${node.op?.name}: its gradient needs the value of tensor #${tensor.id}, which was overwritten through out`,
      );
    }
    return tensor;
  }

  /** Lets go of what a node keeps. */
  forget(index: number): void {
    const node = this.#nodes[index]!;
    for (const name of Object.keys(node.kept) as Saved[]) {
      node.kept[name]?.storage?.release();
      delete node.kept[name];
    }
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

/** True while any gradient is being recorded. */
export function isRecording(): boolean {
  return active.length > 0;
}

/** Tells every tape that records what just ran. */
export function record(
  op: Differentiable,
  operands: readonly (AnyTensor | number)[],
  params: unknown,
  result: AnyTensor,
): void {
  for (const tape of active) tape.record(op, operands, params, result);
}

/** @throws AliasError where `out` would overwrite an operand whose value a gradient that is being recorded needs */
export function checkOverwrite(op: Differentiable, operands: readonly (AnyTensor | number)[], out: AnyTensor): void {
  if (op.grad === undefined) return;
  for (const tape of active) {
    if (!operands.some((operand) => tape.indexOf(operand) >= 0)) continue;
    for (const name of op.saves) {
      const operand = name === "y" ? undefined : operands[POSITIONS.indexOf(name)];
      if (typeof operand === "object" && operand.storage === out.storage) {
        throw new AliasError(`${op.name}: out shares its memory with ${name}, whose value the gradient needs`);
      }
    }
  }
}

/** Makes `to` the same variable as `from` on every tape that records: for copies and second handles of one value. */
export function follow(to: AnyTensor, from: AnyTensor): void {
  for (const tape of active) tape.assign(to, from);
}
