// Where each value of a program lies, and for how long: results, arguments that are written, and one arena for all else. Must
// not know how anything is computed.
import { DTYPE_BYTES, type DType } from "../../tensor/dtype.js";
import { type Shape, sameShape, sizeOf } from "../../tensor/shape.js";
import { type Computed, copyOf, type Input, isComputed, operandsOf, type Value, viewsOf, type Write } from "./graph.js";
import { mostAlive, pack, type Slot } from "./pack.js";
import { inputsOf, type Unit, valuesOf } from "./unit.js";

/** A place for a value. */
export interface Place {
  readonly kind: "argument" | "result" | "arena";
  /** Which argument or result; bytes from the arena's start. */
  readonly at: number;
}

export interface Plan {
  /** Where arguments and values that are computed lie; values in blocks of a micro-program have no place. */
  readonly places: ReadonlyMap<Value, Place>;
  readonly arenaBytes: number;
  /** The bytes of the values in the arena that are alive at once, at most: what a perfect arena would take. */
  readonly liveBytes: number;
}

const ALIGNMENT = 64;

export function bytesOf({ shape, dtype }: { readonly shape: Shape; readonly dtype: DType }): number {
  return sizeOf(shape) * DTYPE_BYTES[dtype];
}

/** The total of an op that adds to it and may do so where it lies. */
export function totalOf(head: Computed | undefined): Value | undefined {
  if (head?.origin.op.role !== "accumulation") return undefined;
  const [total, ...parts] = operandsOf(head);
  return parts.includes(total!) ? undefined : total;
}

/**
 * For each value that a unit reads the last of its own values that does so; from that one on another value may be written over it:
 * the same elements, read by elementwise ops only, or a total. Infinity where it must stay as it is.
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
 * @param results - the value that each result's own memory holds
 * @param writes - inputs that hold another value after the run
 * @returns the plan, and the units with copies at the end for writes that are not possible in place
 */
export function plan(
  units: readonly Unit[],
  inputs: readonly Input[],
  results: readonly Value[],
  writes: readonly Write[],
): { readonly plan: Plan; readonly units: readonly Unit[] } {
  const lastReads = units.map(lastReadsOf);
  /** True where unit t may write a value over one that it reads. */
  const mayOverwrite = (t: number, read: Value, written: Value): boolean => {
    const at = valuesOf(units[t]!).indexOf(written as Computed);
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
  // A total that becomes a result is added up in the result's memory from the start.
  for (const [t, { head }] of [...units.entries()].reverse()) {
    const total = totalOf(head);
    const place = head && places.get(head);
    if (total === undefined || place?.kind !== "result" || lastUse.get(total) !== t) continue;
    if (isComputed(total) && !places.has(total)) places.set(total, place);
  }

  const slots = new Map<Value, Slot>();
  const all: Slot[] = [];
  const open = (value: Value, t: number, end: number): void => {
    const slot = { bytes: Math.ceil(bytesOf(value) / ALIGNMENT) * ALIGNMENT, start: t, end, offset: 0 };
    slots.set(value, slot);
    all.push(slot);
  };
  units.forEach((unit, t) => {
    const dying = [...inputsOf(unit)].filter((value) => slots.has(value) && slots.get(value)!.end === t);
    for (const value of totalOf(unit.head) === undefined ? unit.members : [unit.head!]) {
      const end = lastUse.get(value);
      if (end === undefined || places.has(value)) continue;
      const before = dying.find((read) => mayOverwrite(t, read, value));
      if (before === undefined) {
        open(value, t, end);
        continue;
      }
      dying.splice(dying.indexOf(before), 1);
      const slot = slots.get(before)!;
      slot.end = end;
      slots.set(value, slot);
    }
    for (const value of [unit.head, unit.tail]) {
      if (value === undefined || places.has(value) || slots.has(value)) continue;
      const end = lastUse.get(value);
      if (end !== undefined) open(value, t, end);
      else if (value === unit.head) placeProduct(unit, t);
    }
  });

  /** A product that only its own unit reads: in the memory of one of the unit's values that is not written before its last use. */
  function placeProduct(unit: Unit, t: number): void {
    const head = unit.head!;
    const reads = [...inputsOf(unit)];
    const last = unit.members.reduce((at, member, i) => (operandsOf(member).includes(head) ? i : at), -1);
    const host = unit.members.find((member, i) => {
      if (i < last || bytesOf(member) !== bytesOf(head)) return false;
      const place = places.get(member);
      if (place !== undefined) return !reads.some((read) => places.get(read) === place);
      const slot = slots.get(member);
      return slot !== undefined && slot.start === t;
    });
    const place = host === undefined ? undefined : places.get(host);
    if (place !== undefined) places.set(head, place);
    else if (host !== undefined) slots.set(head, slots.get(host)!);
    else open(head, t, t);
  }

  const arenaBytes = pack(all, units.length + 1);
  for (const [value, { offset }] of slots) places.set(value, { kind: "arena", at: offset });
  return { plan: { places, arenaBytes, liveBytes: mostAlive(all, units.length) }, units: [...units, ...copying] };
}
