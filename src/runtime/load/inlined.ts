// The package's own binaries, inlined as texts. The entry for edge platforms has `imported.ts` instead. Must not know their contents.
import { compile, compileNow } from "./build-module.js";
import { bytesOf } from "./text-bytes.js";
import type { Variant } from "./variant.js";
import { wasmText } from "./wasm.generated.js";

/** The binary in every bundle. */
export function ownPlain(): WebAssembly.Module {
  return compileNow(bytesOf(wasmText));
}

/** All but the first are separate chunks. A bundle loads them only when `init` asks. */
const TEXTS: Readonly<Record<Variant, () => Promise<{ readonly wasmText: string }>>> = {
  simd: async () => ({ wasmText }),
  threads: () => import("./wasm-threads.generated.js"),
  relaxed: () => import("./wasm-relaxed.generated.js"),
  "relaxed-threads": () => import("./wasm-relaxed-threads.generated.js"),
};

export async function own(variant: Variant): Promise<WebAssembly.Module> {
  return compile(bytesOf((await TEXTS[variant]()).wasmText));
}
