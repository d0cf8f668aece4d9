// The benchmark page: which tables, how far it has come, what came out. Must not know what a table is about.
import { FULL, QUICK } from "../effort.js";
import type { TableResult } from "../harness.js";
import { toJson } from "../report.js";
import { drawChart, PRECISIONS } from "./chart.js";
import { DEFAULTS, TABLES } from "./tables.js";
import type { News, Order } from "./worker.js";

/** What is measured, as the server says. */
declare const BUILD: { readonly simdgrad: string; readonly commit?: string };

const byId = <T extends HTMLElement = HTMLElement>(id: string): T => document.getElementById(id) as T;

function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const environment = {
  date: new Date().toISOString(),
  browser: navigator.userAgent,
  cores: navigator.hardwareConcurrency,
  isolated: crossOriginIsolated,
  ...BUILD,
};

let results: TableResult[] = [];
/** Ends the run; undefined while there is none. */
let stop: (() => void) | undefined;

/** An address may choose the tables and start by itself: `?tables=sigmoid/1001,matmul/64&quick&run`. */
const asked = new URLSearchParams(location.search);
const chosen = new Set(asked.get("tables")?.split(",") ?? DEFAULTS);

const boxes = TABLES.map(({ name, title }) =>
  make("input", { type: "checkbox", value: name, title, checked: chosen.has(name) }),
);

/** A line for each kind of table, whose name turns all of them on or off. */
function showTables(): void {
  const groupOf = ({ value }: HTMLInputElement): string => value.split("/")[0]!;
  for (const group of new Set(boxes.map(groupOf))) {
    const own = boxes.filter((box) => groupOf(box) === group);
    const toggle = make("button", { type: "button", title: "all or none" }, group);
    toggle.onclick = () => {
      const on = own.some(({ checked }) => !checked);
      for (const box of own) box.checked = on;
    };
    const chips = own.map((box) =>
      make("label", { className: "chip", title: box.title }, box, box.value.slice(group.length + 1) || group),
    );
    byId("tables").append(make("div", { className: "group" }, toggle, make("div", { className: "chips" }, ...chips)));
  }
}

/** Measures a table in a worker of its own; undefined where the run was stopped. */
async function measureInWorker(order: Order, progress: (fraction: number) => void): Promise<TableResult | undefined> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      stop = () => resolve(undefined);
      worker.onerror = ({ message }) => reject(new Error(message || "the worker could not be started"));
      worker.onmessage = ({ data }: MessageEvent<News>) => {
        if ("fraction" in data) progress(data.fraction);
        else if ("result" in data) resolve(data.result);
        else reject(new Error(data.problem));
      };
      worker.postMessage(order);
    });
  } finally {
    worker.terminate();
  }
}

function showCard(name: string, title: string, ...body: readonly HTMLElement[]): void {
  const keys = PRECISIONS.map((precision) => {
    const key = make("span", {}, precision);
    key.style.setProperty("--colour", `var(--${precision})`);
    return key;
  });
  byId("results").append(
    make(
      "article",
      {},
      make("div", { className: "key" }, ...keys),
      make("h2", {}, name),
      make("p", {}, title),
      ...body,
    ),
  );
}

function showResult(result: TableResult): void {
  const chart = make("div", {});
  const unit = result.unit === "" ? "calls a second" : result.unit;
  showCard(result.name, `${result.title}; ${unit}`, chart);
  drawChart(chart, result);
}

async function run(): Promise<void> {
  const effort = byId<HTMLInputElement>("quick").checked ? QUICK : FULL;
  const tables = TABLES.filter((_, i) => boxes[i]!.checked);
  results = [];
  byId("results").replaceChildren();
  setState("running");
  for (const [i, { name, title }] of tables.entries()) {
    byId("doing").textContent = `${name}, ${i + 1} of ${tables.length}`;
    const show = (fraction: number): void => {
      byId<HTMLProgressElement>("progress").value = (i + fraction) / tables.length;
    };
    show(0);
    try {
      const result = await measureInWorker({ table: name, effort }, show);
      if (result === undefined) break;
      results.push(result);
      showResult(result);
    } catch (error) {
      showCard(name, title, make("p", { className: "problem" }, `not measured: ${(error as Error).message}`));
    }
  }
  stop = undefined;
  setState("done");
}

/** What the page can do now; who drives it waits for "done". */
function setState(state: "ready" | "running" | "done"): void {
  document.documentElement.dataset["state"] = state;
  byId("status").hidden = state !== "running";
  byId("run").textContent = state === "running" ? "Stop" : "Run";
  byId<HTMLButtonElement>("copy").disabled = state === "running" || results.length === 0;
}

const json = (): string => toJson(environment, results);
/** For who drives the page. */
Object.assign(globalThis, { json });

byId("environment").textContent = [
  `simdgrad ${environment.simdgrad}${environment.commit === undefined ? "" : `, commit ${environment.commit}`}`,
  /(?:Chrome|Firefox)\/[\d.]+/.exec(environment.browser)?.[0].replace("/", " ") ?? environment.browser,
  `${environment.cores} cores`,
  environment.isolated ? "cross-origin isolated" : "not isolated: no threads, coarser clock",
].join(" · ");
byId<HTMLInputElement>("quick").checked = asked.has("quick");
byId("copy").onclick = async () => {
  await navigator.clipboard.writeText(json());
  byId("copy").textContent = "Copied";
  setTimeout(() => {
    byId("copy").textContent = "Copy results as JSON";
  }, 1500);
};
byId("controls").onsubmit = (event) => {
  event.preventDefault();
  if (stop === undefined) void run();
  else stop();
};
showTables();
setState("ready");
if (asked.has("run")) void run();
