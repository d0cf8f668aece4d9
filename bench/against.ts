// Another revision beside this one: its build, and its contenders in the tables of this one. Must not know what a table is about.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tsImport } from "tsx/esm/api";
import { messageOf, UsageError } from "../examples/support/errors.js";
import type { Keep, LocalContender, Table } from "./harness.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The other build: its tables, over its own tensors, and its `scope`. */
export interface Other {
  readonly tables: readonly Table[];
  readonly scope: <R>(body: () => R) => R;
}

/** Names what the other revision computes in tables, reports and ratios. */
export const nameAt = (name: string, ref: string): string => `${name} at ${ref}`;

/** True for what the package itself computes: the others need no second turn. */
export const isOurs = ({ name }: { readonly name: string }): boolean => name.startsWith("simdgrad");

/**
 * The tables of a module, loaded a second time over the build of another revision. It is built in a git worktree with the packages
 * of its own lock file.
 * @param module - the URL of a module that exports TABLES
 * @throws {UsageError} if git does not know the revision
 */
export async function loadOther(ref: string, module: string): Promise<Other & { close(): void }> {
  try {
    execFileSync("git", ["rev-parse", "--verify", `${ref}^{commit}`], { cwd: ROOT, stdio: "ignore" });
  } catch {
    throw new UsageError(`--against: git knows no revision "${ref}" (see --help)`);
  }
  const folder = mkdtempSync(join(tmpdir(), "simdgrad-against-"));
  const tree = join(folder, "tree");
  const run = (command: string, args: readonly string[], cwd: string): unknown =>
    execFileSync(command, args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
  const close = (): void => {
    rmSync(folder, { recursive: true, force: true });
    run("git", ["worktree", "prune"], ROOT);
  };
  try {
    console.error(`building ${ref}`);
    run("git", ["worktree", "add", "--detach", tree, ref], ROOT);
    run("npm", ["ci", "--silent"], tree);
    run("npm", ["run", "--silent", "build"], tree);
    const tsconfig = join(folder, "tsconfig.json");
    const paths = { simdgrad: [join(tree, "dist/index.js")] };
    writeFileSync(tsconfig, JSON.stringify({ extends: join(ROOT, "bench/tsconfig.json"), compilerOptions: { paths } }));
    const load = (specifier: string): Promise<unknown> => tsImport(specifier, { parentURL: import.meta.url, tsconfig });
    const { TABLES: tables } = (await load(module)) as { TABLES: readonly Table[] };
    const { scope } = (await load("simdgrad")) as { scope: Other["scope"] };
    return { tables, scope, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** A table in which everything that the package computes here has the other revision's twin beside it. */
export function beside(table: Table, { tables, scope }: Other, ref: string): Table {
  const twin = tables.find(({ name }) => name === table.name)!;
  return {
    ...table,
    prepare(data, keep) {
      const own = table.prepare(data, keep).filter((contender) => !("peer" in contender));
      return [...own, ...twins(twin, data, keep, scope, ref)];
    },
  };
}

function twins(
  twin: Table,
  data: Parameters<Table["prepare"]>[0],
  keep: Keep,
  scope: Other["scope"],
  ref: string,
): LocalContender[] {
  let listed: readonly LocalContender[] = [];
  try {
    scope(() => {
      const kept: unknown[] = [];
      const contenders = twin.prepare(data, (one) => {
        kept.push(one);
        return keep(one);
      });
      listed = contenders.filter((one): one is LocalContender => isOurs(one) && "outputs" in one);
      // A scope keeps tensors, and looks for them in nothing else.
      return kept.filter((one) => typeof one === "object");
    });
    return listed.map((contender) => ({ ...contender, name: nameAt(contender.name, ref) }));
  } catch (error) {
    // An older revision may lack what a table needs.
    console.error(`${twin.name}: not on ${ref}: ${messageOf(error)}`);
    return [];
  }
}
