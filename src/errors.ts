// The typed errors, the naming of values in messages, and the checks of options. Imports nothing, so every layer can use it.

/** Shapes or sizes do not fit. The message names the op and every shape involved. */
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

/** The linear memory has no room for another tensor. Existing tensors are intact. */
export class OutOfMemoryError extends RangeError {
  override readonly name = "OutOfMemoryError";
}

/** An op does not allow this sharing of memory, or a value that a gradient needs was overwritten. */
export class AliasError extends TypeError {
  override readonly name = "AliasError";
}

/** A function under `compile` asked for the elements of a tensor, which do not exist while it is traced. */
export class TraceError extends TypeError {
  override readonly name = "TraceError";
}

/** The kernels cannot run here, or cannot be loaded from the given source. The message says what to change. */
export class BackendError extends Error {
  override readonly name = "BackendError";
}

/** An unexpected value, for messages: the value itself if it is short, else its kind. */
export function shown(value: unknown): string {
  if (typeof value === "string") return `"${value.slice(0, 60)}"`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return typeof value === "function" ? "a function" : String(value);
  const kind = Array.isArray(value) ? "array" : value.constructor?.name || "object";
  return `${/^[aeio]/i.test(kind) ? "an" : "a"} ${kind}`;
}

/** The text of a thrown value, for messages. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** @throws TypeError for options that are not an object, and for unknown options */
export function checkOptions(name: string, options: object | undefined, allowed: readonly string[]): void {
  if (options === undefined) return;
  const misfit = (what: string): TypeError => new TypeError(`${name}: ${what}; valid: ${allowed.join(", ")}`);
  const noObject = (): TypeError => misfit(`options must be an object, got ${shown(options)}`);
  if (typeof options !== "object" || options === null || Array.isArray(options)) throw noObject();
  for (const key in options) {
    if (allowed.indexOf(key) < 0) throw "extents" in options ? noObject() : misfit(`unknown option "${key}"`);
  }
}

/**
 * @param what - function and option: `optim.adam: beta1`
 * @param interval - in the notation of mathematics: `[0, 1)`
 * @throws TypeError for a value that is not a number, RangeError for NaN, a number outside the interval, and, if `isWhole`, a fraction
 */
export function checkNumber(what: string, value: unknown, interval: string, isWhole = false): void {
  const [low, high] = interval.slice(1, -1).split(", ").map(Number);
  const isNumber = typeof value === "number";
  if (isNumber && value >= low! && value <= high! && (!isWhole || Number.isInteger(value))) {
    if ((value > low! || interval[0] === "[") && (value < high! || interval.endsWith("]"))) return;
  }
  const misfit = `${what} must be ${isWhole ? "a whole number " : ""}in ${interval}, got ${shown(value)}`;
  throw isNumber ? new RangeError(misfit) : new TypeError(misfit);
}

/**
 * @param settings - the interval of each option; empty for options that are not numbers
 * @throws the errors of `checkOptions` and `checkNumber`
 */
export function checkSettings(
  name: string,
  options: object | undefined,
  settings: Readonly<Record<string, string>>,
): void {
  checkOptions(name, options, Object.keys(settings));
  const given: Readonly<Record<string, unknown>> = { ...options };
  for (const [key, interval] of Object.entries(settings)) {
    const value = given[key];
    if (interval && value !== undefined) checkNumber(`${name}: ${key}`, value, interval);
  }
}

/** An interval for `checkNumber`: finite and not negative. */
export const FROM_ZERO = "[0, Infinity)";

/** @throws TypeError for a value that is not a function, at the call that takes it and not only when it is called */
export function checkFunction(name: string, f: unknown): void {
  if (typeof f !== "function") throw new TypeError(`${name}: expected a function, got ${shown(f)}`);
}
