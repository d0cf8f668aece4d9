// The structure that a function returned, with its tensors left open, and how it is filled in again. Must not know programs.
import type { AnyTensor } from "../../tensor/tensor.js";
import { isPlainObject } from "../../tensor/tree.js";

/** Stands for one result in a structure. */
export class Position {
  readonly index: number;
  constructor(index: number) {
    this.index = index;
  }
}

/** A structure with the results at their positions. */
export type Filler = (results: readonly AnyTensor[]) => unknown;

/** How to fill a structure in: worked out once, for a small step would spend a quarter of its time looking at it again. */
export function fillerOf(structure: unknown): Filler {
  if (structure instanceof Position) {
    const { index } = structure;
    return (results) => results[index];
  }
  if (Array.isArray(structure)) {
    const items = structure.map(fillerOf);
    return (results) => {
      const filled = new Array<unknown>(items.length);
      for (let i = 0; i < items.length; i++) filled[i] = items[i]!(results);
      return filled;
    };
  }
  if (isPlainObject(structure)) {
    const keys = Object.keys(structure);
    const items = Object.values(structure).map(fillerOf);
    return (results) => {
      const filled: Record<string, unknown> = {};
      for (let i = 0; i < keys.length; i++) filled[keys[i]!] = items[i]!(results);
      return filled;
    };
  }
  return () => structure;
}
