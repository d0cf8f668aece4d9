// The package's own binary where code may not be compiled at run time: the platform has compiled it and imports it. Stands for `inlined.ts`.
import { BackendError } from "../../errors.js";
import simd from "./simd.wasm";
import type { Variant } from "./variant.js";

export function ownPlain(): WebAssembly.Module {
  return simd;
}

export async function own(variant: Variant): Promise<WebAssembly.Module> {
  if (variant === "simd") return simd;
  throw new BackendError(
    `${variant} is not in the package's entry for edge platforms: give simdgrad/${variant}.wasm to init({ module })`,
  );
}
