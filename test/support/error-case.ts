// What every wrong call has: a fixture that it is made on, the error that it throws, the names in its message.
import * as sg from "../../src/index.js";

/** Tensors that wrong calls are made with; none may change, and none may be left behind. */
export interface Fixture {
  readonly scalar: sg.Tensor<[]>;
  readonly row3: sg.Tensor;
  readonly m23: sg.Tensor;
  readonly m45: sg.Tensor;
  readonly wide23: sg.Tensor<sg.Shape, "float64">;
  readonly int23: sg.Tensor<sg.Shape, "int32">;
  readonly labels: sg.Tensor<sg.Shape, "int32">;
  readonly cube: sg.Tensor;
  readonly empty: sg.Tensor;
  readonly gone: sg.Tensor;
}

export function makeFixture(): Fixture {
  const gone = sg.tensor([[1, 2, 3]]);
  gone.dispose();
  return {
    scalar: sg.tensor(2),
    row3: sg.tensor([1, 2, 3]),
    m23: sg.random.normal([2, 3], { seed: 1 }),
    m45: sg.random.normal([4, 5], { seed: 2 }),
    wide23: sg.random.normal([2, 3], { seed: 3, dtype: "float64" }),
    int23: sg.tensor([1, 2, 3, 4, 5, 6], [2, 3], "int32"),
    labels: sg.tensor([0, 3], undefined, "int32"),
    cube: sg.random.normal([2, 3, 4], { seed: 4 }),
    empty: sg.zeros([0, 3]),
    gone,
  };
}

// biome-ignore lint/complexity/noBannedTypes: any error class will do, and they share no constructor type
type ErrorClass = Function;

export type ErrorCase = readonly [
  title: string,
  call: (f: Fixture) => unknown,
  error: ErrorClass,
  ...message: (string | RegExp)[],
];

/** Past the type checker, for calls that it would refuse. */
export const un = (value: unknown): never => value as never;

type Binary = (a: sg.AnyTensor, b: unknown) => sg.AnyTensor;

/** Ops on two operands of any dtype, by name; all share one definition, so a few will do. */
export const BINARY: readonly (readonly [name: string, op: Binary])[] = Object.entries({
  add: sg.add as Binary,
  sub: sg.sub as Binary,
  maximum: sg.maximum as Binary,
  greater: sg.greater as Binary,
});
