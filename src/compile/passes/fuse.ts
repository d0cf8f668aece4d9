// Which ops run as one instruction: elementwise ops block by block, behind a product or before a sum. Must not know memory.
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

/** Rows of fewer terms are folded several side by side, which those that a micro-program computes are not. */
const LONG = 128;

/** Elementwise on operands of its own dtype, and not empty. */
function isElementwise(value: Computed): boolean {
  return kernelOf(value) !== undefined && sizeOf(value.shape) > 0 && typeof value.origin.operands[3] !== "object";
}

/** The instruction of an op that is one. */
function soleInstruction(value: Computed): Instruction | undefined {
  const list = instructionsOf(value, sketch);
  return list.length === 1 ? list[0] : undefined;
}

/** True for a product of one matrix by another whose rows are the rows of its result. */
function isPlainProduct(value: Computed): boolean {
  if (opOf(value).kind !== "product" || sizeOf(value.shape) === 0) return false;
  const instruction = soleInstruction(value);
  const [rows, columns] = instruction?.extents ?? [0, 0];
  const single = instruction?.dims.length === 1 && instruction.dims[0] === 1;
  return single && rows > 1 && columns > 1 && columns === value.shape.at(-1) && rows * columns === sizeOf(value.shape);
}

/**
 * Ops of one unit at most: what it costs to look at a unit again with each op that joins stays bounded, and beside 128 ops one more
 * pass over memory takes no time.
 */
const MOST_MEMBERS = 128;

/** Values that one search for a cycle looks at, at most; beyond that there is taken to be one. */
const MOST_SEARCHED = 1024;

/** A unit while it grows. */
class Group implements Unit {
  head: Computed | undefined;
  members: Computed[] = [];
  tail: Computed | undefined;
  layout: Layout | undefined;
  /** The shapes under which members repeat what they read, each once. */
  repeated: readonly Shape[] = [];
  /** Its members that others of them read. */
  read = new Set<Value>();
  /** The blocks that its members need at once, at most. */
  blocks = 0;
  /** True where elementwise ops of its shape may join. */
  open = true;
  /** At least that of every group that it reads. */
  rank: number;

  constructor(rank: number) {
    this.rank = rank;
  }

  get first(): Computed | undefined {
    return this.head ?? this.members[0];
  }
}

/** The values that others of them read. */
function readWithin(members: readonly Computed[]): Set<Value> {
  const all = new Set<Value>(members);
  return new Set(members.flatMap((member) => operandsOf(member).filter((operand) => all.has(operand))));
}

/**
 * The blocks that the parts' members and `value` need at once, at most; undefined where there are not as many.
 * @param own - the members that it reads
 */
function blocksWith(parts: readonly Group[], value: Computed, own: ReadonlySet<Value>): number | undefined {
  let blocks = parts.reduce((sum, { members }) => sum + members.length, 1);
  const [part] = parts;
  if (parts.length === 1) {
    // What was read before keeps its block until now; what was not has kept it anyway.
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

/** The highest rank, below all others where there are no groups. */
function highest(groups: Iterable<Group>): number {
  return Math.max(-1, ...Array.from(groups, ({ rank }) => rank));
}

/** Groups the graph's ops as units, in an order in which each comes after those it needs. */
export function fuse(graph: Graph): Unit[] {
  const groups = new Map<Value, Group>();
  const readers = new Map<Value, Computed[]>();
  let ranks = 0;

  const settle = (group: Group, values: readonly Computed[]): void => {
    for (const value of values) groups.set(value, group);
  };

  /**
   * The groups that need one of the parts and whose rank is not above `rank`; undefined where one of them is a part or a target, so
   * that the parts joined would need themselves.
   */
  const dependants = (
    parts: readonly Group[],
    targets: ReadonlySet<Group>,
    rank: number,
  ): ReadonlySet<Group> | undefined => {
    const found = new Set<Group>();
    let searched = 0;
    /** False where there is a cycle, or no end to the search. */
    const addReaders = (of: Group, inner: boolean): boolean =>
      valuesOf(of).every((value) =>
        (readers.get(value) ?? []).every((reader) => {
          const group = groups.get(reader)!;
          if (++searched > MOST_SEARCHED) return false;
          if (group === of || group.rank > rank) return true;
          // A product comes before all that runs on its rows: what it reads is not among those.
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

  /** Joins the groups, with `value` as their last member; false where that can't be. */
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
    // What ranks below a group does not need it.
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
    // All of them at once, else the latest, which has most to wait for.
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
    // A sum of all elements of a matrix whose rows are not one run can't be taken row by row.
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

/** Units by the place of their first op, as far as what they need allows. */
function inOrder(graph: Graph, groups: ReadonlyMap<Value, Unit>): Unit[] {
  const order: Unit[] = [];
  const begun = new Set<Unit>();
  // Units that wait for others, with the values that they read: no recursion, for a program may be deeper than the stack.
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
