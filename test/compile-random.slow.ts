// Compiled and eager agree, bit for bit, on 10,000 random programs.
import { test } from "vitest";
import { compareRandomPrograms } from "./support/compare-programs.js";

test("10,000 random programs", () => compareRandomPrograms(10_000));
