// Arguments named by their positions: what `argnums` and `donate` take. Knows numbers only.

/** @throws RangeError for a position that a call of `count` arguments does not have */
export function positionsOf(what: string, named: number | readonly number[], count: number): readonly number[] {
  const positions = Array.isArray(named) ? (named as readonly number[]) : [named as number];
  for (const position of positions) {
    if (!Number.isInteger(position) || position < 0 || position >= count)
      throw new RangeError(`${what} names argument ${position}, the call has ${count}`);
  }
  return positions;
}
