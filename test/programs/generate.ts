// From draws to a program. Knows shapes, not values.
import { count } from "../support/reference.js";
import type { Draws } from "./draw.js";
import type { Body, Given, Program, Ref, Rule } from "./program.js";
import { STEPS } from "./steps.js";
import { distinct, refs, Source, unknown, type Value, Writer } from "./writer.js";

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

/** A training step: a loss, its gradients, and an optimizer's update of the parameters. Returns all of them. */
function train(
  writer: Writer,
  optimizer: Rule["name"],
  order: number,
  params: readonly Value[],
  state: readonly Value[] | undefined,
): Value[] {
  const fresh = (x: Pick<Value, "shape" | "dtype">): Value => ({ ...x, ref: writer.source.ref(), bytes: unknown() });
  const { writer: inner, params: own } = writer.inner(params, writer.fixed);
  inner.steps(1 + (order % 8));
  const loss = inner.loss(own, order);
  const [value, gradients] = [fresh(loss), params.map(fresh)];
  writer.statements.push({
    kind: "call",
    how: "valueAndGrad",
    compiled: false,
    body: { params: refs(own), statements: inner.statements, results: [loss.ref] },
    operands: refs(params),
    argnums: params.map((_, i) => i),
    donate: [],
    outs: [],
    to: refs([value, ...gradients]),
  });
  const parts = Array.from({ length: { sgd: 0, momentum: 1, adam: 2 }[optimizer] }, () => params).flat();
  const step = optimizer === "adam" ? [{ shape: [], dtype: "float64" as const }] : [];
  const updated = [...params, ...step, ...parts].map(fresh);
  writer.statements.push({
    kind: "update",
    rule: { name: optimizer, learningRate: 0.1 },
    params: refs(params),
    gradients: refs(gradients),
    state: state && refs(state),
    donate: false,
    to: refs(updated),
  });
  const made = [value, ...gradients, ...updated];
  for (const x of made) writer.keep(x);
  return made.reverse();
}

/** The program that draws stand for. */
export function programOf(draws: Draws): Program {
  const { rows, columns, inner, optimizer, results: order } = draws;
  const source = new Source(draws, STEPS);
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
  const trained = plain.slice(6 - (order % 2));
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
  const states = state && values.slice(plain.length);
  const outside = valueFor(constant);
  const visible = [outside, ...(states ?? []), ...values.slice(0, plain.length).reverse()];
  const writer = new Writer(source, visible, new Set([outside]), 0);
  const made = optimizer === undefined ? [] : train(writer, optimizer, order, values.slice(6 - (order % 2), 8), states);
  writer.steps(Number.POSITIVE_INFINITY);
  // Some programs return arguments as they are, two of one shape.
  const passed = order % 5 < 3 ? [] : order % 2 ? [values[0]!, values[7]!] : [values[3]!, values[6]!];
  const candidates = distinct([...made, ...passed, ...[...writer.made].reverse()]);
  const count = Math.max(made.length, passed.length, 1) + (order % 4);
  const results = shuffled(candidates.slice(0, count), Math.floor(order / 4));
  const body: Body = { params: refs(values), statements: writer.statements, results: refs(results) };
  const used = new Set(refsOf(body));
  const kept = [...inputs, ...source.inputs].filter(({ ref }) => used.has(ref));
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
