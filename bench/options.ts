// The benchmark's command line. Must not know tables, and prints nothing itself.
import { mkdtempSync, rmdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { messageOf, UsageError } from "../examples/support/errors.js";

export interface BenchOptions {
  /** Parts of names; none: all tables. */
  readonly filters: readonly string[];
  readonly json: string | undefined;
  /** A git revision to measure beside this one. */
  readonly against: string | undefined;
  /** Another Node to run on. */
  readonly node: string | undefined;
  readonly quick: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

/** The text of --help: what a command is for, its name, and what there is to say about the tables' names. */
export function helpOf(purpose: string, command: string, names: string): string {
  return `${purpose}

Usage: npm run ${command} -- [options] [name...]

  name           only the tables whose names contain one of these: ${names}
  --json FILE    write environment, statistics and samples to FILE as well
  --against REF  build another git revision, run it in turn with this one, and print how much faster this one is
  --node PATH    run on another Node
  --quick        fewer and shorter rounds
  --list         the tables' names
  --help         this text
`;
}

/** What options with a value need. */
const VALUES = { json: "a file", against: "a git revision", node: "a path" } as const;

/** @throws {UsageError} naming the first argument that is unknown or incomplete */
export function parseOptions(args: readonly string[]): BenchOptions {
  // Not strict: the tokens are checked here, for messages of one line that end in the way to --help.
  const { tokens } = parseArgs({
    args: [...args],
    options: { json: { type: "string" }, against: { type: "string" }, node: { type: "string" } },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const options = {
    filters: [] as string[],
    json: undefined as string | undefined,
    against: undefined as string | undefined,
    node: undefined as string | undefined,
    quick: false,
    list: false,
    help: false,
  };
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      options.filters.push(token.value);
      continue;
    }
    const { name, value } = token;
    if (Object.hasOwn(VALUES, name)) {
      const option = name as keyof typeof VALUES;
      // Without this, `--json --quick` would make a file called --quick.
      if (!value || (!token.inlineValue && value.startsWith("-"))) throw usage(`--${name} needs ${VALUES[option]}`);
      options[option] = value;
    } else if (name === "quick" || name === "list" || name === "help") {
      if (value !== undefined) throw usage(`--${name} takes no value`);
      options[name] = true;
    } else throw usage(`unknown option ${token.rawName}`);
  }
  return options;
}

/**
 * The things whose names contain one of the filters, in their own order; without filters all but those that run on request,
 * whose names must begin with one.
 * @throws {UsageError} for a filter that selects nothing
 */
export function selectByName<T extends { readonly name: string; readonly onRequest?: boolean }>(
  all: readonly T[],
  filters: readonly string[],
): T[] {
  const selects = (filter: string, { name, onRequest }: T): boolean =>
    onRequest ? name.startsWith(filter) : name.includes(filter);
  for (const filter of filters) {
    if (!all.some((one) => selects(filter, one))) throw usage(`no table's name contains "${filter}"`, "--list");
  }
  if (filters.length === 0) return all.filter(({ onRequest }) => onRequest !== true);
  return all.filter((one) => filters.some((filter) => selects(filter, one)));
}

/**
 * Finds out before minutes of work whether their result can be written, by making a directory beside it for a moment.
 * @throws {UsageError} if it cannot
 */
export function checkWritable(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw usage(`cannot write ${path}: a directory has that name`);
  }
  try {
    rmdirSync(mkdtempSync(join(dirname(resolve(path)), ".unfinished-")));
  } catch (error) {
    throw usage(`cannot write ${path}: ${messageOf(error).split(",")[0]}`);
  }
}

function usage(problem: string, see = "--help"): UsageError {
  return new UsageError(`${problem} (see ${see})`);
}
