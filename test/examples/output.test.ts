// Tests of writing results: all files or none.

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DataError } from "../../examples/support/errors.js";
import { writeOutputs } from "../../examples/support/output.js";
import { temporaryDirectory, temporaryFile } from "./temporary.js";

test("files are written into a directory made for them, and nothing else is left there", () => {
  const dir = join(temporaryDirectory(), "deep", "out");
  writeOutputs(dir, { "a.bin": Uint8Array.of(1, 2), "b.txt": "grün" });
  expect(readdirSync(dir).sort()).toEqual(["a.bin", "b.txt"]);
  expect([...readFileSync(join(dir, "a.bin"))]).toEqual([1, 2]);
  expect(readFileSync(join(dir, "b.txt"), "utf8")).toBe("grün");
});

test("old files of the same name are replaced, others stay", () => {
  const dir = temporaryDirectory();
  writeFileSync(join(dir, "a"), "old");
  writeFileSync(join(dir, "mine"), "mine");
  writeOutputs(dir, { a: "new" });
  expect(readdirSync(dir).sort()).toEqual(["a", "mine"]);
  expect(readFileSync(join(dir, "a"), "utf8")).toBe("new");
});

test("if one file cannot be put in place, no other has changed", () => {
  const dir = temporaryDirectory();
  writeFileSync(join(dir, "a"), "old");
  mkdirSync(join(dir, "b"));
  expect(() => writeOutputs(dir, { a: "new", b: "new" })).toThrow(
    new DataError(`cannot write ${join(dir, "b")}: a directory has that name`),
  );
  expect(readFileSync(join(dir, "a"), "utf8")).toBe("old");
  expect(readdirSync(dir).sort()).toEqual(["a", "b"]);
});

test("a directory that is a file, or lies below one, is an error", () => {
  const file = temporaryFile("out", "here first");
  expect(() => writeOutputs(file, { a: "" })).toThrow(
    new DataError(`cannot write to ${file}: it is a file, not a directory`),
  );
  const below = join(file, "sub");
  expect(() => writeOutputs(below, { a: "" })).toThrow(
    new DataError(`cannot write to ${below}: part of the path is a file, not a directory`),
  );
  expect(readFileSync(file, "utf8")).toBe("here first");
});

// The superuser may write everywhere.
test.skipIf(process.getuid?.() === 0 || process.platform === "win32")("no permission is an error", () => {
  const dir = temporaryDirectory();
  chmodSync(dir, 0o500);
  expect(() => writeOutputs(dir, { a: "" })).toThrow(
    new DataError(`cannot write to ${dir}: no permission to write there`),
  );
});

test.each(["", ".", "..", "../a", "b/c"])("%j is not a plain file name", (name) => {
  const dir = join(temporaryDirectory(), "out");
  expect(() => writeOutputs(dir, { [name]: "" })).toThrow(RangeError);
  expect(existsSync(dir)).toBe(false);
});
