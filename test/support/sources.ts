// The project's own files, for tests that read them or write examples to run. Knows where they lie only.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root = new URL("../../", import.meta.url);

/** The text of a file, by its path in the project. */
export function read(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}

/** Source files below a folder, those that are generated left out. */
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
