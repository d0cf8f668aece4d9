// What a test case of an op is, and how the elementwise ones are made. Must not know the test runner: benches iterate it too.
import type { AnyTensor, DType, Shape } from "../../src/index.js";
import { tensor } from "../../src/index.js";
import * as ops from "../../src/ops/index.js";
import { build, count, map, type Nd } from "../support/reference.js";
import type { Expected, Ulps } from "../support/reference-compare.js";
import { between, integers, type Random, randomFrom, type Sampler, shuffled } from "../support/reference-samples.js";
import { type FloatName, ROUND } from "../support/ulp.js";
import { gradients, ulps } from "../tolerances.js";

/** Ops that make tensors of JavaScript data; they are tested by themselves. */
type Creation = "tensor" | "zeros" | "ones" | "full" | "arange" | "linspace";
type Functions<M> = { [K in keyof M]: M[K] extends (...args: never) => unknown ? K : never }[keyof M];
/** Every public op. */
export type OpName = Exclude<Functions<typeof ops>, Creation>;

export type Value = AnyTensor | number;
export type Options = Readonly<Record<string, unknown>>;

/** Where the values of one operand come from. */
export interface Operand {
  readonly sample: Sampler;
  /** For int32. */
  readonly integers: Sampler;
  /** The interval that gradients are taken in; kinks within it are avoided. */
  readonly gradient: readonly [low: number, high: number];
  /** int32 where the operand is never a float (indices, labels). */
  readonly dtype?: ((options: Options) => DType | undefined) | undefined;
}

/** Shapes of the operands, and the options they are tried with. */
export interface Scenario {
  readonly shapes: readonly Shape[];
  readonly options: Options;
}

export interface Case {
  readonly name: OpName;
  readonly elementwise: boolean;
  readonly dtypes: readonly DType[];
  readonly operands: readonly Operand[];
  /** Calls the op; `options` may name `out`. */
  readonly run: (inputs: readonly Value[], options: Options) => AnyTensor;
  readonly reference: (inputs: readonly Nd[], options: Options, dtype: DType) => Expected;
  readonly resultDType: (dtype: DType, options: Options) => DType;
  readonly ulp: Ulps;
  /** True where `out` may be an operand. */
  readonly inPlace: boolean;
  /** Shapes with edges at `size`. */
  readonly scenarios: (size: number) => readonly Scenario[];
  /** Small shapes and all options, for gradients. */
  readonly gradients: readonly Scenario[];
  /** Positions of the operands that have gradients. */
  readonly differentiable: readonly number[];
  /** Points where the derivative jumps. */
  readonly kinks: readonly number[];
  /** True if the function jumps where two elements are equal. */
  readonly ties: boolean;
  /** Fixed operands; undefined for operands drawn element by element. */
  readonly draw?: ((scenario: Scenario, random: Random) => readonly (Nd | undefined)[]) | undefined;
}

/** All floats and int32; floats only. */
export const NUMBERS: readonly DType[] = ["float32", "float64", "int32"];
export const FLOATS: readonly DType[] = ["float32", "float64"];

/** Sums and products of these stay within int32. */
export const SMALL_INTEGERS = integers(-1000, 1000);

export function operand(
  sample: Sampler,
  gradient: readonly [number, number] = [-2, 2],
  rest: Partial<Operand> = {},
): Operand {
  return { sample, gradient, integers: SMALL_INTEGERS, ...rest };
}

/** Any number of moderate size. */
export const ANY = operand(between(-5, 5));

/** The ops without their types: scenarios hold shapes that only the run knows. */
const untyped: unknown = ops;

/** Calls an op by name. */
export function call(name: OpName, ...args: readonly unknown[]): AnyTensor {
  return (untyped as Record<OpName, (...args: readonly unknown[]) => AnyTensor>)[name](...args);
}

/** What most cases have in common. */
export const DEFAULTS = {
  elementwise: false,
  dtypes: FLOATS,
  resultDType: (dtype: DType) => dtype,
  ulp: ulps.exact,
  inPlace: false,
  differentiable: [0],
  kinks: [],
  ties: false,
} as const satisfies Partial<Case>;

export function scenario(shapes: readonly Shape[], options: Options = {}): Scenario {
  return { shapes, options };
}

interface Elementwise extends Partial<Pick<Case, "dtypes" | "ulp" | "differentiable" | "kinks" | "ties">> {
  readonly operands: readonly Operand[];
  /** The value at one point, in float64. */
  readonly at: (...x: number[]) => number;
  /** The same for int32, if it differs from the float64 value cut to 32 bits. */
  readonly integer?: (...x: number[]) => number;
  /** The same with every step rounded to the dtype, for ops that fix their order. */
  readonly rounded?: (round: (x: number) => number, ...x: number[]) => number;
}

/** Shapes that two operands broadcast from; a third one has the first's. */
const BROADCAST_GRADIENTS: readonly (readonly [Shape, Shape])[] = [
  [[3, 4], [4]],
  [
    [3, 1],
    [1, 4],
  ],
  [[], [2, 3]],
  [
    [2, 1, 3],
    [2, 1],
  ],
];

/** The scalar reference of an elementwise op, for every dtype. */
function pointwise({ at, integer, rounded }: Elementwise, dtype: DType): (...x: number[]) => number {
  if (dtype === "int32") return (...x) => (integer ?? at)(...x) | 0;
  return rounded === undefined ? at : (...x) => rounded(ROUND[dtype], ...x);
}

/** A case of an op that treats every element alike. */
export function elementwise(name: OpName, definition: Elementwise): Case {
  const { operands, at: _at, integer: _integer, rounded: _rounded, ...rest } = definition;
  const arity = operands.length;
  const withArity = (pair: readonly [Shape, Shape]): Scenario =>
    scenario(arity === 3 ? [...pair, pair[0]] : pair.slice(0, arity));
  return {
    ...DEFAULTS,
    name,
    elementwise: true,
    operands,
    inPlace: true,
    differentiable: operands.map((_, i) => i),
    run: (inputs, options) => call(name, ...inputs, options),
    reference: (inputs, _options, dtype) => ({ value: map(pointwise(definition, dtype), ...inputs) }),
    scenarios: (size) => [scenario(operands.map(() => [size]))],
    gradients: [scenario(operands.map(() => [7])), ...(arity > 1 ? BROADCAST_GRADIENTS.map(withArity) : [])],
    ...rest,
  };
}

/** The dtype of one operand of a call in `dtype`. */
export function operandDType(c: Case, position: number, options: Options, dtype: DType): DType {
  return c.operands[position]!.dtype?.(options) ?? dtype;
}

/** A number as a dtype holds it. */
function held(x: number, dtype: DType): number {
  return dtype === "int32" ? Math.trunc(x) : ROUND[dtype](x);
}

/** Inputs of a case, the same for the same seed, exact in their dtype. */
export function drawInputs(c: Case, s: Scenario, dtype: DType, seed: number): Nd[] {
  const random = randomFrom(seed);
  const drawn = c.draw?.(s, random) ?? [];
  return s.shapes.map((shape, i) => {
    const type = operandDType(c, i, s.options, dtype);
    const source = c.operands[i]!;
    const sample = type === "int32" ? source.integers : source.sample;
    const values = drawn[i] ?? build(shape, () => sample(random));
    return map((x) => held(x, type), values);
  });
}

/** Inputs that gradients can be taken at: away from kinks, and from one another where ties are kinks. */
export function drawGradientInputs(c: Case, s: Scenario, seed: number): Nd[] {
  const random = randomFrom(seed);
  const drawn = c.draw?.(s, random) ?? [];
  const total = s.shapes.reduce((sum, shape) => sum + count(shape), 0);
  const lattice = shuffled(
    Array.from({ length: total }, (_, i) => (i - total / 2 + 0.5) * 2 * gradients.clearance),
    random,
  );
  return s.shapes.map((shape, i) => {
    const [low, high] = c.operands[i]!.gradient;
    const draw = (): number => {
      if (c.ties) return lattice.pop()!;
      for (;;) {
        const x = between(low, high)(random);
        if (c.kinks.every((kink) => Math.abs(x - kink) > gradients.clearance)) return x;
      }
    };
    return drawn[i] ?? build(shape, draw);
  });
}

/** An nd as a tensor. */
export function toTensor(x: Nd, dtype: DType): AnyTensor {
  const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array };
  return tensor(arrays[dtype].from(x.data), x.shape, dtype);
}

/** All operands of a call as tensors. */
export function toTensors(c: Case, inputs: readonly Nd[], options: Options, dtype: DType): AnyTensor[] {
  return inputs.map((x, i) => toTensor(x, operandDType(c, i, options, dtype)));
}

/** True for dtypes with gradients. */
export function isFloat(dtype: DType): dtype is FloatName {
  return dtype !== "int32";
}
