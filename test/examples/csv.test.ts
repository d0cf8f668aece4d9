// Tests of tables of numbers from CSV.

import { expect, test } from "vitest";
import { parseTable } from "../../examples/support/csv.js";
import { DataError } from "../../examples/support/errors.js";

const parse = (text: string) => parseTable(new TextEncoder().encode(text), "x.csv");

test.each([
  ["plain", "1,2\n3,4\n"],
  ["no last line end", "1,2\n3,4"],
  ["Windows line ends", "1,2\r\n3,4\r\n"],
  ["a header", "left,right\n1,2\n3,4\n"],
  ["a quoted header", '"left, outer","right"\n1,2\n3,4\n'],
  ["blanks and empty lines", "\n 1 ,2\n\n3, 4\n  \n"],
  ["a byte-order mark", "\ufeff1,2\n3,4\n"],
  ["other notations", "+1,2.\n.3e1,4E+0\n"],
])("%s", (_, text) => {
  const { rows, cols, values } = parse(text);
  expect({ rows, cols, values }).toEqual({ rows: 2, cols: 2, values: Float64Array.of(1, 2, 3, 4) });
});

test("places count lines and columns from 1, header and empty lines included", () => {
  expect(parse("a,b\n1,2\n\n3,4\n").place(1, 0)).toBe("x.csv:4, column 1");
});

test.each([
  ["1,2\n3\n", "x.csv:2: 1 values, expected 2"],
  ["a,b\n1,2\n\n3,4,5\n", "x.csv:4: 3 values, expected 2"],
  ["1,2\n3,abc\n", 'x.csv:2, column 2: "abc" is not a number'],
  ["1,2\nabc,4\n", 'x.csv:2, column 1: "abc" is not a number'],
  ["a,2\n3,4\n", 'x.csv:1, column 1: "a" is not a number'],
  ["1,\n", 'x.csv:1, column 2: "" is not a number'],
  ["1,0x10\n", 'x.csv:1, column 2: "0x10" is not a number'],
  ["1,NaN\n", 'x.csv:1, column 2: "NaN" is not a finite number'],
  ["nan,nan\n", 'x.csv:1, column 1: "nan" is not a finite number'],
  ["1,-inf\n", 'x.csv:1, column 2: "-inf" is not a finite number'],
  ["1,1e999\n", 'x.csv:1, column 2: "1e999" is not a finite number'],
  ["a,b\n", "x.csv: no rows of numbers below the header"],
  ["\n\n", "x.csv: no rows of numbers"],
])("%j is an error", (text, message) => {
  expect(() => parse(text)).toThrow(new DataError(message));
});

test("other separators are not numbers", () => {
  expect(() => parse("1,2\n3;4,5\n")).toThrow(new DataError('x.csv:2, column 1: "3;4" is not a number'));
});

test.each(['1,2\n"3,4\n', '1,2\n"3"x,4\n', '1,2\n3"x",4\n'])("%j: quotes that do not pair are an error", (text) => {
  expect(() => parse(text)).toThrow(DataError);
  expect(() => parse(text)).toThrow(/^x\.csv:\d+: a quote is misplaced or not closed$/);
});
