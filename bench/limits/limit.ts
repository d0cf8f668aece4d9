// How a table of one op beside a plain loop is made, everything else being the machine's ceiling. Must not know any op.
import { type Tensor, tensor, zeros } from "simdgrad";
import { into, PRECISIONS, plain } from "../harness/contenders.js";
import { defineTable, type Precision, type Rate, type Table } from "../harness/table.js";

/** A tensor of either precision, its shape unknown. */
export type Floats = Tensor<readonly number[], Precision>;

export interface Limit {
  /** What follows `limits/`. */
  readonly name: string;
  readonly title: string;
  readonly rate: Rate;
  readonly operands: readonly (readonly number[])[];
  readonly result: readonly number[];
  /** Writes the result of the op, in float64. */
  readonly loop: (y: Float64Array, operands: readonly Float64Array[]) => void;
  /** The op of the package, into `out`. */
  readonly op: (operands: readonly Floats[], out: Floats) => unknown;
  /** Relative to the largest element; sums of thousands of terms need more than one op's roundings. */
  readonly tolerance?: Table["tolerance"];
}

/** Operands rounded to float32, and a result that adds a rounding or two. */
const TOLERANCE = { float32: 1e-6, float64: 1e-14 };

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Operands are uniform on [-1, 1). */
export function limitTable({ name, title, rate, operands, result, loop, op, tolerance = TOLERANCE }: Limit): Table {
  return defineTable({
    name: `limits/${name}`,
    title,
    onRequest: true,
    rate,
    tolerance,
    data: Object.fromEntries(operands.map((shape, i) => [`x${i}`, { seed: 41 + i, shape, low: -1, high: 1 }])),
    prepare(data, keep) {
      const inputs = operands.map((_, i) => data[`x${i}`]!);
      const y = new Float64Array(sizeOf(result));
      return [
        plain("plain JS", () => loop(y, inputs), [y]),
        ...PRECISIONS.map((precision) => {
          const tensors = operands.map((shape, i) => keep(tensor(inputs[i]!, shape, precision)));
          const out = keep(zeros(result, precision));
          return into("simdgrad", precision, () => op(tensors, out), [out]);
        }),
      ];
    },
  });
}
