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
  // A tree of spans of time, each half of the one above. A slot covers few whole spans, and all spans above these hold part of it.
  const covered: Runs[] = [];
  const touched: Runs[] = [];
  const visit = ({ start, end }: Slot, see: (span: number, whole: boolean) => void): void => {
    const walk = (span: number, first: number, last: number): void => {
      if (end < first || last < start) return;
      const whole = start <= first && last <= end;
      see(span, whole);
      if (whole) return;
      const middle = (first + last) >> 1;
      walk(2 * span, first, middle);
      walk(2 * span + 1, middle + 1, last);
    };
    walk(1, 0, times - 1);
  };
  let top = 0;
  for (const slot of [...slots].sort((a, b) => b.bytes - a.bytes)) {
    const { bytes } = slot;
    const taken: Runs[] = [];
    visit(slot, (span, whole) => {
      const runs = (whole ? touched : covered)[span];
      if (runs !== undefined) taken.push(runs);
    });
    // Up, past whatever it meets, until it meets nothing.
    for (let met = true; met; ) {
      met = false;
      for (const runs of taken) {
        const end = runs.endOf(slot.at, bytes);
        if (end === undefined) continue;
        slot.at = end;
        met = true;
      }
    }
    visit(slot, (span, whole) => {
      for (const list of whole ? [touched, covered] : [touched]) {
        list[span] ??= new Runs();
        list[span].add(slot.at, slot.at + bytes);
      }
    });
    top = Math.max(top, slot.at + bytes);
  }
  return top;
}

/** Bytes that are taken, as runs in order between which there is room. */
class Runs {
  readonly #runs: { readonly from: number; readonly to: number }[] = [];

  /** The first run that ends behind an offset. */
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

  /** Where the first run ends that so many bytes from an offset on would meet. */
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
  }
}
