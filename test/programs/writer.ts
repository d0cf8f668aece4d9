// A function's body while it is drawn: its values, and the ops on them. Knows shapes and how large values can become, not values.
import { broadcast, count } from "../support/reference.js";
import type { Draw, Draws } from "./draw.js";
import type { Given, Operand, Ref, Statement, Type } from "./program.js";

export type Shape = readonly number[];

/** Bytes that one or several values show. */
export interface Bytes {
  /** No element is greater; infinite where nobody knows. */
  bound: number;
  isPositive: boolean;
}

export interface Value {
  readonly ref: Ref;
  readonly shape: Shape;
  readonly dtype: Type;
  readonly bytes: Bytes;
}

/** Adds a step to a body, if there is something for it to work on. */
export type Step = (writer: Writer, draw: Draw) => boolean;

/** An op to be added to a body. */
export interface NewOp {
  readonly name: string;
  readonly operands: readonly (Value | number)[];
  readonly shape: Shape;
  readonly bound: number;
  readonly isPositive?: boolean;
  readonly list?: boolean;
  readonly extras?: readonly unknown[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly dtype?: Type;
  /** False if the op must not overwrite its operands, or takes no `out`. */
  readonly inPlace?: boolean;
  /** True where the result shows the operand's bytes, unless it is written into something. */
  readonly isView?: boolean;
}

/** Values up to here are used as they are; greater ones are brought back first, so that nothing overflows. */
const TAME = 4;
const NESTED = 3;

/** What all bodies of a program have in common. */
export class Source {
  readonly outside: Given[] = [];
  readonly inputs: Given[] = [];
  readonly #draws: Draws;
  #next = 0;
  #refs = 0;
  #random: number;

  constructor(
    draws: Draws,
    /** What steps can be. */
    readonly kinds: readonly Step[],
  ) {
    this.#draws = draws;
    this.#random = draws.seed;
  }

  get dtype(): "float32" | "float64" {
    return this.#draws.dtype;
  }

  /** The next of the remaining steps. */
  step(): Draw | undefined {
    return this.#draws.steps[this.#next++];
  }

  ref(): Ref {
    return this.#refs++;
  }

  /** From 0 to just below 1. */
  random(): number {
    this.#random = (Math.imul(this.#random, 1664525) + 1013904223) | 0;
    return (this.#random >>> 8) / 2 ** 24;
  }

  /** Numbers that float32 holds, a few of which are the same. */
  given(shape: Shape): Given {
    const data = Array.from({ length: count(shape) }, () => Math.round(this.random() * 160 - 80) / 64 || 0.5);
    return { ref: this.ref(), shape, dtype: this.dtype, data };
  }

  /** Whole numbers below `end`, from outside or among the inputs. */
  indices(shape: Shape, end: number, isInput: boolean): Value {
    const data = Array.from({ length: count(shape) }, () => Math.floor(this.random() * end));
    const given: Given = { ref: this.ref(), shape, dtype: "int32", data };
    (isInput ? this.inputs : this.outside).push(given);
    return { ...given, bytes: { bound: end, isPositive: false } };
  }
}

/** A function's body while it is written. */
export class Writer {
  readonly statements: Statement[] = [];
  /** What it made or wrote, in order. */
  readonly made: Value[] = [];

  constructor(
    readonly source: Source,
    /** All that it can read, newest last. */
    public visible: Value[],
    /** What it must not write: all else it may. */
    readonly fixed: ReadonlySet<Value>,
    readonly depth: number,
  ) {}

  /** Adds the next so many steps. */
  steps(most: number): void {
    for (let i = 0; i < most; i++) {
      const draw = this.source.step();
      if (draw === undefined) return;
      const { kinds } = this.source;
      const added = chosen(kinds, draw.op)(this, { ...draw, op: Math.floor(draw.op / kinds.length) });
      if (!added) {
        const x = this.use(this.pick(draw.a));
        this.add({ name: "neg", operands: [x], ...like(x) }, draw);
      }
    }
  }

  /** One of the values that fit, rather a new one. */
  find(number: number, fits: (value: Value) => boolean = () => true): Value | undefined {
    const list = this.visible.filter((value) => value.dtype === this.source.dtype && fits(value));
    return recent(list, number);
  }

  pick(number: number): Value {
    return this.find(number)!;
  }

  /** The value, brought back if it may be large. */
  use(value: Value): Value {
    if (value.bytes.bound <= TAME) return value;
    return this.add({ name: "tanh", operands: [value], shape: value.shape, bound: 1 });
  }

  /** The value as one that roots and logarithms take. */
  positive(value: Value): Value {
    if (value.bytes.isPositive) return value;
    const [x] = [this.use(value)];
    const { shape } = x;
    const bound = x.bytes.bound ** 2;
    const squared = this.add({ name: "square", operands: [x], shape, bound });
    return this.add({ name: "add", operands: [squared, 0.5], shape, bound: bound + 0.5, isPositive: true });
  }

  /** The values that fit among those that may be written. */
  targets(fits: (value: Value) => boolean): Value[] {
    return this.visible.filter((value) => !this.fixed.has(value) && fits(value));
  }

  /** Adds an op; the draw says whether it writes into something. */
  add(op: NewOp, draw?: Draw): Value {
    const { name, operands, shape, bound, isPositive = false, list, extras = [], options, inPlace = true } = op;
    const dtype = op.dtype ?? this.source.dtype;
    const inputs = operands.filter((x) => typeof x !== "number");
    const targets =
      draw === undefined || draw.out === 0
        ? []
        : this.targets(
            (x) =>
              x.dtype === dtype &&
              sameShape(x.shape, shape) &&
              (inPlace || !inputs.some(({ bytes }) => bytes === x.bytes)),
          );
    const out = recent(targets, draw?.out ?? 0);
    const given = operands.map((x): Operand => (typeof x === "number" ? x : { ref: x.ref }));
    const to = out === undefined ? this.source.ref() : undefined;
    this.statements.push({ kind: "op", name, operands: given, list: !!list, extras, options, out: out?.ref, to });
    if (out !== undefined) {
      Object.assign(out.bytes, { bound, isPositive });
      this.touch(out);
      return out;
    }
    return this.keep({ ref: to!, shape, dtype, bytes: op.isView ? inputs[0]!.bytes : { bound, isPositive } });
  }

  /** Makes the written value and its views the newest, so that later steps probably read them. */
  touch(written: Value): void {
    const isShown = ({ bytes }: Value): boolean => bytes === written.bytes;
    const shown = this.visible.filter(isShown);
    this.visible = [...this.visible.filter((value) => !isShown(value)), ...shown];
    this.made.push(...shown);
  }

  /** Drops the last kept value. */
  forget(value: Value): void {
    this.visible = this.visible.filter((other) => other !== value);
    this.made.splice(this.made.indexOf(value), 1);
  }

  keep(value: Value): Value {
    this.visible.push(value);
    this.made.push(value);
    return value;
  }

  /** A body within this one, with parameters that stand for some of its values. */
  inner(operands: readonly Value[], fixed: ReadonlySet<Value>): { writer: Writer; params: Value[] } {
    const params = operands.map((x) => ({ ...x, ref: this.source.ref() }));
    const writer = new Writer(this.source, [...this.visible, ...params], fixed, this.depth + 1);
    return { writer, params };
  }

  get mayNest(): boolean {
    return this.depth < NESTED;
  }

  /** A scalar computed from the last values made, or from the arguments. */
  loss(params: readonly Value[], number: number): Value {
    const floats = [...new Set([...this.made].reverse())].filter((x) => x.dtype === this.source.dtype);
    const terms = (floats.length === 0 ? params : floats).slice(0, 1 + (number % 4));
    const sums = terms.map((x) => {
      if (x.shape.length === 0) return x;
      return this.add({ name: "sum", operands: [x], shape: [], bound: count(x.shape) * x.bytes.bound });
    });
    return sums.reduce((a, b) =>
      this.add({ name: "add", operands: [a, b], shape: [], bound: a.bytes.bound + b.bytes.bound }),
    );
  }
}

/** Bytes of which nothing is known. */
export const unknown = (): Bytes => ({ bound: Number.POSITIVE_INFINITY, isPositive: false });

/** One of a list, as a number says. */
export const chosen = <T>(list: readonly T[], number: number): T => list[number % list.length]!;

/** One of a list, from the end, and for even numbers one of the last three. */
export function recent<T>(list: readonly T[], number: number): T | undefined {
  const near = number % 2 === 0 ? Math.min(list.length, 3) : list.length;
  return list[list.length - 1 - (Math.floor(number / 2) % near)];
}

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((size, i) => size === b[i]);

/** An op's result like its operand. */
export const like = ({ shape, bytes }: Value): Pick<NewOp, "shape" | "bound"> => ({ shape, bound: bytes.bound });

/** One value of each bytes. */
export function distinct(values: readonly Value[]): Value[] {
  const seen = new Set<Bytes>();
  return values.filter(({ bytes }) => !seen.has(bytes) && seen.add(bytes));
}

export function fits(a: Shape, b: Shape): boolean {
  const shape = broadcast(a, b);
  return [a, b].every((own) => own.every((size, i) => size === 1 || size === shape[shape.length - own.length + i]));
}

export const refs = (values: readonly { readonly ref: Ref }[]): Ref[] => values.map(({ ref }) => ref);
