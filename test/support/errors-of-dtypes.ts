// Wrong dtypes and wrong tensors for results, op by op: the call, the error and words of its message.
import * as sg from "../../src/index.js";
import { BINARY, type ErrorCase, un } from "./error-case.js";

const { AliasError, DisposedError, DTypeError, ShapeError } = sg;

const UNARY_FLOAT = {
  sqrt: sg.sqrt,
  exp: sg.exp,
  expm1: sg.expm1,
  log: sg.log,
  log1p: sg.log1p,
  tanh: sg.tanh,
  sigmoid: sg.sigmoid,
  relu: sg.relu,
  softplus: sg.softplus,
};

/** dtypes that do not fit. */
export const dtypeCases: readonly ErrorCase[] = [
  ...BINARY.map(
    ([name, op]): ErrorCase => [
      `${name}: mixed`,
      (f) => op(f.m23, f.wide23),
      DTypeError,
      `${name}: dtypes float32 and float64 do not mix (shapes [2, 3] and [2, 3])`,
    ],
  ),
  ...Object.entries(UNARY_FLOAT).map(
    ([name, op]): ErrorCase => [`${name} of int32`, (f) => op(un(f.int23)), DTypeError, `${name}: `, "int32"],
  ),
  ...Object.entries({ div: sg.div, power: sg.power, sigmoidBackward: sg.sigmoidBackward }).map(
    ([name, op]): ErrorCase => [`${name} of int32`, (f) => op(f.int23, un(f.int23)), DTypeError, `${name}: `, "int32"],
  ),
  ["add: a fraction to int32", (f) => sg.add(f.int23, 0.5), DTypeError, "add: 0.5 is not an int32"],
  ["mul: int32 by what exceeds it", (f) => sg.mul(2 ** 31, f.int23), DTypeError, "mul: 2147483648 is not an int32"],
  ["add: only numbers", () => sg.add(un(1), un(2)), DTypeError, "add: expected a tensor, got 1 and 2"],
  ["exp: a number", () => sg.exp(un(1)), DTypeError, "exp: expected a tensor, got 1"],
  [
    "matmul: mixed",
    (f) => sg.matmul(f.m23, un(f.wide23), { transposeB: true }),
    DTypeError,
    "matmul: dtypes float32 and float64",
  ],
  ["matmul: int32", (f) => sg.matmul(un(f.int23), un(f.int23), { transposeB: true }), DTypeError, "matmul: ", "int32"],
  [
    "linear: mixed",
    (f) => sg.linear(f.wide23, un(f.m45), un(f.row3)),
    DTypeError,
    "linear: dtypes float64 and float32",
  ],
  ["linear: int32", (f) => sg.linear(un(f.int23), un(f.int23), un(f.labels)), DTypeError, "linear: ", "int32"],
  ["mean: int32", (f) => sg.mean(un(f.int23)), DTypeError, "mean: ", "int32"],
  ["softmax: int32", (f) => sg.softmax(un(f.int23)), DTypeError, "softmax: ", "int32"],
  ["concat: mixed", (f) => sg.concat([f.m23, un(f.wide23)]), DTypeError, "concat: dtypes float32 and float64"],
  ["concat: a number", (f) => sg.concat([f.m23, un(1)]), TypeError, "concat: expected a tensor, got 1"],
  ["linear: numbers for w and b", (f) => sg.linear(f.m23, un(1), un(2)), TypeError, "linear: expected a tensor, got 1"],
  ["take: float indices", (f) => sg.take(f.m23, un(f.row3)), DTypeError, "take: indices must be int32, got float32"],
  ["where: mixed", (f) => sg.where(f.m23, un(f.wide23), un(1)), DTypeError, "where: dtypes float32 and float64"],
  ["astype: unknown", (f) => sg.astype(f.m23, un("float16")), DTypeError, 'astype: unknown dtype "float16"'],
  [
    "softmaxCrossEntropy: mixed",
    (f) => sg.softmaxCrossEntropy(f.m23, un(f.wide23)),
    DTypeError,
    "softmaxCrossEntropy: ",
    "float32",
    "float64",
  ],
  [
    "softmaxCrossEntropy: int32",
    (f) => sg.scope(() => sg.softmaxCrossEntropy(un(f.int23), sg.tensor([0, 1], undefined, "int32"))),
    DTypeError,
    "softmaxCrossEntropy: ",
    "int32",
  ],
  [
    "meanSquaredError: mixed",
    (f) => sg.meanSquaredError(f.m23, un(f.wide23)),
    DTypeError,
    "meanSquaredError: ",
    "float64",
  ],
  [
    "meanSquaredError: int32",
    (f) => sg.meanSquaredError(un(f.int23), un(f.int23)),
    DTypeError,
    "meanSquaredError: ",
    "int32",
  ],
  [
    "sigmoidCrossEntropy: mixed",
    (f) => sg.sigmoidCrossEntropy(f.m23, un(f.wide23)),
    DTypeError,
    "sigmoidCrossEntropy: ",
    "float64",
  ],
];

/** Results that are to go into a tensor that can't take them. */
export const outCases: readonly ErrorCase[] = [
  [
    "add: another shape",
    (f) => sg.add(f.m23, 1, { out: f.m45 }),
    ShapeError,
    "add: out has shape [4, 5], the result [2, 3]",
  ],
  [
    "add: another dtype",
    (f) => sg.add(f.m23, 1, { out: un(f.wide23) }),
    DTypeError,
    "add: out is float64, the result float32",
  ],
  ["add: disposed", (f) => sg.add(f.m23, 1, { out: f.gone }), DisposedError, "add: out: the float32 ["],
  ["add: an array", (f) => sg.add(f.m23, 1, { out: un([1]) }), TypeError, "add: out: expected a tensor, got an array"],
  ["add: null", (f) => sg.add(f.m23, 1, { out: un(null) }), TypeError, "add: out: expected a tensor, got null"],
  ["exp: another shape", (f) => sg.exp(f.m23, { out: f.row3 }), ShapeError, "exp: out has shape [3]"],
  [
    "sum: another shape",
    (f) => sg.sum(f.cube, { axis: [0, 2], out: un(f.m23) }),
    ShapeError,
    "sum: out has shape [2, 3], the result [3]",
  ],
  [
    "sum: another dtype",
    (f) => sg.scope(() => sg.sum(f.m23, { axis: 0, keepDims: true, out: un(sg.zeros([1, 3], "float64")) })),
    DTypeError,
    "sum: out is float64",
  ],
  [
    "sum: its input",
    (f) => sg.sum(f.row3, { axis: [], out: un(f.row3) }),
    AliasError,
    "sum: out [3] shares its memory",
  ],
  [
    "mean: another shape",
    (f) => sg.mean(f.m23, { out: un(f.row3) }),
    ShapeError,
    "mean: out has shape [3], the result []",
  ],
  ["softmax: another shape", (f) => sg.softmax(f.m23, { out: f.m45 }), ShapeError, "softmax: out has shape [4, 5]"],
  [
    "softmax: another shape, first axis",
    (f) => sg.softmax(f.m23, { axis: 0, out: f.m45 }),
    ShapeError,
    "softmax: out has shape [4, 5]",
  ],
  [
    "matmul: another shape",
    (f) => sg.matmul(f.row3, f.row3, { out: un(f.row3) }),
    ShapeError,
    "matmul: out has shape [3], the result []",
  ],
  [
    "matmul: a vector's result",
    (f) => sg.matmul(f.m23, f.row3, { out: un(f.m45) }),
    ShapeError,
    "matmul: out has shape [4, 5], the result [2]",
  ],
  [
    "matmul: its input",
    (f) => sg.scope(() => sg.matmul(f.m23, sg.ones([3, 3]), { out: un(f.m23) })),
    AliasError,
    "matmul: out [2, 3] shares its memory",
  ],
  [
    "linear: a row's result",
    (f) => sg.scope(() => sg.linear(f.row3, sg.ones([3, 2]), sg.ones([2]), { out: un(f.m45) })),
    ShapeError,
    "linear: out has shape [4, 5], the result [2]",
  ],
  [
    "transpose: its input",
    (f) => sg.scope(() => sg.transpose(f.row3, [0], { out: f.row3 })),
    AliasError,
    "transpose: out [3] shares",
  ],
  ["slice: its input", (f) => sg.slice(f.m23, [0], [], { out: un(f.m23) }), AliasError, "slice: out [2, 3] shares"],
  ["broadcastTo: its input", (f) => sg.broadcastTo(f.m23, [2, 3], { out: un(f.m23) }), AliasError, "broadcastTo: out"],
  ["concat: its input", (f) => sg.concat([f.m23], { out: f.m23 }), AliasError, "concat: out [2, 3] shares"],
  [
    "take: another shape",
    (f) => sg.scope(() => sg.take(f.m45, f.labels, { out: un(f.m23) })),
    ShapeError,
    "take: out has shape [2, 3], the result [2, 5]",
  ],
];
