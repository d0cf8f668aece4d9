// Tests of tables of numbers from CSV.

import { describe, expect, test } from "vitest";
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
  ["old Mac line ends", "1,2\r3,4\r"],
  ["semicolons", "1;2\n3;4\n"],
  ["semicolons below a header with commas", '"left, outer";right\n1;2\n3;4\n'],
  ["tabs", "left side\tright side\n1\t2\n3\t4\n"],
  ["blanks, tabs among them, of any number", "  left right \n   1   2\n 3 4  \n"],
  ["comments", "# left, right\n1,2\n#\n3,4\n"],
])("%s", (_, text) => {
  const { rows, cols, values } = parse(text);
  expect({ rows, cols, values }).toEqual({ rows: 2, cols: 2, values: Float64Array.of(1, 2, 3, 4) });
});

test.each([
  ["utf-16le", [0xff, 0xfe], false],
  ["utf-16be", [0xfe, 0xff], true],
] as const)("%s, with its byte-order mark", (_, mark, swap) => {
  const text = Buffer.from("größe\ttiefe\r\n1\t2\r\n", "utf16le");
  const bytes = Uint8Array.from([...mark, ...(swap ? text.swap16() : text)]);
  expect(parseTable(bytes, "x.csv")).toMatchObject({ rows: 1, cols: 2, values: Float64Array.of(1, 2) });
});

describe("a first line that only counts the columns", () => {
  const count = (from: number, length = 8): string => Array.from({ length }, (_, i) => from + i).join();
  const eights = "8,8,8,8,8,8,8,8";

  test.each([
    ["from 0", `${count(0)}\n${eights}\n`, 8],
    ["from 1", `${count(1)}\n${eights}\n`, 8],
    ["from 0.0", `0.0,1.0,2.0,3.0,4.0,5.0,6.0,7.0\n${eights}\n`, 8],
    ["before a name", `${count(0)},class\n${eights},0\n`, 9],
    ["after a name", `class;${count(0).replaceAll(",", ";")}\n0;${eights.replaceAll(",", ";")}\n`, 9],
  ])("is a header: %s", (_, text, cols) => {
    expect(parse(text)).toMatchObject({ rows: 1, cols });
  });

  test.each([
    ["the next line counts on", `${count(0)}\n${count(8)}\n`, 2],
    ["it is the only line", `${count(0)}\n`, 1],
    ["it starts elsewhere", `${count(2)}\n${eights}\n`, 2],
    ["it is short", `${count(0, 7)}\n8,8,8,8,8,8,8\n`, 2],
    ["it leaves a number out", `0,1,2,3,4,5,6,8\n${eights}\n`, 2],
  ])("is data where %s", (_, text, rows) => {
    expect(parse(text).rows).toBe(rows);
  });
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
  ["1;2\n3,5;4\n", 'x.csv:2, column 1: "3,5" is not a number: write a decimal point, not a comma'],
  ["1\t2\n3\t\n", 'x.csv:2, column 2: "" is not a number'],
  ["1 2\n3\n", "x.csv:2: 1 values, expected 2"],
  [",0,1\n0,5,6\n", 'x.csv:1, column 1: "" is not a number'],
  [`1,2\n3,${"x".repeat(1200)}\n`, `x.csv:2, column 2: "${"x".repeat(31)}…" is not a number`],
  ["1,2\0\n", "x.csv: not a text file"],
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
