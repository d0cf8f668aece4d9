// Random functions of tensors: a few dozen ops that fit together, with gradients, broadcasts, views and writes. Knows public ops
// only, not how they are run.
import fc from "fast-check";
import * as sg from "../../src/index.js";

export type Any = sg.Tensor<readonly number[], "float32" | "float64">;

/** One op of a program: which, on which values, and a number for its choices. */
interface Draw {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly choice: number;
}

export interface RandomProgram {
  readonly dtype: "float32" | "float64";
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly draws: readonly Draw[];
  readonly gradient: boolean;
  readonly seed: number;
}

const draw: fc.Arbitrary<Draw> = fc.record({
  op: fc.nat(1000),
  a: fc.nat(1000),
  b: fc.nat(1000),
  choice: fc.nat(1000),
});

export const randomProgram: fc.Arbitrary<RandomProgram> = fc.record({
  dtype: fc.constantFrom("float32" as const, "float64" as const),
  rows: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 60, max: 140 })),
  columns: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 60, max: 140 })),
  inner: fc.integer({ min: 1, max: 40 }),
  draws: fc.array(draw, { minLength: 1, maxLength: 24 }),
  gradient: fc.boolean(),
  seed: fc.nat(2 ** 31),
});

/** The program's arguments: a matrix, two factors of a matrix, a row, a column and a number. */
export function argumentsOf({ dtype, rows, columns, inner, seed }: RandomProgram): Any[] {
  return [[rows, columns], [rows, inner], [inner, columns], [columns], [rows, 1], []].map(
    (shape, i) => sg.random.normal(shape, { seed: seed + i, dtype, deviation: 0.5 }) as Any,
  );
}

type Binary = (a: Any, b: Any) => Any;

const UNARY = [sg.neg, sg.abs, sg.square, sg.exp, sg.tanh, sg.sigmoid, sg.relu, sg.softplus, sg.sigmoidGrad] as const;
const BINARY = [sg.add, sg.sub, sg.mul, sg.maximum, sg.minimum, sg.sigmoidBackward, sg.reluBackward, sg.less] as const;
const NUMBERS = [0, -0, 1, -1, 2, 0.5] as const;

/** Values grow under exp and square; what is too large to compare loses its meaning, and is brought back. */
const tame = (x: Any): Any => sg.tanh(x) as Any;

/** One value from those before it, all of which have shapes that broadcast, and from the two factors of a matrix. */
function apply(values: readonly Any[], factors: readonly [Any, Any], bias: Any, { op, a, b, choice }: Draw): Any {
  const x = values[a % values.length]!;
  const y = values[b % values.length]!;
  const [rows, columns] = values[0]!.shape as [number, number];
  const number = NUMBERS[choice % NUMBERS.length]!;
  const pick = <T>(list: readonly T[]): T => list[choice % list.length]!;
  switch (op % 16) {
    case 0:
    case 1:
    case 2:
      return pick(UNARY as unknown as ((x: Any) => Any)[])(x);
    case 3:
    case 4:
    case 5:
      return pick(BINARY as unknown as Binary[])(x, y);
    case 6:
      return (choice % 2 ? sg.mul(x, number) : sg.add(number, x)) as Any;
    case 7:
      return sg.where(sg.greater(x, y) as Any, x, number) as Any;
    case 8:
      return sg.matmul(...factors) as Any;
    case 9:
      return sg.linear(tame(factors[0]), factors[1], bias) as Any;
    case 10: {
      // A product with a value of the program's own: [columns] or [rows, columns] on either side, transposed or not.
      if (x.shape.length !== 2 || x.shape[0] !== rows || x.shape[1] !== columns) return tame(x);
      const z = sg.matmul(tame(x), tame(x), { transposeA: true }) as Any;
      return sg.mean(z, { axis: 0 }) as Any;
    }
    case 11:
      return sg.sum(x, { axis: x.shape.length === 0 ? [] : choice % x.shape.length, keepDims: true }) as Any;
    case 12:
      return (choice % 2 ? sg.mean(x) : sg.sum(x)) as Any;
    case 13:
      return sg.broadcastTo(sg.reshape(sg.reshape(x, [-1]), x.shape), x.shape) as Any;
    case 14:
      return x.shape.length === 2 && x.shape[1]! > 1 ? (sg.softmax(x) as Any) : tame(x);
    default:
      return sg.stopGradient(sg.sub(x, number) as Any) as Any;
  }
}

/** The values of a program's body, all tame. */
function body(program: RandomProgram, inputs: readonly Any[]): Any[] {
  const [matrix, left, right, row, ...rest] = inputs as [Any, Any, Any, Any, ...Any[]];
  const values = [matrix, row, ...rest];
  const given = values.length;
  for (const one of program.draws) values.push(tame(apply(values, [left, right], row, one)));
  return values.slice(given);
}

/**
 * The program as a function: its last values, or its gradients in all arguments, and one argument overwritten by way of `out`.
 */
export function functionOf(program: RandomProgram): (inputs: Any[]) => { values: Any[]; written: Any } {
  return (inputs) => {
    const results = program.gradient
      ? (() => {
          const loss = (xs: Any[]): sg.Tensor<[], "float64"> =>
            body(program, xs).reduce<Any>(
              (total, x) => sg.add(total, sg.sum(x)) as Any,
              sg.sum(xs[0]!) as Any,
            ) as never;
          const [value, gradients] = sg.valueAndGrad(loss)(inputs);
          return [value as unknown as Any, ...gradients];
        })()
      : body(program, inputs).slice(-4);
    const written = sg.sub(inputs[3]!, sg.mul(inputs[3]!, 0.25), { out: inputs[3]! as never }) as Any;
    return { values: results, written };
  };
}
