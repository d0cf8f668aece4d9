// What one step of a random program can be: ops with operands that fit, and calls. Knows shapes, not values.
import { broadcast, count } from "../support/reference.js";
import { call, update } from "./calls.js";
import type { Draw } from "./draw.js";
import { chosen, fits, like, type NewOp, type Step, sameShape, type Value, type Writer } from "./writer.js";

const NUMBERS = [1, 2, 0.5, -1, 0, -0, 3, 1.5] as const;

/** How large results become, of operands up to a and b. */
const UNARY: Record<string, (a: number) => number> = {
  neg: (a) => a,
  exp: Math.exp,
  square: (a) => a * a,
  tanh: () => 1,
  sigmoid: () => 1,
  relu: (a) => a,
  abs: (a) => a,
  sign: () => 1,
  expm1: Math.exp,
  sigmoidGrad: () => 1,
  reluGrad: () => 1,
  softplus: (a) => a + 1,
  logSigmoid: (a) => a + 1,
  thresholdRelu: (a) => 2 * a,
  leakyRelu: (a) => a,
  // Of positive numbers.
  sqrt: (a) => 1 + a,
  log: (a) => 1 + a,
  log1p: (a) => a,
};
const POSITIVE = new Set(["sqrt", "log", "log1p"]);
const SETTINGS: Record<string, Record<string, number>> = {
  thresholdRelu: { threshold: 0.3, above: 2, below: -0.5 },
  leakyRelu: { slope: 0.25 },
};

const unary: Step = (writer, draw) => {
  const name = chosen(Object.keys(UNARY), draw.op);
  const picked = writer.pick(draw.a);
  const x = POSITIVE.has(name) ? writer.positive(picked) : writer.use(picked);
  const options = SETTINGS[name];
  writer.add(
    { name, operands: [x], shape: x.shape, bound: UNARY[name]!(x.bytes.bound), ...(options && { options }) },
    draw,
  );
  return true;
};

const BINARY: Record<string, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a + b,
  mul: (a, b) => a * b,
  maximum: Math.max,
  minimum: Math.max,
  div: (a) => 2 * a,
  power: (a) => (1 + a) ** 3,
  greater: () => 1,
  greaterEqual: () => 1,
  less: () => 1,
  lessEqual: () => 1,
  equal: () => 1,
  notEqual: () => 1,
  sigmoidBackward: (a, b) => a * (1 + b) ** 2,
  tanhBackward: (a, b) => a * (1 + b) ** 2,
  reluBackward: (a) => a,
};

/** Two operands that broadcast, one of which may be a number. */
const binary: Step = (writer, draw) => {
  // Sums and products are what gradients are made of: half of the time one of those.
  const names = Object.keys(BINARY);
  const name = chosen(draw.op % 2 ? names : names.slice(0, 3), Math.floor(draw.op / 2));
  let a: Value | number = writer.use(writer.pick(draw.a));
  let b: Value | number = writer.use(writer.find(draw.b, ({ shape }) => fits((a as Value).shape, shape)) ?? a);
  if (name === "power") a = writer.positive(a);
  if (name === "div") b = writer.positive(b);
  const number = chosen(NUMBERS, Math.floor(draw.choice / 4));
  if (draw.choice % 4 === 1 && name !== "div") b = number;
  if (draw.choice % 4 === 2 && name !== "power") a = number;
  if (name === "power" && typeof b !== "number")
    b = writer.add({ name: "tanh", operands: [b], shape: b.shape, bound: 1 });
  const shapeOf = (x: Value | number): readonly number[] => (typeof x === "number" ? [] : x.shape);
  const boundOf = (x: Value | number): number => (typeof x === "number" ? Math.abs(x) : x.bytes.bound);
  const shape = broadcast(shapeOf(a), shapeOf(b));
  writer.add({ name, operands: [a, b], shape, bound: BINARY[name]!(boundOf(a), boundOf(b)) }, draw);
  return true;
};

const where: Step = (writer, draw) => {
  const x = writer.use(writer.pick(draw.a));
  const y = writer.find(draw.b, (other) => fits(x.shape, other.shape));
  const shape = broadcast(x.shape, y!.shape);
  const condition = writer.add({ name: "greater", operands: [y!, 0.25], shape: y!.shape, bound: 1 });
  const other = draw.choice % 2 ? chosen(NUMBERS, draw.choice) : y!;
  const operands = draw.choice % 3 ? [condition, x, other] : [condition, other, x];
  writer.add({ name: "where", operands, shape, bound: Math.max(x.bytes.bound, y!.bytes.bound, 3) }, draw);
  return true;
};

const create: Step = (writer, draw) => {
  const { shape } = writer.pick(draw.a);
  const { dtype } = writer.source;
  const value = chosen([0.5, -1, 0, 2, 1, -0], draw.choice);
  const name = chosen(["zeros", "ones", "full", "arange"], draw.op);
  if (name === "full") {
    writer.add({
      name,
      operands: [],
      extras: [shape, value, dtype],
      shape,
      bound: Math.abs(value),
      isPositive: value > 0,
    });
  } else if (name === "arange") {
    const size = shape[0] ?? 1;
    writer.add({
      name,
      operands: [],
      extras: [0.5, 0.5 + size * 0.25, 0.25, dtype],
      shape: [size],
      bound: 0.5 + size / 4,
    });
  } else {
    const bound = Number(name === "ones");
    writer.add({ name, operands: [], extras: [shape, dtype], shape, bound, isPositive: bound > 0 });
  }
  return true;
};

const reduction: Step = (writer, draw) => {
  const x = writer.use(writer.pick(draw.a));
  const rank = x.shape.length;
  const name = chosen(["sum", "mean", "max", "min", "logSumExp"], draw.op);
  if (name === "logSumExp" && rank === 0) return false;
  const axes = name === "logSumExp" ? [draw.b % rank] : x.shape.flatMap((_, i) => ((draw.b >> i) & 1 ? [i] : []));
  const isWhole = axes.length === 0;
  const keepDims = draw.choice % 2 === 1;
  const named = (i: number): boolean => isWhole || axes.includes(i);
  const shape = keepDims ? x.shape.map((size, i) => (named(i) ? 1 : size)) : x.shape.filter((_, i) => !named(i));
  const folded = count(x.shape) / count(shape);
  const bound =
    name === "sum" ? folded * x.bytes.bound : name === "logSumExp" ? x.bytes.bound + Math.log(folded) : x.bytes.bound;
  const options = { ...(!isWhole && { axis: axes.length === 1 ? axes[0] : axes }), ...(keepDims && { keepDims }) };
  writer.add({ name, operands: [x], shape, bound, options, inPlace: false }, draw);
  return true;
};

const rows: Step = (writer, draw) => {
  const picked = writer.find(draw.a, ({ shape }) => shape.length > 0);
  if (picked === undefined) return false;
  const x = writer.use(picked);
  const axis = draw.choice % x.shape.length;
  const name = draw.op % 2 ? "logSoftmax" : "softmax";
  const bound = name === "softmax" ? 1 : 2 * x.bytes.bound + Math.log(x.shape[axis]!);
  writer.add({ name, operands: [x], shape: x.shape, bound, options: { axis } }, draw);
  return true;
};

const product: Step = (writer, draw) => {
  const picked = writer.find(draw.a, ({ shape }) => shape.length === 2);
  if (picked === undefined) return false;
  const x = writer.use(picked);
  const transposeA = draw.choice % 3 === 2;
  const transposeB = draw.op % 3 === 2;
  const [m, k] = transposeA ? [x.shape[1]!, x.shape[0]!] : (x.shape as [number, number]);
  const inner = (shape: readonly number[]): number | undefined =>
    shape.length === 2 ? shape[transposeB ? 1 : 0] : shape.length === 1 && !transposeB ? shape[0] : undefined;
  const found = writer.find(draw.b, ({ shape }) => inner(shape) === k);
  const y = found === undefined ? x : writer.use(found);
  const flags = found === undefined ? { transposeA: !transposeA, transposeB } : { transposeA, transposeB };
  if (found === undefined) {
    // A product with itself, one of the two transposed.
    const shape = [flags.transposeA ? x.shape[1]! : x.shape[0]!, flags.transposeA ? x.shape[1]! : x.shape[0]!];
    const options = { transposeA: flags.transposeA, transposeB: !flags.transposeA };
    const length = count(x.shape) / shape[0]!;
    writer.add(
      { name: "matmul", operands: [x, x], shape, bound: length * x.bytes.bound ** 2, options, inPlace: false },
      draw,
    );
    return true;
  }
  const columns = y.shape.length === 1 ? [] : [y.shape[transposeB ? 0 : 1]!];
  const bias = columns.length === 0 ? undefined : writer.find(draw.choice, ({ shape }) => sameShape(shape, columns));
  const bound = k * x.bytes.bound * y.bytes.bound;
  const shape = [m, ...columns];
  if (bias !== undefined && !transposeA && !transposeB && draw.choice % 2) {
    const b = writer.use(bias);
    writer.add({ name: "linear", operands: [x, y, b], shape, bound: bound + b.bytes.bound, inPlace: false }, draw);
  } else {
    const options = Object.fromEntries(Object.entries(flags).filter(([, on]) => on));
    writer.add({ name: "matmul", operands: [x, y], shape, bound, options, inPlace: false }, draw);
  }
  return true;
};

const loss: Step = (writer, draw) => {
  const picked = writer.pick(draw.a);
  const y = writer.find(draw.b, ({ shape, bytes }) => sameShape(shape, picked.shape) && bytes !== picked.bytes);
  if (y === undefined) return false;
  const [x, targets] = [writer.use(picked), writer.use(y)];
  const bound = 4 * (x.bytes.bound + targets.bytes.bound) ** 2;
  const name = chosen(["meanSquaredError", "sigmoidCrossEntropy", "softmaxCrossEntropy"], draw.op);
  const { shape } = x;
  const op = { name, shape: [], bound, inPlace: false };
  if (name !== "softmaxCrossEntropy") writer.add({ ...op, operands: [x, targets] }, draw);
  else if (shape.length !== 2) return false;
  else if (draw.choice % 2)
    writer.add(
      { ...op, operands: [x, writer.source.indices(shape.slice(0, 1), shape[1]!, draw.choice % 4 === 3)] },
      draw,
    );
  else {
    const labels = writer.add({ name: "softmax", operands: [targets], shape, bound: 1 });
    writer.add({ ...op, operands: [x, labels] }, draw);
  }
  return true;
};

/** Shapes of as many elements. */
const reshapes = (shape: readonly number[]): readonly (readonly number[])[] => [
  [count(shape)],
  [1, ...shape],
  [...shape, 1],
  [...shape].reverse(),
  shape,
];

const view: Step = (writer, draw) => {
  const x = writer.pick(draw.a);
  if (draw.op % 3 === 2) writer.add({ name: "stopGradient", operands: [x], ...like(x), isView: true });
  else {
    const shape = chosen(reshapes(x.shape), draw.choice);
    if (shape.length > 4) return false;
    const op: NewOp = { name: "reshape", operands: [x], ...like(x), shape, extras: [shape], isView: true };
    writer.add(op, draw.out % 4 === 1 ? draw : undefined);
  }
  return true;
};

const clone: Step = (writer, draw) => {
  const x = writer.pick(draw.a);
  writer.add({ name: "clone", operands: [x], ...like(x) });
  return true;
};

/** Where the greatest elements of something stand along an axis, if those are all below `end`. */
function greatest(writer: Writer, draw: Draw, end: number): Value | undefined {
  const picked = writer.find(draw.b, ({ shape }) => shape.length > 0 && shape.length < 4 && shape[0]! <= end);
  if (picked === undefined) return undefined;
  const x = writer.use(picked);
  const [bound, ...shape] = x.shape as [number, ...number[]];
  return writer.add({ name: "argMax", operands: [x], shape, bound, options: { axis: 0 }, dtype: "int32" });
}

const movement: Step = (writer, draw) => {
  const x = writer.pick(draw.a);
  const rank = x.shape.length;
  const same = like(x);
  const op = { operands: [x], bound: same.bound, inPlace: false };
  const kind = Math.floor(draw.op / 4) % 6;
  if (kind === 0) {
    const axes = x.shape.map((_, i) => (i + draw.choice) % rank);
    writer.add({ ...op, name: "transpose", shape: axes.map((axis) => x.shape[axis]!), extras: [axes] }, draw);
  } else if (kind === 1) {
    const other = writer.find(
      draw.b,
      ({ shape }) => fits(x.shape, shape) && sameShape(broadcast(x.shape, shape), shape),
    );
    const shape = draw.choice % 2 && rank < 4 ? [2, ...x.shape] : other!.shape;
    writer.add({ ...op, name: "broadcastTo", shape, extras: [shape] }, draw);
  } else if (rank === 0) return false;
  else if (kind === 2) {
    const starts = x.shape.map((size, i) => (draw.choice >> i) % size);
    const ends = x.shape.map((size, i) => size - ((draw.b >> i) % (size - starts[i]!)));
    const step = 1 + (draw.choice % 2);
    const shape = x.shape.map((_, i) => Math.ceil((ends[i]! - starts[i]!) / step));
    const options = step === 1 ? {} : { options: { steps: x.shape.map(() => step) } };
    writer.add({ ...op, name: "slice", shape, extras: [starts, ends], ...options }, draw);
  } else if (kind === 3) {
    const axis = draw.choice % rank;
    const rest = (shape: readonly number[]): number[] => shape.map((size, i) => (i === axis ? 0 : size));
    const y = writer.find(draw.b, ({ shape }) => sameShape(rest(shape), rest(x.shape)))!;
    const shape = x.shape.map((size, i) => (i === axis ? size + y.shape[axis]! : size));
    const bound = Math.max(same.bound, y.bytes.bound);
    writer.add({ ...op, name: "concat", operands: [x, y], list: true, shape, bound, options: { axis } }, draw);
  } else if (kind === 4) {
    const axis = draw.choice % rank;
    const size = x.shape[axis]!;
    const indices =
      draw.op % 4
        ? writer.source.indices(draw.b % 3 ? [3] : [2, 2], size, draw.op % 4 === 1)
        : greatest(writer, draw, size);
    if (indices === undefined) return false;
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    if (shape.length > 5) return false;
    writer.add({ ...op, name: "take", operands: [x, indices], shape, options: { axis } }, draw);
  } else {
    const { dtype } = writer.source;
    const through = draw.choice % 8 === 7 ? "int32" : dtype === "float64" ? "float32" : "float64";
    const from = through === "int32" ? writer.use(x) : x;
    const there = writer.add({
      ...op,
      operands: [from],
      name: "astype",
      shape: x.shape,
      extras: [through],
      dtype: through,
    });
    writer.add({ ...op, operands: [there], name: "astype", shape: x.shape, extras: [dtype] }, draw);
  }
  return true;
};

const times = (count: number, step: Step): Step[] => Array.from({ length: count }, () => step);

/** All steps, each as often as it is to be taken. */
export const STEPS: readonly Step[] = [
  ...times(7, unary),
  ...times(8, binary),
  ...times(5, create),
  ...times(8, view),
  ...times(2, clone),
  ...times(1, where),
  ...times(4, reduction),
  ...times(2, rows),
  ...times(3, product),
  ...times(2, loss),
  ...times(5, movement),
  ...times(3, call("compile")),
  ...times(4, call("into")),
  ...times(4, call("grad")),
  ...times(3, call("valueAndGrad")),
  ...times(1, call("scope")),
  ...times(2, update),
];
