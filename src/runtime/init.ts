// What users say about how kernels run, and are told: `init` and `backend`. Must not know how threads work.
import { Abi } from "../../assembly/opcodes.js";
import { closePool, describeThreads, openPool } from "./threads.js";
import { availableThreads, type CreateWorker, createWorker, whyNoWorkers } from "./workers.js";

/** What `init` takes. */
export interface InitOptions {
  /**
   * How many threads ops run on, the calling one included: 1 to 64, or `"auto"` for as many as the machine runs at once, at most
   * 8. As many as there are now if left out.
   */
  readonly threads?: number | "auto" | undefined;
}

/** What runs the kernels. */
export interface Backend {
  /**
   * The binary: `"simd"`, or, once `init` has started a worker, `"threads"`, over memory that is shared. That stays so when threads go
   * back to 1.
   */
  readonly variant: "simd" | "threads";
  /** Threads that ops run on, the calling one included. */
  readonly threads: number;
  /** Why it is fewer threads than the last `init` asked for; empty if it is not. */
  readonly reasons: readonly string[];
}

/** More gain little where memory is the limit, and make each other wait. */
const MOST_BY_ITSELF = 8;

/** The last call of `init`; each waits for the one before it. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Sets up threads: ops on large tensors are divided among this thread and workers, with the same bits for any number. Not needed
 * for one thread. Resolves to what `backend()` says once the workers are ready; where some or all cannot be had, ops run on
 * fewer, and `backend().reasons` says why.
 *
 * Tensors that exist stay valid. From then on `data` is a view of a `SharedArrayBuffer` (take it anew), which some functions
 * of the platform refuse: give them a copy, `x.data.slice()`. Workers never keep a process alive. In a browser the page must be cross-origin
 * isolated. Called again, it changes the number of threads; concurrent calls take effect one after the other.
 *
 * @throws {TypeError} where an option is none or `threads` is neither a number nor "auto", {RangeError} where it is no whole number from
 * 1 to 64
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
  const { threads } = checkOptions(options);
  if (threads === undefined) return last.then(backend);
  const change = last.then(() => changeThreads(threads, create));
  last = change;
  await change;
  return backend();
}

/**
 * What runs the kernels: which binary, on how many threads, and why not on more.
 * @example
 * const { variant, threads, reasons } = backend(); // { variant: "simd", threads: 1, reasons: [] } without init
 * threads >= 1; // true
 */
export function backend(): Backend {
  return describeThreads();
}

function checkOptions(options: InitOptions): InitOptions {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`init: expected options, got ${options === null ? "null" : typeof options}`);
  }
  for (const key of Object.keys(options)) {
    if (key !== "threads") throw new TypeError(`init: there is no option "${key}"; there is threads`);
  }
  const { threads } = options;
  if (threads === undefined || threads === "auto") return options;
  if (typeof threads !== "number") {
    throw new TypeError(`init: threads is a number or "auto", got ${JSON.stringify(threads) ?? typeof threads}`);
  }
  if (!Number.isInteger(threads) || threads < 1 || threads > Abi.maxThreads) {
    throw new RangeError(`init: threads is a whole number from 1 to ${Abi.maxThreads}, got ${threads}`);
  }
  return options;
}

/** Never rejects: what goes wrong is a reason for fewer threads. */
async function changeThreads(threads: number | "auto", create: CreateWorker): Promise<void> {
  const wanted = threads === "auto" ? Math.min(availableThreads(), MOST_BY_ITSELF) : threads;
  const why = wanted > 1 ? whyNoWorkers() : threads === "auto" ? "the machine says that it runs one thread" : undefined;
  if (wanted === 1 || why !== undefined) {
    closePool(...(why === undefined ? [] : [why]));
    return;
  }
  try {
    await openPool(wanted, create);
  } catch (error) {
    closePool(`threads could not be set up: ${error instanceof Error ? error.message : error}`);
  }
}
