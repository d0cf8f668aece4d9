// Writes the peers' report: text and picture, from one summary. Must not know how it was measured.
import { writeOutputs } from "../../examples/support/output.js";
import type { Environment } from "../environment.js";
import type { TableResult } from "../harness.js";
import { speedChart } from "./chart.js";
import { formatReport } from "./markdown.js";
import { summarise } from "./summary.js";

const PICTURE = "peers.svg";

/** @throws {DataError} if the directory cannot be written */
export function publish(directory: string, environment: Environment, results: readonly TableResult[]): void {
  const { cpu, node, simdgrad, date, peers } = environment;
  const summary = summarise(results, Object.keys(peers));
  writeOutputs(directory, {
    "peers.md": formatReport(environment, results, summary, PICTURE),
    [PICTURE]: speedChart(summary, `${cpu}, Node ${node}, simdgrad ${simdgrad}, ${date.slice(0, 10)}`),
  });
}
