// Plans the place of each value and how long it needs it: results, written arguments, and the arena for all others. Must not know how
// values are computed.
import { accumulates } from "../../ops/kind.js";
import { DTYPE_BYTES, type DType } from "../../tensor/dtype.js";
import { type Shape, sameShape, sizeOf } from "../../tensor/shape.js";
import {
  type Computed,
  copyOf,
  type Input,
  isComputed,
  operandsOf,
  opOf,
  type Value,
  viewsOf,
  type Write,
} from "../trace/graph.js";
import { pack, type Slot } from "./pack.js";
import { inputsOf, type Unit, valuesOf } from "./unit.js";

/** The place of a value: an argument, a result, or a slot of the arena. */
export type Place = Slot | { readonly kind: "argument" | "result"; readonly at: number };

export interface Plan {
  /** The places of arguments and computed values. Values in blocks of a micro-program have none. */
  readonly places: ReadonlyMap<Value, Place>;
  readonly arenaBytes: number;
  /** The most bytes of values in the arena that are alive at once. A perfect arena would have this size. */
  readonly liveBytes: number;
}

const ALIGNMENT = 64;

export function bytesOf({ shape, dtype }: { readonly shape: Shape; readonly dtype: DType }): number {
  return sizeOf(shape) * DTYPE_BYTES[dtype];
}

/** The total of an op that may add to it in place. */
export function totalOf(head: Computed | undefined): Value | undefined {
  if (head === undefined || !accumulates(opOf(head).kind)) return undefined;
  const [total, ...parts] = operandsOf(head);
  return parts.includes(total!) ? undefined : total;
}

/**
 * For each value that a unit reads: the last of the unit's own values that reads it. That value and later ones may overwrite it, if
 * elementwise ops only read the same elements, or if it is a total. Infinity if it must not be overwritten.
 */
function lastReadsOf(unit: Unit): ReadonlyMap<Value, number> {
  const last = new Map<Value, number>();
  valuesOf(unit).forEach((value, i) => {
    for (const { value: operand, shape } of viewsOf(value)) {
      if (last.get(operand) === Number.POSITIVE_INFINITY) continue;
      const may = value === unit.head ? operand === totalOf(value) : sameShape(shape, value.shape);
      last.set(operand, may ? i : Number.POSITIVE_INFINITY);
    }
  });
  return last;
}

/**
 * @param results - the value in each result's own memory
 * @param writes - inputs that hold another value after the run
 * @returns the plan, and the units, with copies at the end for writes that are not possible in place
 */
export function plan(
  units: readonly Unit[],
  inputs: readonly Input[],
  results: readonly Value[],
  writes: readonly Write[],
): { readonly plan: Plan; readonly units: readonly Unit[] } {
  const lastReads = units.map(lastReadsOf);
  /** True if unit t may write a value over one that it reads. */
  const mayOverwrite = (t: number, read: Value, written: Value): boolean => {
    const values: readonly Value[] = valuesOf(units[t]!);
    const at = values.indexOf(written);
    return written !== units[t]!.tail && lastReads[t]!.get(read)! <= at && bytesOf(read) === bytesOf(written);
  };
  const definedBy = new Map<Value, number>();
  const lastUse = new Map<Value, number>();
  units.forEach((unit, t) => {
    for (const value of valuesOf(unit)) definedBy.set(value, t);
    for (const input of inputsOf(unit)) lastUse.set(input, t);
  });
  const places = new Map<Value, Place>();
  inputs.forEach((value, at) => void places.set(value, { kind: "argument", at }));
  results.forEach((value, at) => void places.set(value, { kind: "result", at }));
  const copies = writes.filter(({ input, value }) => {
    if (!isComputed(value) || places.has(value)) return true;
    const t = definedBy.get(value)!;
    const last = lastUse.get(input) ?? -1;
    if (last > t || (last === t && !mayOverwrite(t, input, value))) return true;
    places.set(value, places.get(input)!);
    return false;
  });
  const copying = copies.map(({ input, value }): Unit => {
    const head = copyOf(value);
    lastUse.set(value, units.length);
    places.set(head, places.get(input)!);
    return { head, members: [], tail: undefined, layout: undefined };
  });
  // A total that becomes a result accumulates in the result's memory from the start.
  for (const [t, { head }] of [...units.entries()].reverse()) {
    const total = totalOf(head);
    const place = head && places.get(head);
    if (total === undefined || place?.kind !== "result" || lastUse.get(total) !== t) continue;
    if (isComputed(total) && !places.has(total)) places.set(total, place);
  }

  const slots: Slot[] = [];
  const open = (value: Value, start: number, end: number): void => {
    const bytes = Math.ceil(bytesOf(value) / ALIGNMENT) * ALIGNMENT;
    const slot: Slot = { kind: "arena", bytes, start, end, at: 0 };
    slots.push(slot);
    places.set(value, slot);
  };
  units.forEach((unit, t) => {
    const reads = [...inputsOf(unit)];
    const dying = new Map<Value, Slot>();
    for (const read of reads) {
      const place = places.get(read);
      if (place?.kind === "arena" && place.end === t) dying.set(read, place);
    }
    for (const value of totalOf(unit.head) === undefined ? unit.members : [unit.head!]) {
      const end = lastUse.get(value);
      if (end === undefined || places.has(value)) continue;
      const before = [...dying.keys()].find((read) => mayOverwrite(t, read, value));
      if (before === undefined) {
        open(value, t, end);
        continue;
      }
      const slot = dying.get(before)!;
      dying.delete(before);
      slot.end = end;
      places.set(value, slot);
    }
    for (const value of [unit.head, unit.tail]) {
      if (value === undefined || places.has(value)) continue;
      const end = lastUse.get(value);
      if (end !== undefined) open(value, t, end);
      if (end !== undefined || value === unit.tail) continue;
      // A product that only its own unit reads goes to the place of one of the unit's values, if that is not written before its last use.
      const host = unit.members.find(
        (member, i) =>
          bytesOf(member) === bytesOf(value) &&
          places.has(member) &&
          !reads.some((read) => places.get(read) === places.get(member)) &&
          !unit.members.slice(i + 1).some((later) => operandsOf(later).includes(value)),
      );
      if (host === undefined) open(value, t, t);
      else places.set(value, places.get(host)!);
    }
  });

  return { plan: { places, ...pack(slots, units.length + 1) }, units: [...units, ...copying] };
}
