// Errors an example reports to its user without a stack trace. Knows nothing of files, formats or options.

/** A fault in the data. The message names the file and, if known, the line or field. */
export class DataError extends Error {
  override readonly name = "DataError";
}

/** Something is wrong with the command line: the message names the option and points to --help. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
