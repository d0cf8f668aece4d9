// Describes the steps of a program and their times, as data and as text. Runs it to time it; must not know how it was made.
import { Op } from "../../../assembly/ops.generated.js";
import { accumulates } from "../../ops/kind.js";
import { formatShape, type Shape, sizeOf } from "../../tensor/shape.js";
import type { Built, Step } from "../build.js";
import { instructionsOf, sketch } from "../emit/instructions.js";
import { bytesOf, totalOf } from "../passes/plan.js";
import { inputsOf, valuesOf } from "../passes/unit.js";
import { type Computed, numbering, operandsOf, opOf, type Value } from "../trace/graph.js";

/** One step of a program: an op, or several ops in one instruction. */
export interface ExplainedStep {
  /** The ops in order: `["linear", "sigmoid"]`. */
  readonly ops: readonly string[];
  /** The shape of the step's result. */
  readonly shape: Shape;
  /** The dtype of the step's result. */
  readonly dtype: string;
  /** The places of its values: `arena+1024`, `result 0`, `argument 2`. Values in blocks of the L1 cache have none. */
  readonly writes: readonly string[];
  /** The bytes of memory read and written, counted once each. */
  readonly bytes: number;
  /** The multiplications and additions of products; for other ops one for each element. */
  readonly flops: number;
  /** The number of instructions. */
  readonly instructions: number;
}

/** A description of a program. `String(...)` gives a table. */
export interface Explanation {
  /** In the order in which they run. */
  readonly steps: readonly ExplainedStep[];
  /** The bytes of the arena, which holds all values that are not arguments or results. */
  readonly arenaBytes: number;
  /** The most bytes in use at once. A perfect arena would have this size. */
  readonly liveBytes: number;
  /** The bytes of results that are not written into arguments. */
  readonly resultBytes: number;
  /** A table. Throws nothing. */
  toString(): string;
}

/** One step with its time. */
export interface ProfiledStep extends ExplainedStep {
  /** The median time of the runs, in milliseconds. */
  readonly milliseconds: number;
  /** The step's part of the whole time, 0 to 1. */
  readonly share: number;
  /** The rate in 10^9 flops per second. */
  readonly gflops: number;
  /** The bytes read and written, in 10^9 per second. */
  readonly gbytes: number;
}

/** The times of a program's steps. `String(...)` gives a table. */
export interface Profile {
  /** In the order in which they run. */
  readonly steps: readonly ProfiledStep[];
  /** The sum of the steps' medians. */
  readonly milliseconds: number;
  /** The number of runs of each step. */
  readonly runs: number;
  /** A table. Throws nothing. */
  toString(): string;
}

/** The flops of a unit: 2 m n k for a product, one for each element of other ops. */
function flopsOf(value: Computed): number {
  const [a, b] = value.origin.operands;
  const { kind, op } = opOf(value);
  if (kind === "product") {
    // A batch's dims, and m, n and k.
    return instructionsOf(value, sketch).reduce(
      (sum, { dims, extents }) => sum + 2 * sizeOf([...dims, ...extents!]),
      0,
    );
  }
  const counted = accumulates(kind) ? b : op === Op.sum ? a : value;
  return sizeOf(typeof counted === "object" ? counted.shape : value.shape);
}

function explain({ plan }: Built, { unit, count }: Step): ExplainedStep {
  const values = valuesOf(unit);
  const stored = values.filter((value) => plan.places.has(value) && !(value === unit.head && unit.members.length > 0));
  const last = values.at(-1)!;
  const nameOf = (value: Value): string => {
    const place = plan.places.get(value);
    return place === undefined ? "" : place.kind + (place.kind === "arena" ? "+" : " ") + place.at;
  };
  const total = totalOf(unit.head);
  // Of a total in its place only the part is read and written.
  const moved =
    total !== undefined && nameOf(total) === nameOf(last)
      ? operandsOf(last).flatMap((value, i) => (i === 0 ? [] : i === 1 ? [value, value, value] : [value]))
      : [...inputsOf(unit), ...stored];
  return {
    ops: values.map(({ origin }) => origin.call.op.name),
    shape: (unit.head ?? last).shape,
    dtype: last.dtype,
    writes: stored.map(nameOf),
    bytes: moved.reduce((sum, value) => sum + bytesOf(value), 0),
    flops: values.reduce((sum, value) => sum + flopsOf(value), 0),
    instructions: count,
  };
}

/** The cells of a step by heading. Texts are aligned left, numbers right. */
type Columns<T> = Readonly<Record<string, (step: T) => string | number>>;

/** The first columns of every table. */
const WHAT: Columns<ExplainedStep> = {
  ops: ({ ops }) => ops.join(" + "),
  shape: ({ shape }) => formatShape(shape),
};

/** A row for each step, then the totals. */
function table<T>(steps: readonly T[], columns: Columns<T>, total: string): string {
  let rows = ["", ...steps.map(() => "")];
  for (const heading in columns) {
    const cells = [heading, ...steps.map(columns[heading]!)];
    const texts = cells.map((cell) => (typeof cell === "number" ? cell.toFixed(1) : cell));
    const width = Math.max(...texts.map(({ length }) => length));
    const isText = typeof cells[1] === "string";
    rows = rows.map((row, i) => `${row}${isText ? texts[i]!.padEnd(width) : texts[i]!.padStart(width)}  `);
  }
  return [...rows.map((row) => row.trimEnd()), total].join("\n");
}

const kilobytes = (bytes: number): string => (bytes / 1024).toFixed(1);

export function describe(built: Built): Explanation {
  const steps = built.steps.map((step) => explain(built, step));
  const { arenaBytes, liveBytes } = built.plan;
  const own = built.results.filter(({ argument }) => argument === undefined);
  const resultBytes = own.reduce((sum, result) => sum + bytesOf(result), 0);
  return {
    steps,
    arenaBytes,
    liveBytes,
    resultBytes,
    toString: () =>
      table(
        steps,
        {
          ...WHAT,
          dtype: ({ dtype }) => dtype,
          into: ({ writes }) => writes.join(", "),
          KB: ({ bytes }) => bytes / 1024,
          kflop: ({ flops }) => flops / 1000,
        },
        `arena ${kilobytes(arenaBytes)} KB (alive at once ${kilobytes(liveBytes)}), results ${kilobytes(resultBytes)} KB`,
      ),
  };
}

const RUNS = 15;

/** Times each step alone, in the program's order, several times. The program must be bound. */
export function profile(built: Built): Profile {
  const samples = built.steps.map((): number[] => []);
  for (let run = 0; run < RUNS; run++) {
    built.steps.forEach(({ first, count }, i) => {
      const start = performance.now();
      built.program.run(first, count);
      samples[i]!.push(performance.now() - start);
    });
  }
  const medians = samples.map((list) => [...list].sort((a, b) => a - b)[RUNS >> 1]!);
  const total = medians.reduce((sum, ms) => sum + ms, 0);
  const steps = built.steps.map((of, i): ProfiledStep => {
    const step = explain(built, of);
    const milliseconds = medians[i]!;
    return {
      ...step,
      milliseconds,
      share: total === 0 ? 0 : milliseconds / total,
      gflops: step.flops / milliseconds / 1e6,
      gbytes: step.bytes / milliseconds / 1e6,
    };
  });
  return {
    steps,
    milliseconds: total,
    runs: RUNS,
    toString: () =>
      table(
        steps,
        {
          ...WHAT,
          us: ({ milliseconds }) => milliseconds * 1000,
          "%": ({ share }) => share * 100,
          "GFLOP/s": ({ gflops }) => gflops,
          "GB/s": ({ gbytes }) => gbytes,
        },
        `${total.toFixed(3)} ms`,
      ),
  };
}

/** The graph with a box for each step, for Graphviz. */
export function toDot({ steps, inputs, graph, results }: Built): string {
  const numberOf = numbering<Value>();
  const nameOf = (value: Value): string => `v${numberOf(value)}`;
  const box = (value: Value, style: string): string => {
    const { origin, shape, dtype } = value;
    const what =
      origin.kind === "op" ? origin.call.op.name : origin.kind === "input" ? `argument ${origin.index}` : origin.kind;
    return `  ${nameOf(value)} [label="${what}\\n${dtype} ${formatShape(shape)}"${style}];`;
  };
  const edges = (value: Computed): string[] =>
    operandsOf(value).map((operand) => `  ${nameOf(operand)} -> ${nameOf(value)};`);
  const lines = ["digraph program {", "  node [shape=box, fontname=sans];"];
  const outside = new Set<Value>([...inputs, ...graph.values.filter(({ origin }) => origin.kind === "constant")]);
  for (const value of outside) lines.push(box(value, ", style=rounded"));
  steps.forEach(({ unit }, i) => {
    const values = valuesOf(unit);
    lines.push(`  subgraph cluster${i} {`);
    lines.push(...values.map((value) => box(value, "")), "  }", ...values.flatMap(edges));
  });
  graph.results.forEach(({ value }, i) => {
    lines.push(
      `  r${i} [label="result ${i}\\n${formatShape(results[i]!.shape)}", style=rounded];`,
      `  ${nameOf(value)} -> r${i};`,
    );
  });
  return [...lines, "}"].join("\n");
}
