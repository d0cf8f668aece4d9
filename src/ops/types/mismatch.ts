// The types of arguments that do not fit, and of options. Types only.
import type { Shape } from "../../tensor/shape.js";
import type { IsUnranked } from "../../tensor/types.js";

/** The type of an argument whose sizes do not fit. Nothing is assignable to it, and its text says why. */
export interface ShapeMismatch<Message extends string> {
  readonly "shapes do not fit": Message;
}

/** The type of an argument whose dtype does not fit. */
export interface DTypeMismatch<Message extends string> {
  readonly "dtypes do not fit": Message;
}

/** `"[2, 3]"`. */
export type Show<S extends Shape> = IsUnranked<S> extends true ? "[...]" : `[${Join<S>}]`;
type Join<S extends Shape> = S extends readonly [infer Only extends number]
  ? `${Only}`
  : S extends readonly [infer First extends number, ...infer Rest extends Shape]
    ? `${First}, ${Join<Rest>}`
    : "";

/** The type of an option, or undefined if it is missing. */
export type OptionOf<O, Name> = Name extends keyof O ? O[Name] : undefined;

/** The value of a flag; `boolean` if unknown. */
export type FlagOf<O, Name> = [OptionOf<O, Name>] extends [false | undefined]
  ? false
  : [OptionOf<O, Name>] extends [true]
    ? true
    : boolean;

export type TupleOf<N extends number, Built extends unknown[] = []> = Built["length"] extends N
  ? Built
  : TupleOf<N, [...Built, unknown]>;
