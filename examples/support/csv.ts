// A table of numbers from CSV text. Knows nothing of files or of what the numbers mean.

import { CsvError, type Info, parse } from "csv-parse/sync";
import { DataError } from "./errors.js";

/** A matrix of finite numbers, row by row, and the line of each row. */
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
const DECIMAL_COMMA = /^[+-]?\d*,\d+(e[+-]?\d+)?$/i;

/** The first of these on the first line separates values; without any of them, blanks do. */
const SEPARATORS = [";", "\t", ","];

/** Shorter lines that count are taken for data. */
const SHORTEST_COUNT = 8;

/**
 * Parses numbers separated by commas, semicolons, tabs or blanks, as UTF-8, or as UTF-16 with its byte-order mark. A header, empty lines,
 * lines that begin with # and blanks around a value are skipped.
 *
 * A header is a first line without any number, or one whose numbers only count the columns, as pandas writes it for columns without names:
 * at least eight of them, from 0 or 1 on, and the next line does not go on counting.
 *
 * @param name the file's name in error messages
 * @throws {DataError} with the line: rows of unequal length, a field that is not a finite number, no rows at all
 */
export function parseTable(bytes: Uint8Array, name: string): Table {
  if (!isText(bytes)) throw new DataError(`${name}: not a text file`);
  const text = decode(bytes);
  const separator = separatorOf(text);
  const lines = records(text, separator, name);
  const header = isHeader(lines);
  const body = header ? lines.slice(1) : lines;
  const first = body[0];
  if (first === undefined) throw new DataError(`${name}: no rows of numbers${header ? " below the header" : ""}`);
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
        const hint = DECIMAL_COMMA.test(field) ? ": write a decimal point, not a comma" : "";
        throw new DataError(`${place(row, col)}: ${quoted(field)} is not a ${finite}number${hint}`);
      }
      values[row * cols + col] = value;
    });
  });
  return { rows: body.length, cols, values, place };
}

/** Text has no zero characters; nearly every binary format has one early on. */
export function isText(bytes: Uint8Array): boolean {
  return !decode(bytes.subarray(0, 4096)).includes("\0");
}

function decode(bytes: Uint8Array): string {
  const mark = (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);
  return new TextDecoder(mark === 0xfffe ? "utf-16le" : mark === 0xfeff ? "utf-16be" : "utf-8").decode(bytes);
}

function separatorOf(text: string): string {
  const line = /^[^\S\r\n]*[^#\s].*$/m.exec(text)?.[0].replace(/"[^"]*"/g, "") ?? "";
  return SEPARATORS.find((separator) => line.includes(separator)) ?? " ";
}

function records(text: string, delimiter: string, name: string): readonly Line[] {
  // One blank between values and none around them, because the parser takes each blank for a separator.
  const tidy = delimiter === " " ? text.replace(/[^\S\r\n]+/g, " ").replace(/^ | $/gm, "") : text;
  try {
    // Unequal rows are let through here: the parser's own message does not say how many values a row has.
    return parse(tidy, {
      comment: "#",
      comment_no_infix: true,
      delimiter,
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

function isHeader([first, second]: readonly Line[]): boolean {
  const fields = first?.record ?? [];
  if (first === undefined || fields.some((field) => field === "" || NOT_FINITE.test(field))) return false;
  const counts = fields.filter((field) => NUMBER.test(field)).map(Number);
  const start = counts[0];
  if (start === undefined) return true;
  const counting =
    counts.length >= SHORTEST_COUNT && (start === 0 || start === 1) && counts.every((count, i) => count === start + i);
  const goesOn = second?.record.every((field, i) => Number(field) === Number(fields[i]) + fields.length) ?? true;
  return counting && !goesOn;
}

/** A line of another format can be one field. */
function quoted(field: string): string {
  return JSON.stringify(field.length > 32 ? `${field.slice(0, 31)}…` : field);
}
