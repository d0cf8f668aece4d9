// The package's own binaries, inlined as texts: what every entry has but that for edge platforms (`imported.ts`). Knows their names.
import { compile, compileNow } from "./build-module.js";
import { bytesOf } from "./text-bytes.js";
import type { Variant } from "./variant.js";
import { wasmText } from "./wasm.generated.js";

/** The binary that every bundle has. */
export function ownPlain(): WebAssembly.Module {
  return compileNow(bytesOf(wasmText));
}

/** Chunks of their own: a bundle loads them only when `init` asks. */
const TEXTS: Readonly<Record<Variant, () => Promise<{ readonly wasmText: string }>>> = {
  simd: async () => ({ wasmText }),
  threads: () => import("./wasm-threads.generated.js"),
  relaxed: () => import("./wasm-relaxed.generated.js"),
  "relaxed-threads": () => import("./wasm-relaxed-threads.generated.js"),
};

export async function own(variant: Variant): Promise<WebAssembly.Module> {
  return compile(bytesOf((await TEXTS[variant]()).wasmText));
}
