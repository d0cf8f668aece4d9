// The most that the processor moves: loads and stores of whole arrays, as contenders. Must not know any table.
import { type Kernels, loadKernels, MEMORY_BASE, reserve } from "../harness/own-kernels.js";
import type { Ceiling, Precision } from "../harness/table.js";

/** The arrays that something passes over once, and how long they are. */
export interface Traffic {
  readonly reads: 0 | 1 | 2 | 3 | 4;
  /** Three only of four in place. */
  readonly writes: 0 | 1 | 3;
  /** True if what is written lies where the first arrays are read. */
  readonly inPlace?: boolean;
  /** Of one array. */
  readonly bytes: number;
}

/** Vectors a round. */
const WIDTHS = [4, 8] as const;

type Pattern = "read1" | "write1" | "read1write1" | "read2write1" | "read3write1" | "read4write3";
type Name = `${Pattern}x${(typeof WIDTHS)[number]}`;

/** Kernels take whole rounds of the wider kind. */
const ROUND = 128;
/** Longer arrays are no slower: twice the last cache of most machines. */
const LONGEST = 64 << 20;
/** What a call moves at least, so that calling costs nothing beside it. */
const PER_CALL = 1 << 19;
/** Arrays a multiple of it apart: elsewhere, loads wait for stores whose addresses look the same in the low 12 bits. */
const ALIGNMENT = 4096;

/** One for all tables: its memory is as large as what the largest of them moves. */
let shared: Kernels<Name> | undefined;

/** What it is called, and the kernel for it. */
function describe({ reads, writes, inPlace }: Traffic): { name: string; pattern: Pattern } {
  const read = reads === 0 ? [] : [`read ${reads}`];
  const write = writes === 0 ? [] : [`write ${inPlace ? (writes === 1 ? "in place" : `${writes} in place`) : writes}`];
  const pattern = `${reads === 0 ? "" : `read${reads}`}${writes === 0 ? "" : `write${writes}`}` as Pattern;
  return { name: [...read, ...write].join(", "), pattern };
}

/** A contender for each width, over arrays of the length that is asked for or, beyond every cache, of 64 MB. */
export function bandwidthCeilings(precision: Precision, traffic: Traffic): Ceiling[] {
  const { reads, writes, inPlace = false } = traffic;
  shared ??= loadKernels<Name>(new URL("assembly/stream.ts", import.meta.url), ["simd"]);
  const kernels = shared;
  const bytes = Math.max(ROUND, Math.floor(Math.min(traffic.bytes, LONGEST) / ROUND) * ROUND);
  const stride = (Math.ceil(bytes / ALIGNMENT) + 1) * ALIGNMENT;
  const at = (array: number): number => (array + 1) * ALIGNMENT + array * stride;
  // Of arrays that are updated, the last one is read only, and takes the place of `out`.
  const out = at(writes === 3 ? 3 : inPlace ? 0 : reads);
  reserve(kernels, at(reads + 1));
  const moved = (reads + writes) * bytes;
  const times = Math.ceil(PER_CALL / moved);
  const { name, pattern } = describe(traffic);
  return WIDTHS.map((width) => ({
    name: `ceiling: ${name}, ${width} vectors`,
    precision,
    perCall: times * moved,
    run() {
      kernels.call[`${pattern}x${width}`](MEMORY_BASE, out, at(0), at(1), at(2), bytes, times);
      return times;
    },
  }));
}
