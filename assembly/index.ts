// The wasm boundary: the module's exports, and nothing else.
export { run } from "./core/interpreter";

/** First address behind the constants: memory from here on is the allocator's. */
export function heapBase(): usize {
  return __heap_base;
}
