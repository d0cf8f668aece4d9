// A table of numbers from CSV text. Knows nothing of files or of what the numbers mean.

import { CsvError, type Info, parse } from "csv-parse/sync";
import { DataError } from "./errors.js";

/** A matrix of finite numbers, row by row, and where each row stood. */
export interface Table {
  readonly rows: number;
  readonly cols: number;
  readonly values: Float64Array;
  /** "photos.csv:17, column 3": the place of a value, both counted from 0, as a user counts: lines and columns from 1. */
  readonly place: (row: number, col: number) => string;
}

interface Line {
  readonly record: readonly string[];
  readonly info: Info;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const NOT_FINITE = /^[+-]?(nan|inf(inity)?)$/i;

/**
 * Parses comma-separated numbers. A first line without any number is a header and skipped; so are empty lines, a
 * byte-order mark and blanks around a value.
 *
 * @param name what error messages call it
 * @throws {DataError} with the line: rows of unequal length, a field that is not a finite number, no rows at all
 */
export function parseTable(bytes: Uint8Array, name: string): Table {
  const lines = records(bytes, name);
  const isHeader = lines[0]?.record.every((field) => !NUMBER.test(field) && !NOT_FINITE.test(field) && field !== "");
  const body = isHeader === true ? lines.slice(1) : lines;
  const first = body[0];
  if (first === undefined) {
    throw new DataError(`${name}: no rows of numbers${isHeader === true ? " below the header" : ""}`);
  }
  const cols = first.record.length;
  const values = new Float64Array(body.length * cols);
  const place = (row: number, col: number): string => `${name}:${body[row]?.info.lines}, column ${col + 1}`;
  body.forEach(({ record, info }, row) => {
    if (record.length !== cols) {
      throw new DataError(`${name}:${info.lines}: ${record.length} values, expected ${cols}`);
    }
    record.forEach((field, col) => {
      const value = NUMBER.test(field) ? Number(field) : Number.NaN;
      if (!Number.isFinite(value)) {
        const finite = NOT_FINITE.test(field) || NUMBER.test(field) ? "finite " : "";
        throw new DataError(`${place(row, col)}: ${JSON.stringify(field)} is not a ${finite}number`);
      }
      values[row * cols + col] = value;
    });
  });
  return { rows: body.length, cols, values, place };
}

function records(bytes: Uint8Array, name: string): readonly Line[] {
  try {
    // Unequal rows are let through here: the parser's own message does not say how many values a row has.
    return parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as Line[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Quotes are all that the parser can still object to.
    const { lines } = error;
    throw new DataError(`${name}:${String(lines)}: a quote is misplaced or not closed`, { cause: error });
  }
}
