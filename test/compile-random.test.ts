// Compiled and eager agree, bit for bit, on random programs: a few hundred here, 10,000 in the slow suite.
import { test } from "vitest";
import { compareRandomPrograms } from "./support/compare-programs.js";

test("300 random programs", () => compareRandomPrograms(300));
