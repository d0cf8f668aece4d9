// What follows from the op table, `assembly/ops.ts`: the opcodes, the switches that call the kernels, and what an element of each op
// costs. Knows how kernels are called, and no op.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { tsImport } from "tsx/esm/api";

const assembly = fileURLToPath(new URL("../assembly/", import.meta.url));

/** How the elementwise loop calls a kernel, by its number of operands: the classes of `assembly/elementwise/adapters.ts`. */
const ADAPTERS = ["Unary", "Binary", "Ternary", "Quaternary"];

/** The type for which a kernel is compiled, by what it says of dtypes and the instruction's; without one it is not generic. */
const TYPES = {
  float: { float32: "f32", float64: "f64" },
  any: { float32: "f32", float64: "f64", int32: "i32" },
  size: { float32: "f32", float64: "f64", int32: "f32" },
  none: { float32: "", float64: "", int32: "" },
};

const HEAD = "// Made of the op table (ops.ts) by scripts/ops.mjs.\n";

/** The op table. */
export function readTable() {
  return tsImport("../assembly/ops.ts", import.meta.url);
}

/** What the files hold that are made of the op table, by their paths. */
export async function opFiles() {
  return filesOf(await readTable());
}

/** The same of any table. */
export function filesOf({ ELEMENTWISE, WHOLE }) {
  const elementwise = Object.entries(ELEMENTWISE).sort(([, a], [, b]) => readOf(a) - readOf(b));
  const whole = Object.entries(WHOLE);
  const files = exportingFiles();
  return {
    "assembly/ops.generated.ts": opcodes(elementwise, whole),
    "assembly/elementwise/kernels.generated.ts": elementwiseKernels(elementwise, files),
    "assembly/core/kernels.generated.ts": wholeKernels(whole, files),
    "src/runtime/program/costs.generated.ts": costs([...elementwise, ...whole]),
  };
}

/** How many operands an elementwise op reads from memory: the fourth is a number. */
const readOf = ({ operands }) => Math.min(operands, 3);

function opcodes(elementwise, whole) {
  const first = (operands) => elementwise.find(([, row]) => readOf(row) === operands)[0];
  return `${HEAD}
/** What an instruction does. Elementwise ops come first, by the number of operands that they read from memory. */
export enum Op {
${[...elementwise, ...whole].map(([name]) => `  ${name},\n`).join("")}}

/** Where opcodes of two operands begin, those of three or four, and those that are not elementwise. */
export enum FirstOp {
  binary = Op.${first(2)},
  ternary = Op.${first(3)},
  whole = Op.${whole[0][0]},
}
`;
}

function elementwiseKernels(rows, files) {
  const calls = rows.map(([name, { kernel, operands, constant, reversed, dtypes }]) => {
    const adapter = ADAPTERS[operands - 1];
    const adapted = constant === undefined ? `${adapter}<${kernel}>` : `${adapter}With<${kernel}, ${constant}>`;
    const ab = reversed ? "b, moveB, a, moveA" : "a, moveA, b, moveB";
    return { name, dtypes, uses: adapted, call: (type) => `mapRow<${type}, ${adapted}>(out, n, ${ab}, c, moveC, d)` };
  });
  return `${HEAD}${imports("elementwise", ["mapRow", ...calls.map(({ uses }) => uses)], files)}
/** One row of an elementwise op. */
// @ts-ignore: decorator
@inline export function mapRowOf(
  op: i32, dtype: i32, out: usize, n: usize, a: usize, moveA: usize, b: usize, moveB: usize, c: usize, moveC: usize, d: usize,
): void {
${switchOver(calls)}}
`;
}

function wholeKernels(rows, files) {
  const calls = rows.map(([name, { kernel, dtypes }]) => ({
    name,
    dtypes,
    uses: kernel,
    call: (type) => `changetype<${kernel}>(0).run${type && `<${type}>`}(instruction, thread, threads)`,
  }));
  return `${HEAD}${imports(
    "core",
    calls.map(({ uses }) => uses),
    files,
  )}
/** One thread's share of an instruction whose op is no elementwise one. */
// @ts-ignore: decorator
@inline export function runWhole(op: i32, dtype: i32, instruction: usize, thread: usize, threads: usize): void {
${switchOver(calls)}}
`;
}

/** The call of each op, by dtype and opcode: the one place where a kernel's type is chosen. What is no call here is a fault, and traps. */
function switchOver(calls) {
  const branches = ["float32", "float64", "int32"].map((dtype) => {
    const cases = calls.flatMap(({ name, dtypes, call }) => {
      const type = TYPES[dtypes][dtype];
      return type === undefined ? [] : [`      case Op.${name}:\n        ${call(type)};\n        break;\n`];
    });
    return `if (dtype == DTypeCode.${dtype}) {\n    switch (op) {\n${cases.join("")}      default:\n        unreachable();\n    }\n  }`;
  });
  return `  ${branches.join(" else ")}\n`;
}

function costs(rows) {
  return `${HEAD}
/** What an element of each op costs, by its opcode; an addition in the cache is 1. */
export const COSTS: readonly number[] = [
${rows.map(([name, { cost }]) => `  ${cost}, // ${name}\n`).join("")}];
`;
}

/** Which file in `assembly/` exports each class and function. */
function exportingFiles() {
  const paths = readdirSync(assembly, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".ts") && !path.endsWith(".generated.ts"),
  );
  return new Map(
    paths.flatMap((path) => {
      const names = readFileSync(join(assembly, path), "utf8").matchAll(/^export (?:class|function) (\w+)/gm);
      return [...names].map(([, name]) => [name, path.slice(0, -".ts".length)]);
    }),
  );
}

/** Import lines, for a file in a folder of `assembly/`, of what is named in types. */
function imports(folder, types, files) {
  const from = new Map([
    ["../abi", ["DTypeCode"]],
    ["../ops.generated", ["Op"]],
  ]);
  for (const name of new Set(types.flatMap((type) => type.match(/\w+/g)))) {
    if (!files.has(name)) throw new Error(`assembly/ops.ts: no file in assembly/ exports the kernel ${name}`);
    const path = relative(folder, files.get(name));
    const module = path.startsWith(".") ? path : `./${path}`;
    from.set(module, [...(from.get(module) ?? []), name]);
  }
  return [...from].map(([module, names]) => `import { ${names.join(", ")} } from "${module}";\n`).join("");
}
