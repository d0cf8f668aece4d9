// Packs values into one arena, each for the time it is needed. Must not know what the values are.

/** Bytes of the arena, in use from the time `start` to the time `end`. */
export interface Slot {
  readonly kind: "arena";
  readonly bytes: number;
  readonly start: number;
  end: number;
  /** Bytes from the arena's start; 0 until it is packed. */
  at: number;
}

/** The offsets of slots, and the bytes they take together. */
interface Layout {
  readonly offsets: ReadonlyMap<Slot, number>;
  readonly bytes: number;
}

type Order = (a: Slot, b: Slot) => number;

/** The orders to try: largest first, and among equals those that end last, then those that start first. */
const ORDERS: readonly Order[] = [
  (a, b) => b.bytes - a.bytes || b.end - a.end,
  (a, b) => b.bytes - a.bytes || a.start - b.start,
];

/** An arena of at most this many times the bytes in use at once is good enough. No other order is tried. */
const ENOUGH = 1.002;

/** A span of time remembers this many runs. With more, the smaller half of the gaps between them counts as taken. */
const MOST_RUNS = 64;

/**
 * Gives each slot the lowest offset at which it meets no other slot in use at the same time, as far as gaps are remembered. Time grows as
 * n log n: a slot reads at most 2 log n spans of time, each with a bounded number of runs.
 * @param times - later than every slot's end
 * @returns the arena's bytes, and the most bytes in use at once: no arena can be smaller
 */
export function pack(
  slots: readonly Slot[],
  times: number,
): { readonly arenaBytes: number; readonly liveBytes: number } {
  const liveBytes = mostAlive(slots, times);
  let best = layOut(slots, times, ORDERS[0]!);
  for (const order of ORDERS.slice(1)) {
    if (best.bytes <= ENOUGH * liveBytes) break;
    const layout = layOut(slots, times, order);
    if (layout.bytes < best.bytes) best = layout;
  }
  for (const [slot, at] of best.offsets) slot.at = at;
  return { arenaBytes: best.bytes, liveBytes };
}

function mostAlive(slots: readonly Slot[], times: number): number {
  const changes = new Float64Array(times + 1);
  for (const { bytes, start, end } of slots) {
    changes[start]! += bytes;
    changes[end + 1]! -= bytes;
  }
  let alive = 0;
  return changes.reduce((most, change) => {
    alive += change;
    return Math.max(most, alive);
  }, 0);
}

/**
 * The spans of time that a slot meets, numbered in a tree. The root, 1, is the time from 0 up to `times`; each span's children are its
 * halves. A slot covers few spans whole, and all spans above these in part.
 */
function spansOf(
  { start, end }: Slot,
  times: number,
): { readonly whole: readonly number[]; readonly part: readonly number[] } {
  const whole: number[] = [];
  const part: number[] = [];
  const walk = (span: number, first: number, last: number): void => {
    if (end < first || last < start) return;
    if (start <= first && last <= end) {
      whole.push(span);
      return;
    }
    part.push(span);
    const middle = (first + last) >> 1;
    walk(2 * span, first, middle);
    walk(2 * span + 1, middle + 1, last);
  };
  walk(1, 0, times - 1);
  return { whole, part };
}

/** Places one slot after the other, each at the lowest free offset. */
function layOut(slots: readonly Slot[], times: number, order: Order): Layout {
  /** For each span: the bytes of slots that cover it whole, and the bytes of slots that meet it. */
  const covered: Runs[] = [];
  const touched: Runs[] = [];
  const offsets = new Map<Slot, number>();
  let top = 0;
  for (const slot of [...slots].sort(order)) {
    const { bytes } = slot;
    const { whole, part } = spansOf(slot, times);
    const taken: Runs[] = [];
    for (const span of whole) if (touched[span] !== undefined) taken.push(touched[span]);
    for (const span of part) if (covered[span] !== undefined) taken.push(covered[span]);
    let at = 0;
    // Moves up past each run that it meets.
    for (let met = true; met; ) {
      met = false;
      for (const runs of taken) {
        const end = runs.endOf(at, bytes);
        if (end === undefined) continue;
        at = end;
        met = true;
      }
    }
    const take = (span: number, list: Runs[]): void => {
      list[span] ??= new Runs();
      list[span].add(at, at + bytes);
    };
    for (const span of whole) take(span, covered);
    for (const span of [...whole, ...part]) take(span, touched);
    top = Math.max(top, at + bytes);
    offsets.set(slot, at);
  }
  return { offsets, bytes: top };
}

interface Run {
  readonly from: number;
  readonly to: number;
}

/** Taken bytes, as ordered runs with room between them. */
class Runs {
  #runs: Run[] = [];

  /** The index of the first run that ends behind an offset. */
  #after(offset: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#runs[middle]!.to > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The end of the first run that this many bytes from an offset on would meet. */
  endOf(offset: number, bytes: number): number | undefined {
    const run = this.#runs[this.#after(offset)];
    return run !== undefined && run.from < offset + bytes ? run.to : undefined;
  }

  add(from: number, to: number): void {
    const first = this.#after(from - 1);
    let last = first;
    while (last < this.#runs.length && this.#runs[last]!.from <= to) last++;
    const merged = this.#runs.slice(first, last);
    const run = { from: Math.min(from, merged[0]?.from ?? from), to: Math.max(to, merged.at(-1)?.to ?? to) };
    this.#runs.splice(first, last - first, run);
    if (this.#runs.length > MOST_RUNS) this.#closeGaps();
  }

  /** Closes the smaller half of the gaps, and among equals the upper ones. */
  #closeGaps(): void {
    const runs = this.#runs;
    const gapBelow = (i: number): number => runs[i]!.from - runs[i - 1]!.to;
    const byGap = Array.from(runs.slice(1), (_, i) => i + 1).sort((i, j) => gapBelow(j) - gapBelow(i));
    // A remaining run keeps its start and ends where the next gap begins.
    const starts = [0, ...byGap.slice(0, MOST_RUNS / 2).sort((i, j) => i - j)];
    this.#runs = starts.map((start, i) => ({
      from: runs[start]!.from,
      to: runs[(starts[i + 1] ?? runs.length) - 1]!.to,
    }));
  }
}
