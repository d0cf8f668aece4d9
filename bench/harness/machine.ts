// What the figures depend on: machine, engine, versions, commit. Must not know tables or how it is printed.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Versions } from "./peer-process.js";

/** The repository. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Environment {
  /** ISO 8601. */
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  /** Runnable processes, averaged over the minute before the start. */
  readonly load: number;
  readonly platform: string;
  /** Node and V8, or the browser. */
  readonly engine: string;
  readonly simdgrad: string;
  /** The file that was measured, from the package's root: dist/index.js, or the sources where a loader maps them. */
  readonly entry: string;
  /** With "+changes" where the working tree differs from it. */
  readonly commit: string | undefined;
  /** The other processes by name: versions, or why they are missing. */
  readonly peers: Readonly<Record<string, Versions | string>>;
}

export function describeEnvironment(peers: Environment["peers"] = {}): Environment {
  const processors = cpus();
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return {
    date: new Date().toISOString(),
    cpu: processors[0]?.model.trim() ?? "unknown processor",
    cores: processors.length,
    load: loadavg()[0] ?? 0,
    platform: `${process.platform} ${process.arch}`,
    engine: `Node ${process.versions.node}, V8 ${process.versions.v8}`,
    simdgrad: version,
    entry: relative(ROOT, fileURLToPath(import.meta.resolve("simdgrad"))),
    commit: commit(),
    peers,
  };
}

function commit(): string | undefined {
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain") === "" ? "" : "+changes");
  } catch {
    return undefined;
  }
}
