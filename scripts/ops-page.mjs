// docs/ops.md: what the docstrings say of every op, and what the op table says of its cost. Knows the docstrings' notation, and no op.
import { readdirSync, readFileSync } from "node:fs";
import { readTable } from "./ops.mjs";

const root = new URL("../", import.meta.url);

/** Where public ops are, besides the files of `src/ops/`, whose names are the page's headings. */
const APART = { "stop-gradient": "src/transform/stop-gradient.ts" };

/** Functions that are called as members of a namespace. */
const NAMESPACES = { random: "random." };

const HEAD = `# Ops

\`npm run build\` writes this page from the docstrings of the ops and from the op table, \`assembly/ops.ts\`.

- **Gradient:** g is the incoming gradient.
- **Dtypes:** "any" means float32, float64 and int32.
- **Accuracy:** the largest error. 1 ULP is the distance from the exact result to its neighbour in the dtype, and eps is that distance at 1. n is the
  number of elements added, k the inner size of a product, and m the maximum of softmax's row. |a| |b| is the product of the absolute values. The
  tests try 2 ULP on all float32 inputs and on millions of float64 inputs.
- **Cost:** the time per element in the cache, compared with an addition. A product costs 0.3 per multiplication. Ops without a figure share or copy
  their input's bytes, or are composed of other ops.
`;

/** The page's text. */
export async function opsPage() {
  const { ELEMENTWISE, WHOLE } = await readTable();
  const table = { ...ELEMENTWISE, ...WHOLE };
  const files = readdirSync(new URL("src/ops/", root)).filter((file) => file.endsWith(".ts"));
  const sections = [
    ...files.map((file) => [file.slice(0, -".ts".length), `src/ops/${file}`]),
    ...Object.entries(APART),
  ];
  const pages = sections.flatMap(([title, path]) => {
    const ops = opsIn(readFileSync(new URL(path, root), "utf8"), NAMESPACES[title] ?? "");
    return ops.length === 0 ? [] : [section(title, ops, table)];
  });
  return [HEAD, ...pages].join("\n");
}

/** The ops that a file exports: their names, and the parts of their docstrings. */
function opsIn(source, namespace) {
  const documented = source.matchAll(/^\/\*\*\n((?: \*(?:[^/].*)?\n)+) \*\/\nexport (?:const|function) (\w+)/gm);
  return [...documented].flatMap(([, docstring, name]) => {
    const text = docstring
      .replace(/^ \* ?@[\s\S]*/m, "")
      .replace(/^ \* ?/gm, "")
      .replace(/\s+/g, " ")
      .trim();
    const parts = /^(.*?) (?:Gradients?: (.*?) )?Shapes: .*?Dtypes: (.*?) Accuracy: (.*)$/.exec(text);
    if (parts === null) return [];
    const [, formula, gradient = "", dtypes, accuracy] = parts;
    return [{ name: `${namespace}${name}`, formula, gradient, dtypes, accuracy }];
  });
}

function section(title, ops, table) {
  const rows = ops.map(({ name, formula, gradient, dtypes, accuracy }) => {
    const cells = [`\`${name}\``, ...[formula, gradient, dtypes, accuracy].map(cell), table[name]?.cost ?? ""];
    return `| ${cells.join(" | ")} |`;
  });
  const heading = title[0].toUpperCase() + title.slice(1).replace("-", " ");
  return `## ${heading}\n\n| op | result | gradient | dtypes | accuracy | cost |\n| --- | --- | --- | --- | --- | --- |\n${rows.join("\n")}\n`;
}

/** A sentence as a cell. */
const cell = (text) => text.replace(/\.$/, "").replaceAll("|", "\\|");
