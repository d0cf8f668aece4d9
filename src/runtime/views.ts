// The only maker of typed-array views of the linear memory. A view is good until the memory grows: take it anew.
import { DTypeCode } from "../../assembly/opcodes.js";
import { getRuntime } from "./memory.js";

let words = new Uint32Array(0);

/** The memory as 32-bit words, for writing instructions. */
export function wordView(): Uint32Array {
  const { buffer } = getRuntime().memory;
  if (words.buffer !== buffer) words = new Uint32Array(buffer);
  return words;
}

/** `length` elements of a dtype at an address. */
export function viewOf(dtype: DTypeCode, address: number, length: number): Float32Array | Float64Array | Int32Array {
  const { buffer } = getRuntime().memory;
  if (dtype === DTypeCode.float32) return new Float32Array(buffer, address, length);
  if (dtype === DTypeCode.float64) return new Float64Array(buffer, address, length);
  return new Int32Array(buffer, address, length);
}

/** True for views of the linear memory. */
export function isView(array: ArrayBufferView): boolean {
  return array.buffer === getRuntime().memory.buffer;
}

/** True where a view was made before the memory last grew. */
export function isStale(view: ArrayBufferView): boolean {
  return view.buffer !== getRuntime().memory.buffer;
}
