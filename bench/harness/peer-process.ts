// Processes with contenders: commands go out and answers come in, one JSON line each. Must not know who lives there.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { ROOT } from "./machine.js";
import type { Peer } from "./measure.js";
import { messageOf } from "./table.js";
import type { Runner } from "./timing.js";

/** What the results depend on there: library, BLAS, interpreter. */
export type Versions = Readonly<Record<string, string>>;

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** A peer, and how it is started. */
export interface Candidate {
  readonly name: string;
  /** Tried in turn, in the repository's folder, where `--import tsx` finds tsx. */
  readonly commands: readonly Command[];
  /** What a missing one needs. */
  readonly install: string;
  /** The folder that must be there. */
  readonly needs?: URL;
}

/** A process that answers. */
export interface PeerProcess extends Peer {
  readonly versions: Versions;
  close(): void;
}

/** simdgrad runs on one thread, so everyone does. */
const ONE_THREAD = { OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };

/** Starts those that are there; the others are missing, never an error. */
export async function startPeers(candidates: readonly Candidate[]) {
  const started = await Promise.all(
    candidates.map(async ({ name, commands, install, needs }): Promise<[string, PeerProcess | string]> => {
      if (needs !== undefined && !existsSync(needs)) return [name, `not installed (${install})`];
      return [name, await startFirst(name, commands).catch((error) => `${messageOf(error)} (${install})`)];
    }),
  );
  const present = started.filter((one): one is [string, PeerProcess] => typeof one[1] !== "string");
  return {
    peers: Object.fromEntries(present) as Readonly<Record<string, PeerProcess>>,
    /** Versions by name, or what is missing. */
    found: Object.fromEntries(started.map(([name, one]) => [name, typeof one === "string" ? one : one.versions])),
    close(): void {
      for (const [, peer] of present) peer.close();
    },
  };
}

/** Starts the first of the commands that answers. @throws {Error} saying what each of them lacks */
export async function startFirst(name: string, commands: readonly Command[]): Promise<PeerProcess> {
  const reasons = new Set<string>();
  for (const command of commands) {
    try {
      return await start(name, command);
    } catch (error) {
      reasons.add(messageOf(error));
    }
  }
  throw new Error([...reasons].join("; "));
}

async function start(name: string, [program, ...args]: Command): Promise<PeerProcess> {
  const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, ...ONE_THREAD } });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints = (complaints + text).slice(-2000);
  });
  // A process that is gone is noticed by its missing answer, not by the pipe that breaks before it.
  child.stdin.on("error", () => {});
  const reader = createInterface({ input: child.stdout });
  const lines = reader[Symbol.asyncIterator]();
  /** One command at a time, each answered by one line. */
  const ask = async <T>(command: object): Promise<T> => {
    child.stdin.write(`${JSON.stringify(command)}\n`);
    const line = await lines.next();
    if (line.done === true) {
      const reason = complaints.trim().split("\n").at(-1);
      throw new Error(`${name}'s process ended${reason ? `: ${reason}` : ""}`);
    }
    const reply = JSON.parse(line.value) as { readonly value: T } | { readonly error: string };
    if ("error" in reply) throw new Error(reply.error);
    return reply.value;
  };
  /** The worker ends with its input. */
  const close = (): void => {
    reader.close();
    child.stdin.end();
  };
  try {
    await once(child, "spawn");
    return {
      versions: await ask({ do: "versions" }),
      prepare: (family, data, precisions) => ask({ do: "prepare", family, data, precisions }),
      runner: (task): Runner => ({
        outputs: () => ask({ do: "outputs", ...task }),
        warmUp: (ms) => ask({ do: "warmUp", ms, ...task }),
        calibrate: (sampleMs) => ask({ do: "calibrate", sampleMs, ...task }),
        sample: (batch, budgetMs) => ask({ do: "sample", batch, budgetMs, ...task }),
      }),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}
