// The arena's layout: the same as the obvious way to the same rule gives. Must not know programs.
import fc from "fast-check";
import { expect, test } from "vitest";
import { mostAlive, pack, type Slot } from "../../src/compile/passes/pack.js";

const TIMES = 40;

const slots = fc.array(
  fc.record({ bytes: fc.nat(6), start: fc.nat(TIMES - 1), length: fc.oneof(fc.nat(3), fc.nat(TIMES)) }),
  { maxLength: 60 },
);

const meet = (a: Slot, b: Slot): boolean => a.start <= b.end && b.start <= a.end;

/** The lowest offset that is free, found by trying every one. */
function packSlowly(all: readonly Slot[]): void {
  const placed: Slot[] = [];
  for (const slot of [...all].sort((a, b) => b.bytes - a.bytes)) {
    const taken = placed.filter((other) => meet(slot, other));
    const isFree = ({ at, bytes }: Slot): boolean => slot.at + slot.bytes <= at || at + bytes <= slot.at;
    for (slot.at = 0; !taken.every(isFree); ) slot.at += 1;
    placed.push(slot);
  }
}

test("every slot has the lowest offset that is free while it is in use, the largest first", () => {
  fc.assert(
    fc.property(slots, (drawn) => {
      const make = (): Slot[] =>
        drawn.map(({ bytes, start, length }) => ({
          kind: "arena",
          bytes,
          start,
          end: Math.min(TIMES - 1, start + length),
          at: 0,
        }));
      const [fast, slow] = [make(), make()];
      const bytes = pack(fast, TIMES);
      packSlowly(slow);
      // What takes no bytes lies anywhere.
      const kept = (list: Slot[]): Slot[] => list.filter((slot) => slot.bytes > 0);
      expect(kept(fast)).toEqual(kept(slow));
      expect(bytes).toBe(Math.max(0, ...kept(slow).map((slot) => slot.at + slot.bytes)));
      const alive = Array.from({ length: TIMES }, (_, t) =>
        slow.reduce((sum, { start, end, bytes }) => (start <= t && t <= end ? sum + bytes : sum), 0),
      );
      expect(mostAlive(fast, TIMES)).toBe(Math.max(...alive));
    }),
    { numRuns: 300 },
  );
});
