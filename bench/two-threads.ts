// What a second thread gains, and what meeting it costs. The package runs on one thread as everywhere in the benchmark; beside it
// the sources are loaded as a library of their own, on two. Must not know how tables are timed.
import * as one from "simdgrad";
import { Abi, DTypeCode, Field } from "../assembly/abi.js";
import { Op } from "../assembly/ops.generated.js";
import { wordView } from "../src/runtime/memory/views.js";
import { encode, runProgram } from "../src/runtime/program/instruction.js";
import { operations, traffic } from "./ceiling/rates.js";
import { PRECISIONS } from "./harness/contenders.js";
import { defineTable, type LocalContender, type Precision, type Rate, type Table } from "./harness/table.js";

type Library = typeof import("simdgrad");
type Floats = one.Tensor<readonly number[], Precision>;

interface Work {
  readonly name: string;
  readonly title: string;
  readonly rate: Rate;
  readonly operands: readonly (readonly number[])[];
  readonly result: readonly number[];
  readonly op: (library: Library, operands: readonly Floats[], out: Floats) => unknown;
}

/** The sources on two threads; they are kept, for starting them takes longer than most tables. */
let second: Promise<Library> | undefined;

async function onTwoThreads(): Promise<Library> {
  second ??= import("../src/index.js").then(async (library) => {
    const { threads, reasons } = await library.init({ threads: 2 });
    if (threads < 2) throw new Error(reasons.join("; "));
    return library as unknown as Library;
  });
  return second;
}

/** An op of a library that is there once its first results are asked for. Its tensors live as long as the process. */
function contender(
  name: string,
  precision: Precision,
  load: () => Promise<Library>,
  { op, operands, result }: Work,
  data: Readonly<Record<string, Float64Array>>,
): LocalContender {
  let apply: (() => void) | undefined;
  let out: Floats;
  return {
    name,
    precision,
    run() {
      apply!();
      return 1;
    },
    async outputs() {
      const library = await load();
      const inputs = operands.map((shape, i) => library.tensor(data[`x${i}`]!, shape, precision) as Floats);
      out = library.zeros(result, precision) as Floats;
      apply = () => op(library, inputs, out);
      apply();
      return [out.data];
    },
  };
}

/** One dtype a table, so that speeds are ratios of the same work. */
function workTables(work: Work): Table[] {
  const { name, title, rate, operands } = work;
  return PRECISIONS.map((precision) =>
    defineTable({
      name: `threads/${name}/${precision}`,
      title,
      onRequest: true,
      rate,
      // The same bits.
      tolerance: { float32: 0, float64: 0 },
      data: Object.fromEntries(operands.map((shape, i) => [`x${i}`, { seed: 51 + i, shape, low: -1, high: 1 }])),
      prepare: (data) => [
        contender("one thread", precision, async () => one, work, data),
        contender("two threads", precision, onTwoThreads, work, data),
      ],
    }),
  );
}

const INSTRUCTIONS = 1000;

/**
 * A program of short instructions, each of them undivided or in two shares: the time of the second less half that of the first is
 * what dividing costs, times `INSTRUCTIONS`.
 */
function barrierTable(size: number): Table {
  const bytes = (precision: Precision): number => (precision === "float32" ? 4 : 8) * 2 * size * INSTRUCTIONS;
  const divided = (name: string, shares: number, data: Float64Array): LocalContender => {
    // Held on to, or they would be freed: a program names addresses only.
    /** Program, operand and result, held on to or they would be freed: a program names addresses only. */
    const tensors: one.AnyTensor[] = [];
    const run = (): number => {
      runProgram(tensors[0]!.storage.address, INSTRUCTIONS);
      return tensors.length;
    };
    return {
      name,
      precision: "float32",
      run,
      async outputs() {
        const { tensor, zeros } = await onTwoThreads();
        const [program, x, y] = [
          zeros([INSTRUCTIONS * (Abi.instructionBytes / 4)]),
          tensor(data, [size], "float32"),
          zeros([size]),
        ];
        tensors.push(program, x, y);
        const operands = [{ address: x.storage.address, strides: [1] }];
        for (let i = 0; i < INSTRUCTIONS; i++) {
          const at = program.storage.address + i * Abi.instructionBytes;
          encode({ op: Op.neg, dtype: DTypeCode.float32, out: y.storage.address, dims: [size], operands }, at);
          wordView()[at / 4 + Field.shares] = shares;
        }
        run();
        return [y.data];
      },
    };
  };
  return defineTable({
    name: `threads/barrier/${size}`,
    title: `${INSTRUCTIONS} instructions of ${size} elements in one program: us are ns an instruction`,
    onRequest: true,
    rate: { unit: "GB/s", perCall: bytes },
    tolerance: { float32: 0, float64: 0 },
    data: { x: { seed: 50, shape: [size], low: -1, high: 1 } },
    prepare: ({ x }) => [divided("undivided", 1, x), divided("two shares", 2, x)],
  });
}

function product(n: number): Work {
  return {
    name: `gemm/${n}`,
    title: `product of ${n} x ${n} matrices`,
    rate: operations(2 * n ** 3),
    operands: [
      [n, n],
      [n, n],
    ],
    result: [n, n],
    op: ({ matmul }, [a, b], out) => matmul(a!, b!, { out }),
  };
}

function sum(n: number): Work {
  return {
    name: `add/${n}`,
    title: `sum of two tensors of ${n}`,
    rate: traffic({ reads: 2, writes: 1 }, n),
    operands: [[n], [n]],
    result: [n],
    op: ({ add }, [a, b], out) => add(a!, b!, { out }),
  };
}

function logistic(n: number): Work {
  return {
    name: `sigmoid/${n}`,
    title: `sigmoid of ${n}`,
    rate: traffic({ reads: 1, writes: 1 }, n),
    operands: [[n]],
    result: [n],
    op: ({ sigmoid }, [x], out) => sigmoid(x!, { out }),
  };
}

export const threadTables: readonly Table[] = [
  ...[2048, 16_384].map(barrierTable),
  ...[128, 512].map(product).flatMap(workTables),
  ...[100_000, 5_000_000].map(sum).flatMap(workTables),
  ...[10_000, 1_000_000].map(logistic).flatMap(workTables),
];
