// The typed errors of the public boundary, how messages name values, and the check of options, which every layer has. Imports nothing, so
// that every layer may throw them.

/** Shapes or sizes do not fit; the message carries the op and every shape involved. */
export class ShapeError extends RangeError {
  override readonly name = "ShapeError";
}

/** An element type does not fit the op or its other operands. */
export class DTypeError extends TypeError {
  override readonly name = "DTypeError";
}

/** A tensor was used after it was disposed. */
export class DisposedError extends ReferenceError {
  override readonly name = "DisposedError";
}

/** The linear memory cannot hold one more tensor; all that existed before is intact. */
export class OutOfMemoryError extends RangeError {
  override readonly name = "OutOfMemoryError";
}

/** Memory is shared where the op forbids it, or a value that a gradient needs was overwritten. */
export class AliasError extends TypeError {
  override readonly name = "AliasError";
}

/** A function that is being compiled asked for what does not exist yet: the value of one of its tensors. */
export class TraceError extends TypeError {
  override readonly name = "TraceError";
}

/** The kernels cannot run here, or not from what they were given; the message says what to change. */
export class BackendError extends Error {
  override readonly name = "BackendError";
}

/** A value that was not expected, for messages: itself where that is short, else what it is. */
export function shown(value: unknown): string {
  if (typeof value === "string") return `"${value.slice(0, 60)}"`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return typeof value === "function" ? "a function" : String(value);
  const kind = Array.isArray(value) ? "array" : (value.constructor?.name ?? "object");
  return `${/^[aeio]/i.test(kind) ? "an" : "a"} ${kind}`;
}

/** What was thrown, for messages. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** @throws TypeError for options that are no object, and for one that there is not: it would be ignored */
export function checkOptions(name: string, options: object | undefined, allowed: readonly string[]): void {
  if (options === undefined) return;
  const misfit = (what: string): TypeError => new TypeError(`${name}: ${what}; there are ${allowed.join(", ")}`);
  const noObject = (): TypeError => misfit(`options are an object, got ${shown(options)}`);
  if (typeof options !== "object" || options === null || Array.isArray(options)) throw noObject();
  for (const key in options) {
    if (allowed.indexOf(key) < 0) throw "extents" in options ? noObject() : misfit(`there is no option "${key}"`);
  }
}

/**
 * @param what - function and option, as in `optim.adam: beta1`
 * @param interval - as in mathematics, `[0, 1)`
 * @throws TypeError for a value that is no number, RangeError for one outside the interval, or NaN, or with a fraction where a whole number
 * is asked for
 */
export function checkNumber(what: string, value: unknown, interval: string, isWhole = false): void {
  const [low, high] = interval.slice(1, -1).split(", ").map(Number) as [number, number];
  const isNumber = typeof value === "number";
  if (isNumber && value >= low && value <= high && (!isWhole || Number.isInteger(value))) {
    if ((value > low || interval[0] === "[") && (value < high || interval.endsWith("]"))) return;
  }
  const misfit = `${what} must be ${isWhole ? "a whole number " : ""}in ${interval}, got ${shown(value)}`;
  throw isNumber ? new RangeError(misfit) : new TypeError(misfit);
}

/**
 * @param settings - the options and the interval of each, empty for what is no number
 * @throws what `checkOptions` and `checkNumber` throw
 */
export function checkSettings(
  name: string,
  options: object | undefined,
  settings: Readonly<Record<string, string>>,
): void {
  checkOptions(name, options, Object.keys(settings));
  for (const [key, interval] of Object.entries(settings)) {
    const value: unknown = options?.[key as never];
    if (interval && value !== undefined) checkNumber(`${name}: ${key}`, value, interval);
  }
}

/** From 0 on, and finite: an interval for `checkNumber`. */
export const FROM_ZERO = "[0, Infinity)";

/** @throws TypeError for what is not a function, where it is handed over rather than where it is called */
export function checkFunction(name: string, f: unknown): void {
  if (typeof f !== "function") throw new TypeError(`${name}: expected a function, got ${shown(f)}`);
}
