// Creates workers: Node's worker_threads, or a module worker from a Blob or a URL. Must not know programs.
import { host, nodeModule } from "../host.js";
import { workerSource } from "./worker.generated.js";

/** The data a worker needs to serve. */
export interface Job {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of the control block: see `Control`. */
  readonly control: number;
  /** The worker's number, from 0. It sets this byte at `Control.ready`. */
  readonly index: number;
}

export interface WorkerHandle {
  terminate(): void;
}

/**
 * Creates a worker that serves at once and keeps no process alive. If it ends by itself, `lost` is called with the reason.
 * @param url - the file it starts from, instead of the inlined text
 * @throws Error if it cannot be created
 */
export type CreateWorker = (job: Job, lost: (reason: string) => void, url?: string | undefined) => WorkerHandle;

/** Why no worker can start here, or undefined. */
export function whyNoWorkers(): string | undefined {
  if (host.crossOriginIsolated === false) {
    return (
      "the page is not cross-origin isolated: serve it with the headers Cross-Origin-Opener-Policy: same-origin and " +
      "Cross-Origin-Embedder-Policy: require-corp"
    );
  }
  return host.Worker || nodeModule("node:worker_threads") ? undefined : "this platform has no workers";
}

/** The number of threads that the machine runs at once, or 1 if unknown. */
export function availableThreads(): number {
  return host.navigator?.hardwareConcurrency ?? nodeModule("node:os")?.availableParallelism() ?? 1;
}

/** The class of web workers. Outside pages Node's workers are preferred, because Deno's web workers keep its process alive. */
function webWorkers(): typeof host.Worker {
  return host.document || !nodeModule("node:worker_threads") ? host.Worker : undefined;
}

/** Why no worker can start from this URL, or undefined. Browsers start only workers of the page's own origin. */
export function whyNotFrom(url: string): string | undefined {
  if (!webWorkers()) {
    return /^(file|data):/.test(url) || !nodeModule("node:worker_threads") ? undefined : `${url} is not a file: URL`;
  }
  if (url.startsWith("data:")) {
    return "a worker from a data: URL shares no memory with the page: make the bundler emit a file (?url&no-inline in Vite)";
  }
  if (host.origin === undefined || new URL(url).origin === host.origin) return undefined;
  return (
    `${url} has another origin than the page, ${host.origin}: serve a copy of simdgrad/worker with the page, or allow ` +
    "worker-src blob: without workerUrl"
  );
}

export const createWorker: CreateWorker = (job, lost, url) => {
  const Worker = webWorkers();
  return Worker ? webWorker(Worker, job, lost, url) : nodeWorker(job, lost, url);
};

function nodeWorker(job: Job, lost: (reason: string) => void, url: string | undefined): WorkerHandle {
  const { Worker } = nodeModule("node:worker_threads")!;
  // Without the process's arguments: --import and its like would load code in vain, or refuse a text.
  const options = { workerData: job, execArgv: [], name: "simdgrad" };
  const worker =
    url === undefined ? new Worker(workerSource, { ...options, eval: true }) : new Worker(new URL(url), options);
  worker.unref();
  worker.on("error", (error) => lost(`a worker failed: ${error.message}`));
  worker.on("exit", (code) => lost(`a worker ended with exit code ${code}`));
  return worker;
}

/** Made once and never revoked: later workers start from it, too. */
let sourceUrl: string | undefined;

function webWorker(
  Worker: NonNullable<typeof host.Worker>,
  job: Job,
  lost: (reason: string) => void,
  url: string | undefined,
): WorkerHandle {
  if (url === undefined) {
    sourceUrl ??= URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
  }
  const worker = new Worker(url ?? sourceUrl!, { type: "module", name: "simdgrad" });
  const hint =
    url === undefined
      ? "its start may be forbidden: allow worker-src blob: in the Content-Security-Policy, or pass init a workerUrl"
      : `its start from ${url} failed: serve it as text/javascript with the page's Cross-Origin-Embedder-Policy, allow it in ` +
        "worker-src";
  worker.onerror = (event) => lost(`a worker failed: ${event.message || hint}`);
  worker.postMessage(job);
  return worker;
}
