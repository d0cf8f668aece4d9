// 20,000 random programs, 2,000 from each of ten seeds.
import { test } from "vitest";
import { judgePrograms } from "../programs/run.js";

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
  "2,000 random programs are right in every way to run them, seed %d",
  (seed) => judgePrograms(2_000, seed),
);
