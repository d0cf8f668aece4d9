// Which ops run as one instruction: elementwise ops block by block, behind a product or before a sum. Must not know memory.
import { Abi } from "../../../assembly/opcodes.js";
import type { Instruction } from "../../runtime/program.js";
import { type Shape, sameShape, sizeOf } from "../../tensor/shape.js";
import { type Computed, type Graph, isComputed, type Operand, operandsOf, type Value } from "./graph.js";
import { instructionsOf, sketch } from "./instructions.js";
import { blocksFor, inputsOf, type Layout, layoutOf, shapesRepeated, type Unit, valuesOf } from "./unit.js";

/** Rows of fewer terms are folded several side by side, which those that a micro-program computes are not. */
const LONG = 128;

/** Elementwise on operands of its own dtype, and not empty. */
function isElementwise(value: Computed): boolean {
  const { op, operands } = value.origin;
  return (
    op.opcode !== undefined &&
    op.name !== "full" &&
    sizeOf(value.shape) > 0 &&
    (operands.length < 4 || typeof operands[3] === "number")
  );
}

/** The instruction of an op that is one. */
function soleInstruction(value: Computed): Instruction | undefined {
  const list = instructionsOf(value, sketch);
  return list.length === 1 ? list[0] : undefined;
}

/** True for a product of one matrix by another whose rows are the rows of its result. */
function isPlainProduct(value: Computed): boolean {
  if (value.origin.op.role !== "product" || sizeOf(value.shape) === 0) return false;
  const instruction = soleInstruction(value);
  const [rows, columns] = instruction?.extents ?? [0, 0];
  const single = instruction?.dims.length === 1 && instruction.dims[0] === 1;
  return single && rows > 1 && columns > 1 && columns === value.shape.at(-1) && rows * columns === sizeOf(value.shape);
}

/** A unit while it grows. */
class Group implements Unit {
  head: Computed | undefined;
  members: Computed[] = [];
  tail: Computed | undefined;
  layout: Layout | undefined;
  /** True where elementwise ops of its shape may join. */
  open = true;

  get shape(): Shape | undefined {
    return (this.head ?? this.members[0])?.shape;
  }
}

/** Groups the graph's ops as units, in an order in which each comes after those it needs. */
export function fuse(graph: Graph): Unit[] {
  const groups = new Map<Value, Group>();
  const groupOf = (value: Value): Group | undefined => groups.get(value);

  /** Whether any of the values needs one of the groups, through others. */
  const needs = (values: Iterable<Value>, targets: ReadonlySet<Group>): boolean => {
    const seen = new Set<Group>();
    const open = [...values];
    for (let value = open.pop(); value !== undefined; value = open.pop()) {
      const group = groupOf(value);
      if (group === undefined || seen.has(group)) continue;
      if (targets.has(group)) return true;
      seen.add(group);
      open.push(...inputsOf(group));
    }
    return false;
  };

  /** The groups joined, with `value` as their last member, or undefined where that can't be. */
  const joined = (parts: readonly Group[], value: Computed): Group | undefined => {
    const heads = parts.filter(({ head }) => head !== undefined);
    const members = [...parts.flatMap((part) => part.members), value];
    const crowded = members.length > Abi.blocks && blocksFor(members, () => true) === undefined;
    if (heads.length > 1 || crowded) return undefined;
    const head = heads[0]?.head;
    const own = new Set<Value>(head === undefined ? members : [head, ...members]);
    const whole = (operand: Operand): boolean =>
      typeof operand === "number" || !own.has(operand.value) || sameShape(operand.shape, value.shape);
    if (!value.origin.operands.every(whole)) return undefined;
    const layout = layoutOf(value.shape, shapesRepeated(members), head?.shape.at(-1));
    if (layout === undefined) return undefined;
    const group = new Group();
    group.head = head;
    group.members = members;
    group.layout = layout;
    return parts.length > 0 && needs(inputsOf(group), new Set(parts)) ? undefined : group;
  };

  const settle = (group: Group): void => {
    for (const value of valuesOf(group)) groups.set(value, group);
  };

  const addMember = (value: Computed): void => {
    const accepts = (part: Group | undefined): part is Group =>
      part?.shape !== undefined &&
      part.open &&
      sameShape(part.shape, value.shape) &&
      (part.head ?? part.members[0])!.dtype === value.dtype;
    const parts = [...new Set(operandsOf(value).map(groupOf).filter(accepts))];
    // All of them at once, else the latest, which has most to wait for.
    const choices = parts.length > 1 ? [parts, ...parts.map((part) => [part]).reverse()] : [parts];
    for (const choice of [...choices, []]) {
      const group = joined(choice, value);
      if (group !== undefined) {
        settle(group);
        return;
      }
    }
    addAlone(value);
  };

  const addAlone = (value: Computed): void => {
    const group = new Group();
    group.head = value;
    group.open = isPlainProduct(value);
    settle(group);
  };

  const addSum = (value: Computed): void => {
    const terms = value.origin.operands[0];
    const part = typeof terms === "object" ? groupOf(terms.value) : undefined;
    const [outer, count, inner] = soleInstruction(value)?.extents ?? [0, 0, 0];
    const fits = part?.open === true && part.head === undefined && inner === 1;
    const layout =
      fits && (outer === 1 || count >= LONG) ? layoutOf(part.shape!, shapesRepeated(part.members), count) : undefined;
    // A sum of all elements of a matrix whose rows are not one run can't be taken row by row.
    if (layout === undefined || layout.rows !== outer) {
      addAlone(value);
      return;
    }
    const group = new Group();
    group.members = part!.members;
    group.tail = value;
    group.layout = layout;
    group.open = false;
    settle(group);
  };

  for (const value of graph.values) {
    if (!isComputed(value)) continue;
    if (isElementwise(value)) addMember(value);
    else if (value.origin.op.role === "sum" && sizeOf(value.shape) > 0 && value.dtype !== "int32") addSum(value);
    else addAlone(value);
  }
  return inOrder(graph, groups);
}

/** Units by the place of their first op, as far as what they need allows. */
function inOrder(graph: Graph, groups: ReadonlyMap<Value, Unit>): Unit[] {
  const order: Unit[] = [];
  const done = new Set<Unit>();
  const place = (unit: Unit): void => {
    if (done.has(unit)) return;
    done.add(unit);
    for (const input of inputsOf(unit)) {
      const needed = groups.get(input);
      if (needed !== undefined) place(needed);
    }
    order.push(unit);
  };
  for (const value of graph.values) {
    const unit = groups.get(value);
    if (unit !== undefined) place(unit);
  }
  return order;
}
