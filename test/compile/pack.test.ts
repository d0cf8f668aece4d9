// The arena's layout: the same as the obvious way to the same rule gives. Must not know programs.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pack, type Slot } from "../../src/compile/passes/pack.js";

interface Drawn {
  readonly bytes: number;
  readonly start: number;
  readonly length: number;
}

const slotsOf = (drawn: readonly Drawn[], times: number): Slot[] =>
  drawn.map(({ bytes, start, length }) => ({
    kind: "arena",
    bytes,
    start,
    end: Math.min(times - 1, start + length),
    at: 0,
  }));

const topOf = (slots: readonly Slot[]): number => Math.max(0, ...slots.map(({ at, bytes }) => at + bytes));

const meet = (a: Slot, b: Slot): boolean => a.start <= b.end && b.start <= a.end;

const isApart = (a: Slot, b: Slot): boolean => a.at + a.bytes <= b.at || b.at + b.bytes <= a.at;

/** The lowest offsets that are free, found by trying every one; of two orders the one that takes fewer bytes. */
function packSlowly(slots: readonly Slot[]): readonly Slot[] {
  const orders = [(a: Slot, b: Slot) => b.end - a.end, (a: Slot, b: Slot) => a.start - b.start];
  const layouts = orders.map((order) => {
    const placed: Slot[] = [];
    for (const slot of [...slots].sort((a, b) => b.bytes - a.bytes || order(a, b))) {
      const taken = placed.filter((other) => meet(slot, other));
      let candidate = { ...slot, at: 0 };
      while (!taken.every((other) => isApart(candidate, other))) candidate = { ...candidate, at: candidate.at + 1 };
      placed.push(candidate);
    }
    return placed;
  });
  return layouts.reduce((best, layout) => (topOf(layout) < topOf(best) ? layout : best));
}

test("every slot has the lowest offset that is free while it is in use, the largest first", () => {
  const times = 40;
  const slots = fc.array(
    fc.record({
      bytes: fc.nat(6),
      start: fc.nat(times - 1),
      length: fc.oneof(fc.nat(3), fc.nat(times)),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(slots, (drawn) => {
      const fast = slotsOf(drawn, times);
      const { arenaBytes, liveBytes } = pack(fast, times);
      const alive = Array.from({ length: times }, (_, t) =>
        fast.reduce((sum, { start, end, bytes }) => (start <= t && t <= end ? sum + bytes : sum), 0),
      );
      expect(liveBytes).toBe(Math.max(...alive));
      const slow = packSlowly(fast);
      expect(arenaBytes).toBe(topOf(slow));
      // Slots without bytes lie anywhere.
      const kept = (list: readonly Slot[]): Set<Slot> => new Set(list.filter(({ bytes }) => bytes > 0));
      expect(kept(fast)).toEqual(kept(slow));
    }),
    { numRuns: 300 },
  );
});

describe("many slots with more gaps between them than are remembered", () => {
  /** Numbers from 0 up to, not including, `end`, the same each time. */
  const numbers = (): ((end: number) => number) => {
    let state = 7;
    return (end) => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((state / 2 ** 31) * end);
    };
  };

  test.each([
    ["of any lengths", 1.05, (times: number, next: (end: number) => number) => next(times)],
    ["mostly short", 1.08, (times: number, next: (end: number) => number) => next(2 + next(times))],
  ] as const)("%s", (_, most, lengthOf) => {
    const times = 2000;
    const next = numbers();
    const drawn = Array.from({ length: times }, () => {
      const start = next(times);
      return { bytes: 1 + next(50), start, length: lengthOf(times - start, next) };
    });
    const slots = slotsOf(drawn, times);
    const { arenaBytes, liveBytes } = pack(slots, times);
    expect(arenaBytes).toBe(topOf(slots));
    expect(arenaBytes).toBeLessThan(most * liveBytes);
    const clash = slots.find((a, i) => slots.some((b, j) => j < i && meet(a, b) && !isApart(a, b)));
    expect(clash).toBeUndefined();
  });
});
