// Cases of ops that move, repeat, pick and convert elements. Must not know the test runner.
import type { DType } from "../../src/index.js";
import {
  axesOf,
  broadcastTo,
  build,
  concat,
  count,
  map,
  type Nd,
  nd,
  permute,
  slice,
  take,
} from "../support/reference.js";
import { between, integers } from "../support/reference-samples.js";
import { ROUND } from "../support/ulp.js";
import { ANY, type Case, call, DEFAULTS, isFloat, NUMBERS, type OpName, type Options, scenario } from "./case.js";

type Numbers = readonly number[];

/** An op whose elements are those of its inputs. */
function movement(
  name: OpName,
  definition: Pick<Case, "scenarios" | "gradients" | "run"> &
    Partial<Case> & { readonly move: (inputs: readonly Nd[], options: Options) => Nd },
): Case {
  const { move, ...rest } = definition;
  return {
    ...DEFAULTS,
    name,
    dtypes: NUMBERS,
    operands: [ANY],
    reference: (inputs, options) => ({ value: move(inputs, options) }),
    ...rest,
  };
}

function list(options: Options, name: string): Numbers | undefined {
  return options[name] as Numbers | undefined;
}

function axisOf(options: Options): number {
  return (options["axis"] as number | undefined) ?? 0;
}

/** The shape with its -1 worked out. */
function infer(x: Nd, shape: Numbers): number[] {
  const known = count(shape.map((extent) => (extent === -1 ? 1 : extent)));
  return shape.map((extent) => (extent === -1 ? (known === 0 ? 0 : x.data.length / known) : extent));
}

/** As ECMAScript and wasm convert: towards zero, saturating, NaN to 0. */
function toInt32(x: number): number {
  return Number.isNaN(x) ? 0 : Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(x))) + 0;
}

/** Labels and indices: whole numbers that name one of `extent`, from the end too where `negative`. */
export function drawIndices(shape: Numbers, extent: number, random: () => number, negative: boolean): Nd {
  return build(shape, () => integers(negative ? -extent : 0, extent - 1)(random));
}

const INDEX = { ...ANY, dtype: (): DType => "int32" };

export const movements = {
  reshape: movement("reshape", {
    move: ([x], options) => nd(infer(x!, list(options, "shape")!), x!.data),
    run: ([x], { shape, ...options }) => call("reshape", x, shape, options),
    inPlace: true,
    scenarios: (size) => [
      scenario([[size, 2]], { shape: [2, -1] }),
      scenario([[size]], { shape: [1, size, 1] }),
      scenario([[3, size]], { shape: [-1] }),
    ],
    gradients: [scenario([[2, 6]], { shape: [3, -1] }), scenario([[4]], { shape: [1, 2, 2] })],
  }),
  broadcastTo: movement("broadcastTo", {
    move: ([x], options) => broadcastTo(x!, list(options, "shape")!),
    run: ([x], { shape, ...options }) => call("broadcastTo", x, shape, options),
    scenarios: (size) => [
      scenario([[size]], { shape: [3, size] }),
      scenario([[size, 1]], { shape: [2, size, 5] }),
      scenario([[]], { shape: [size] }),
      scenario([[size]], { shape: [size] }),
    ],
    gradients: [
      scenario([[3]], { shape: [2, 3] }),
      scenario([[2, 1, 3]], { shape: [4, 2, 5, 3] }),
      scenario([[]], { shape: [2, 2] }),
    ],
  }),
  transpose: movement("transpose", {
    move: ([x], options) => {
      const rank = x!.shape.length;
      return permute(x!, axesOf(rank, list(options, "axes") ?? x!.shape.map((_, i) => rank - 1 - i)));
    },
    run: ([x], { axes, ...options }) => call("transpose", x, axes, options),
    scenarios: (size) => [
      scenario([[size, 3]]),
      scenario([[5, size]]),
      scenario([[size, size % 40]]),
      // The result's rows lie a multiple of 1024 bytes apart.
      scenario([[256, size % 40]]),
      scenario([[2, size, 3]], { axes: [2, 0, 1] }),
      scenario([[2, 3, size]], { axes: [1, 0, 2] }),
    ],
    gradients: [scenario([[2, 3]]), scenario([[2, 3, 4]], { axes: [2, 0, 1] }), scenario([[2, 3, 2, 2]])],
  }),
  slice: movement("slice", {
    move: ([x], options) =>
      slice(x!, list(options, "starts")!, list(options, "ends") ?? [], list(options, "steps") ?? []),
    run: ([x], { starts, ends, ...options }) => call("slice", x, starts, ends, options),
    scenarios: (size) => [
      scenario([[size]], { starts: [1], ends: [-1] }),
      scenario([[size, 3]], { starts: [-7, 1], ends: [2000, 3], steps: [2] }),
      scenario([[3, size]], { starts: [1, 2], ends: [3], steps: [1, 3] }),
      scenario([[3, size]], { starts: [0, 1], steps: [2, 2] }),
    ],
    gradients: [
      scenario([[7]], { starts: [1], ends: [-1], steps: [2] }),
      scenario([[3, 4]], { starts: [1] }),
      scenario([[3, 4]], { starts: [0, -2], ends: [2, 9] }),
      scenario([[2, 3]], { starts: [2] }),
    ],
  }),
  concat: movement("concat", {
    move: (inputs, options) => concat(inputs, axisOf(options)),
    run: (inputs, options) => call("concat", inputs, options),
    operands: [ANY, ANY, ANY],
    differentiable: [0, 1, 2],
    scenarios: (size) => [
      scenario([[size], [3], [size]]),
      scenario(
        [
          [size, 2],
          [1, 2],
        ],
        { axis: 0 },
      ),
      scenario(
        [
          [3, size],
          [3, 2],
          [3, size],
        ],
        { axis: -1 },
      ),
      scenario(
        [
          [2, size, 3],
          [2, 1, 3],
        ],
        { axis: 1 },
      ),
    ],
    gradients: [
      scenario([[3], [2], [1]]),
      scenario(
        [
          [2, 3],
          [2, 1],
        ],
        { axis: 1 },
      ),
      scenario(
        [
          [2, 0],
          [2, 2],
        ],
        { axis: -1 },
      ),
    ],
  }),
  take: movement("take", {
    move: ([x, indices], options) => take(x!, indices!, axisOf(options)),
    run: ([x, indices], options) => call("take", x, indices, options),
    operands: [ANY, INDEX],
    draw: ({ shapes: [x, indices], options }, random) => [
      undefined,
      drawIndices(indices!, x!.at(axisOf(options))!, random, true),
    ],
    scenarios: (size) => [
      scenario([[5], [size]]),
      scenario([[size + 1, 3], [4]]),
      scenario(
        [
          [3, size],
          [2, 2],
        ],
        { axis: 0 },
      ),
      scenario([[2, 3, size], [4]], { axis: 1 }),
      scenario([[2, size + 1], [3]], { axis: -1 }),
    ],
    gradients: [
      scenario([[5], [7]]),
      scenario([
        [4, 3],
        [2, 2],
      ]),
      scenario([[2, 3, 5], [4]], { axis: 1 }),
      scenario([[2, 3], []], { axis: -1 }),
    ],
  }),
  astype: movement("astype", {
    move: ([x]) => x!,
    reference: ([x], options, dtype) => {
      const to = options["to"] as DType;
      const convert = to === "int32" ? toInt32 : isFloat(dtype) && to === dtype ? (a: number) => a : ROUND[to];
      return { value: map(convert, x!) };
    },
    run: ([x], { to, ...options }) => call("astype", x, to, options),
    resultDType: (_, options) => options["to"] as DType,
    operands: [{ ...ANY, sample: between(-1e6, 1e6), gradient: [-1, 1] }],
    scenarios: (size) => NUMBERS.map((to) => scenario([[size]], { to })),
    // float32's steps are too coarse for differences; its gradient is tested by itself.
    gradients: [scenario([[5]], { to: "float64" })],
  }),
};
