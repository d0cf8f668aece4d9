// How long measuring a table takes, in full and in brief. Must not know tables.
import type { Effort } from "./harness.js";

export const FULL: Effort = { rounds: 10, tableMs: 9000, budgetMs: 24, warmupMs: 150 };
export const QUICK: Effort = { rounds: 3, tableMs: 1000, budgetMs: 8, warmupMs: 50 };
