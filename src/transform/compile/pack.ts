// Where values lie in one arena, each for as long as it is needed. Knows times and sizes only.

/** Bytes of the arena, in use from the time `start` to the time `end`. */
export interface Slot {
  readonly kind: "arena";
  readonly bytes: number;
  readonly start: number;
  end: number;
  /** Bytes from the arena's start; 0 until it is packed. */
  at: number;
}

/** Bytes that are taken: runs between which there is room, in any order. */
type Runs = readonly { readonly from: number; readonly to: number }[];

/** A span of time: bytes in use throughout, and those in use at some time of it. */
interface Span {
  covered: Runs;
  touched: Runs;
}

/** The bytes in use at once at most, from time 0 up to, not including, `times`. */
export function mostAlive(slots: readonly Slot[], times: number): number {
  const changes = new Float64Array(times + 2);
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
 * Gives each slot the lowest offset at which it meets no other that is in use at the same time, the largest first.
 * @param times - later than every slot's end
 * @returns the arena's bytes
 */
export function pack(slots: readonly Slot[], times: number): number {
  // A tree of spans, each half of the one above. A slot covers few whole spans, and all spans above these hold part of it.
  const spans: Span[] = [];
  let top = 0;
  for (const slot of [...slots].sort((a, b) => b.bytes - a.bytes)) {
    const { bytes, start, end } = slot;
    const whole: Span[] = [];
    const partly: Span[] = [];
    const walk = (index: number, first: number, last: number): void => {
      if (end < first || last < start) return;
      const isWhole = start <= first && last <= end;
      spans[index] ??= { covered: [], touched: [] };
      (isWhole ? whole : partly).push(spans[index]);
      if (isWhole) return;
      const middle = (first + last) >> 1;
      walk(2 * index, first, middle);
      walk(2 * index + 1, middle + 1, last);
    };
    walk(1, 0, times - 1);
    const taken = [...whole.map(({ touched }) => touched), ...partly.map(({ covered }) => covered)].flat();
    // Up, past whatever it meets, until it meets nothing.
    for (let before = -1; before < slot.at; ) {
      before = slot.at;
      for (const { from, to } of taken) if (from < slot.at + bytes && slot.at < to) slot.at = to;
    }
    const to = slot.at + bytes;
    for (const span of whole) span.covered = join(span.covered, slot.at, to);
    for (const span of [...whole, ...partly]) span.touched = join(span.touched, slot.at, to);
    top = Math.max(top, to);
  }
  return top;
}

/** The runs, and one more, joined with those that it touches. */
function join(runs: Runs, from: number, to: number): Runs {
  const apart = runs.filter((run) => run.to < from || to < run.from);
  const touching = runs.filter((run) => !apart.includes(run));
  return [
    ...apart,
    touching.reduce((a, b) => ({ from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) }), { from, to }),
  ];
}
