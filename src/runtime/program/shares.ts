// Into how many shares an instruction is worth dividing. A pure function of the instruction; knows fields and costs, never threads
// or memory.
import { Abi, DTypeCode } from "../../../assembly/abi.js";
import { Op } from "../../../assembly/ops.generated.js";
import { COSTS } from "./costs.generated.js";
import type { Fused, Instruction } from "./instruction.js";

/** The least that is worth the while of a thread that is awake, in nanoseconds of its work: handing it over takes 200. */
const SHARE_NS = 1000;

/** The least that is worth waking a thread for: that takes the main one 8 us, and as long again until the other is there. */
const WAKE_NS = 20_000;

/** A float32 addition in the cache, in nanoseconds an element: the unit of `COSTS`. */
const ELEMENT_NS = 0.2;

/** Elements that kernels never divide, and a product's tile, rows by bytes of columns: `Share.begin`'s grains. */
const GRAIN = 64;
const TILE_ROWS = 4;
const TILE_BYTES = 32;
/** Bytes of a reduction's columns that are never parted, and of a row that is not parted at all. */
const LINE = 64;
const NARROW = 256;

/** What there is to share out: pieces that stay whole, and steps of the op's arithmetic. */
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

/** The steps of an instruction's micro-program, by what they cost. */
function fusedSteps({ op, dims, extents, micro }: Fused): number {
  if (micro === undefined) return 0;
  const elements = op === Op.matmul ? extents![0] * extents![1] : productOf(extents ?? dims);
  return micro.ops.reduce((sum, one) => sum + elements * COSTS[one.op]!, 0);
}

/**
 * An instruction's field `shares` for so many threads: 1 to `threads`, plus `Abi.worthWaking` where it is. Depends on nothing but
 * its arguments, and the bits of the result do not depend on it.
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
