// Writes the results of a run, all or none. Knows nothing of what they are.

import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { DataError, messageOf } from "./errors.js";
import { codeOf } from "./file.js";

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "no permission to write there",
  EPERM: "no permission to write there",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  ENOTDIR: "part of the path is a file, not a directory",
  EEXIST: "it is a file, not a directory",
};

/**
 * Writes files into a directory, which is made if it is missing; files of the same name are replaced.
 * Everything is first written into a temporary directory inside it (the same file system, so a rename is atomic), then renamed into
 * place. So no file is ever half written, and faults appear before the first old file is replaced.
 *
 * @param files content by plain file name; text is written as UTF-8
 * @throws {DataError} if the directory cannot be made or written; then nothing has changed
 * @throws {RangeError} if a name is not a plain file name
 */
export function writeOutputs(dir: string, files: Readonly<Record<string, Uint8Array | string>>): void {
  const names = Object.keys(files);
  const odd = names.find((name) => name === "" || name === "." || name === ".." || name !== basename(name));
  if (odd !== undefined) throw new RangeError(`writeOutputs: ${JSON.stringify(odd)} is not a plain file name`);

  let madeDirectory: string | undefined;
  let temporary: string | undefined;
  try {
    madeDirectory = mkdirSync(dir, { recursive: true });
    temporary = mkdtempSync(join(dir, ".unfinished-"));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(temporary, name), content);
    // A directory in the way is the one thing that would stop a rename halfway.
    for (const name of names) refuseDirectory(join(dir, name));
    for (const name of names) renameSync(join(temporary, name), join(dir, name));
  } catch (error) {
    remove(temporary);
    remove(madeDirectory);
    if (error instanceof DataError) throw error;
    throw new DataError(`cannot write to ${dir}: ${REASONS[codeOf(error)] ?? messageOf(error)}`, { cause: error });
  }
  remove(temporary);
}

/** If cleaning up fails as well, the error that led to it is the one to report. */
function remove(path: string | undefined): void {
  try {
    if (path !== undefined) rmSync(path, { recursive: true, force: true });
  } catch {}
}

function refuseDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new DataError(`cannot write ${path}: a directory has that name`);
  }
}
