// `init` and `backend`: users choose how the kernels run, and see what runs. Must not know how threads work.
import { Abi } from "../../assembly/abi.js";
import { BackendError, checkNumber, checkOptions, shown } from "../errors.js";
import { host } from "./host.js";
import { give } from "./load/binaries.js";
import { knowsRelaxed } from "./load/build-module.js";
import { receive } from "./load/supplied.js";
import type { Variant } from "./load/variant.js";
import { changeThreads, describeThreads } from "./threads/pool.js";
import { availableThreads, type CreateWorker, createWorker, whyNotFrom, whyNoWorkers } from "./threads/spawn.js";

/** Options of `init`. */
export interface InitOptions {
  /**
   * The number of threads, including the calling one: 1 to 64, or `"auto"` for as many as the machine runs at once, at most 8. Default:
   * the present number.
   */
  readonly threads?: number | "auto" | undefined;
  /**
   * True for fused multiply-adds in products, if the engine and the processor have them. They are faster on most machines and round once
   * instead of twice, so results no longer have the same bits everywhere. Default: the present value, at first false.
   */
  readonly relaxed?: boolean | undefined;
  /**
   * Kernels to use instead of those inside the package: `simdgrad/simd.wasm` (or `threads.wasm`, `relaxed.wasm`,
   * `relaxed-threads.wasm`) as a `WebAssembly.Module`, its bytes, a URL or a `Response`. The binary itself says which variant it is, and
   * serves wherever that variant is needed. Pass `simd.wasm` before the first computation.
   */
  readonly module?: object | string | undefined;
  /**
   * The URL of `simdgrad/worker`, for pages whose Content-Security-Policy forbids workers from a Blob. Must have the page's origin.
   */
  readonly workerUrl?: string | { readonly href: string } | undefined;
}

/** How the kernels run. */
export interface Backend {
  /**
   * The binary: `"simd"` at first, `"threads"` once `init` has started a worker, `"relaxed"` or `"relaxed-threads"` if `init` asked for
   * it. A threaded binary has shared memory and stays in use when threads go back to 1.
   */
  readonly variant: Variant;
  /** The number of threads, including the calling one. */
  readonly threads: number;
  /** Why the last finished `init` could not do all it was asked for; empty if it could. */
  readonly reasons: readonly string[];
}

/** The most threads for "auto": more gain little when memory is the limit, and wait for each other. */
const MOST_BY_ITSELF = 8;

/** The last call of `init`. Each call waits for the previous one. */
let last: Promise<unknown> | undefined;

/** The settings of all calls so far. */
let asked: {
  readonly threads: number | "auto";
  readonly relaxed: boolean;
  readonly workerUrl: string | undefined;
} = { threads: 1, relaxed: false, workerUrl: undefined };

/**
 * Starts threads. Ops on large tensors are then divided among this thread and workers, with the same bits for any number of threads.
 * One thread needs no `init`. Resolves to `backend()` once the workers are ready. If some or all cannot start, ops run on fewer
 * threads, and `backend().reasons` says why. `relaxed` allows fused multiply-adds.
 *
 * Existing tensors stay valid. Read `data` again: it is now a view of a `SharedArrayBuffer`. Some functions of the platform refuse such
 * views; pass them a copy, `x.data.slice()`. Workers never keep a process alive. In a browser the page must be cross-origin isolated. A
 * second call with the same settings changes nothing. With other settings the old threads work until the new ones are ready. Concurrent
 * calls take effect one after the other.
 *
 * @throws TypeError for an unknown option or a value of the wrong type, RangeError if `threads` is not a whole number from 1 to 64,
 * BackendError if `module` cannot be loaded or compiled or belongs to another version of the package, or if `workerUrl` has another
 * origin than the page, is a data: URL, or in Node is not a file: URL
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

/** @internal `init` with a choice of workers, for tests. */
export async function initWith(options: InitOptions, create: CreateWorker): Promise<Backend> {
  checkInit(options);
  const change = Promise.resolve(last).then(async () => {
    if (options.module !== undefined) {
      const { variant, module } = await receive(options.module);
      give(variant, module);
    }
    await apply(options, create);
  });
  // The next call runs even if this one failed.
  last = change.catch(() => undefined);
  await change;
  return backend();
}

/**
 * How the kernels run: the binary, the number of threads, and why there are not more. Throws nothing.
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
    throw new TypeError(`init: relaxed must be true or false, got ${shown(relaxed)}`);
  }
  const why = workerUrl === undefined ? undefined : whyNotFrom(absolute(workerUrl));
  if (why !== undefined) throw new BackendError(`init: workerUrl: ${why}`);
  if (threads === undefined || threads === "auto") return;
  checkNumber('init: threads, if not "auto",', threads, `[1, ${Abi.maxThreads}]`, true);
}

/** Never rejects: each failure becomes a reason. */
async function apply(options: InitOptions, create: CreateWorker): Promise<void> {
  asked = {
    threads: options.threads ?? asked.threads,
    relaxed: options.relaxed ?? asked.relaxed,
    workerUrl: options.workerUrl === undefined ? asked.workerUrl : absolute(options.workerUrl),
  };
  if (options.threads === undefined && options.relaxed === undefined) return;
  const reasons = new Set<string>();
  const relaxed = asked.relaxed && knowsRelaxed();
  if (relaxed !== asked.relaxed) reasons.add("this engine has no relaxed SIMD");
  const wanted = wantedThreads(asked.threads, reasons);
  await changeThreads(wanted, relaxed, (job, lost) => create(job, lost, asked.workerUrl), reasons);
}

/** @throws TypeError for a value that is not a URL */
function absolute(workerUrl: NonNullable<InitOptions["workerUrl"]>): string {
  const url = typeof workerUrl === "string" ? workerUrl : workerUrl?.href;
  try {
    return new URL(url, host.location?.href).href;
  } catch {
    throw new TypeError(`init: workerUrl must be a URL that can be loaded here, got ${shown(url)}`);
  }
}

/** How many threads to start; 1, and a reason, if more are impossible. */
function wantedThreads(threads: number | "auto", reasons: Set<string>): number {
  const wanted = threads === "auto" ? Math.min(availableThreads(), MOST_BY_ITSELF) : threads;
  const why = wanted > 1 ? whyNoWorkers() : threads === "auto" ? "the machine reports one thread" : undefined;
  if (why === undefined) return wanted;
  reasons.add(why);
  return 1;
}
