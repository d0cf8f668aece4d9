// The peers' report: how fast every peer is beside simdgrad, table by table, as Markdown. Must not know how that was measured.
import type { Environment } from "./machine.js";
import { formatEnvironment, formatTable, formatTime } from "./report.js";
import type { Row, Statistics, TableResult } from "./table.js";

/** The fastest of the rows that were timed. */
function fastest(rows: readonly Row[]): Statistics | undefined {
  return rows.flatMap(({ time }) => time ?? []).sort((a, b) => a.median - b.median)[0];
}

/** Two significant digits, whole numbers from 10 on: 0.031, 0.45, 1.2, 17. */
export function formatSpeed(speed: number): string {
  const digits = 1 - Math.floor(Math.log10(speed));
  return speed.toFixed(Math.min(Math.max(digits, 0), 4));
}

/** A peer's fastest right form against simdgrad's fastest; the range is from the quartiles that are worst and best for the peer. */
function cellOf(rows: readonly Row[], simdgrad: Statistics): string {
  const time = fastest(rows);
  if (time === undefined) return rows.length === 0 ? "" : "wrong";
  const range = [simdgrad.lowerQuartile / time.upperQuartile, simdgrad.upperQuartile / time.lowerQuartile];
  const mark = rows.some(({ problem }) => problem !== undefined) ? " \\*" : "";
  return `**${formatSpeed(simdgrad.median / time.median)}** (${range.map(formatSpeed).join("-")})${mark}`;
}

export function formatReport(environment: Environment, results: readonly TableResult[]): string {
  const peers = Object.keys(environment.peers).filter((name) =>
    results.some(({ rows }) => rows.some(({ peer }) => peer === name)),
  );
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const lines = results.map(({ title, rows }) => {
    const simdgrad = fastest(rows.filter(({ peer, ceiling }) => peer === undefined && !ceiling));
    if (simdgrad === undefined) throw new RangeError(`${title}: simdgrad was not timed`);
    const cells = peers.map((name) =>
      cellOf(
        rows.filter(({ peer }) => peer === name),
        simdgrad,
      ),
    );
    return line([title, formatTime(simdgrad.median), ...cells]);
  });
  const wrong = results.flatMap(({ title, rows }) =>
    rows.flatMap(({ name, problem }) => (problem === undefined ? [] : [`- ${title}: ${name}: ${problem}`])),
  );
  return `# simdgrad and its peers

Written by \`npm run bench:peers\`. The same work on all, one thread each, results compared with simdgrad's before
anything is timed, turns interleaved. A number is a peer's speed beside simdgrad's on the same work, from the median
times of the fastest form of each: 0.5 is half as fast, 2 twice as fast. In brackets: from quartile to quartile.

\`\`\`text
${formatEnvironment(environment)}
\`\`\`

${line(["work", "simdgrad", ...peers])}
${line(["---", "---:", ...peers.map(() => "---:")])}
${lines.join("\n")}

Empty: the peer has no such operation or dtype.
${wrong.length > 0 ? ["\\*: another form of it is not timed, for:", "", ...wrong, ""].join("\n") : ""}
## Every form

\`\`\`text
${results.map((result) => formatTable(result)).join("\n\n")}
\`\`\`
`;
}
