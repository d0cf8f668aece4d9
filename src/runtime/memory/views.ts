// The only maker of typed-array views of the linear memory. A view is valid until the memory grows. Must not know tensors.
import { DTypeCode } from "../../../assembly/abi.js";
import { getRuntime, growths } from "./memory.js";

let words = new Uint32Array(0);
let wordsSince = -1;

/**
 * The memory as 32-bit words, for writing instructions. Comparing the number of growths takes 1 ns, comparing buffers 30 ns. The number
 * also tells when a shared memory has grown, which detaches no view.
 */
export function wordView(): Uint32Array {
  if (wordsSince !== growths) {
    words = new Uint32Array(getRuntime().memory.buffer);
    wordsSince = growths;
  }
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

/** True if the memory has grown since the view was made. */
export function isStale(view: ArrayBufferView): boolean {
  return view.buffer !== getRuntime().memory.buffer;
}
