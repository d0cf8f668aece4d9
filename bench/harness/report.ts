// Turns results into text and JSON. Must not know how they were measured.
import type { Environment } from "./machine.js";
import type { Versions } from "./peer-process.js";
import type { Row, TableResult } from "./table.js";

/** A load per core from which on the times say more about the other processes; this one alone is at most 1. */
const BUSY = 0.75;

export function formatEnvironment(environment: Environment): string {
  const { date, cpu, cores, load, platform, engine, simdgrad, entry, commit, peers } = environment;
  const warning = load > BUSY * cores ? " (others are busy: expect slow and scattered times)" : "";
  return [
    `simdgrad ${simdgrad} (${entry})${commit === undefined ? "" : `, commit ${commit}`}, ${date}`,
    `${cpu}, ${cores} ${cores === 1 ? "core" : "cores"}, ${platform}, load ${load.toFixed(2)}${warning}`,
    engine,
    ...Object.entries(peers).map(([name, versions]) => formatPeer(name, versions)),
  ].join("\n");
}

function formatPeer(name: string, versions: Versions | string): string {
  if (typeof versions === "string") return `${name} is missing: ${versions}`;
  const parts = Object.entries(versions).map(([part, version]) => `${part} ${version}`);
  return [...parts, "one thread"].join(", ");
}

/** Three significant digits in the unit that suits: 1.23 ns, 45.6 us, 789 ms. */
export function formatTime(ms: number): string {
  const [unit, factor] = unitOf(ms);
  return `${significant(ms * factor)} ${unit}`;
}

/** Both ends in the unit of the second: 1.20 - 1.34 ms. */
export function formatRange(lowMs: number, highMs: number): string {
  const [unit, factor] = unitOf(highMs);
  return `${significant(lowMs * factor)} - ${significant(highMs * factor)} ${unit}`;
}

function unitOf(ms: number): [string, number] {
  if (ms < 1e-3) return ["ns", 1e6];
  if (ms < 1) return ["us", 1e3];
  if (ms < 1e3) return ["ms", 1];
  return ["s", 1e-3];
}

/** At least three significant digits, never an exponent. */
export function significant(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 20));
}

const COLUMNS = ["", "dtype", "median", "quartiles", "rate", "of ceiling", "at best", "speed"] as const;

function cellsOf(row: Row, unit: string): string[] {
  const { name, precision, time, problem, rate, ofCeiling, ofCeilingAtBest, speedup } = row;
  if (time === undefined) return [name, precision, problem ?? "not timed"];
  return [
    name,
    precision,
    formatTime(time.median),
    formatRange(time.lowerQuartile, time.upperQuartile),
    rate === undefined ? "" : `${significant(rate)} ${unit}`,
    ofCeiling?.toFixed(2) ?? "",
    ofCeilingAtBest?.toFixed(2) ?? "",
    speedup === undefined ? "" : `${significant(speedup)} x`,
  ];
}

/** Ways of reaching for the ceiling that fell short of it are of interest only where nothing is held against it. */
function isShown({ ceiling, ofCeiling }: Row, _: number, rows: readonly Row[]): boolean {
  return ceiling !== true || ofCeiling === 1 || rows.every(({ speedup }) => speedup === undefined);
}

/** Names to the left, numbers to the right; a contender without times has its reason there instead. */
export function formatTable(result: TableResult): string {
  const lines = [[...COLUMNS], ...result.rows.filter(isShown).map((row) => cellsOf(row, result.unit))];
  const complete = lines.filter((cells) => cells.length === COLUMNS.length);
  const widths = COLUMNS.map((_, column) =>
    Math.max(...(column < 2 ? lines : complete).map((cells) => cells[column]?.length ?? 0)),
  );
  const align = (cell: string, column: number, cells: readonly string[]): string => {
    if (cells.length < COLUMNS.length && column === 2) return cell;
    return column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
  };
  const body = lines.map((cells) => `  ${cells.map(align).join("   ")}`.trimEnd());
  const reference = result.rows.find(({ speedup }) => speedup !== undefined)?.name;
  return [
    `${result.name}: ${result.title}`,
    `  ${reference === undefined ? "" : `speed is against ${reference}; `}${result.rounds} rounds`,
    ...body,
  ].join("\n");
}

/**
 * How much faster each contender is than its twin of another revision, at the median and at the fastest tenth of both: above 1 is
 * faster.
 */
export function formatGains({ rows }: Pick<TableResult, "rows">, twinOf: (name: string) => string): string {
  const lines = rows.flatMap(({ name, precision, time }) => {
    const twin = rows.find((other) => other.name === twinOf(name) && other.precision === precision);
    if (time === undefined || twin?.time === undefined) return [];
    const [median, best] = [twin.time.median / time.median, twin.time.decile / time.decile];
    return [`  ${significant(median)} x, at best ${significant(best)} x: ${name}, ${precision}, against ${twin.name}`];
  });
  return lines.join("\n");
}

export function toJson(environment: object, tables: readonly TableResult[]): string {
  return `${JSON.stringify({ environment, units: { time: "ms" }, tables }, null, 1)}\n`;
}
