// Steps that call functions, in every way in which a function can be called, and optimizers. Knows shapes, not values.
import type { Draw } from "./draw.js";
import type { Rule, Statement } from "./program.js";
import {
  type Bytes,
  chosen,
  distinct,
  like,
  recent,
  refs,
  type Step,
  sameShape,
  unknown,
  type Value,
  type Writer,
} from "./writer.js";

/** Results of a body that no other handle shows afterwards: its own, or parameters as they are. */
function resultsOf(writer: Writer, params: readonly Value[], outer: ReadonlySet<Bytes>, draw: Draw): Value[] {
  const order = [...writer.made].reverse();
  const mixed =
    draw.b % 3 === 0
      ? [...params, ...order]
      : draw.b % 3 === 1
        ? [...order, ...params]
        : [...order].concat(params).reverse();
  const picked = distinct(mixed.filter(({ dtype }) => dtype === writer.source.dtype)).slice(0, 1 + (draw.b % 4));
  return picked.map((x) => {
    if (params.includes(x) || !outer.has(x.bytes)) return x;
    return writer.add({ name: "mul", operands: [x, 1], ...like(x) });
  });
}

/** A function of one to three values, called. */
export function call(how: Extract<Statement, { kind: "call" }>["how"]): Step {
  return (writer, draw) => {
    if (!writer.mayNest) return false;
    const { source } = writer;
    const most = how === "scope" ? 0 : 1 + (draw.op % 3);
    const operands = Array.from({ length: most }, (_, i) =>
      writer.pick(i === 0 ? draw.a : i === 1 ? draw.b : draw.choice),
    );
    const isGradient = how === "grad" || how === "valueAndGrad";
    const isCompiled = how === "compile" || how === "into";
    const { writer: inner, params } = writer.inner(operands, isCompiled ? new Set(writer.visible) : writer.fixed);
    const outer = new Set(inner.visible.map(({ bytes }) => bytes));
    inner.steps(1 + (draw.choice % 7));
    const results = isGradient ? [inner.loss(params, draw.b)] : resultsOf(inner, params, outer, draw);
    const argnums = operands.map((_, i) => i).filter((i) => i === 0 || (draw.b >> i) & 1);
    const outs = how === "into" ? outsFor(writer, results, draw) : [];
    const fresh = (x: Value, bytes: Bytes): Value => ({ ...x, ref: source.ref(), bytes });
    const to = isGradient
      ? [
          ...(how === "grad" ? [] : [fresh(results[0]!, unknown())]),
          ...argnums.map((i) => fresh(operands[i]!, unknown())),
        ]
      : how === "into"
        ? []
        : results.map((x) => fresh(x, x.bytes));
    const given = isCompiled && draw.op % 4 === 0 ? donated(writer, operands, draw) : operands;
    writer.statements.push({
      kind: "call",
      how,
      compiled: isGradient && draw.choice % 3 === 2,
      body: { params: refs(params), statements: inner.statements, results: refs(results) },
      operands: refs(given),
      donate: given.flatMap((x, i) => (x === operands[i] ? [] : [i])),
      argnums: isGradient ? argnums : [],
      outs: refs(outs),
      to: refs(to),
    });
    outs.forEach((x, i) => {
      Object.assign(x.bytes, results[i]!.bytes);
      writer.touch(x);
    });
    for (const x of to) writer.keep(x);
    return true;
  };
}

/** The operands, some of which are copies that nothing reads afterwards: they may be donated. */
function donated(writer: Writer, operands: readonly Value[], draw: Draw): Value[] {
  return operands.map((x, i) => {
    if ((draw.b >> i) % 2 === 1) return x;
    const copy = writer.add({ name: "clone", operands: [x], ...like(x) });
    writer.forget(copy);
    return copy;
  });
}

/** A tensor to write into for each result, each with bytes of its own: a new or an existing one. */
function outsFor(writer: Writer, results: readonly Value[], draw: Draw): Value[] {
  const taken = new Set<Bytes>();
  return results.map((x, i) => {
    const there = writer.targets((y) => y.dtype === x.dtype && sameShape(x.shape, y.shape) && !taken.has(y.bytes));
    const isNew = there.length === 0 || (draw.out >> i) % 2 === 0;
    const out = isNew
      ? writer.add({ name: "zeros", operands: [], extras: [x.shape, x.dtype], shape: x.shape, bound: 0 })
      : recent(there, draw.out >> (i + 1))!;
    taken.add(out.bytes);
    return out;
  });
}

export const update: Step = (writer, draw) => {
  const p = writer.pick(draw.a);
  const like = (x: Value): boolean => sameShape(x.shape, p.shape);
  const g = writer.find(draw.b, (x) => like(x) && x.bytes !== p.bytes);
  if (g === undefined) return false;
  const name = chosen(["sgd", "momentum", "adam"] as const, draw.op);
  const velocity =
    name === "momentum"
      ? writer.find(draw.choice, (x) => like(x) && x.bytes !== p.bytes && x.bytes !== g.bytes)
      : undefined;
  const donate =
    draw.out % 3 === 1 && [p, velocity].every((x) => x === undefined || writer.targets((y) => y === x).length > 0);
  const rule: Rule = { name, learningRate: 0.1 };
  const { source } = writer;
  const fresh = (bytes: Bytes, shape = p.shape, dtype = p.dtype): Value => ({ ref: source.ref(), shape, dtype, bytes });
  for (const x of donate ? [p, velocity] : []) if (x !== undefined) Object.assign(x.bytes, unknown());
  const to = [
    fresh(donate ? p.bytes : unknown()),
    ...(name === "adam" ? [fresh(unknown(), [], "float64" as never)] : []),
    ...(name === "sgd" ? [] : [fresh(donate && velocity ? velocity.bytes : unknown())]),
    ...(name === "adam" ? [fresh(unknown())] : []),
  ];
  const state = velocity && [velocity.ref];
  writer.statements.push({ kind: "update", rule, params: [p.ref], gradients: [g.ref], state, donate, to: refs(to) });
  for (const x of to) writer.keep(x);
  return true;
};
