// Ops whose operands are not read straight through: broadcast, transposed, sliced, joined; against a copy's bandwidth.
// Must not know how they are timed.
import { add, concat, slice, type Tensor, transpose } from "simdgrad";
import { traffic } from "../ceiling/rates.js";
import type { Precision, Table } from "../harness/table.js";
import { limitTable, sizeOf } from "./limit.js";

/** About 10^5 elements each, in rows of the width. */
const ROWS = [
  [6250, 16],
  [1563, 64],
  [100, 1000],
] as const;

const copy = (shape: readonly number[]) => traffic({ reads: 1, writes: 1 }, sizeOf(shape));

function biasTable(rows: number, columns: number, along: "rows" | "columns"): Table {
  const [bias, step] =
    along === "rows"
      ? [[columns], [0, 1]]
      : [
          [rows, 1],
          [1, 0],
        ];
  return limitTable({
    name: `broadcast/bias-${along}/${rows}x${columns}`,
    title: `[${rows}, ${columns}] + [${bias}]`,
    rate: copy([rows, columns]),
    operands: [[rows, columns], bias!],
    result: [rows, columns],
    loop: (y, [x, b]) => {
      for (let i = 0, at = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++, at++) y[at] = x![at]! + b![i * step![0]! + j * step![1]!]!;
      }
    },
    op: ([x, b], out) => add(x!, b!, { out }),
  });
}

/** [a, b, c] with two axes exchanged. */
function transposeTable(shape: readonly [number, number, number], order: readonly [number, number, number]): Table {
  const strides = [shape[1] * shape[2], shape[2], 1];
  const result = order.map((axis) => shape[axis]!);
  const [s0, s1, s2] = order.map((axis) => strides[axis]!) as [number, number, number];
  const [n0, n1, n2] = result as [number, number, number];
  return limitTable({
    name: `movement/transpose-${order.join("")}/${shape.join("x")}`,
    title: `[${shape.join(", ")}] with its axes in the order ${order.join(", ")}`,
    rate: copy(shape),
    operands: [shape],
    result,
    loop: (y, [x]) => {
      let at = 0;
      for (let i = 0; i < n0; i++)
        for (let j = 0; j < n1; j++) for (let k = 0; k < n2; k++) y[at++] = x![i * s0 + j * s1 + k * s2]!;
    },
    op: ([x], out) => transpose(x!, order, { out }),
  });
}

function sliceTable(rows: number, width: number, first: number, end: number, step: number): Table {
  const columns = Math.ceil((end - first) / step);
  return limitTable({
    name: `movement/slice-${first}-${end}-${step}/${rows}x${width}`,
    title: `columns ${first} to ${end} of [${rows}, ${width}], every ${step === 1 ? "one" : `${step}nd`}`,
    rate: copy([rows, columns]),
    operands: [[rows, width]],
    result: [rows, columns],
    loop: (y, [x]) => {
      for (let i = 0, at = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) y[at++] = x![i * width + first + j * step]!;
      }
    },
    op: ([x], out) => slice(x!, [0, first], [rows, end], { steps: [1, step], out: out as Tensor<number[], Precision> }),
  });
}

/** Two halves side by side: rows of either are short. */
function concatTable(rows: number, columns: number): Table {
  return limitTable({
    name: `movement/concat/${rows}x${columns}`,
    title: `two of [${rows}, ${columns}] side by side`,
    rate: copy([rows, 2 * columns]),
    operands: [
      [rows, columns],
      [rows, columns],
    ],
    result: [rows, 2 * columns],
    loop: (y, [a, b]) => {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          y[2 * i * columns + j] = a![i * columns + j]!;
          y[(2 * i + 1) * columns + j] = b![i * columns + j]!;
        }
      }
    },
    op: ([a, b], out) => concat([a!, b!], { axis: 1, out }),
  });
}

export const movementTables: readonly Table[] = [
  ...ROWS.flatMap(([rows, columns]) => [biasTable(rows, columns, "rows"), biasTable(rows, columns, "columns")]),
  transposeTable([1, 317, 317], [0, 2, 1]),
  transposeTable([1, 1024, 1024], [0, 2, 1]),
  transposeTable([1, 10_000, 16], [0, 2, 1]),
  transposeTable([50, 40, 50], [1, 0, 2]),
  sliceTable(1000, 200, 50, 150, 1),
  sliceTable(1000, 200, 0, 200, 2),
  ...[16, 64, 1000].map((columns) => concatTable(Math.ceil(50_000 / columns), columns)),
];
