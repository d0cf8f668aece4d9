// The troubleshooting guide has a row for every message in the sources, and no other rows.
import { expect, test } from "vitest";
import * as simdgrad from "../../src/index.js";
import { messages } from "../support/messages.js";
import { read } from "../support/sources.js";

/** A message of the guide's first column, with the rest of its row. */
interface Entry {
  readonly message: string;
  readonly pattern: RegExp;
  readonly row: string;
}

const guide = read("docs/guides/troubleshooting.md");

/** The first columns of code, up to the section on faults without a message. */
const entries: readonly Entry[] = [...guide.split("## Without")[0]!.matchAll(/^\| (`.*?`) \| (.*) \|$/gm)].flatMap(
  ([, first, row]) =>
    [...first!.matchAll(/`([^`]+)`/g)].map(([, message]) => ({
      message: message!,
      pattern: new RegExp(message!.split("...").map(literally).join(".*")),
      row: row!,
    })),
);

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Plain errors cannot happen, or are reasons too. */
const all = messages().filter(({ carrier }) => carrier !== "Error");

test("every message has a row, with its error", () => {
  const without = all.filter(
    ({ carrier, text }) =>
      !entries.some(({ pattern, row }) => pattern.test(text) && (!carrier.endsWith("Error") || row.includes(carrier))),
  );
  expect(without).toEqual([]);
});

test("every row is about an existing message, and long enough to identify it", () => {
  expect(entries.filter(({ pattern }) => !all.some(({ text }) => pattern.test(text)))).toEqual([]);
  expect(entries.filter(({ message }) => message.replace(/\W/g, "").length < 10)).toEqual([]);
});

test("every error class is named", () => {
  const classes = Object.keys(simdgrad).filter((name) => /^[A-Z]\w*Error$/.test(name));
  expect(classes.length).toBeGreaterThan(7);
  expect(classes.filter((name) => !guide.includes(`| ${name}`))).toEqual([]);
});
