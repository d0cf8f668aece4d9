// Measures one table, away from the page: what runs here stops no progress bar, and what it leaves behind goes with it.
import type { OtherBuild } from "../against.js";
import { FULL, measure, QUICK } from "../measure.js";
import { messageOf, type Table, type TableResult } from "../table.js";
import type { PageBuild } from "./page-server.js";

export interface Order {
  /** A table's name. */
  readonly table: string;
  readonly quick: boolean;
  readonly build: PageBuild;
}

export type News = { readonly fraction: number } | { readonly result: TableResult } | { readonly problem: string };

const post = (news: News): void => postMessage(news);

addEventListener("message", async ({ data: { table, quick, build } }: MessageEvent<Order>) => {
  try {
    const { TABLES } = (await import(/* @vite-ignore */ build.tables)) as { TABLES: readonly Table[] };
    const loaded = build.other && ((await import(/* @vite-ignore */ build.other.entry)) as OtherBuild);
    const other = loaded && { ...loaded, ref: build.other!.ref };
    const progress = (fraction: number): void => post({ fraction });
    const own = TABLES.find(({ name }) => name === table)!;
    post({ result: await measure(own, quick ? QUICK : FULL, { other, progress }) });
  } catch (error) {
    post({ problem: messageOf(error) });
  }
});
