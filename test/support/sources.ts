// Paths and texts of the project's files, and modules to run, for tests. Must not know their contents.
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The project's folder. */
export const root = new URL("../../", import.meta.url);

/** The text of a file, by its path in the project. */
export function read(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}

/** Source files below a folder, except generated ones. */
export function sourcesBelow(folder: string): string[] {
  return readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".generated.ts"))
    .map((name) => `${folder}${name}`)
    .sort();
}

/** Writes a module where tests can import it, and returns its path. */
export function writeModule(name: string, code: string): string {
  const folder = new URL("build/examples/", root);
  mkdirSync(folder, { recursive: true });
  const path = fileURLToPath(new URL(`${name}.ts`, folder));
  writeFileSync(path, code);
  return path;
}

/** Writes a module, runs it in a process of its own, with flags for Node if given, and returns its output. */
export async function runModule(name: string, code: string, flags: readonly string[] = []): Promise<string> {
  const args = [...flags, "--import", "tsx", writeModule(name, code)];
  return (await promisify(execFile)(process.execPath, args, { cwd: fileURLToPath(root), timeout: 600_000 })).stdout;
}
