// The one op table: a row for every op that kernels run. From it the build (scripts/ops.mjs) makes the opcodes, the switches that call the
// kernels, the costs and docs/ops.md. Holds data only; asc never reads it.

interface Row {
  /** The class that computes it, from any file in assembly/. */
  readonly kernel: string;
  /** The cost of an element, about; an addition in the cache is 1. Only the order of magnitude matters. */
  readonly cost: number;
}

/** An op whose element i depends only on element i of each operand. Several fuse into one micro-program. */
export interface ElementwiseRow extends Row {
  /** The number of operands of `vec`. The fourth is always a number. */
  readonly operands: 1 | 2 | 3 | 4;
  /** float32 and float64; `"any"` adds int32. */
  readonly dtypes: "float" | "any";
  /** A constant that `vec` takes after the operands. It is loaded once; V8 would rebuild a literal at each use. */
  readonly constant?: "Zero" | "One";
  /** True if the kernel takes a and b in the other order. */
  readonly reversed?: true;
}

/** An op whose kernel takes the whole instruction. */
export interface WholeRow extends Row {
  /** `"size"` if only the bytes of an element matter; `"none"` if the kernel looks at the dtype itself. */
  readonly dtypes: "float" | "any" | "size" | "none";
  /** Where elementwise ops may join the instruction: on its finished rows, or on the terms of its sum. */
  readonly fuses?: "rows" | "terms";
}

export const ELEMENTWISE = {
  identity: { kernel: "Identity", operands: 1, dtypes: "any", cost: 1 },
  neg: { kernel: "Neg", operands: 1, dtypes: "any", cost: 1 },
  abs: { kernel: "Abs", operands: 1, dtypes: "any", cost: 1 },
  sign: { kernel: "Sign", operands: 1, dtypes: "any", cost: 1 },
  square: { kernel: "Square", operands: 1, dtypes: "any", cost: 1 },
  sqrt: { kernel: "Sqrt", operands: 1, dtypes: "float", cost: 3 },
  floor: { kernel: "Floor", operands: 1, dtypes: "any", cost: 1 },
  ceil: { kernel: "Ceil", operands: 1, dtypes: "any", cost: 1 },
  round: { kernel: "Round", operands: 1, dtypes: "any", cost: 1 },
  isNaN: { kernel: "IsNaN", operands: 1, dtypes: "any", cost: 1 },
  exp: { kernel: "Exp", operands: 1, dtypes: "float", cost: 6 },
  expm1: { kernel: "Expm1", operands: 1, dtypes: "float", cost: 8 },
  log: { kernel: "Log", operands: 1, dtypes: "float", cost: 9 },
  log1p: { kernel: "Log1p", operands: 1, dtypes: "float", cost: 10 },
  tanh: { kernel: "Tanh", operands: 1, dtypes: "float", cost: 9 },
  sigmoid: { kernel: "Sigmoid", operands: 1, dtypes: "float", cost: 8 },
  silu: { kernel: "Silu", operands: 1, dtypes: "float", cost: 9 },
  sigmoidGrad: { kernel: "SigmoidGrad", operands: 1, dtypes: "float", cost: 9 },
  relu: { kernel: "Relu", operands: 1, dtypes: "float", cost: 1, constant: "Zero" },
  reluGrad: { kernel: "ReluGrad", operands: 1, dtypes: "float", cost: 1 },
  softplus: { kernel: "Softplus", operands: 1, dtypes: "float", cost: 12 },
  logSigmoid: { kernel: "LogSigmoid", operands: 1, dtypes: "float", cost: 12 },

  add: { kernel: "Add", operands: 2, dtypes: "any", cost: 1 },
  sub: { kernel: "Sub", operands: 2, dtypes: "any", cost: 1 },
  mul: { kernel: "Mul", operands: 2, dtypes: "any", cost: 1 },
  div: { kernel: "Div", operands: 2, dtypes: "float", cost: 2 },
  mod: { kernel: "Mod", operands: 2, dtypes: "any", cost: 40 },
  maximum: { kernel: "Maximum", operands: 2, dtypes: "any", cost: 1 },
  minimum: { kernel: "Minimum", operands: 2, dtypes: "any", cost: 1 },
  power: { kernel: "Power", operands: 2, dtypes: "float", cost: 30 },
  greater: { kernel: "Greater", operands: 2, dtypes: "any", cost: 1 },
  greaterEqual: { kernel: "GreaterEqual", operands: 2, dtypes: "any", cost: 1 },
  less: { kernel: "Greater", operands: 2, dtypes: "any", cost: 1, reversed: true },
  lessEqual: { kernel: "GreaterEqual", operands: 2, dtypes: "any", cost: 1, reversed: true },
  equal: { kernel: "Equal", operands: 2, dtypes: "any", cost: 1 },
  notEqual: { kernel: "NotEqual", operands: 2, dtypes: "any", cost: 1 },
  sigmoidBackward: { kernel: "SigmoidBackward", operands: 2, dtypes: "float", cost: 1, constant: "One" },
  reluBackward: { kernel: "ReluBackward", operands: 2, dtypes: "float", cost: 1, constant: "Zero" },
  tanhBackward: { kernel: "TanhBackward", operands: 2, dtypes: "float", cost: 1, constant: "One" },
  elu: { kernel: "Elu", operands: 2, dtypes: "float", cost: 9 },

  where: { kernel: "Where", operands: 3, dtypes: "any", cost: 1, constant: "Zero" },
  clip: { kernel: "Clip", operands: 3, dtypes: "any", cost: 1 },
  thresholdRelu: { kernel: "ThresholdRelu", operands: 4, dtypes: "float", cost: 1 },
  blend: { kernel: "Blend", operands: 4, dtypes: "float", cost: 1 },
  blendSquare: { kernel: "BlendSquare", operands: 4, dtypes: "float", cost: 1 },
  overRoot: { kernel: "OverRoot", operands: 4, dtypes: "float", cost: 8 },
  descend: { kernel: "Descend", operands: 3, dtypes: "float", cost: 1 },
} as const satisfies Record<string, ElementwiseRow>;

export const WHOLE = {
  // Reductions over the middle axis of [outer, count, inner].
  sum: { kernel: "Reduce<Sum>", dtypes: "any", cost: 1, fuses: "terms" },
  max: { kernel: "Reduce<Max>", dtypes: "any", cost: 1 },
  min: { kernel: "Reduce<Min>", dtypes: "any", cost: 1 },
  argMax: { kernel: "ArgMax", dtypes: "any", cost: 2 },
  // A row at a time.
  softmax: { kernel: "EachRow<SoftmaxRow>", dtypes: "float", cost: 8 },
  logSoftmax: { kernel: "EachRow<LogSoftmaxRow>", dtypes: "float", cost: 8 },
  logSumExp: { kernel: "EachRow<LogSumExpRow>", dtypes: "float", cost: 7 },
  softmaxBackward: { kernel: "EachRow<SoftmaxBackwardRow>", dtypes: "float", cost: 1 },
  logSoftmaxBackward: { kernel: "EachRow<LogSoftmaxBackwardRow>", dtypes: "float", cost: 8 },
  crossEntropy: { kernel: "EachRow<CrossEntropyRow>", dtypes: "float", cost: 8 },
  crossEntropyBackward: { kernel: "EachRow<CrossEntropyBackwardRow>", dtypes: "float", cost: 8 },
  // The others. The cost of a product is for each of m n k steps; a fused instruction costs as much as the ops of its micro-program.
  matmul: { kernel: "Gemm", dtypes: "float", cost: 0.3, fuses: "rows" },
  copy: { kernel: "Copy", dtypes: "size", cost: 1 },
  accumulate: { kernel: "Accumulate", dtypes: "float", cost: 1 },
  take: { kernel: "Take", dtypes: "size", cost: 1 },
  takeBackward: { kernel: "TakeBackward", dtypes: "float", cost: 1 },
  cast: { kernel: "Cast", dtypes: "any", cost: 1 },
  randomUniform: { kernel: "Random", dtypes: "float", cost: 25 },
  randomNormal: { kernel: "Random", dtypes: "float", cost: 60 },
  fused: { kernel: "Fused", dtypes: "none", cost: 0 },
} as const satisfies Record<string, WholeRow>;
