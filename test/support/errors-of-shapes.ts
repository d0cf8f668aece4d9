// Wrong operands, shapes and axes, op by op: the call, the error and words of its message.
import * as sg from "../../src/index.js";
import { BINARY, type ErrorCase, type Fixture, un } from "./error-case.js";

const { DisposedError, ShapeError } = sg;

/** Values that are not tensors, with their names in messages. */
const NO_TENSORS: readonly (readonly [value: unknown, name: string])[] = [
  [undefined, "undefined"],
  [null, "null"],
  ["2", 'got "2"'],
  [[1, 2, 3], "an array"],
  [new Float32Array(3), "a Float32Array; make it a tensor with tensor(...)"],
  [{ shape: [3] }, "Object"],
];

type Apply = (x: never) => unknown;

/** Calls of each op with one bad operand at each position. */
const OPERANDS: Readonly<Record<string, (f: Fixture) => readonly Apply[]>> = {
  neg: () => [sg.neg as Apply],
  exp: () => [sg.exp as Apply],
  relu: () => [sg.relu as Apply],
  leakyRelu: () => [(x) => sg.leakyRelu(x)],
  thresholdRelu: () => [(x) => sg.thresholdRelu(x)],
  add: ({ m23 }) => [(x) => sg.add(x, un(m23)), (x) => sg.add(m23, x)],
  div: ({ m23 }) => [(x) => sg.div(x, un(2)), (x) => sg.div(2, x), (x) => sg.div(m23, x)],
  where: ({ m23 }) => [
    (x) => sg.where(x, un(m23), un(m23)),
    (x) => sg.where(m23, x, un(m23)),
    (x) => sg.where(m23, m23, x),
  ],
  sum: () => [(x) => sg.sum(x)],
  mean: () => [(x) => sg.mean(x)],
  max: () => [(x) => sg.max(x)],
  argMax: () => [(x) => sg.argMax(x)],
  softmax: () => [(x) => sg.softmax(x)],
  logSumExp: () => [(x) => sg.logSumExp(x)],
  matmul: ({ m23 }) => [(x) => sg.matmul(x, m23), (x) => sg.matmul(m23, x)],
  linear: ({ m23, cube, row3 }) => [
    (x) => sg.linear(x, m23, row3),
    (x) => sg.linear(cube, x, row3),
    (x) => sg.linear(sg.zeros([1, 2]), m23, x),
  ],
  reshape: () => [(x) => sg.reshape(x, [3])],
  transpose: () => [(x) => sg.transpose(x)],
  broadcastTo: () => [(x) => sg.broadcastTo(x, [2, 3])],
  slice: () => [(x) => sg.slice(x, [0])],
  concat: ({ m23 }) => [(x) => sg.concat([x]), (x) => sg.concat([m23, x])],
  take: ({ m23, labels }) => [(x) => sg.take(x, labels), (x) => sg.take(m23, x)],
  astype: () => [(x) => sg.astype(x, "float64")],
  softmaxCrossEntropy: ({ m23, labels }) => [
    (x) => sg.softmaxCrossEntropy(x, labels),
    (x) => sg.softmaxCrossEntropy(m23, x),
  ],
  sigmoidCrossEntropy: ({ m23 }) => [(x) => sg.sigmoidCrossEntropy(x, m23), (x) => sg.sigmoidCrossEntropy(m23, x)],
  meanSquaredError: ({ m23 }) => [(x) => sg.meanSquaredError(x, m23), (x) => sg.meanSquaredError(m23, x)],
  stopGradient: () => [(x) => sg.stopGradient(x)],
};

/** Every op with a value that is not a tensor, and with a disposed tensor, at every position. */
export function operandCases(): ErrorCase[] {
  return Object.entries(OPERANDS).flatMap(([op, places]) => {
    const count = places({} as Fixture).length;
    return Array.from({ length: count }, (_, i) => i).flatMap((i): ErrorCase[] => [
      ...NO_TENSORS.map(
        ([value, name]): ErrorCase => [
          `${op}, operand ${i}: ${name}`,
          (f) => sg.scope(() => places(f)[i]!(un(value))),
          TypeError,
          `${op}: expected a tensor, got `,
          name,
        ],
      ),
      [
        `${op}, operand ${i}: disposed`,
        (f) => sg.scope(() => places(f)[i]!(un(f.gone))),
        DisposedError,
        new RegExp(`^${op}: the float32 \\[1, 3\\] tensor is gone: dispose\\(\\) was called$`),
      ],
    ]);
  });
}

/** Wrong shapes and ranks. */
export const shapeCases: readonly ErrorCase[] = [
  ...BINARY.map(
    ([name, op]): ErrorCase => [
      `${name}: sizes differ`,
      (f) => op(f.m23, f.m45),
      ShapeError,
      `${name}: shapes [2, 3] and [4, 5] do not broadcast: sizes 3 and 5 differ at axis -1`,
    ],
  ),
  ["where: one of three", (f) => sg.where(f.m23, f.m45, 1), ShapeError, "where: ", "[2, 3]", "[4, 5]"],
  ["matmul: inner sizes", (f) => sg.matmul(f.m23, f.m45), ShapeError, "matmul: inner sizes differ: a [2, 3], b [4, 5]"],
  [
    "matmul: inner sizes, transposed",
    (f) => sg.matmul(f.m23, f.m45, { transposeA: true, transposeB: true }),
    ShapeError,
    "matmul: inner sizes differ: a [2, 3], b [4, 5], transposeA, transposeB",
  ],
  [
    "matmul: a vector's size",
    (f) => sg.matmul(f.row3, f.m45),
    ShapeError,
    "matmul: inner sizes differ",
    "3]",
    "[4, 5]",
  ],
  ["matmul: a scalar", (f) => sg.matmul(f.scalar, f.m23), ShapeError, "matmul: ", "a [], b [2, 3]"],
  ["matmul: a vector transposed", (f) => sg.matmul(f.row3, f.row3, { transposeA: true }), ShapeError, "a [3], b [3]"],
  [
    "matmul: batches",
    (f) => sg.scope(() => sg.matmul(f.cube, sg.zeros([5, 4, 2]))),
    ShapeError,
    "matmul: batch: shapes [2] and [5] do not broadcast",
  ],
  [
    "linear: inner sizes",
    (f) => sg.linear(f.m23, f.m45, f.row3),
    ShapeError,
    /^linear: inner sizes differ: x \[2, 3\], w \[4, 5\]$/,
  ],
  [
    "linear: weights in the order of PyTorch",
    () => sg.scope(() => sg.linear(sg.zeros([5, 3]), un(sg.zeros([4, 3])), sg.zeros([4]))),
    ShapeError,
    /^linear: inner sizes differ: x \[5, 3\], w \[4, 3\] \(transposed\? w is \[in, out\]\)$/,
  ],
  [
    "matmul: what transposeB is for",
    (f) => sg.matmul(f.m23, f.m23),
    ShapeError,
    /^matmul: inner sizes differ: a \[2, 3\], b \[2, 3\] \(transposeB: true\?\)$/,
  ],
  [
    "matmul: what transposeB is not for",
    (f) => sg.scope(() => sg.matmul(sg.zeros([4, 2]), f.m23, { transposeB: true })),
    ShapeError,
    /\(transposeB: false\?\)$/,
  ],
  [
    "linear: the bias",
    (f) => sg.scope(() => sg.linear(sg.zeros([2, 4]), f.m45, f.row3)),
    ShapeError,
    "linear: b must be [5] for w [4, 5], got [3]",
  ],
  [
    "linear: w of three axes",
    (f) => sg.linear(f.m23, f.cube, f.row3),
    ShapeError,
    "linear: w must be [in, out]",
    "[2, 3, 4]",
  ],
  ["reshape: elements", (f) => sg.reshape(f.m23, [4, 2]), ShapeError, "reshape: [2, 3] has 6 elements", "[4, 2]"],
  ["reshape: -1 that leaves a rest", (f) => sg.reshape(f.m23, [4, -1]), ShapeError, "reshape: [2, 3]", "[4, -1]"],
  ["reshape: two -1", (f) => sg.reshape(f.m23, [-1, -1]), ShapeError, "reshape: [2, 3]", "[-1, -1]"],
  ["reshape: -2", (f) => sg.reshape(f.m23, [-2, -3]), ShapeError, "reshape: ", "[-2, -3]"],
  ["reshape: no shape", (f) => sg.reshape(f.m23, un("6")), ShapeError, "reshape: a shape must be an array of sizes"],
  ["broadcastTo: smaller", (f) => sg.broadcastTo(f.m23, [3]), ShapeError, "broadcastTo: ", "[2, 3]", "[3]"],
  ["broadcastTo: another", (f) => sg.broadcastTo(f.m23, [3, 3]), ShapeError, "broadcastTo: ", "[2, 3]", "[3, 3]"],
  ["transpose: repeated", (f) => sg.transpose(f.m23, [0, 0]), ShapeError, "transpose: axes [0, 0]", "[2, 3]"],
  ["transpose: too few", (f) => sg.transpose(f.cube, [1, 0]), ShapeError, "transpose: axes [1, 0]", "[2, 3, 4]"],
  ["transpose: no such axis", (f) => sg.transpose(f.m23, [0, 2]), ShapeError, "transpose: axis 2"],
  ["slice: a step of 0", (f) => sg.slice(f.m23, [0], [2], { steps: [0] }), ShapeError, "slice: ", "[0]", "[2, 3]"],
  ["slice: a negative step", (f) => sg.slice(f.m23, [0], [2], { steps: [-1] }), ShapeError, "slice: ", "[-1]"],
  ["slice: a fraction", (f) => sg.slice(f.m23, [0.5]), ShapeError, "slice: ", "[0.5]", "[2, 3]"],
  ["slice: numbers", (f) => sg.slice(f.m23, un(0), un(2)), ShapeError, "slice: ", "of [2, 3], got [0,2,[]]"],
  ["slice: no starts", (f) => sg.slice(f.m23, un(undefined)), ShapeError, "slice: "],
  ["slice: too many bounds", (f) => sg.slice(f.m23, [0, 0, 0]), ShapeError, "slice: ", "[0,0,0]", "[2, 3]"],
  ["concat: nothing", () => sg.concat([]), ShapeError, "concat: "],
  ["concat: no list", (f) => sg.concat(un(f.m23)), ShapeError, "concat: "],
  ["concat: other axes differ", (f) => sg.concat([f.m23, f.m45]), ShapeError, "concat: ", "[2, 3]", "[4, 5]", "axis"],
  ["concat: ranks differ", (f) => sg.concat([f.m23, f.row3]), ShapeError, "concat: ", "[2, 3]", "[3]"],
  ["concat: no such axis", (f) => sg.concat([f.m23], { axis: 2 }), ShapeError, "concat: axis 2"],
  ["concat: scalars", (f) => sg.concat([f.scalar, f.scalar]), ShapeError, "concat: axis 0", "0 axes"],
  ["take: beyond the axis", (f) => sg.take(f.m23, f.labels), ShapeError, "take: index 3 at position 1", "2"],
  [
    "take: below the axis",
    (f) => sg.scope(() => sg.take(f.m23, sg.tensor([0, -3], undefined, "int32"))),
    ShapeError,
    "take: index -3 at position 1",
    "-2",
  ],
  ["take: no such axis", (f) => sg.take(f.m23, f.labels, { axis: -3 }), ShapeError, "take: axis -3"],
  [
    "take: too many axes",
    () => sg.scope(() => sg.take(sg.zeros([1, 1, 1, 1, 1]), sg.zeros([1, 1, 1, 1, 1], "int32"))),
    ShapeError,
    "take: at most 8 axes, got 9",
  ],
  [
    "softmaxCrossEntropy: a label that is no class",
    (f) => sg.softmaxCrossEntropy(f.m23, f.labels),
    ShapeError,
    "index 3",
  ],
  [
    "softmaxCrossEntropy: a negative label",
    (f) => sg.scope(() => sg.softmaxCrossEntropy(f.m23, sg.tensor([-1, 0], undefined, "int32"))),
    ShapeError,
    "softmaxCrossEntropy: index -1 at position 0",
  ],
  [
    "softmaxCrossEntropy: too many labels",
    (f) => sg.softmaxCrossEntropy(f.m45, f.labels),
    ShapeError,
    "softmaxCrossEntropy: ",
    "logits [4, 5], labels int32 [2]",
  ],
  [
    "softmaxCrossEntropy: a row",
    (f) => sg.softmaxCrossEntropy(f.row3, f.labels),
    ShapeError,
    "logits [3], labels int32 [2]",
  ],
  ["softmaxCrossEntropy: no rows", (f) => sg.softmaxCrossEntropy(f.empty, f.empty), ShapeError, "logits [0, 3]"],
  [
    "sigmoidCrossEntropy",
    (f) => sg.sigmoidCrossEntropy(f.m23, un(f.m45)),
    ShapeError,
    "sigmoidCrossEntropy: ",
    "[2, 3]",
    "[4, 5]",
  ],
  [
    "meanSquaredError",
    (f) => sg.meanSquaredError(f.m23, un(f.row3)),
    ShapeError,
    "meanSquaredError: ",
    "[2, 3]",
    "[3]",
  ],
  ["item of many", (f) => f.m23.item(), ShapeError, "item: the tensor has 6 elements: [2, 3]"],
  ["item of none", (f) => f.empty.item(), ShapeError, "item: the tensor has 0 elements: [0, 3]"],
];

type Reduce = (x: sg.AnyTensor, options: object) => sg.AnyTensor;

const REDUCTIONS: Readonly<Record<string, Reduce>> = {
  sum: sg.sum as Reduce,
  mean: sg.mean as Reduce,
  max: sg.max as Reduce,
  min: sg.min as Reduce,
};

/** Reductions and their axes. */
export const axisCases: readonly ErrorCase[] = [
  ...Object.entries(REDUCTIONS).flatMap(([op, reduce]): ErrorCase[] => [
    [`${op}: no such axis`, (f) => reduce(f.m23, { axis: 2 }), ShapeError, `${op}: axis 2`, "2 axes"],
    [`${op}: axis below`, (f) => reduce(f.m23, { axis: -3 }), ShapeError, `${op}: axis -3`],
    [`${op}: a fraction`, (f) => reduce(f.m23, { axis: 0.5 }), ShapeError, `${op}: axis 0.5`],
    [`${op}: NaN`, (f) => reduce(f.m23, { axis: Number.NaN }), ShapeError, `${op}: axis NaN`],
    [`${op}: repeated`, (f) => reduce(f.m23, { axis: [0, -2] }), ShapeError, `${op}: `, "repeats an axis"],
  ]),
  ["sum: a string", (f) => sg.sum(f.m23, { axis: un("0") }), ShapeError, 'sum: axis "0"'],
  ["sum: of a scalar", (f) => sg.sum(f.scalar, { axis: 0 } as object), ShapeError, "sum: axis 0", "0 axes"],
  ["max of nothing", (f) => sg.max(f.empty), ShapeError, "max: no elements to choose from: [0, 3]"],
  ["min of nothing", (f) => sg.min(f.empty, { axis: 0 }), ShapeError, "min: no elements to choose from: [0, 3]"],
  ["argMax of nothing", (f) => sg.argMax(f.empty), ShapeError, "argMax: no elements to choose from: [0, 3]"],
  ["argMax: no such axis", (f) => sg.argMax(f.m23, { axis: 2 } as object), ShapeError, "argMax: axis 2"],
  ["argMax: two axes", (f) => sg.argMax(f.cube, { axis: [0, 2] } as object), ShapeError, "argMax: "],
  ["softmax: no such axis", (f) => sg.softmax(f.m23, { axis: 2 }), ShapeError, "softmax: axis 2"],
  ["softmax of nothing", (f) => sg.softmax(f.empty, { axis: 0 }), ShapeError, "softmax: the axis has no elements"],
  ["logSoftmax: no such axis", (f) => sg.logSoftmax(f.m23, { axis: -3 }), ShapeError, "logSoftmax: axis -3"],
  ["logSumExp of a scalar", (f) => sg.logSumExp(un(f.scalar)), ShapeError, "logSumExp: axis -1"],
];
