// Files that NumPy wrote or can read give the values that NumPy reads from them.

import { describe, expect, test } from "vitest";
import { parseTable } from "../../examples/support/csv.js";
import { decodeNpy } from "../../examples/support/npy.js";
import golden from "../golden/files.json" with { type: "json" };

describe(".npy", () => {
  test.each(golden.npy)("$name", ({ bytes, shape, values }) => {
    const read = decodeNpy(Buffer.from(bytes, "base64"), "x.npy");
    expect({ shape: read.shape, values: Array.from(read.data) }).toEqual({ shape, values });
  });
});

describe("text", () => {
  test.each(golden.text)("$name", ({ text, shape, values }) => {
    const { rows, cols, values: read } = parseTable(new TextEncoder().encode(text), "x.txt");
    expect({ shape: [rows, cols], values: Array.from(read) }).toEqual({ shape, values });
  });
});
