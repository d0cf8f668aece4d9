// Compiles the kernels, or says why that failed. Must not know memory or instances.
import { BackendError, messageOf } from "../../errors.js";

/** An empty module. */
const EMPTY = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** The sections before the code: one function that takes three vectors and returns one. */
const VECTORS = [0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00];

/** Code that returns the first vector. */
const SIMD = [0x0a, 0x06, 0x01, 0x04, 0x00, 0x20, 0x00, 0x0b];

/** Code that returns the relaxed multiply-add of all three. */
const RELAXED = [0x0a, 0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfd, 0x85, 0x02, 0x0b];

function validates(code: readonly number[]): boolean {
  return WebAssembly.validate(new Uint8Array([...EMPTY, ...VECTORS, ...code]));
}

/** True if the engine has relaxed SIMD. */
export function knowsRelaxed(): boolean {
  return typeof WebAssembly !== "undefined" && validates(RELAXED);
}

/** @throws BackendError */
export function compileNow(bytes: BufferSource): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    throw explained(error);
  }
}

/** @throws BackendError */
export async function compile(bytes: BufferSource): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw explained(error);
  }
}

/** The error for a failed compilation. It says what to change. */
export function explained(error: unknown): BackendError {
  return new BackendError(`the kernels cannot be compiled: ${why(error)}`, { cause: error });
}

/** Runs only after a failure, because it takes time. */
function why(error: unknown): string {
  if (typeof WebAssembly === "undefined") {
    return "there is no WebAssembly here (lockdown and JIT-less modes switch it off)";
  }
  if (!validates(SIMD)) {
    return "this engine has no WebAssembly SIMD: use Chrome 91, Firefox 89, Safari 16.4, Node 20.19 or later";
  }
  try {
    new WebAssembly.Module(new Uint8Array(EMPTY));
  } catch {
    return (
      "compiling is forbidden here: add 'wasm-unsafe-eval' to script-src in the Content-Security-Policy, or on an edge platform " +
      `pass simdgrad/simd.wasm to init({ module }) (${messageOf(error)})`
    );
  }
  return (
    "their bytes are damaged: if the bundle was not read as UTF-8, serve it with charset=utf-8, or put " +
    `<meta charset="utf-8"> into the page (${messageOf(error)})`
  );
}
