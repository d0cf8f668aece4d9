// `THREADS=3 npm test`: the library on so many threads in every test file, and every instruction divided among them.
import { vi } from "vitest";
import { Abi } from "../../assembly/abi.js";
import { init } from "../../src/index.js";

vi.mock("../../src/runtime/program/shares.js", () => ({
  sharesOf: (_instruction: unknown, threads: number) => (threads > 1 ? threads + Abi.worthWaking : 1),
}));

const { threads, reasons } = await init({ threads: Number(process.env["THREADS"]) });
if (reasons.length > 0) throw new Error(`${threads} threads: ${reasons.join("; ")}`);
