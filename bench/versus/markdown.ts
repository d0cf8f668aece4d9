// The peers' report as Markdown. Must not know how it was measured.
import type { Environment } from "../environment.js";
import type { TableResult } from "../harness.js";
import { formatEnvironment, formatTable, formatTime } from "../report.js";
import { formatSpeed, type Relative, type Summary } from "./summary.js";

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
  return [
    "# simdgrad and its peers",
    "",
    "Written by `npm run bench:peers`. The same work on all, one thread each, results compared with simdgrad's before",
    "anything is timed, turns interleaved. A number is a peer's speed beside simdgrad's on the same work, from the median",
    "times of the fastest form of each: 0.5 is half as fast, 2 twice as fast. In brackets: from quartile to quartile.",
    "",
    "```text",
    formatEnvironment(environment),
    "```",
    "",
    `![Relative speeds](${picture})`,
    "",
    row(["work", "simdgrad", ...peers]),
    row(["---", "---:", ...peers.map(() => "---:")]),
    ...works.map(({ title, time, relative }) =>
      row([title, formatTime(time.median), ...peers.map((peer) => formatCell(relative[peer]))]),
    ),
    "",
    "Empty: the peer has no such operation or dtype.",
    ...(wrong.length > 0 ? ["\\*: another form of it is not timed, for:", "", ...wrong] : []),
    "",
    "## Every form",
    "",
    "```text",
    results.map(formatTable).join("\n\n"),
    "```",
    "",
  ].join("\n");
}

function formatCell(relative: Relative | undefined): string {
  if (relative === undefined) return "";
  const { speed, range, wrong } = relative;
  if (speed === undefined || range === undefined) return "wrong";
  const mark = wrong.length > 0 ? " \\*" : "";
  return `**${formatSpeed(speed)}** (${formatSpeed(range[0])}-${formatSpeed(range[1])})${mark}`;
}
