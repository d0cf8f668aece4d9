// NumPy as a contender: talks to numpy_worker.py, one process with one thread. Must not know tables or reports.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { messageOf } from "../examples/support/errors.js";
import type { Digest } from "./check.js";
import type { DataSpec } from "./data.js";
import type { Peer, Precision, RemoteContender } from "./harness.js";

export interface NumpyVersions {
  readonly python: string;
  readonly numpy: string;
  readonly scipy: string;
  readonly blas: string;
}

const WORKER = fileURLToPath(new URL("numpy_worker.py", import.meta.url));

/** simdgrad runs on one thread, so BLAS does too. */
const ONE_THREAD = { OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };

type Reply = { readonly value: unknown } | { readonly error: string };

/** One command at a time, each answered by one line. */
export class NumpyPeer implements Peer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  #complaints = "";

  private constructor(python: string) {
    this.#child = spawn(python, ["-B", WORKER], { env: { ...process.env, ...ONE_THREAD } });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-2000);
    });
    // A process that is gone is noticed by its missing answer, not by the pipe that breaks before it.
    this.#child.stdin.on("error", () => {});
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /**
   * Starts the worker and asks for its versions.
   * @throws {Error} saying what is missing: Python, NumPy or SciPy
   */
  static async start(python = "python3"): Promise<{ readonly peer: NumpyPeer; readonly versions: NumpyVersions }> {
    const peer = new NumpyPeer(python);
    try {
      await once(peer.#child, "spawn");
      return { peer, versions: (await peer.#ask({ do: "versions" })) as NumpyVersions };
    } catch (error) {
      peer.close();
      throw error;
    }
  }

  async prepare(
    family: string,
    data: Readonly<Record<string, DataSpec>>,
    precisions: readonly Precision[],
  ): Promise<void> {
    await this.#ask({ do: "prepare", family, data, precisions });
  }

  async outputs({ task, precision }: RemoteContender): Promise<readonly Digest[]> {
    return (await this.#ask({ do: "outputs", task, precision })) as readonly Digest[];
  }

  async calibrate({ task, precision }: RemoteContender, sampleMs: number): Promise<number> {
    return (await this.#ask({ do: "calibrate", task, precision, sampleMs })) as number;
  }

  async sample({ task, precision }: RemoteContender, batch: number, budgetMs: number): Promise<readonly number[]> {
    return (await this.#ask({ do: "sample", task, precision, batch, budgetMs })) as readonly number[];
  }

  /** The worker ends with its input. */
  close(): void {
    this.#reader.close();
    this.#child.stdin.end();
  }

  async #ask(command: object): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) {
      const reason = this.#complaints.trim().split("\n").at(-1);
      throw new Error(`NumPy's process ended${reason ? `: ${reason}` : ""}`);
    }
    const reply = JSON.parse(line.value) as Reply;
    if ("error" in reply) throw new Error(messageOf(reply.error));
    return reply.value;
  }
}
