// The whole worker: an instance of the kernels that serves. Must import nothing at run time. The package holds it as a text, and as the
// file simdgrad/worker for pages that forbid workers from a Blob.
import type { Job } from "./spawn.js";

/** The exports of `assembly/core/conduct.ts` for workers. */
type ServingKernels = { serve(control: number, index: number): void };

function serve({ module, memory, control, index }: Job): void {
  // Cast: the module is one of this package.
  (new WebAssembly.Instance(module, { env: { memory } }).exports as ServingKernels).serve(control, index);
}

// Cast: a worker of the web or of Node.
const scope = globalThis as {
  readonly process?: {
    getBuiltinModule?(name: "node:worker_threads"): { readonly workerData?: Job | null } | undefined;
  };
  onmessage?: ((event: { readonly data: Job }) => void) | null;
};

const job = scope.process?.getBuiltinModule?.("node:worker_threads")?.workerData;
if (job?.control) serve(job);
else scope.onmessage = ({ data }) => serve(data);
