// What users say about how kernels run, and are told: `init` and `backend`. Must not know how threads work.
import { Abi } from "../../assembly/abi.js";
import { BackendError, checkNumber, checkOptions, shown } from "../errors.js";
import { host } from "./host.js";
import { give } from "./load/binaries.js";
import { knowsRelaxed } from "./load/build-module.js";
import { receive } from "./load/supplied.js";
import type { Variant } from "./load/variant.js";
import { changeThreads, describeThreads } from "./threads/pool.js";
import { availableThreads, type CreateWorker, createWorker, whyNotFrom, whyNoWorkers } from "./threads/spawn.js";

/** What `init` takes. */
export interface InitOptions {
  /**
   * How many threads ops run on, the calling one included: 1 to 64, or `"auto"` for as many as the machine runs at once, at most
   * 8. As many as there are now if left out.
   */
  readonly threads?: number | "auto" | undefined;
  /**
   * True for fused multiply-adds in products, where the engine and the processor have them: faster on most, and rounded once instead of
   * twice, so that the bits are no longer the same everywhere. As it is now if left out; false at first.
   */
  readonly relaxed?: boolean | undefined;
  /**
   * The kernels, where they cannot or shall not come from the package's own code: `simdgrad/simd.wasm` (or `threads.wasm`,
   * `relaxed.wasm`, `relaxed-threads.wasm`) as a `WebAssembly.Module`, its bytes, a URL or a `Response`. It says itself which of them it
   * is, and is used from then on wherever that one is needed; `simd.wasm` has to be given before anything is computed.
   */
  readonly module?: object | string | undefined;
  /**
   * The URL of `simdgrad/worker`, for pages whose Content-Security-Policy forbids workers from a Blob: of the page's own origin.
   */
  readonly workerUrl?: string | { readonly href: string } | undefined;
}

/** What runs the kernels. */
export interface Backend {
  /**
   * The binary: `"simd"`; once `init` has started a worker `"threads"`, over memory that is shared, which stays so when threads go back to 1;
   * and `"relaxed"` or `"relaxed-threads"` where `init` was asked for that.
   */
  readonly variant: Variant;
  /** Threads that ops run on, the calling one included. */
  readonly threads: number;
  /** Why it is not all that the last `init` that is done asked for; empty if it is. */
  readonly reasons: readonly string[];
}

/** More gain little where memory is the limit, and make each other wait. */
const MOST_BY_ITSELF = 8;

/** The last call of `init`; each waits for the one before it. */
let last: Promise<unknown> | undefined;

/** What was asked for until now. */
let asked: {
  readonly threads: number | "auto";
  readonly relaxed: boolean;
  readonly workerUrl: string | undefined;
} = { threads: 1, relaxed: false, workerUrl: undefined };

/**
 * Sets up threads: ops on large tensors are divided among this thread and workers, with the same bits for any number. Not needed
 * for one thread. Resolves to what `backend()` says once the workers are ready; where some or all cannot be had, ops run on
 * fewer, and `backend().reasons` says why. `relaxed` allows fused multiply-adds.
 *
 * Tensors that exist stay valid. From then on `data` is a view of a `SharedArrayBuffer` (take it anew), which some functions
 * of the platform refuse: give them a copy, `x.data.slice()`. Workers never keep a process alive. In a browser the page must be cross-origin
 * isolated. Called again for what runs already it changes nothing; for something else, that takes over once it is ready. Concurrent calls
 * take effect one after the other.
 *
 * @throws TypeError where there is no such option or its value is of another type, RangeError where `threads` is no whole number
 * from 1 to 64, BackendError where `module` cannot be loaded, cannot be compiled or is not of this version of the package, or
 * `workerUrl` is of another origin than the page, inlined, or in Node no file
 * @example
 * await init({ threads: 2 });
 * const x = random.normal([512, 512], { seed: 1 });
 * matmul(x, x).shape; // [512, 512]
 * await init({ threads: 1 });
 * backend().threads; // 1
 */
export async function init(options: InitOptions = {}): Promise<Backend> {
  return initWith(options, createWorker);
}

/** @internal `init` with other workers, for tests. */
export async function initWith(options: InitOptions, create: CreateWorker): Promise<Backend> {
  checkInit(options);
  const change = Promise.resolve(last).then(async () => {
    if (options.module !== undefined) {
      const { variant, module } = await receive(options.module);
      give(variant, module);
    }
    await apply(options, create);
  });
  // What one call was refused is nothing to the next.
  last = change.catch(() => undefined);
  await change;
  return backend();
}

/**
 * What runs the kernels: which binary, on how many threads, and why not on more. Throws nothing.
 * @example
 * const { variant, threads, reasons } = backend(); // { variant: "simd", threads: 1, reasons: [] } without init
 * threads >= 1; // true
 */
export function backend(): Backend {
  return describeThreads();
}

const OPTIONS = ["threads", "relaxed", "module", "workerUrl"] as const satisfies readonly (keyof InitOptions)[];

function checkInit(options: InitOptions): void {
  checkOptions("init", options, OPTIONS);
  const { threads, relaxed, workerUrl } = options;
  if (relaxed !== undefined && typeof relaxed !== "boolean") {
    throw new TypeError(`init: relaxed is true or false, got ${shown(relaxed)}`);
  }
  const why = workerUrl === undefined ? undefined : whyNotFrom(absolute(workerUrl));
  if (why !== undefined) throw new BackendError(`init: workerUrl: ${why}`);
  if (threads === undefined || threads === "auto") return;
  checkNumber('init: threads, if not "auto",', threads, `[1, ${Abi.maxThreads}]`, true);
}

/** Never rejects: what goes wrong is a reason for less than what was asked. */
async function apply(options: InitOptions, create: CreateWorker): Promise<void> {
  asked = {
    threads: options.threads ?? asked.threads,
    relaxed: options.relaxed ?? asked.relaxed,
    workerUrl: options.workerUrl === undefined ? asked.workerUrl : absolute(options.workerUrl),
  };
  if (options.threads === undefined && options.relaxed === undefined) return;
  const reasons = new Set<string>();
  const relaxed = asked.relaxed && knowsRelaxed();
  if (relaxed !== asked.relaxed) reasons.add("this engine does not know relaxed SIMD");
  const wanted = wantedThreads(asked.threads, reasons);
  await changeThreads(wanted, relaxed, (job, lost) => create(job, lost, asked.workerUrl), reasons);
}

/** @throws TypeError where it is no URL */
function absolute(workerUrl: NonNullable<InitOptions["workerUrl"]>): string {
  const url = typeof workerUrl === "string" ? workerUrl : workerUrl?.href;
  try {
    return new URL(url, host.location?.href).href;
  } catch {
    throw new TypeError(`init: workerUrl is a URL that can be loaded from here, got ${shown(url)}`);
  }
}

/** How many threads to start; 1 with a reason where there can't be more. */
function wantedThreads(threads: number | "auto", reasons: Set<string>): number {
  const wanted = threads === "auto" ? Math.min(availableThreads(), MOST_BY_ITSELF) : threads;
  const why = wanted > 1 ? whyNoWorkers() : threads === "auto" ? "the machine says that it runs one thread" : undefined;
  if (why === undefined) return wanted;
  reasons.add(why);
  return 1;
}
