// The package's own binary as an import that the platform compiles. Replaces `inlined.ts` on platforms that compile nothing at run time.
import { BackendError } from "../../errors.js";
import simd from "./simd.wasm";
import type { Variant } from "./variant.js";

export function ownPlain(): WebAssembly.Module {
  return simd;
}

export async function own(variant: Variant): Promise<WebAssembly.Module> {
  if (variant === "simd") return simd;
  throw new BackendError(
    `${variant} is not in the package's entry for edge platforms: pass simdgrad/${variant}.wasm to init({ module })`,
  );
}
