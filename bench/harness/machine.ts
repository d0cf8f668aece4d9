// What the figures depend on: machine, engine, versions, commit. Must not know tables or how it is printed.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { cpus, loadavg } from "node:os";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Versions } from "./peer-process.js";

/** The repository. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export type Environment = ReturnType<typeof describeEnvironment>;

/** @param peers the other processes by name: versions, or why they are missing */
export function describeEnvironment(peers: Readonly<Record<string, Versions | string>> = {}) {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    cpu: processors[0]?.model.trim() ?? "unknown processor",
    cores: processors.length,
    /** Runnable processes, averaged over the minute before the start. */
    load: loadavg()[0] ?? 0,
    platform: `${process.platform} ${process.arch}`,
    engine: `Node ${process.versions.node}, V8 ${process.versions.v8}`,
    simdgrad: (createRequire(import.meta.url)("simdgrad/package.json") as { version: string }).version,
    /** The file that was measured, from the package's root: dist/index.js, or the sources where a loader maps them. */
    entry: relative(ROOT, fileURLToPath(import.meta.resolve("simdgrad"))),
    commit: commit(),
    peers,
  };
}

/** With "+changes" where the working tree differs from it. */
function commit(): string | undefined {
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain") === "" ? "" : "+changes");
  } catch {
    return undefined;
  }
}
