// softmax and its relatives on [1024, 1000], held against exp of as many elements, the least that they compute.
// Must not know how they are timed.
import { exp, logSoftmax, softmax, softmaxCrossEntropy, type Tensor, tensor, zeros } from "simdgrad";
import { BYTES, into, PRECISIONS, plain } from "../harness/contenders.js";
import { type Ceiling, defineTable, type Precision, type Table } from "../harness/table.js";

const ROWS = 1024;
const CLASSES = 1000;
const SHAPE = [ROWS, CLASSES] as const;

type Logits = Tensor<typeof SHAPE, Precision>;
type Labels = Tensor<readonly [typeof ROWS], "int32">;

/** One array read and one written, however many passes an op takes. */
const moved = (precision: Precision): number => 2 * ROWS * CLASSES * BYTES[precision];

interface Kind {
  readonly shape: readonly number[];
  readonly loop: (y: Float64Array, x: Float64Array) => void;
  readonly op: (x: Logits, labels: Labels, out: Tensor<readonly number[], Precision>) => unknown;
}

const labelOf = (row: number): number => (7 * row) % CLASSES;

/** The logarithm of the sum of a row's exponentials. */
function logTotal(x: Float64Array, row: number): number {
  let total = 0;
  for (let at = row * CLASSES; at < (row + 1) * CLASSES; at++) total += Math.exp(x[at]!);
  return Math.log(total);
}

const KINDS: Readonly<Record<string, Kind>> = {
  softmax: {
    shape: SHAPE,
    loop: (y, x) => {
      for (let row = 0, at = 0; row < ROWS; row++) {
        const factor = Math.exp(-logTotal(x, row));
        for (let j = 0; j < CLASSES; j++, at++) y[at] = Math.exp(x[at]!) * factor;
      }
    },
    op: (x, _, out) => softmax(x, { out: out as Logits }),
  },
  logSoftmax: {
    shape: SHAPE,
    loop: (y, x) => {
      for (let row = 0, at = 0; row < ROWS; row++) {
        const shift = logTotal(x, row);
        for (let j = 0; j < CLASSES; j++, at++) y[at] = x[at]! - shift;
      }
    },
    op: (x, _, out) => logSoftmax(x, { out: out as Logits }),
  },
  softmaxCrossEntropy: {
    shape: [],
    loop: (y, x) => {
      y[0] = 0;
      for (let row = 0; row < ROWS; row++) y[0] += (logTotal(x, row) - x[row * CLASSES + labelOf(row)]!) / ROWS;
    },
    op: (x, labels, out) => softmaxCrossEntropy(x, labels, { out: out as Tensor<[], Precision> }),
  },
};

const softmaxTable = (name: string, { shape, loop, op }: Kind): Table =>
  defineTable({
    name: `limits/softmax/${name}`,
    title: `${name} of [${SHAPE.join(", ")}]; the ceiling is exp alone`,
    onRequest: true,
    rate: { unit: "GB/s", perCall: moved },
    tolerance: { float32: 1e-5, float64: 1e-13 },
    data: { x: { seed: 51, shape: SHAPE, low: -1, high: 1 } },
    prepare({ x }, keep) {
      const labels = keep(
        tensor(
          Int32Array.from({ length: ROWS }, (_, row) => labelOf(row)),
          [ROWS],
        ),
      );
      const y = new Float64Array(shape.reduce((product, extent) => product * extent, 1));
      return [
        plain("plain JS", () => loop(y, x), [y]),
        ...PRECISIONS.flatMap((precision) => {
          const logits = keep(tensor(x, SHAPE, precision));
          const out = keep(zeros(shape, precision));
          const powers = keep(zeros(SHAPE, precision));
          const least: Ceiling = {
            name: "ceiling: exp(x, { out })",
            precision,
            perCall: moved(precision),
            run: () => exp(logits, { out: powers }).shape.length,
          };
          return [into(`simdgrad ${name}`, precision, () => op(logits, labels, out), [out]), least];
        }),
      ];
    },
  });

export const softmaxTables: readonly Table[] = Object.entries(KINDS).map(([name, kind]) => softmaxTable(name, kind));
