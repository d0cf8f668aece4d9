// The number of shares an instruction is worth dividing into: a pure function of the instruction. Must not know threads or memory.
import { Abi, DTypeCode } from "../../../assembly/abi.js";
import { Op } from "../../../assembly/ops.generated.js";
import { COSTS } from "./costs.generated.js";
import type { Fused, Instruction } from "./instruction.js";

/** The least work worth handing to a thread that is awake, in nanoseconds. Handing it over takes 200. */
const SHARE_NS = 1000;

/** The least work worth waking a thread for, in nanoseconds. Waking takes the main thread 8 us, and the other starts 8 us later. */
const WAKE_NS = 20_000;

/** The unit of `COSTS`: nanoseconds per element of a float32 addition in the cache. */
const ELEMENT_NS = 0.2;

/** Elements that kernels never divide, and the rows and the bytes of columns of a product's tile: the grains of `Share.begin`. */
const GRAIN = 64;
const TILE_ROWS = 4;
const TILE_BYTES = 32;
/** Bytes of a reduction's columns that are never divided. Rows narrower than `NARROW` bytes are not divided at all. */
const LINE = 64;
const NARROW = 256;

/** The work to share: pieces that stay whole, and steps of the op's arithmetic. */
interface Work {
  readonly pieces: number;
  readonly steps: number;
}

function productOf(extents: readonly number[], end = extents.length): number {
  let product = 1;
  for (let i = 0; i < end; i++) product *= extents[i]!;
  return product;
}

function bytesOf(elements: number, dtype: DTypeCode): number {
  return elements * (dtype === DTypeCode.float64 ? 8 : 4);
}

function tilesOf(m: number, n: number, dtype: DTypeCode): number {
  return Math.ceil(m / TILE_ROWS) * Math.ceil(bytesOf(n, dtype) / TILE_BYTES);
}

function linesOf(inner: number, dtype: DTypeCode): number {
  const bytes = bytesOf(inner, dtype);
  return bytes < NARROW ? 1 : Math.ceil(bytes / LINE);
}

function workOf({ op, dtype, dims, extents }: Instruction): Work {
  if (extents === undefined) {
    const rows = dims.length === 1 ? dims[0]! / GRAIN : productOf(dims, dims.length - 1);
    return { pieces: rows, steps: productOf(dims) };
  }
  const steps = productOf(dims) * productOf(extents);
  const [m, n, k] = extents;
  switch (op) {
    case Op.matmul:
      return { pieces: Math.max(productOf(dims), tilesOf(m, n, dtype)), steps };
    case Op.sum:
    case Op.max:
    case Op.min:
      return { pieces: Math.max(m, linesOf(k, dtype)), steps };
    case Op.take:
      return { pieces: m * n, steps };
    case Op.cast:
    case Op.randomUniform:
    case Op.randomNormal:
      return { pieces: n / GRAIN, steps };
    default:
      return { pieces: m, steps };
  }
}

/** The steps of an instruction's micro-program, weighted by their costs. */
function fusedSteps({ op, dims, extents, micro }: Fused): number {
  if (micro === undefined) return 0;
  const elements = op === Op.matmul ? extents![0] * extents![1] : productOf(extents ?? dims);
  return micro.ops.reduce((sum, one) => sum + elements * COSTS[one.op]!, 0);
}

/**
 * The field `shares` of an instruction: 1 to `threads`, plus `Abi.worthWaking` if it is worth waking a thread. The bits of the result do
 * not depend on it.
 */
export function sharesOf(instruction: Fused, threads: number): number {
  if (threads === 1) return 1;
  const { pieces, steps } = workOf(instruction);
  const wide = instruction.dtype === DTypeCode.float64 ? 2 : 1;
  const ns = (steps * COSTS[instruction.op]! + fusedSteps(instruction)) * wide * ELEMENT_NS;
  const shares = Math.min(threads, Math.ceil(pieces), Math.floor(ns / SHARE_NS));
  if (shares <= 1) return 1;
  return ns < WAKE_NS ? shares : shares + Abi.worthWaking;
}
