// The benchmark's command lines: options, help, which tables. Must not know any table, and prints nothing itself.
import { closeSync, openSync } from "node:fs";
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
type Flag = (typeof FLAGS)[number];

/** An option that a command may have or lack. */
export type ValueOption = Exclude<keyof typeof OPTIONS, Flag>;

/** Filters are parts of names; none: all tables. */
export type CommandLine = Partial<Record<ValueOption, string>> & Record<Flag, boolean> & { filters: readonly string[] };

/** The text of --help: what a command is for, its name, what there is to say about the tables' names, and its options. */
export function helpOf(purpose: string, command: string, names: string, options: readonly ValueOption[]): string {
  const lineOf = (name: keyof typeof OPTIONS, [value, text] = OPTIONS[name]) =>
    `  ${`--${name} ${value}`.padEnd(19)}${text}`;
  const lines = [...options, ...FLAGS].map((name) => lineOf(name));
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

/** Finds out before minutes of work whether their results can be written. @throws {UsageError} if not */
export function checkWritable(...paths: readonly (string | undefined)[]): void {
  for (const path of paths) {
    try {
      if (path !== undefined) closeSync(openSync(path, "a"));
    } catch (error) {
      throw new UsageError(`cannot write ${path}: ${messageOf(error).split(",")[0]}`);
    }
  }
}
