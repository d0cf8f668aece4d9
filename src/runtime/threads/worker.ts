// The whole worker: an instance of the kernels that serves. Inlined as text, and a file of its own (simdgrad/worker) for pages that
// forbid workers from texts. Must import nothing that stays at run time.
import type { Job } from "./spawn.js";

/** What `assembly/core/conduct.ts` exports to workers. */
type ServingKernels = { serve(control: number, index: number): void };

function serve({ module, memory, control, index }: Job): void {
  (new WebAssembly.Instance(module, { env: { memory } }).exports as ServingKernels).serve(control, index);
}

const scope = globalThis as {
  readonly process?: {
    getBuiltinModule?(name: "node:worker_threads"): { readonly workerData?: Job | null } | undefined;
  };
  onmessage?: ((event: { readonly data: Job }) => void) | null;
};

const job = scope.process?.getBuiltinModule?.("node:worker_threads")?.workerData;
if (job?.control) serve(job);
else scope.onmessage = ({ data }) => serve(data);
