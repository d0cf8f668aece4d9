// Tests of the autoencoder's command line.

import { expect, test } from "vitest";
import { UsageError } from "../../examples/support/errors.js";
import { HELP, parseOptions } from "../../examples/support/options.js";

const parse = (line: string) => parseOptions(line.split(" ").filter((word) => word !== ""));

test("defaults", () => {
  expect(parse("")).toEqual({
    data: [],
    iterations: 400,
    hidden: 25,
    examples: 10000,
    dtype: "float64",
    seed: 1,
    out: "out",
    quiet: false,
    help: false,
  });
});

test("every option", () => {
  const line = "--data a.png --iterations 7 --hidden=9 --examples 5 --dtype float32 --seed 0 --out r --quiet --help";
  expect(parse(line)).toEqual({
    data: ["a.png"],
    iterations: 7,
    hidden: 9,
    examples: 5,
    dtype: "float32",
    seed: 0,
    out: "r",
    quiet: true,
    help: true,
  });
});

test.each([
  ["--data a.png b.png c.png", ["a.png", "b.png", "c.png"]],
  ["--data a.png --data b.png --quiet", ["a.png", "b.png"]],
  ["--data a.png b.png --hidden 3 --data=c.png d.png", ["a.png", "b.png", "c.png", "d.png"]],
  ["--data a.png -- --odd.png", ["a.png", "--odd.png"]],
])("%s", (line, data) => {
  expect(parse(line).data).toEqual(data);
});

test("of an option given twice, the last value counts", () => {
  expect(parse("--seed 1 --seed 2").seed).toBe(2);
});

test.each([
  ["--colour", "unknown option --colour (see --help)"],
  ["--colour=red", "unknown option --colour (see --help)"],
  ["-x", "unknown option -x (see --help)"],
  ["--no-quiet", "unknown option --no-quiet (see --help)"],
  ["--toString", "unknown option --toString (see --help)"],
  ["a.png", 'unexpected argument "a.png" (see --help)'],
  ["--data a.png --quiet b.png", 'unexpected argument "b.png" (see --help)'],
  ["--data a.png --hidden 3 b.png", 'unexpected argument "b.png" (see --help)'],
  ["--data", "--data needs a value (see --help)"],
  ["--data --quiet", "--data needs a value (see --help)"],
  ["--out=", "--out needs a value (see --help)"],
  ["--quiet=yes", "--quiet takes no value (see --help)"],
  ["--iterations 0", '--iterations must be an integer from 1 to 1000000, got "0" (see --help)'],
  ["--iterations -5", '--iterations must be an integer from 1 to 1000000, got "-5" (see --help)'],
  ["--hidden 2.5", '--hidden must be an integer from 1 to 1000000, got "2.5" (see --help)'],
  ["--examples many", '--examples must be an integer from 1 to 1000000, got "many" (see --help)'],
  ["--examples 1e4", '--examples must be an integer from 1 to 1000000, got "1e4" (see --help)'],
  ["--examples 1000001", '--examples must be an integer from 1 to 1000000, got "1000001" (see --help)'],
  ["--seed -1", '--seed must be an integer from 0 to 4294967295, got "-1" (see --help)'],
  ["--seed 4294967296", '--seed must be an integer from 0 to 4294967295, got "4294967296" (see --help)'],
  ["--dtype float16", '--dtype must be float64 or float32, got "float16" (see --help)'],
])("%s is an error", (line, message) => {
  expect(() => parse(line)).toThrow(new UsageError(message));
});

test("the help names every option", () => {
  for (const name of Object.keys(parse(""))) expect(HELP).toContain(`--${name}`);
});
