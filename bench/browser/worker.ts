// Measures one table, away from the page: what runs here stops no progress bar, and what it leaves behind goes with it.
import { messageOf } from "../../examples/support/errors.js";
import { type Effort, measure, type TableResult } from "../harness.js";
import { TABLES } from "./tables.js";

export interface Order {
  /** A table's name. */
  readonly table: string;
  readonly effort: Effort;
}

export type News = { readonly fraction: number } | { readonly result: TableResult } | { readonly problem: string };

const post = (news: News): void => postMessage(news);

addEventListener("message", async ({ data }: MessageEvent<Order>) => {
  const table = TABLES.find(({ name }) => name === data.table)!;
  try {
    post({ result: await measure(table, data.effort, {}, (fraction) => post({ fraction })) });
  } catch (error) {
    post({ problem: messageOf(error) });
  }
});
