// Elements as text, laid out as NumPy's array2string does it, with commas between them. Knows numbers and a shape; no tensors.
import { checkNumber, checkOptions } from "../errors.js";
import type { DType } from "./dtype.js";
import type { Shape } from "./shape.js";

/** How many elements are shown at each end of an axis on which some are left out. */
const EDGE = 3;
/** How many characters a line has at most. */
const WIDTH = 75;

/** How `inspect` shows a tensor. */
export interface InspectOptions {
  /** Most digits after the point; default 8. */
  readonly precision?: number | undefined;
  /** Of how many elements all are shown; default 1000. */
  readonly threshold?: number | undefined;
}

/** A label with the elements beside or below it, if there are any to be read. */
export function print(
  label: string,
  shape: Shape,
  dtype: DType,
  data: ArrayLike<number> | undefined,
  options: InspectOptions = {},
): string {
  checkOptions("inspect", options, ["precision", "threshold"]);
  const { precision = 8, threshold = 1000 } = options;
  checkNumber("inspect: precision", precision, "[0, 100]", true);
  checkNumber("inspect: threshold", threshold, "[0, Infinity]");
  if (data === undefined) return label;
  const text = layout(shape, dtype, data, precision, threshold);
  return label + (text.includes("\n") ? "\n" : " ") + text;
}

/** The text of elements in row-major order; of more than `threshold` only the first and last along each axis, which alone are read. */
export function layout(
  shape: Shape,
  dtype: DType,
  data: ArrayLike<number>,
  precision: number,
  threshold: number,
): string {
  if (data.length === 0) return "[]";
  // Positions along each axis; -1 stands for what is left out.
  const kept = shape.map((extent) =>
    data.length > threshold && extent > 2 * EDGE
      ? [0, 1, 2, -1, extent - 3, extent - 2, extent - 1]
      : Array.from({ length: extent }, (_, i) => i),
  );
  const values: number[] = [];
  const collect = (axis: number, at: number): void => {
    if (axis === shape.length) values.push(data[at]!);
    else for (const i of kept[axis]!) if (i >= 0) collect(axis + 1, at * shape[axis]! + i);
  };
  collect(0, 0);
  const words = wordsOf(values, dtype, precision);
  let next = 0;
  const nest = (axis: number): string => {
    if (axis === shape.length) return words[next++]!;
    const indent = " ".repeat(axis + 1);
    const parts = kept[axis]!.map((i) => (i < 0 ? "..." : nest(axis + 1)));
    const below = shape.length - 1 - axis;
    if (below > 0) return `[${parts.join(`,${"\n".repeat(below)}${indent}`)}]`;
    let text = "";
    let line = `${indent.slice(1)}[`;
    for (const [i, part] of parts.entries()) {
      if (i > 0) line += ", ";
      if (i > 0 && line.length + part.length > WIDTH - 1 - axis) {
        text += `${line.trimEnd()}\n`;
        line = indent;
      }
      line += part;
    }
    return `${(text + line).slice(axis)}]`;
  };
  return nest(0);
}

/** The numbers, as many characters each, their points below each other; with exponents where NumPy writes them. */
function wordsOf(values: readonly number[], dtype: DType, precision: number): string[] {
  const isSingle = dtype === "float32";
  const sizes = values.map(Math.abs).filter((size) => size > 0 && size < 1 / 0);
  const most = greatest(sizes);
  const least = -greatest(sizes.map((size) => -size));
  const narrow = isSingle ? Math.fround : Number;
  const exponential =
    most >= (isSingle ? 1e6 : 1e8) || (most > 0 && (least < narrow(1e-4) || narrow(most / least) > 1000));
  const split = (most: number, least: number): (readonly string[])[] =>
    values.map((x) =>
      dtype === "int32" || !Number.isFinite(x) ? [String(x)] : digitsOf(x, isSingle, exponential, most, least),
    );
  let parts = split(precision, 0);
  if (exponential) {
    const digits = greatest(parts.map(([, fraction]) => fraction?.length ?? 0));
    parts = split(digits, digits);
  }
  const powers = greatest(parts.map(([, , power]) => power?.length ?? 0)) - 1;
  const ends = parts.map(([, fraction, power]) => {
    if (fraction === undefined) return "";
    return `.${fraction}${power && `e${power[0]}${power.slice(1).padStart(Math.max(powers, 2), "0")}`}`;
  });
  const right = greatest(ends.map((end) => end.length));
  const width = right + greatest(parts.map(([start], i) => start!.length - (ends[i] ? 0 : right)));
  return parts.map(([start], i) => (start!.padStart(width - (ends[i] ? right : 0)) + ends[i]).padEnd(width));
}

/** The greatest of some numbers, 0 of none; not by spreading them, which engines refuse for many. */
function greatest(numbers: readonly number[]): number {
  return numbers.reduce((most, x) => (x > most ? x : most), numbers[0] ?? 0);
}

/**
 * Sign and whole digits, fraction, and exponent if there is one: the fewest digits that tell x from its neighbours, but from `least` to
 * `most` after the point.
 */
function digitsOf(x: number, isSingle: boolean, exponential: boolean, most: number, least: number): readonly string[] {
  const write = (x: number, digits: number): string => (exponential ? x.toExponential(digits) : x.toFixed(digits));
  const size = Math.abs(x);
  let few = size.toExponential();
  for (let digits = 0; isSingle && digits < 9; digits++) {
    few = size.toExponential(digits);
    if (Math.fround(+few) === size) break;
  }
  const [mantissa, exponent] = few.split("e") as [string, string];
  const enough = Math.max(0, mantissa.slice(2).length - (exponential ? 0 : +exponent));
  const digits = Math.max(least, Math.min(most, enough));
  const text = digits === enough && !isSingle ? write(+few, digits) : rounded(size, digits, write);
  const [number, power = ""] = text.split("e") as [string, string?];
  const [whole, fraction = ""] = number.split(".") as [string, string?];
  const sign = x < 0 || Object.is(x, -0) ? "-" : "";
  return [sign + whole, fraction.replace(/0+$/, "").padEnd(least, "0"), power];
}

/** With so many digits after the point; what lies in the middle goes to the even digit, as in NumPy, but not in JavaScript. */
function rounded(x: number, digits: number, write: (x: number, digits: number) => string): string {
  const usual = write(x, digits);
  // All of its digits take a while: only where the next one may be the last.
  if (digits > 99 || !/5(e|$)/.test(write(x, digits + 1))) return usual;
  const exact = write(x, 100);
  const point = exact.indexOf(".");
  const down = exact.slice(0, point + 1 + digits);
  const isTie = /^50*(e|$)/.test(exact.slice(down.length));
  return isTie && /[02468]\.?$/.test(down) ? down + exact.slice(point + 101) : usual;
}
