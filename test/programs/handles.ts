// Tensors of the oracle: elements that one or several handles show. Must not know the library, nor ops.
import { count } from "../support/reference.js";
import type { Type } from "./program.js";
import { copy, type Scalar } from "./scalar.js";

/** Elements that several handles may show. */
export interface Bytes {
  elements: readonly Scalar[];
}

/** One way to look at elements. */
export interface Handle {
  readonly bytes: Bytes;
  readonly shape: readonly number[];
  readonly dtype: Type;
  /** What it shows instead of the elements that were there when it was made: variables, or constants. */
  readonly instead?: { readonly of: readonly Scalar[]; readonly show: readonly Scalar[] } | undefined;
}

export type Shape = readonly number[];

export function handle(shape: Shape, dtype: Type, elements: readonly Scalar[]): Handle {
  return { bytes: { elements }, shape, dtype };
}

/** The elements that a handle shows at this moment. */
export function read({ bytes, instead }: Handle): readonly Scalar[] {
  if (instead === undefined) return bytes.elements;
  return bytes.elements.map((x, i) => (x === instead.of[i] ? instead.show[i]! : x));
}

/** Writes new elements, which all handles on the same bytes show. A value written over itself does not change. */
export function write(x: Handle, elements: readonly Scalar[]): void {
  const before = read(x);
  if (elements.some((element, i) => element !== before[i])) x.bytes.elements = elements.map(copy);
}

/** A second handle that shows others in place of the present elements. */
export function showing(x: Handle, show: readonly Scalar[]): Handle {
  return { ...x, instead: { of: x.bytes.elements, show } };
}

/** Every index of a shape, in row-major order. */
export function* indices(shape: Shape): Generator<readonly number[]> {
  const index = shape.map(() => 0);
  for (let i = count(shape); i > 0; i--) {
    yield index;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
}

/** The position of an index, where axes of size 1 are repeated and leading ones left out. */
export function position(shape: Shape, index: readonly number[]): number {
  const lead = index.length - shape.length;
  return shape.reduce((at, extent, i) => at * extent + (extent === 1 ? 0 : index[lead + i]!), 0);
}

/** A result made element by element. */
export function build(shape: Shape, dtype: Type, at: (index: readonly number[]) => Scalar): Handle {
  const elements: Scalar[] = [];
  for (const index of indices(shape)) elements.push(at(index));
  return handle(shape, dtype, elements);
}

/** Reads an element of a handle, broadcast. */
export function reader(x: Handle): (index: readonly number[]) => Scalar {
  const elements = read(x);
  return (index) => elements[position(x.shape, index)]!;
}
