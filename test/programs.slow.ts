// 20,000 random programs.
import { test } from "vitest";
import { judgePrograms } from "./programs/run.js";

test("20,000 random programs are right in every way to run them", () => judgePrograms(20_000));
