// Random programs on three threads, every instruction divided among them.
import { init } from "simdgrad";
import { afterAll, beforeAll, test, vi } from "vitest";
import { Abi } from "../../assembly/abi.js";
import { judgePrograms } from "../programs/run.js";

vi.mock("../../src/runtime/program/shares.js", () => ({
  sharesOf: (_instruction: unknown, threads: number) => (threads > 1 ? threads + Abi.worthWaking : 1),
}));
beforeAll(() => init({ threads: 3 }));
afterAll(() => init({ threads: 1 }));

test("100 random programs are right on three threads", () => judgePrograms(100));
