// What the figures depend on: machine, engine, versions, commit. Must not know tables or how it is printed.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { cpus, loadavg } from "node:os";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Versions } from "./peers/process.js";

export interface Environment {
  /** ISO 8601. */
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  /** Runnable processes, averaged over the minute before the start. */
  readonly load: number;
  readonly platform: string;
  readonly node: string;
  readonly v8: string;
  readonly simdgrad: string;
  /** The file that was measured, from the package's root: dist/index.js, or the sources where a loader maps them. */
  readonly entry: string;
  /** With "+changes" where the working tree differs from it. */
  readonly commit: string | undefined;
  /** The other processes by name: versions, or why they are missing. */
  readonly peers: Readonly<Record<string, Versions | string>>;
}

export function describeEnvironment(peers: Environment["peers"]): Environment {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    cpu: processors[0]?.model.trim() ?? "unknown processor",
    cores: processors.length,
    load: loadavg()[0] ?? 0,
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
    simdgrad: (createRequire(import.meta.url)("simdgrad/package.json") as { version: string }).version,
    entry: relative(fileURLToPath(new URL("..", import.meta.url)), fileURLToPath(import.meta.resolve("simdgrad"))),
    commit: commit(),
    peers,
  };
}

function commit(): string | undefined {
  const cwd = fileURLToPath(new URL(".", import.meta.url));
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain") === "" ? "" : "+changes");
  } catch {
    return undefined;
  }
}
