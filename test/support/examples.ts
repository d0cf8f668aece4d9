// Examples in documentation: lines whose comments say what comes out, as code that can be checked. Knows text only.
import { expect } from "vitest";
import { documentation } from "../tolerances.js";

/** The value of an example, and the value in its comment. */
export type Results = readonly (readonly [found: unknown, expected: unknown])[];

/** The code of a Markdown text that is there to be run. */
export function codeBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code as string);
}

/** `expression; // 3` is compared, `expression; // Tensor<[2]>` is a matter of types, anything else just runs. */
export function translate(line: string, index: number): string {
  const [, statement, comment] = /^(.*?);\s*\/\/ (.*)$/.exec(line) ?? [];
  if (statement === undefined || comment === undefined) return line;
  if (comment.startsWith("Tensor<")) {
    const declared = /^const (\w+) =/.exec(statement)?.[1];
    return `${declared ? `${statement}; ` : ""}const _${index}: ${comment} = ${declared ?? statement};`;
  }
  return /^(-?[\d.]|\[|true|false)/.test(comment) ? `results.push([${statement}, ${comment}]);` : line;
}

/** Equal, numbers to the digits that float32 has. */
export function expectClose(found: unknown, expected: unknown): void {
  if (Array.isArray(expected)) {
    expect(found).toHaveLength(expected.length);
    expected.forEach((item, i) => {
      expectClose((found as readonly unknown[])[i], item);
    });
  } else if (typeof expected === "number" && expected !== 0) {
    expect(Math.abs((found as number) / expected - 1)).toBeLessThan(documentation.relative);
  } else {
    expect(found).toEqual(expected);
  }
}
