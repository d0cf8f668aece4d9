// The binaries of the kernels, all from one source: which there are, and where each comes from. Knows no memory and no instance.
import { own, ownPlain } from "./inlined.js";
import type { Variant } from "./variant.js";

/** Those that `init` was given, instead of the package's own. */
const given = new Map<Variant, WebAssembly.Module>();

const modules = new Map<Variant, Promise<WebAssembly.Module>>();

/** From now on this module is used wherever its variant is asked for. */
export function give(variant: Variant, module: WebAssembly.Module): void {
  given.set(variant, module);
  modules.set(variant, Promise.resolve(module));
}

/**
 * The binary that runs unless `init` says otherwise.
 * @throws BackendError where it cannot be compiled
 */
export function plainModule(): WebAssembly.Module {
  return given.get("simd") ?? ownPlain();
}

/**
 * Compiled once; what failed (a chunk that did not arrive, say) is tried again when it is asked for again.
 * @throws BackendError where it cannot be compiled
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
