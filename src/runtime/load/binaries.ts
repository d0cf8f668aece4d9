// Where each binary of the kernels comes from: from `init` or from the package. Must not know memory or instances.
import { own, ownPlain } from "./inlined.js";
import type { Variant } from "./variant.js";

/** Binaries passed to `init`. They replace the package's own. */
const given = new Map<Variant, WebAssembly.Module>();

const modules = new Map<Variant, Promise<WebAssembly.Module>>();

/** Makes this module serve from now on as the binary of its variant. */
export function give(variant: Variant, module: WebAssembly.Module): void {
  given.set(variant, module);
  modules.set(variant, Promise.resolve(module));
}

/**
 * The binary that runs unless `init` chose another one.
 * @throws BackendError if it cannot be compiled
 */
export function plainModule(): WebAssembly.Module {
  return given.get("simd") ?? ownPlain();
}

/**
 * The binary of a variant, compiled once. After a failure, such as a chunk that did not arrive, the next call tries again.
 * @throws BackendError if it cannot be compiled
 */
export function moduleOf(variant: Variant): Promise<WebAssembly.Module> {
  let module = modules.get(variant);
  if (module === undefined) {
    module = own(variant);
    module.catch(() => modules.delete(variant));
    modules.set(variant, module);
  }
  return module;
}
