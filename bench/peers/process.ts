// A process with contenders: commands go out and answers come in, one JSON line each. Must not know who lives there.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { messageOf } from "../../examples/support/errors.js";
import type { Digest } from "../check.js";
import type { DataSpec } from "../data.js";
import type { Peer, RemoteTask } from "../harness.js";
import type { Precision, Runner } from "../runner.js";

/** What the results depend on there: library, BLAS, interpreter. */
export type Versions = Readonly<Record<string, string>>;

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** simdgrad runs on one thread, so everyone does. */
const ONE_THREAD = { OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };

/** Where `--import tsx` finds tsx. */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

type Reply = { readonly value: unknown } | { readonly error: string };

/** One command at a time, each answered by one line. */
export class ProcessPeer implements Peer {
  readonly #name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  #complaints = "";

  private constructor(name: string, [program, ...args]: Command) {
    this.#name = name;
    this.#child = spawn(program, args, { cwd: ROOT, env: { ...process.env, ...ONE_THREAD } });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-2000);
    });
    // A process that is gone is noticed by its missing answer, not by the pipe that breaks before it.
    this.#child.stdin.on("error", () => {});
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /**
   * Starts the first of the commands that answers, and asks for its versions.
   * @throws {Error} saying what each of them lacks
   */
  static async start(
    name: string,
    commands: readonly Command[],
  ): Promise<{ readonly peer: ProcessPeer; readonly versions: Versions }> {
    const reasons: string[] = [];
    for (const command of commands) {
      const peer = new ProcessPeer(name, command);
      try {
        await once(peer.#child, "spawn");
        return { peer, versions: (await peer.#ask({ do: "versions" })) as Versions };
      } catch (error) {
        peer.close();
        reasons.push(messageOf(error));
      }
    }
    throw new Error([...new Set(reasons)].join("; "));
  }

  async prepare(
    family: string,
    data: Readonly<Record<string, DataSpec>>,
    precisions: readonly Precision[],
  ): Promise<readonly RemoteTask[]> {
    return (await this.#ask({ do: "prepare", family, data, precisions })) as readonly RemoteTask[];
  }

  runner({ task, precision }: RemoteTask): Runner {
    const ask = (command: object): Promise<unknown> => this.#ask({ ...command, task, precision });
    return {
      outputs: async () => (await ask({ do: "outputs" })) as readonly Digest[],
      warmUp: async (ms) => void (await ask({ do: "warmUp", ms })),
      calibrate: async (sampleMs) => (await ask({ do: "calibrate", sampleMs })) as number,
      sample: async (batch, budgetMs) => (await ask({ do: "sample", batch, budgetMs })) as readonly number[],
    };
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
      throw new Error(`${this.#name}'s process ended${reason ? `: ${reason}` : ""}`);
    }
    const reply = JSON.parse(line.value) as Reply;
    if ("error" in reply) throw new Error(messageOf(reply.error));
    return reply.value;
  }
}
