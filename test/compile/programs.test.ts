// Random programs, run in every way there is and held against plain float64 numbers: a few hundred here, 20,000 in the slow suite.
import { test } from "vitest";
import { judgePrograms } from "../programs/run.js";

test("400 random programs are right in every way to run them", () => judgePrograms(400));
