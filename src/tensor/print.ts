// Elements as text, in the layout of NumPy's array2string with commas. Must not know tensors.
import { checkOptions } from "../errors.js";
import type { DType } from "./dtype.js";
import type { Shape } from "./shape.js";

/** Elements shown at each end of a shortened axis. */
const EDGE = 3;
/** The longest line, in characters. */
const WIDTH = 75;

/** Options of `inspect`. */
export interface InspectOptions {
  /** The most digits after the point; default 8. */
  readonly precision?: number | undefined;
  /** The largest number of elements that are all shown; default 1000. */
  readonly threshold?: number | undefined;
}

/** A label, then the elements on the same line or below it. Undefined data gives the label alone. */
export function print(
  label: string,
  shape: Shape,
  dtype: DType,
  data: ArrayLike<number> | undefined,
  options: InspectOptions = {},
): string {
  checkOptions("inspect", options, ["precision", "threshold"]);
  const { precision = 8, threshold = 1000 } = options;
  if (!Number.isInteger(precision) || precision < 0 || precision > 99 || !(threshold >= 0)) {
    throw new RangeError(`inspect: precision must be 0 to 99, threshold 0 or more, got ${precision} and ${threshold}`);
  }
  if (data === undefined) return label;
  const text = layout(shape, dtype, data, precision, threshold);
  return label + (text.includes("\n") ? "\n" : " ") + text;
}

/** The text of elements in row-major order. Of more than `threshold` it reads and shows only the first and last along each axis. */
export function layout(
  shape: Shape,
  dtype: DType,
  data: ArrayLike<number>,
  precision: number,
  threshold: number,
): string {
  if (data.length === 0) return "[]";
  const nest = (axis: number, at: number, wordAt: (at: number) => string): string => {
    const extent = shape[axis];
    if (extent === undefined) return wordAt(at);
    const positions =
      data.length > threshold && extent > 2 * EDGE
        ? [0, 1, 2, -1, extent - 3, extent - 2, extent - 1]
        : [...new Array(extent).keys()];
    const parts = positions.map((i) => (i < 0 ? "..." : nest(axis + 1, at * extent + i, wordAt)));
    const indent = " ".repeat(axis + 1);
    const below = shape.length - 1 - axis;
    if (below > 0) return `[${parts.join(`,${"\n".repeat(below)}${indent}`)}]`;
    let text = "";
    let line = indent;
    for (const [i, part] of parts.entries()) {
      if (i > 0) line += ", ";
      if (i > 0 && line.length + part.length > WIDTH - 1 - axis) {
        text += `${line.trimEnd()}\n`;
        line = indent;
      }
      line += part;
    }
    return `[${(text + line).slice(axis + 1)}]`;
  };
  const values: number[] = [];
  nest(0, 0, (at) => {
    values.push(data[at]!);
    return "";
  });
  const words = wordsOf(values, dtype, precision);
  let next = 0;
  return nest(0, 0, () => words[next++]!);
}

/** The numbers as texts of equal length with aligned points, and with exponents in the cases in which NumPy writes them. */
function wordsOf(values: readonly number[], dtype: DType, precision: number): string[] {
  const isSingle = dtype === "float32";
  const narrow = isSingle ? Math.fround : Number;
  const sizes = values
    .map(Math.abs)
    .filter((size) => size > 0 && size < 1 / 0)
    .sort((a, b) => a - b);
  const [least = 1] = sizes;
  const most = sizes.at(-1) ?? 1;
  const exponential = most >= (isSingle ? 1e6 : 1e8) || least < narrow(1e-4) || narrow(most / least) > 1000;
  const split = (least: number, most: number): Parts[] =>
    values.map((x) =>
      dtype === "int32" || !Number.isFinite(x) ? [String(x), "", ""] : digitsOf(x, narrow, exponential, least, most),
    );
  let parts = split(0, precision);
  if (exponential) {
    const digits = longest(parts.map(([, fraction]) => fraction)) - 1;
    parts = split(digits, digits);
  }
  const powers = longest(parts.map(([, , power]) => power));
  const ends = parts.map(([, end, power]) => end + power.replace(/\d+/, (digits) => digits.padStart(powers - 2, "0")));
  const right = longest(ends);
  const width = longest(parts.map(([start], i) => start + (ends[i] && " ".repeat(right))));
  return parts.map(([start], i) => {
    const room = ends[i] ? right : 0;
    return start.padStart(width - room) + ends[i]!.padEnd(room);
  });
}

/** The length of the longest text. `Math.max(...texts)` would fail for many texts. */
function longest(texts: readonly string[]): number {
  return texts.reduce((most, { length }) => Math.max(most, length), 0);
}

/** A number's sign and whole digits, its fraction with the point, and its exponent with the e. */
type Parts = [start: string, fraction: string, power: string];

/** The fewest digits that tell x from its neighbours, with at least `least` and at most `most` after the point. */
function digitsOf(x: number, narrow: (x: number) => number, exponential: boolean, least: number, most: number): Parts {
  const size = Math.abs(x);
  let [few, digits] = ["", 0];
  do few = size.toExponential(digits++);
  while (narrow(+few) !== size);
  if (!exponential) digits -= +few.slice(few.indexOf("e") + 1);
  digits = Math.max(least, Math.min(most, digits - 1));
  const write = (digits: number): string => (exponential ? size.toExponential(digits) : size.toFixed(digits));
  // Ties round to the even digit, as in NumPy. JavaScript rounds them up.
  const next = write(digits + 1);
  const down = next.replace(/5(e|$)/, "$1");
  const isTie = /^[\d.]*[02468]\.?5(e|$)/.test(next) && write(100).replace(/0+(e|$)/, "$1") === next;
  const [, whole, fraction, power] = /^(\d+)\.?(\d*?)0*(e.*)?$/.exec(isTie ? down : write(digits))!;
  const sign = x < 0 || Object.is(x, -0) ? "-" : "";
  return [sign + whole, `.${fraction!.padEnd(least, "0")}`, (power ?? "").replace(/^(..)(.)$/, "$10$2")];
}
