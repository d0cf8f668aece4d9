// The peers' report: how fast every peer is beside simdgrad, table by table, as Markdown and as a picture. Must not know how that
// was measured.
import { heatmap } from "./heatmap.js";
import type { Environment } from "./machine.js";
import { formatEnvironment, formatTable, formatTime } from "./report.js";
import type { Row, Statistics, TableResult } from "./table.js";

/** A peer's fastest right form against simdgrad's fastest. */
export interface Relative {
  /** simdgrad's median time over the peer's: above 1 the peer is faster. Undefined if no form gave the right result. */
  readonly speed?: number;
  /** The same from the quartiles that are worst and best for the peer. */
  readonly range?: readonly [low: number, high: number];
  /** What is wrong with forms that are: name and reason. */
  readonly wrong: readonly string[];
}

export interface Work {
  readonly title: string;
  /** simdgrad's fastest form, milliseconds. */
  readonly time: Statistics;
  /** By the peer's name; undefined where it has no such task. */
  readonly relative: Readonly<Record<string, Relative>>;
}

export interface Summary {
  /** Those that took part, in the reports' order. */
  readonly peers: readonly string[];
  readonly works: readonly Work[];
}

/** @param peers the names in the order wanted */
export function summarise(results: readonly TableResult[], peers: readonly string[]): Summary {
  const works = results.map(({ title, rows }): Work => {
    const time = fastest(rows.filter(({ peer, ceiling }) => peer === undefined && !ceiling));
    if (time === undefined) throw new RangeError(`${title}: simdgrad was not timed`);
    const relative: Record<string, Relative> = {};
    for (const name of peers) {
      const own = rows.filter(({ peer }) => peer === name);
      if (own.length > 0) relative[name] = relativeOf(own, time);
    }
    return { title, time, relative };
  });
  return { peers: peers.filter((name) => works.some(({ relative }) => relative[name] !== undefined)), works };
}

function fastest(rows: readonly Row[]): Statistics | undefined {
  return rows.flatMap(({ time }) => time ?? []).sort((a, b) => a.median - b.median)[0];
}

function relativeOf(rows: readonly Row[], simdgrad: Statistics): Relative {
  const wrong = rows.flatMap(({ name, problem }) => (problem === undefined ? [] : `${name}: ${problem}`));
  const time = fastest(rows);
  if (time === undefined) return { wrong };
  const range = [simdgrad.lowerQuartile / time.upperQuartile, simdgrad.upperQuartile / time.lowerQuartile] as const;
  return { speed: simdgrad.median / time.median, range, wrong };
}

/** Two significant digits, whole numbers from 10 on: 0.031, 0.45, 1.2, 17. */
export function formatSpeed(speed: number): string {
  const digits = 1 - Math.floor(Math.log10(speed));
  return speed.toFixed(Math.min(Math.max(digits, 0), 4));
}

/** The files' texts by name, from one summary. */
export function peersReport(environment: Environment, results: readonly TableResult[]): Record<string, string> {
  const { cpu, engine, simdgrad, date, peers } = environment;
  const summary = summarise(results, Object.keys(peers));
  return {
    "peers.md": formatReport(environment, results, summary, "peers.svg"),
    "peers.svg": speedChart(summary, `${cpu}, ${engine}, simdgrad ${simdgrad}, ${date.slice(0, 10)}`),
  };
}

/** @param picture the file's name, beside the report */
export function formatReport(
  environment: Environment,
  results: readonly TableResult[],
  { peers, works }: Summary,
  picture: string,
): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const wrong = works.flatMap(({ title, relative }) =>
    peers.flatMap((peer) => (relative[peer]?.wrong ?? []).map((reason) => `- ${title}: ${reason}`)),
  );
  return `# simdgrad and its peers

Written by \`npm run bench:peers\`. The same work on all, one thread each, results compared with simdgrad's before
anything is timed, turns interleaved. A number is a peer's speed beside simdgrad's on the same work, from the median
times of the fastest form of each: 0.5 is half as fast, 2 twice as fast. In brackets: from quartile to quartile.

\`\`\`text
${formatEnvironment(environment)}
\`\`\`

![Relative speeds](${picture})

${row(["work", "simdgrad", ...peers])}
${row(["---", "---:", ...peers.map(() => "---:")])}
${works.map(({ title, time, relative }) => row([title, formatTime(time.median), ...peers.map((peer) => formatCell(relative[peer]))])).join("\n")}

Empty: the peer has no such operation or dtype.
${wrong.length > 0 ? ["\\*: another form of it is not timed, for:", "", ...wrong, ""].join("\n") : ""}
## Every form

\`\`\`text
${results.map((result) => formatTable(result)).join("\n\n")}
\`\`\`
`;
}

function formatCell(relative: Relative | undefined): string {
  if (relative === undefined) return "";
  const { speed, range, wrong } = relative;
  if (speed === undefined || range === undefined) return "wrong";
  return `**${formatSpeed(speed)}** (${range.map(formatSpeed).join("-")})${wrong.length > 0 ? " \\*" : ""}`;
}

/**
 * @param subtitle machine and date
 * @returns a complete SVG document: a row for every work, a column for every peer; equal input gives equal text
 */
export function speedChart({ peers, works }: Summary, subtitle: string): string {
  const rows = works.map(({ title, time, relative }) => {
    const cells = peers.map((peer) => {
      const { speed, wrong = [] } = relative[peer] ?? {};
      if (relative[peer] === undefined) return undefined;
      if (speed === undefined) return { text: "wrong" };
      return { text: `${formatSpeed(speed)}${wrong.length > 0 ? " *" : ""}`, doublings: Math.log2(speed) };
    });
    return { title, cells: [{ text: formatTime(time.median), doublings: 0 }, ...cells] };
  });
  const note =
    "blue: simdgrad is faster, orange: the peer is; empty: no such operation or dtype; *: another form of it gives wrong results";
  return heatmap({
    title: "Speed beside simdgrad's, one thread each",
    subtitle,
    note,
    columns: ["simdgrad", ...peers],
    rows,
  });
}
