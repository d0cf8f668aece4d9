// What transforms take: a function, and options that name arguments by their positions, `argnums` and `donate`.
import { checkFunction, checkNumber, checkOptions, FROM_ZERO } from "../errors.js";
import { tensorsOf } from "../tensor/tree.js";

/**
 * @param option - the only one, which names positions
 * @throws TypeError for what is not a function, for tensors in place of options, unknown options and positions that are not numbers;
 * RangeError for positions that cannot be
 */
export function checkTransform(name: string, f: unknown, options: object, option: string): void {
  checkFunction(name, f);
  if (tensorsOf(options).length > 0) {
    throw new TypeError(`${name}: expected options, got tensors: write ${name}(f)(x)`);
  }
  checkOptions(name, options, [option]);
  const { [option as never]: named = [] as unknown } = options;
  for (const position of Array.isArray(named) ? named : [named]) {
    checkNumber(`${name}: ${option}`, position, FROM_ZERO, true);
  }
}

/** @throws RangeError for a position that a call of `count` arguments does not have */
export function positionsOf(what: string, named: number | readonly number[], count: number): readonly number[] {
  const positions = Array.isArray(named) ? (named as readonly number[]) : [named as number];
  for (const position of positions) {
    if (position >= count) throw new RangeError(`${what} names argument ${position}, the call has ${count}`);
  }
  return positions;
}
