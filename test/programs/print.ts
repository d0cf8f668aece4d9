// A random program as the code of a function that can be pasted into a test. Must not know how it is run.
import type { Body, Given, Operand, Program, Ref, Statement } from "./program.js";

const name = (ref: Ref): string => `v${ref}`;
const names = (refs: readonly Ref[]): string => refs.map(name).join(", ");

/** A value as JavaScript writes it. */
function literal(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? String(value);
  return `{ ${Object.entries(value)
    .map(([key, part]) => `${key}: ${literal(part)}`)
    .join(", ")} }`;
}

function givenOf({ ref, shape, dtype, data }: Given): string {
  const numbers = data.length > 64 ? `/* ${data.length} numbers */` : literal(data);
  return `const ${name(ref)} = tensor(${numbers}, ${literal(shape)}, ${literal(dtype)});`;
}

function optionsOf(options: object | undefined, out: Ref | undefined): string[] {
  const parts = Object.entries(options ?? {}).map(([key, value]) => `${key}: ${literal(value)}`);
  if (out !== undefined) parts.push(`out: ${name(out)}`);
  return parts.length === 0 ? [] : [`{ ${parts.join(", ")} }`];
}

function linesOf(statement: Statement): string[] {
  if (statement.kind === "op") {
    const { operands, list, extras, options, out, to } = statement;
    const left = to === undefined ? "" : `const ${name(to)} = `;
    const given = operands.map((x: Operand) => (typeof x === "number" ? literal(x) : name(x.ref)));
    if (statement.name === "clone") return [`${left}${given[0]!}.clone();`];
    const values = list ? [`[${given.join(", ")}]`] : given;
    return [`${left}${statement.name}(${[...values, ...extras.map(literal), ...optionsOf(options, out)].join(", ")});`];
  }
  if (statement.kind === "update") {
    const { rule, params, gradients, state, donate, to } = statement;
    const optimizer = `optim.${rule.name}({ learningRate: ${rule.learningRate} })`;
    const before = state === undefined ? `${optimizer}.init([${names(params)}])` : `/* state of */ [${names(state)}]`;
    const options = donate ? ", { donate: true }" : "";
    return [
      `const [${names(to)}] = flat(${optimizer}.update([${names(params)}], [${names(gradients)}], ${before}${options}));`,
    ];
  }
  const { how, compiled, body, operands, argnums, donate, outs, to } = statement;
  const isGradient = how === "grad" || how === "valueAndGrad";
  const [first, ...rest] = functionOf(body, isGradient);
  const last = rest.pop() ?? "";
  const left =
    how === "into" ? "" : isGradient && how === "valueAndGrad" ? valueAndGradOf(to) : `const [${names(to)}] = `;
  const options = donate.length === 0 ? "" : `, { donate: ${literal(donate)} }`;
  const open = isGradient ? `${how}(${compiled ? "compile(" : ""}` : how === "scope" ? "scope(" : "compile(";
  const close = isGradient
    ? `${compiled ? ")" : ""}, { argnums: ${literal(argnums)} })(${names(operands)});`
    : how === "scope"
      ? ");"
      : how === "into"
        ? `${options}).into([${names(outs)}], ${names(operands)});`
        : `${options})(${names(operands)});`;
  return [`${left}${open}${first}`, ...rest, `${last}${close}`];
}

const valueAndGradOf = ([value, ...gradients]: readonly Ref[]): string =>
  `const [${name(value!)}, [${names(gradients)}]] = `;

function functionOf({ params, statements, results }: Body, isScalar: boolean, keys?: readonly string[]): string[] {
  const value = isScalar
    ? name(results[0]!)
    : keys === undefined
      ? `[${names(results)}]`
      : `{ ${keys.map((key, i) => `${key}: ${name(results[i]!)}`).join(", ")} }`;
  return [
    `(${names(params)}) => {`,
    ...[...statements.flatMap(linesOf), `return ${value};`].map((line) => `  ${line}`),
    "}",
  ];
}

/** The program as code. */
export function print({ dtype, outside, inputs, body, donate, keys }: Program): string {
  const [first, ...rest] = functionOf(body, false, keys);
  const options = donate.length === 0 ? "" : `\n// compile(f, { donate: ${literal(donate)} })`;
  return [
    `// ${dtype}`,
    ...outside.map(givenOf),
    `const f = ${first}`,
    ...rest,
    ...inputs.map(givenOf),
    `f(${names(inputs.map(({ ref }) => ref))});${options}`,
  ].join("\n");
}
