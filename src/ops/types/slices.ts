// Shapes of slices in the type system. Types only; the run-time twin is ops/indexing.ts.
import type { Shape } from "../../tensor/shape.js";
import type { IsUnranked } from "../../tensor/types.js";
import type { AllNumbers } from "./axes.js";
import type { Same } from "./broadcast.js";
import type { OptionOf, TupleOf } from "./mismatch.js";

/** The shape of `slice(x, starts, ends, options)`. Literal ranges within an axis, and whole axes, have literal sizes. */
export type Sliced<S extends Shape, Starts extends Shape, Ends extends Shape, O> = [StepsOf<O>] extends [
  infer Steps extends Shape,
]
  ? true extends IsUnranked<Starts> | IsUnranked<Ends> | IsUnranked<Steps>
    ? AllNumbers<S>
    : { -readonly [K in keyof S]: SlicedSize<S[K], At<Starts, K, 0>, At<Ends, K, S[K]>, At<Steps, K, 1>> }
  : AllNumbers<S>;

type StepsOf<O> = [OptionOf<O, "steps">] extends [undefined] ? [] : OptionOf<O, "steps">;

type At<List extends Shape, K, Default> = K extends keyof List ? List[K] : Default;

type SlicedSize<Size, Start, End, Step> = [Step] extends [1]
  ? Same<End, Size> extends true
    ? [Start] extends [0]
      ? Size
      : Difference<Size, Start>
    : number extends Difference<Size, End>
      ? number
      : Difference<End, Start>
  : number;

type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
/** Sizes up to which the compiler counts. */
type Small = `${Digit}` | `${Digit}${Digit}` | `${Digit}${Digit}${Digit}`;

/** a - b for small whole numbers; otherwise, or below 0, `number`. */
type Difference<A, B> = A extends number
  ? B extends number
    ? `${A}` extends Small
      ? `${B}` extends Small
        ? TupleOf<A> extends readonly [...TupleOf<B>, ...infer Rest]
          ? Rest["length"]
          : number
        : number
      : number
    : number
  : number;
