// Fuses ops into one instruction: elementwise ops alone, after a product, or before a sum. Must not know memory.
import { Abi } from "../../../assembly/abi.js";
import { Op } from "../../../assembly/ops.generated.js";
import type { Instruction } from "../../runtime/program/instruction.js";
import { type Shape, sameShape, sizeOf } from "../../tensor/shape.js";
import { instructionsOf, sketch } from "../emit/instructions.js";
import {
  type Computed,
  type Graph,
  isComputed,
  kernelOf,
  operandsOf,
  opOf,
  type Value,
  viewsOf,
} from "../trace/graph.js";
import { blocksFor, inputsOf, type Layout, layoutOf, shapesRepeated, type Unit, valuesOf } from "./unit.js";

/** A plain sum adds several rows of fewer terms at once. A sum over a micro-program cannot. */
const LONG = 128;

/** True for an elementwise op on operands of its own dtype, with at least one element. */
function isElementwise(value: Computed): boolean {
  return kernelOf(value) !== undefined && sizeOf(value.shape) > 0 && typeof value.origin.operands[3] !== "object";
}

/** The instruction of an op that has a single one. */
function soleInstruction(value: Computed): Instruction | undefined {
  const list = instructionsOf(value, sketch);
  return list.length === 1 ? list[0] : undefined;
}

/** True for a single product, without a batch, whose rows are the rows of its result. */
function isPlainProduct(value: Computed): boolean {
  if (opOf(value).kind !== "product" || sizeOf(value.shape) === 0) return false;
  const instruction = soleInstruction(value);
  const [rows, columns] = instruction?.extents ?? [0, 0];
  const single = instruction?.dims.length === 1 && instruction.dims[0] === 1;
  return single && rows > 1 && columns > 1 && columns === value.shape.at(-1) && rows * columns === sizeOf(value.shape);
}

/**
 * The most ops of a unit. Each op that joins costs another look at the whole unit, so the limit bounds that cost. Compared with 128 ops
 * one more pass over memory takes no time.
 */
const MOST_MEMBERS = 128;

/** The most values that a search for a cycle visits. A longer search assumes a cycle. */
const MOST_SEARCHED = 1024;

/** A unit while it grows. */
class Group implements Unit {
  head: Computed | undefined;
  members: Computed[] = [];
  tail: Computed | undefined;
  layout: Layout | undefined;
  /** The shapes of operands that members repeat, each once. */
  repeated: readonly Shape[] = [];
  /** Members that other members read. */
  read = new Set<Value>();
  /** The most blocks that its members need at once. */
  blocks = 0;
  /** True if elementwise ops of its shape may join. */
  open = true;
  /** At least the rank of every group that it reads. */
  rank: number;

  constructor(rank: number) {
    this.rank = rank;
  }

  get first(): Computed | undefined {
    return this.head ?? this.members[0];
  }
}

/** The values that other values of the list read. */
function readWithin(members: readonly Computed[]): Set<Value> {
  const all = new Set<Value>(members);
  return new Set(members.flatMap((member) => operandsOf(member).filter((operand) => all.has(operand))));
}

/**
 * The most blocks that the parts' members and `value` need at once; undefined if there are too few.
 * @param own - the members that it reads
 */
function blocksWith(parts: readonly Group[], value: Computed, own: ReadonlySet<Value>): number | undefined {
  let blocks = parts.reduce((sum, { members }) => sum + members.length, 1);
  const [part] = parts;
  if (parts.length === 1) {
    // A member that others read keeps its block until now. The others have kept theirs anyway.
    const again = [...own].filter((operand) => part!.read.has(operand)).length;
    blocks = Math.min(blocks, Math.max(part!.blocks + again, blocks - part!.read.size + again - own.size));
  }
  if (blocks <= Abi.blocks) return blocks;
  const found = blocksFor([...parts.flatMap(({ members }) => members), value], () => true);
  return found && 1 + Math.max(...found.values());
}

/** Each shape once. */
function distinct(shapes: readonly Shape[]): Shape[] {
  return shapes.filter((shape, i) => shapes.findIndex((other) => sameShape(other, shape)) === i);
}

/** The highest rank of some groups; without groups, below all ranks. */
function highest(groups: Iterable<Group>): number {
  return Math.max(-1, ...Array.from(groups, ({ rank }) => rank));
}

/** Groups the graph's ops into units, in an order in which each unit comes after those it needs. */
export function fuse(graph: Graph): Unit[] {
  const groups = new Map<Value, Group>();
  const readers = new Map<Value, Computed[]>();
  let ranks = 0;

  const settle = (group: Group, values: readonly Computed[]): void => {
    for (const value of values) groups.set(value, group);
  };

  /**
   * The groups that need one of the parts and whose rank is not above `rank`; undefined if one of them is a part or a target, because the
   * joined parts would need themselves.
   */
  const dependants = (
    parts: readonly Group[],
    targets: ReadonlySet<Group>,
    rank: number,
  ): ReadonlySet<Group> | undefined => {
    const found = new Set<Group>();
    let searched = 0;
    /** False if there is a cycle, or the search is too long. */
    const addReaders = (of: Group, inner: boolean): boolean =>
      valuesOf(of).every((value) =>
        (readers.get(value) ?? []).every((reader) => {
          const group = groups.get(reader)!;
          if (++searched > MOST_SEARCHED) return false;
          if (group === of || group.rank > rank) return true;
          // A product comes before the ops on its rows, so its operands are not among them.
          if (parts.includes(group)) return inner && reader !== group.head;
          found.add(group);
          return !targets.has(group);
        }),
      );
    if (!parts.every((part) => addReaders(part, true))) return undefined;
    // The set grows while it is walked.
    for (const group of found) if (!addReaders(group, false)) return undefined;
    return found;
  };

  /** Joins the groups, with `value` as their last member. False if that is impossible. */
  const join = (parts: readonly Group[], value: Computed): boolean => {
    const heads = parts.flatMap(({ head }) => head ?? []);
    const count = parts.reduce((sum, { members }) => sum + members.length, 1);
    if (heads.length > 1 || count > MOST_MEMBERS) return false;
    const others = new Set<Group>();
    const own = new Set<Value>();
    for (const { value: operand, shape } of viewsOf(value)) {
      const group = groups.get(operand);
      if (group === undefined) continue;
      if (!parts.includes(group)) others.add(group);
      else if (!sameShape(shape, value.shape)) return false;
      else if (operand !== group.head) own.add(operand);
    }
    const blocks = blocksWith(parts, value, own);
    if (blocks === undefined) return false;
    const repeated = distinct([...parts.flatMap((part) => part.repeated), ...shapesRepeated([value])]);
    const known = parts.length === 1 && parts[0]!.repeated.length === repeated.length ? parts[0]!.layout : undefined;
    const layout = known ?? layoutOf(value.shape, repeated, heads[0]?.shape.at(-1));
    if (layout === undefined) return false;
    const [group = new Group(++ranks), ...rest] = parts;
    const rank = Math.max(group.rank, highest(rest), highest(others));
    // A group of lower rank does not need a group of higher rank.
    if (rest.length > 0 || highest(others) >= group.rank) {
      const above = dependants(parts, others, rank);
      if (above === undefined) return false;
      for (const dependant of above) dependant.rank = rank;
    }
    for (const { members } of rest) group.members.push(...members);
    group.members.push(value);
    [group.head] = heads;
    Object.assign(group, { repeated, layout, rank, blocks });
    if (rest.length > 0) group.read = readWithin(group.members);
    else for (const operand of own) group.read.add(operand);
    settle(group, rest.length > 0 ? valuesOf(group) : [value]);
    return true;
  };

  const addMember = (value: Computed): void => {
    const accepts = (part: Group | undefined): part is Group =>
      part?.first !== undefined &&
      part.open &&
      sameShape(part.first.shape, value.shape) &&
      part.first.dtype === value.dtype;
    const parts = [
      ...new Set(
        operandsOf(value)
          .map((operand) => groups.get(operand))
          .filter(accepts),
      ),
    ];
    // All of them at once, else the latest, which waits longest anyway.
    const choices = parts.length > 1 ? [parts, ...parts.map((part) => [part]).reverse()] : [parts];
    if (![...choices, []].some((choice) => join(choice, value))) addAlone(value);
  };

  const addAlone = (value: Computed): void => {
    const group = new Group(++ranks);
    group.head = value;
    group.open = isPlainProduct(value);
    settle(group, [value]);
  };

  const addSum = (value: Computed): void => {
    const terms = value.origin.operands[0];
    const part = typeof terms === "object" ? groups.get(terms.value) : undefined;
    const [outer, count, inner] = soleInstruction(value)?.extents ?? [0, 0, 0];
    const fits = part?.open === true && part.head === undefined && inner === 1;
    const layout =
      fits && (outer === 1 || count >= LONG) ? layoutOf(part.first!.shape, part.repeated, count) : undefined;
    // A sum of all elements of a matrix cannot go row by row unless its rows are one run.
    if (layout === undefined || layout.rows !== outer) {
      addAlone(value);
      return;
    }
    Object.assign(part!, { tail: value, layout, open: false });
    settle(part!, [value]);
  };

  for (const value of graph.values) {
    if (!isComputed(value)) continue;
    if (isElementwise(value)) addMember(value);
    else if (opOf(value).op === Op.sum && sizeOf(value.shape) > 0 && value.dtype !== "int32") addSum(value);
    else addAlone(value);
    for (const operand of operandsOf(value)) {
      const list = readers.get(operand);
      if (list === undefined) readers.set(operand, [value]);
      else list.push(value);
    }
  }
  return inOrder(graph, groups);
}

/** Orders units by their first op, but each after the units it needs. */
function inOrder(graph: Graph, groups: ReadonlyMap<Value, Unit>): Unit[] {
  const order: Unit[] = [];
  const begun = new Set<Unit>();
  // A list of waiting units and the values they read. Recursion could overflow the stack.
  const waiting: { readonly unit: Unit; readonly inputs: Iterator<Value> }[] = [];
  const begin = (unit: Unit | undefined): void => {
    if (unit === undefined || begun.has(unit)) return;
    begun.add(unit);
    waiting.push({ unit, inputs: inputsOf(unit).values() });
  };
  for (const value of graph.values) {
    begin(groups.get(value));
    for (let top = waiting.at(-1); top !== undefined; top = waiting.at(-1)) {
      const { done, value: input } = top.inputs.next();
      if (!done) begin(groups.get(input));
      else order.push(waiting.pop()!.unit);
    }
  }
  return order;
}
