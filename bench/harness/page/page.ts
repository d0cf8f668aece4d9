// The benchmark page: which tables, how far it has come, what came out. Its address says what to run:
// `?tables=sigmoid/1001&tables=matmul/64&quick&run`. Must not know what a table is about.
import { nameAt } from "../against.js";
import { formatGains, formatRange, formatTime, significant, toJson } from "../report.js";
import type { Row, Table, TableResult } from "../table.js";
import type { PageBuild } from "./page-server.js";
import type { News, Order } from "./page-worker.js";

/** What is measured, as the server says. */
declare const BUILD: PageBuild;
/** For a program that drives the page. */
declare const deliver: ((result: TableResult) => Promise<void>) | undefined;

const { other, environment } = BUILD;
const { TABLES } = (await import(/* @vite-ignore */ BUILD.tables)) as { TABLES: readonly Table[] };
const asked = new URLSearchParams(location.search);
const named = asked.getAll("tables");
const isChosen = ({ name, onRequest }: Table): boolean => (named.length > 0 ? named.includes(name) : !onRequest);
const byId = <T extends HTMLElement = HTMLElement>(id: string): T => document.getElementById(id) as T;

function make(tag: string, properties: object, ...children: readonly (Node | string)[]): HTMLElement {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Measures a table in a worker of its own; what the worker throws becomes a row. */
async function measureInWorker(order: Order, progress: (fraction: number) => void): Promise<TableResult> {
  const worker = new Worker(new URL("./page-worker.ts", import.meta.url), { type: "module" });
  const news = new Promise<TableResult>((resolve, reject) => {
    worker.onerror = ({ message }) => reject(new Error(message || "the worker could not be started"));
    worker.onmessage = ({ data }: MessageEvent<News>) => {
      if ("fraction" in data) progress(data.fraction);
      else if ("result" in data) resolve(data.result);
      else reject(new Error(data.problem));
    };
  });
  worker.postMessage(order);
  return news.finally(() => worker.terminate());
}

/** A bar is as long as its rate or, where the table has none, as calls per second. */
const lengthOf = ({ rate, time }: Row): number => rate ?? (time === undefined ? 0 : 1e3 / time.median);

/** A line for a contender; where the ceiling of its dtype lies is marked in it. */
function barOf(row: Row, ceiling: Row | undefined, longest: number, unit: string): HTMLElement {
  const { name, precision, time, rate, problem } = row;
  const percent = (of: Row): string => `${(100 * lengthOf(of)) / longest}%`;
  const bars = [make("i", { className: precision, style: `width: ${percent(row)}` })];
  if (ceiling) bars.push(make("i", { className: `mark ${precision}`, style: `left: ${percent(ceiling)}` }));
  const rates = rate === undefined ? "" : ` · ${significant(rate)} ${unit}`;
  const text = time === undefined ? (problem ?? "") : `${formatTime(time.median)}${rates}`;
  const title = time && `quartiles ${formatRange(time.lowerQuartile, time.upperQuartile)}`;
  return make("div", { className: "bar", title }, make("b", {}, name), make("span", {}, ...bars), make("em", {}, text));
}

function showResult(result: TableResult): void {
  const { name, title, unit, rows } = result;
  // Ceilings are marks, unless they are what the table is about.
  const contenders = rows.some(({ ceiling }) => !ceiling) ? rows.filter(({ ceiling }) => !ceiling) : rows;
  const longest = Math.max(...rows.map(lengthOf));
  const bars = contenders.map((row) => {
    const best = rows.find(({ ofCeiling, precision }) => ofCeiling === 1 && precision === row.precision);
    return barOf(row, contenders === rows ? undefined : best, longest, unit);
  });
  const gains =
    other &&
    make(
      "pre",
      {},
      formatGains(result, (twin) => nameAt(twin, other.ref)),
    );
  const about = make("p", {}, `${title}; ${unit || "calls a second"}`);
  byId("results").append(make("article", {}, make("h2", {}, name), about, ...bars, gains ?? ""));
}

async function run(tables: readonly Table[]): Promise<void> {
  const results: TableResult[] = [];
  for (const [i, { name, title }] of tables.entries()) {
    byId("doing").textContent = `${name}, ${i + 1} of ${tables.length}`;
    const progress = (fraction: number): void => {
      byId<HTMLProgressElement>("progress").value = (i + fraction) / tables.length;
    };
    const order = { table: name, quick: asked.has("quick"), build: BUILD };
    const result = await measureInWorker(order, progress).catch(({ message }: Error): TableResult => {
      return {
        name,
        title,
        unit: "",
        rounds: 0,
        rows: [{ name: "the table", precision: "float32", problem: message }],
      };
    });
    results.push(result);
    showResult(result);
    if (typeof deliver === "function") await deliver(result);
  }
  const json = new Blob([toJson({ ...environment, browser: navigator.userAgent }, results)]);
  byId("json").append(make("a", { href: URL.createObjectURL(json), download: "bench.json" }, "Results as JSON"));
}

byId("environment").textContent = [
  `simdgrad ${environment.simdgrad}, commit ${environment.commit}`,
  /(?:Chrome|Firefox)\/[\d.]+/.exec(navigator.userAgent)?.[0].replace("/", " ") ?? navigator.userAgent,
  crossOriginIsolated ? "cross-origin isolated" : "not isolated: no threads, coarser clock",
].join(" · ");
byId("tables").append(
  ...TABLES.map((table) => make("option", { selected: isChosen(table), title: table.title }, table.name)),
);
byId<HTMLInputElement>("quick").checked = asked.has("quick");
if (asked.has("run")) await run(TABLES.filter(isChosen));
document.documentElement.dataset["state"] = asked.has("run") ? "done" : "ready";
