// The command line of the autoencoder example. Knows nothing of data or training, and prints nothing itself.

import { parseArgs } from "node:util";
import { UsageError } from "./errors.js";

export interface AutoencoderOptions {
  /** Files to train on; none: generated dead leaves. */
  readonly data: readonly string[];
  readonly iterations: number;
  readonly hidden: number;
  readonly examples: number;
  readonly dtype: "float64" | "float32";
  readonly seed: number;
  readonly out: string;
  readonly quiet: boolean;
  readonly help: boolean;
}

const DEFAULTS: AutoencoderOptions = {
  data: [],
  iterations: 400,
  hidden: 25,
  examples: 10000,
  dtype: "float64",
  seed: 1,
  out: "out",
  quiet: false,
  help: false,
};

/** A million patches in float64 are 512 MB; more would end in an error about memory that names no option. */
const LARGEST_COUNT = 1_000_000;

export const HELP = `Trains a sparse autoencoder on 8x8 image patches and draws what its hidden units look for.

Usage: tsx examples/autoencoder.ts [options]

  --data FILE...     PNG, CSV or .npy images to cut patches from, or CSV or .npy rows of 64 pixels (and a class);
                     without it: generated images
  --iterations N     most L-BFGS iterations (${DEFAULTS.iterations})
  --hidden N         hidden units (${DEFAULTS.hidden})
  --examples N       patches to train on (${DEFAULTS.examples})
  --dtype TYPE       float64 or float32 (${DEFAULTS.dtype})
  --seed N           of generated images, patches and first weights, 0 to 4294967295 (${DEFAULTS.seed})
  --out DIR          where the results go (${DEFAULTS.out})
  --quiet            no progress
  --help             this text
`;

const OPTIONS = {
  data: { type: "string" },
  iterations: { type: "string" },
  hidden: { type: "string" },
  examples: { type: "string" },
  dtype: { type: "string" },
  seed: { type: "string" },
  out: { type: "string" },
  quiet: { type: "boolean" },
  help: { type: "boolean" },
} as const satisfies Record<keyof AutoencoderOptions, { type: "string" | "boolean" }>;

/**
 * Parses the arguments after the script's name. An option given twice counts with its last value; `--data` collects.
 *
 * @throws {UsageError} naming the first argument that is unknown, incomplete or out of range
 */
export function parseOptions(args: readonly string[]): AutoencoderOptions {
  // Not strict: the tokens are checked here, for messages of one line that end in the way to --help.
  const { tokens } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const options: { -readonly [Name in keyof AutoencoderOptions]: AutoencoderOptions[Name] } = { ...DEFAULTS };
  let collecting = false;
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      // A shell expands `--data *.png` to `--data a.png b.png`: the arguments after the first file belong to --data too.
      if (!collecting) throw usage(`unexpected argument "${token.value}"`);
      options.data = [...options.data, token.value];
      continue;
    }
    const name = token.name;
    if (!isOptionName(name)) throw usage(`unknown option ${token.rawName}`);
    collecting = name === "data";
    if (name === "quiet" || name === "help") {
      if (token.value !== undefined) throw usage(`--${name} takes no value`);
      options[name] = true;
      continue;
    }
    const value = token.value;
    // Without this, `--out --quiet` would make a directory called --quiet.
    if (value === undefined || value === "" || (!token.inlineValue && value.startsWith("--"))) {
      throw usage(`--${name} needs a value`);
    }
    if (name === "data") options.data = [...options.data, value];
    else if (name === "out") options.out = value;
    else if (name === "dtype") options.dtype = dtype(value);
    else if (name === "seed") options.seed = integer(name, value, 0, 2 ** 32 - 1);
    else options[name] = integer(name, value, 1, LARGEST_COUNT);
  }
  return options;
}

function isOptionName(name: string): name is keyof AutoencoderOptions {
  return Object.hasOwn(OPTIONS, name);
}

function dtype(value: string): AutoencoderOptions["dtype"] {
  if (value === "float64" || value === "float32") return value;
  throw usage(`--dtype must be float64 or float32, got "${value}"`);
}

function integer(name: string, value: string, least: number, most: number): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw usage(`--${name} must be an integer from ${least} to ${most}, got "${value}"`);
}

function usage(problem: string): UsageError {
  return new UsageError(`${problem} (see --help)`);
}
