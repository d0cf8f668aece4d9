// From draws to a program: which ops fit which values. Knows shapes and how large values can become, not values.
import { broadcast, count } from "../support/reference.js";
import type { Draw, Draws } from "./draw.js";
import type { Body, Given, Operand, Program, Ref, Rule, Statement, Type } from "./program.js";
import { STEPS } from "./steps.js";

type Shape = readonly number[];

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
  /** False where it may not be written over its operands, or takes no `out`. */
  readonly inPlace?: boolean;
  /** True where the result shows the operand's bytes. */
  readonly isView?: boolean;
}

/** Values up to here are used as they are; greater ones are brought back first, so that nothing overflows. */
const TAME = 4;
const NESTED = 3;

/** What all bodies of a program have in common. */
export class Source {
  readonly outside: Given[] = [];
  readonly #draws: Draws;
  #next = 0;
  #refs = 0;
  #random: number;

  constructor(draws: Draws) {
    this.#draws = draws;
    this.#random = draws.seed;
  }

  get dtype(): "float32" | "float64" {
    return this.#draws.dtype;
  }

  /** The next step, of those that are left. */
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

  /** Whole numbers below `end`, from outside. */
  indices(shape: Shape, end: number): Value {
    const data = Array.from({ length: count(shape) }, () => Math.floor(this.random() * end));
    const given: Given = { ref: this.ref(), shape, dtype: "int32", data };
    this.outside.push(given);
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
      const { length } = STEPS;
      const which = STEPS[draw.op % length]!;
      const added = which.of(this, { ...draw, op: Math.floor(draw.op / length) });
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

  /** The values among those that may be written that fit. */
  targets(fits: (value: Value) => boolean): Value[] {
    return this.visible.filter((value) => !this.fixed.has(value) && fits(value));
  }

  /** Adds an op; the draw says whether it writes into something. */
  add(op: NewOp, draw?: Draw): Value {
    const { name, operands, shape, bound, isPositive = false, list, extras = [], options, inPlace = true } = op;
    const dtype = op.dtype ?? this.source.dtype;
    const inputs = operands.filter((x) => typeof x !== "number");
    const targets =
      draw === undefined || draw.out === 0 || op.isView
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

  /** Makes what was written the newest, with all that shows the same bytes: it is the more likely to be read. */
  touch(written: Value): void {
    const isShown = ({ bytes }: Value): boolean => bytes === written.bytes;
    const shown = this.visible.filter(isShown);
    this.visible = [...this.visible.filter((value) => !isShown(value)), ...shown];
    this.made.push(...shown);
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

  /** A scalar of the last values that it made, or of what it was given. */
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

/** All values in an order that a number says. */
function shuffled<T>(list: readonly T[], number: number): T[] {
  const left = [...list];
  const order: T[] = [];
  for (let rest = number; left.length > 0; rest = Math.floor(rest / (left.length + 1))) {
    order.push(...left.splice(rest % left.length, 1));
  }
  return order;
}

/** The tensors of an optimizer's state for parameters. */
function stateFor(source: Source, optimizer: Rule["name"], params: readonly Given[]): Given[] {
  const zeros = ({ shape, dtype }: Pick<Given, "shape" | "dtype">): Given => ({
    ref: source.ref(),
    shape,
    dtype,
    data: Array.from({ length: count(shape) }, () => 0),
  });
  if (optimizer === "sgd") return [];
  if (optimizer === "momentum") return params.map(zeros);
  return [zeros({ shape: [], dtype: "float64" }), ...params.map(zeros), ...params.map(zeros)];
}

/** The program that draws stand for. */
export function programOf(draws: Draws): Program {
  const { rows, columns, inner, optimizer, results: order } = draws;
  const source = new Source(draws);
  const shapes = [
    [rows, columns],
    [rows, inner],
    [inner, columns],
    [columns],
    [rows, 1],
    [],
    [columns],
    [rows, columns],
  ];
  const plain = shapes.map((shape) => source.given(shape));
  const trained = plain.filter((_, i) => i >= 6 - (order % 2));
  const state = optimizer !== undefined && draws.hasState ? stateFor(source, optimizer, trained) : undefined;
  const inputs = [...plain, ...(state ?? [])];
  const constant = source.given([rows, columns]);
  source.outside.push(constant);
  const valueFor = ({ ref, shape, dtype }: Given): Value => ({
    ref,
    shape,
    dtype,
    bytes: { bound: dtype === draws.dtype ? 1.25 : Number.POSITIVE_INFINITY, isPositive: false },
  });
  const values = inputs.map(valueFor);
  const visible = [
    valueFor(constant),
    ...values.slice(plain.length).reverse(),
    ...values.slice(0, plain.length).reverse(),
  ];
  const writer = new Writer(source, visible, new Set(visible.slice(0, 1)), 0);
  const extra: Value[] = [];
  if (optimizer !== undefined) {
    const params = trained.map(({ ref }) => values.find((x) => x.ref === ref)!);
    const { writer: body, params: own } = writer.inner(params, writer.fixed);
    body.steps(1 + (order % 8));
    const loss = body.loss(own, order);
    const [value, ...gradients] = [{ ...loss, shape: [] as Shape }, ...params].map((x) => ({
      ...x,
      ref: source.ref(),
      bytes: { bound: Number.POSITIVE_INFINITY, isPositive: false },
    }));
    writer.statements.push({
      kind: "call",
      how: "valueAndGrad",
      compiled: false,
      body: { params: refs(own), statements: body.statements, results: [loss.ref] },
      operands: refs(params),
      argnums: params.map((_, i) => i),
      outs: [],
      to: refs([value!, ...gradients]),
    });
    const before = [...params, ...values.slice(plain.length)];
    const count = params.length;
    const sizes = { sgd: count, momentum: 2 * count, adam: 3 * count + 1 }[optimizer];
    const after = Array.from({ length: sizes }, () => source.ref());
    writer.statements.push({
      kind: "update",
      rule: { name: optimizer, learningRate: 0.1 },
      params: refs(params),
      gradients: refs(gradients),
      state: state && refs(values.slice(plain.length)),
      donate: false,
      to: after,
    });
    const updated = before.map((x, i) => ({
      ...x,
      ref: after[i]!,
      bytes: { bound: Number.POSITIVE_INFINITY, isPositive: false },
    }));
    for (const x of [value!, ...gradients, ...updated]) writer.keep(x);
    extra.push(...updated, ...gradients, value!);
  }
  writer.steps(Number.POSITIVE_INFINITY);
  // Some programs return arguments as they are.
  const passed = order % 5 >= 3 ? visible.slice(-2) : [];
  const candidates = distinct([...extra, ...passed, ...[...writer.made].reverse()]);
  const results = shuffled(candidates.slice(0, Math.max(extra.length, 1) + (order % 4)), Math.floor(order / 4));
  const body: Body = { params: refs(values), statements: writer.statements, results: refs(results) };
  const used = new Set(refsOf(body));
  const kept = inputs.filter(({ ref }) => used.has(ref));
  const donate = kept.flatMap((_, i) => ((draws.donate >> (i % 10)) & 1 ? [i] : []));
  return {
    dtype: draws.dtype,
    outside: source.outside.filter(({ ref }) => used.has(ref)),
    inputs: kept,
    outputs: results.map(({ shape, dtype }) => ({ shape, dtype })),
    body: { ...body, params: refs(kept) },
    donate,
    keys: draws.isDictionary ? results.map((_, i) => `r${(i * 7 + order) % 10}${i}`) : undefined,
  };
}

export const refs = (values: readonly { readonly ref: Ref }[]): Ref[] => values.map(({ ref }) => ref);

/** All values that a body reads or writes. */
function refsOf({ statements, results }: Body): Ref[] {
  const used = statements.flatMap((statement): readonly (Ref | undefined)[] => {
    if (statement.kind === "op")
      return [...statement.operands.map((x) => (typeof x === "number" ? undefined : x.ref)), statement.out];
    if (statement.kind === "call") return [...statement.operands, ...statement.outs, ...refsOf(statement.body)];
    return [...statement.params, ...statement.gradients, ...(statement.state ?? [])];
  });
  return [...results, ...used.filter((ref) => ref !== undefined)];
}
