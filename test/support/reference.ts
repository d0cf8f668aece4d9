// A plain nd array of float64 numbers and the ops on it, written naively: the yardstick. Must not know the library.

/** Row-major float64 numbers in a shape. */
export interface Nd {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function nd(shape: readonly number[], data: ArrayLike<number>): Nd {
  return { shape, data: Float64Array.from(data) };
}

export function scalar(value: number): Nd {
  return nd([], [value]);
}

export function count(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Position of an index in row-major order. */
function flat(shape: readonly number[], index: readonly number[]): number {
  let at = 0;
  for (let i = 0; i < shape.length; i++) at = at * shape[i]! + index[i]!;
  return at;
}

/** The nd whose element at each index is `at(index)`; the index array is reused. */
export function build(shape: readonly number[], at: (index: readonly number[]) => number): Nd {
  const data = new Float64Array(count(shape));
  const index = shape.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    data[i] = at(index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return { shape, data };
}

export function get(x: Nd, index: readonly number[]): number {
  return x.data[flat(x.shape, index)]!;
}

/** NumPy's broadcast shape of several. */
export function broadcast(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const extents = shapes.map((shape) => shape[shape.length - rank + axis] ?? 1);
    return extents.find((extent) => extent !== 1) ?? 1;
  });
}

/** The element that broadcasting puts at an index. */
function getBroadcast(x: Nd, index: readonly number[]): number {
  const lead = index.length - x.shape.length;
  let at = 0;
  for (let i = 0; i < x.shape.length; i++) at = at * x.shape[i]! + (x.shape[i] === 1 ? 0 : index[lead + i]!);
  return x.data[at]!;
}

/** f of corresponding elements, broadcast. */
export function map(f: (...x: number[]) => number, ...xs: readonly Nd[]): Nd {
  const shape = broadcast(...xs.map((x) => x.shape));
  if (xs.every((x) => x.data.length === count(shape))) {
    const data = new Float64Array(count(shape));
    const lists = xs.map((x) => x.data);
    for (let i = 0; i < data.length; i++) data[i] = f(...lists.map((list) => list[i]!));
    return { shape, data };
  }
  return build(shape, (index) => f(...xs.map((x) => getBroadcast(x, index))));
}

/** The axes, counted from the front; default all. */
export function axesOf(rank: number, axis: number | readonly number[] | undefined): number[] {
  if (axis === undefined) return Array.from({ length: rank }, (_, i) => i);
  return [axis].flat().map((a) => (a < 0 ? a + rank : a));
}

/** `fold` of the elements along axes, in row-major order. */
export function reduce(
  x: Nd,
  axis: number | readonly number[] | undefined,
  keepDims: boolean,
  fold: (values: number[]) => number,
): Nd {
  const axes = axesOf(x.shape.length, axis);
  const kept = x.shape.map((extent, i) => (axes.includes(i) ? 1 : extent));
  const values: number[][] = Array.from({ length: count(kept) }, () => []);
  build(x.shape, (index) => {
    let target = 0;
    for (let i = 0; i < index.length; i++) target = target * kept[i]! + (kept[i] === 1 ? 0 : index[i]!);
    values[target]!.push(get(x, index));
    return 0;
  });
  const shape = keepDims ? kept : x.shape.filter((_, i) => !axes.includes(i));
  return nd(
    shape,
    values.map((list) => fold(list)),
  );
}

/** A sum with the lost digits carried along (Neumaier 1974): right to the last bit or so whatever the order. */
export function exactSum(values: ArrayLike<number>): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    const next = sum + x;
    lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
    sum = next;
  }
  // Infinities make the lost part NaN.
  return Number.isFinite(sum) ? sum + lost : sum;
}

/** Axis i of the result is axis `order[i]`. */
export function permute(x: Nd, order: readonly number[]): Nd {
  const source = order.map(() => 0);
  return build(
    order.map((axis) => x.shape[axis]!),
    (index) => {
      for (let i = 0; i < order.length; i++) source[order[i]!] = index[i]!;
      return get(x, source);
    },
  );
}

/** The last two axes swapped. */
export function swapLast(x: Nd): Nd {
  const rank = x.shape.length;
  return permute(
    x,
    x.shape.map((_, i) => (i < rank - 2 ? i : i === rank - 1 ? rank - 2 : rank - 1)),
  );
}

export function broadcastTo(x: Nd, shape: readonly number[]): Nd {
  if (x.data.length === count(shape)) return { shape, data: x.data };
  return build(shape, (index) => getBroadcast(x, index));
}

/**
 * The product of the last two axes with its batch broadcast, and beside it the product of the absolute values, which its
 * error is measured by.
 */
export function matmul(a: Nd, b: Nd): { value: Nd; magnitude: Nd } {
  const rows = a.shape.length === 1 ? nd([1, ...a.shape], a.data) : a;
  const columns = b.shape.length === 1 ? nd([...b.shape, 1], b.data) : b;
  const [m, k] = [rows.shape.at(-2)!, rows.shape.at(-1)!];
  const n = columns.shape.at(-1)!;
  const batch = broadcast(rows.shape.slice(0, -2), columns.shape.slice(0, -2));
  const p = broadcastTo(rows, [...batch, m, k]).data;
  const q = broadcastTo(columns, [...batch, k, n]).data;
  const value = new Float64Array(count(batch) * m * n);
  const magnitude = new Float64Array(value.length);
  for (let z = 0; z < count(batch); z++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        let size = 0;
        for (let l = 0; l < k; l++) {
          const term = p[(z * m + i) * k + l]! * q[(z * k + l) * n + j]!;
          sum += term;
          size += Math.abs(term);
        }
        value[(z * m + i) * n + j] = sum;
        magnitude[(z * m + i) * n + j] = size;
      }
    }
  }
  const shape = [...batch, ...(a.shape.length === 1 ? [] : [m]), ...(b.shape.length === 1 ? [] : [n])];
  return { value: { shape, data: value }, magnitude: { shape, data: magnitude } };
}

/** Python's x[start:end:step] along every axis. */
export function slice(
  x: Nd,
  starts: readonly number[],
  ends: readonly number[] = [],
  steps: readonly number[] = [],
): Nd {
  const positions = x.shape.map((extent, i) => {
    const clip = (at: number): number => Math.min(extent, Math.max(0, at < 0 ? at + extent : at));
    const list: number[] = [];
    for (let at = clip(starts[i] ?? 0); at < clip(ends[i] ?? extent); at += steps[i] ?? 1) list.push(at);
    return list;
  });
  return build(
    positions.map((list) => list.length),
    (index) =>
      get(
        x,
        index.map((at, i) => positions[i]![at]!),
      ),
  );
}

export function concat(xs: readonly Nd[], axis: number): Nd {
  const at = axis < 0 ? axis + xs[0]!.shape.length : axis;
  const total = xs.reduce((sum, x) => sum + x.shape[at]!, 0);
  return build(
    xs[0]!.shape.map((extent, i) => (i === at ? total : extent)),
    (index) => {
      let offset = index[at]!;
      let which = 0;
      while (offset >= xs[which]!.shape[at]!) offset -= xs[which++]!.shape[at]!;
      return get(
        xs[which]!,
        index.map((j, i) => (i === at ? offset : j)),
      );
    },
  );
}

/** Rows along an axis by index; negative ones count from the end. */
export function take(x: Nd, indices: Nd, axis: number): Nd {
  const at = axis < 0 ? axis + x.shape.length : axis;
  const rank = indices.shape.length;
  return build([...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)], (index) => {
    const row = get(indices, index.slice(at, at + rank));
    return get(x, [...index.slice(0, at), row < 0 ? row + x.shape[at]! : row, ...index.slice(at + rank)]);
  });
}

/** What `onRows` hands to its row function: the row and what belongs to it. */
export function onRows(x: Nd, axis: number, row: (values: readonly number[]) => readonly number[]): Nd {
  const at = axis < 0 ? axis + x.shape.length : axis;
  const order = x.shape.map((_, i) => i).filter((i) => i !== at);
  const moved = permute(x, [...order, at]);
  const length = x.shape[at]!;
  const data: number[] = [];
  for (let r = 0; r < moved.data.length / Math.max(length, 1); r++) {
    data.push(...row([...moved.data.subarray(r * length, (r + 1) * length)]));
  }
  const back = x.shape.map((_, i) => (i === at ? x.shape.length - 1 : order.indexOf(i)));
  return permute(nd(moved.shape, data), back);
}
