// How a worker is made where this runs: Node's worker_threads, or a module worker from a Blob. Knows engines, never programs.

/** What a worker needs to serve. */
export interface Job {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of the control block: see `Control`. */
  readonly control: number;
  /** The worker's number, from 0: which byte at `Control.ready` it sets. */
  readonly index: number;
}

export interface WorkerHandle {
  terminate(): void;
}

/**
 * Makes a worker that serves at once and keeps no process alive; `lost` is called with the reason if it ends by itself.
 * @throws Error where none can be made
 */
export type CreateWorker = (job: Job, lost: (reason: string) => void) => WorkerHandle;

/** The whole worker, as text: a file of its own is what bundlers, content security policies and other origins trip over. */
const SOURCE = `
const serve = ({ module, memory, control, index }) =>
  new WebAssembly.Instance(module, { env: { memory } }).exports.serve(control, index);
const job = globalThis.process?.getBuiltinModule?.("node:worker_threads")?.workerData;
if (job?.control) serve(job);
else globalThis.onmessage = ({ data }) => serve(data);
`;

/** The parts of Node that are used here: not imported, for bundlers would look for them. */
interface NodeModules {
  "node:worker_threads": {
    readonly Worker: new (
      source: string,
      options: object,
    ) => WorkerHandle & {
      unref(): void;
      on(event: "error", listener: (error: Error) => void): void;
      on(event: "exit", listener: (code: number) => void): void;
    };
  };
  "node:os": { availableParallelism(): number };
}

/** What there may or may not be; not by their bare names, which some engines don't know. */
const host = globalThis as {
  readonly process?: { getBuiltinModule?<N extends keyof NodeModules>(name: N): NodeModules[N] | undefined };
  readonly Worker?: typeof Worker;
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly crossOriginIsolated?: boolean;
};

/** Why there can't be any worker, or undefined. */
export function whyNoWorkers(): string | undefined {
  if (host.crossOriginIsolated === false) {
    return (
      "the page is not cross-origin isolated: serve it with the headers Cross-Origin-Opener-Policy: same-origin and " +
      "Cross-Origin-Embedder-Policy: require-corp"
    );
  }
  return host.Worker || nodeModule("node:worker_threads") ? undefined : "there are no workers here";
}

/** How many threads the machine runs at once, as far as it says. */
export function availableThreads(): number {
  return host.navigator?.hardwareConcurrency ?? nodeModule("node:os")?.availableParallelism() ?? 1;
}

function nodeModule<N extends keyof NodeModules>(name: N): NodeModules[N] | undefined {
  return host.process?.getBuiltinModule?.(name);
}

export const createWorker: CreateWorker = (job, lost) =>
  host.Worker ? webWorker(host.Worker, job, lost) : nodeWorker(job, lost);

function nodeWorker(job: Job, lost: (reason: string) => void): WorkerHandle {
  const { Worker } = nodeModule("node:worker_threads")!;
  // No arguments of the process's own: --import and the like would load for nothing, or refuse a text.
  const worker = new Worker(SOURCE, { eval: true, workerData: job, execArgv: [], name: "simdgrad" });
  worker.unref();
  worker.on("error", (error) => lost(`a worker failed: ${error.message}`));
  worker.on("exit", (code) => lost(`a worker ended by itself, with exit code ${code}`));
  return worker;
}

/** Made once: as long as workers may start, what they start from must be there. */
let sourceUrl: string | undefined;

function webWorker(Worker: NonNullable<typeof host.Worker>, job: Job, lost: (reason: string) => void): WorkerHandle {
  sourceUrl ??= URL.createObjectURL(new Blob([SOURCE], { type: "text/javascript" }));
  const worker = new Worker(sourceUrl, { type: "module", name: "simdgrad" });
  // Deno's and Bun's; in a browser nothing has to be kept from staying alive.
  (worker as { unref?(): void }).unref?.();
  worker.onerror = (event) =>
    lost(`a worker failed: ${event.message || "its start may be forbidden (worker-src blob:)"}`);
  worker.postMessage(job);
  return worker;
}
