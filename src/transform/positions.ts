// Checks of the arguments of transforms: a function, and options that name its arguments by position. Must not know tapes or programs.
import { checkFunction, checkNumber, checkOptions, FROM_ZERO } from "../errors.js";
import { tensorsOf } from "../tensor/tree.js";

/**
 * @param option - the name of the only option, whose value is a position or a list of them
 * @throws TypeError for an f that is not a function, tensors in place of options, unknown options and positions that are not numbers;
 * RangeError for negative or broken positions
 */
export function checkTransform(name: string, f: unknown, options: object, option: string): void {
  checkFunction(name, f);
  if (tensorsOf(options).length > 0) {
    throw new TypeError(`${name}: expected options, got tensors: write ${name}(f)(x)`);
  }
  checkOptions(name, options, [option]);
  const { [option]: named = [] }: Readonly<Record<string, unknown>> = { ...options };
  for (const position of Array.isArray(named) ? named : [named]) {
    checkNumber(`${name}: ${option}`, position, FROM_ZERO, true);
  }
}

/** @throws RangeError for a position that a call of `count` arguments does not have */
export function positionsOf(what: string, named: number | readonly number[], count: number): readonly number[] {
  const positions: readonly number[] = [named].flat();
  for (const position of positions) {
    if (position >= count) throw new RangeError(`${what} names argument ${position}, the call has ${count}`);
  }
  return positions;
}
