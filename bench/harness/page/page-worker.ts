// Measures one table, away from the page: what it leaves behind goes with the worker.
import type { OtherBuild } from "../against.js";
import { FULL, measure, QUICK } from "../measure.js";
import { messageOf, type Table, type TableResult } from "../table.js";
import type { PageBuild } from "./page-server.js";

export interface Order {
  /** A table's name. */
  readonly name: string;
  readonly quick: boolean;
  readonly build: PageBuild;
}

async function execute({ name, quick, build: { tables, other } }: Order): Promise<TableResult> {
  const { TABLES } = (await import(/* @vite-ignore */ tables)) as { TABLES: readonly Table[] };
  const loaded = other && ((await import(/* @vite-ignore */ other.entry)) as OtherBuild);
  const table = TABLES.find((one) => one.name === name)!;
  return measure(table, quick ? QUICK : FULL, { other: loaded && { ...loaded, ref: other.ref } });
}

addEventListener("message", ({ data }: MessageEvent<Order>) => {
  execute(data).then(postMessage, (error) => postMessage(messageOf(error)));
});
