// Builds another revision of the package and loads tables over its build. Must not know what a table is about.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { tsImport } from "tsx/esm/api";
import type { OtherBuild } from "./against.js";
import { UsageError } from "./command-line.js";
import { ROOT } from "./machine.js";

/** What a build left behind, for a process or a page to load. */
export interface BuiltRevision {
  readonly ref: string;
  readonly folder: string;
  /** Exports TABLES and `prepare`: an `OtherBuild`, where "simdgrad" stands for `library`. */
  readonly entry: string;
  readonly library: string;
  close(): void;
}

/**
 * Builds a revision in a git worktree with the packages of its own lock file. Nothing but its public names is relied on.
 * @param tables - the URL of a module that exports TABLES
 * @throws {UsageError} if git does not know the revision
 */
export async function buildRevision(ref: string, tables: string): Promise<BuiltRevision> {
  const run = (command: string, args: readonly string[], cwd: string): unknown =>
    execFileSync(command, args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
  try {
    execFileSync("git", ["rev-parse", "--verify", `${ref}^{commit}`], { cwd: ROOT, stdio: "ignore" });
  } catch {
    throw new UsageError(`--against: git knows no revision "${ref}"`);
  }
  const folder = mkdtempSync(join(tmpdir(), "simdgrad-against-"));
  const tree = join(folder, "tree");
  const close = (): void => {
    rmSync(folder, { recursive: true, force: true });
    run("git", ["worktree", "prune"], ROOT);
  };
  try {
    console.error(`building ${ref}`);
    run("git", ["worktree", "add", "--detach", tree, ref], ROOT);
    run("npm", ["ci", "--silent"], tree);
    run("npm", ["run", "--silent", "build"], tree);
    return { ref, folder, ...(await writeEntry(folder, join(tree, "dist/index.js"), tables)), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Modules that name the other build's library for the tables, which may import names that only this build has. */
export async function writeEntry(folder: string, dist: string, tables: string) {
  const [own, theirs] = await Promise.all([import("simdgrad"), import(pathToFileURL(dist).href) as Promise<object>]);
  const lacking = Object.keys(own).filter((name) => !(name in theirs));
  const [entry, library] = [join(folder, "other.mts"), join(folder, "library.mjs")];
  const absent = lacking.map((name) => `export const ${name} = undefined;\n`).join("");
  writeFileSync(library, `export * from ${JSON.stringify(dist)};\n${absent}`);
  const reexport = (name: string, url: string): string =>
    `export { ${name} } from ${JSON.stringify(fileURLToPath(url))};\n`;
  writeFileSync(entry, reexport("TABLES", tables) + reexport("prepare", import.meta.resolve("./against.js")));
  return { entry, library };
}

/** Loads it into this process, beside the tables and the library that are there. */
export async function loadRevision({ ref, folder, entry, library }: Omit<BuiltRevision, "close">): Promise<OtherBuild> {
  const tsconfig = join(folder, "tsconfig.json");
  const options = { paths: { simdgrad: [library] } };
  writeFileSync(tsconfig, JSON.stringify({ extends: join(ROOT, "bench/tsconfig.json"), compilerOptions: options }));
  const module = (await tsImport(entry, { parentURL: import.meta.url, tsconfig })) as Omit<OtherBuild, "ref">;
  return { ...module, ref };
}
