// The benchmark's command lines: options, help, which tables. Must not know any table, and prints nothing itself.
import { accessSync, constants, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "./table.js";

/** Something is wrong with the command line: the message names it and points to --help or --list. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  constructor(problem: string, see = "--help") {
    super(`${problem} (see ${see})`);
  }
}

/** Every option with what it takes and what it does. */
const OPTIONS = {
  json: ["FILE", "write environment, statistics and samples to FILE as well"],
  against: ["REF", "build another git revision, run it in turn with this one, and print how much faster this one is"],
  node: ["PATH", "run on another Node"],
  browser: ["NAME", "run the page in chromium or firefox, without a window, and print the results"],
  screenshot: ["FILE", "write a picture of the page to FILE"],
  quick: ["", "fewer and shorter rounds"],
  list: ["", "the tables' names"],
  help: ["", "this text"],
} as const;

const FLAGS = ["quick", "list", "help"] as const;

/** An option that a command may have or lack. */
export type ValueOption = Exclude<keyof typeof OPTIONS, (typeof FLAGS)[number]>;

export type CommandLine = { readonly [Option in ValueOption]?: string | undefined } & {
  readonly [Flag in (typeof FLAGS)[number]]: boolean;
} & {
  /** Parts of names; none: all tables. */
  readonly filters: readonly string[];
};

/** The text of --help: what a command is for, its name, what there is to say about the tables' names, and its options. */
export function helpOf(purpose: string, command: string, names: string, options: readonly ValueOption[]): string {
  const lines = [...options, ...FLAGS].map(
    (name) => `  ${`--${name} ${OPTIONS[name][0]}`.padEnd(19)}${OPTIONS[name][1]}`,
  );
  const filters = `  name               only the tables whose names contain one of these: ${names}`;
  return `${purpose}\n\nUsage: npm run ${command} -- [options] [name...]\n\n${[filters, ...lines].join("\n")}\n`;
}

/** @throws {UsageError} naming the first argument that is unknown or incomplete */
export function parseCommandLine(args: readonly string[], options: readonly ValueOption[]): CommandLine {
  const kinds = Object.fromEntries([
    ...options.map((name) => [name, { type: "string" }] as const),
    ...FLAGS.map((name) => [name, { type: "boolean", default: false }] as const),
  ]);
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: kinds, allowPositionals: true });
    const empty = Object.entries(values).find(([, value]) => value === "");
    if (empty !== undefined) throw new Error(`Option '--${empty[0]}' needs a value`);
    return { ...(values as unknown as CommandLine), filters: positionals };
  } catch (error) {
    throw new UsageError(messageOf(error).split(/\.\s/)[0]!);
  }
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
  const useless = filters.find((filter) => !all.some((one) => selects(filter, one)));
  if (useless !== undefined) throw new UsageError(`no table's name contains "${useless}"`, "--list");
  if (filters.length === 0) return all.filter(({ onRequest }) => onRequest !== true);
  return all.filter((one) => filters.some((filter) => selects(filter, one)));
}

/** Finds out before minutes of work whether their result can be written. @throws {UsageError} if it cannot */
export function checkWritable(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new UsageError(`cannot write ${path}: a directory has that name`);
  }
  try {
    accessSync(dirname(resolve(path)), constants.W_OK);
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${messageOf(error).split(",")[0]}`);
  }
}
