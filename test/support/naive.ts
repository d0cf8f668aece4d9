// Tensors as plain arrays of numbers: the slow, obvious way to do what ops do. Knows nothing of the library.

export interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Every index of a shape, in row-major order. */
export function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (prefixes, extent) => prefixes.flatMap((prefix) => Array.from({ length: extent }, (_, i) => [...prefix, i])),
    [[]],
  );
}

/** The position of an index in row-major order. */
export function positionOf(index: readonly number[], shape: readonly number[]): number {
  return index.reduce((position, i, axis) => position * shape[axis]! + i, 0);
}

/** An element of a tensor that is read as if it had more axes, or longer ones. */
export function broadcastElement({ shape, data }: Plain, index: readonly number[]): number {
  const own = shape.map((extent, axis) => (extent === 1 ? 0 : index[index.length - shape.length + axis]!));
  return data[positionOf(own, shape)]!;
}

/** An elementwise op on broadcast operands. */
export function elementwise(
  shape: readonly number[],
  operands: readonly Plain[],
  op: (...x: number[]) => number,
): Plain {
  return { shape, data: indicesOf(shape).map((index) => op(...operands.map((x) => broadcastElement(x, index)))) };
}

/** The axes in another order. */
export function transpose(x: Plain, axes: readonly number[]): Plain {
  const shape = axes.map((axis) => x.shape[axis]!);
  const data = indicesOf(shape).map((index) => {
    const from = new Array<number>(axes.length);
    axes.forEach((axis, i) => {
      from[axis] = index[i]!;
    });
    return x.data[positionOf(from, x.shape)]!;
  });
  return { shape, data };
}
