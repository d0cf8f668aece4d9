// The binaries of the kernels, all from one source: which there are, loading and compiling them. Knows no memory and no instance.
import { decodeBase64 } from "./base64.js";
import { wasmBase64 } from "./wasm.generated.js";

/** 128-bit SIMD; the same over shared memory; and both with fused multiply-adds, where the processor has them. */
export type Variant = "simd" | "threads" | "relaxed" | "relaxed-threads";

export function variantOf(relaxed: boolean, threaded: boolean): Variant {
  if (relaxed) return threaded ? "relaxed-threads" : "relaxed";
  return threaded ? "threads" : "simd";
}

/** Chunks of their own: a bundle loads them only when `init` asks. */
const BYTES: Readonly<Record<Variant, () => Promise<{ readonly wasmBase64: string }>>> = {
  simd: async () => ({ wasmBase64 }),
  threads: () => import("./wasm-threads.generated.js"),
  relaxed: () => import("./wasm-relaxed.generated.js"),
  "relaxed-threads": () => import("./wasm-relaxed-threads.generated.js"),
};

const modules = new Map<Variant, Promise<WebAssembly.Module>>();

/** The bytes of the binary that every bundle has. */
export function plainBytes(): Uint8Array<ArrayBuffer> {
  return decodeBase64(wasmBase64);
}

/** Compiled once; what failed (a chunk that did not arrive, say) is tried again when it is asked for again. */
export function moduleOf(variant: Variant): Promise<WebAssembly.Module> {
  let module = modules.get(variant);
  if (module === undefined) {
    module = BYTES[variant]().then((bytes) => WebAssembly.compile(decodeBase64(bytes.wasmBase64)));
    module.catch(() => modules.delete(variant));
    modules.set(variant, module);
  }
  return module;
}

/** A function of three vectors that returns their relaxed multiply-add. */
const PROBE = [
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfd, 0x85, 0x02, 0x0b],
];

/** True where the engine knows relaxed SIMD. */
export function knowsRelaxed(): boolean {
  return WebAssembly.validate(new Uint8Array(PROBE));
}
