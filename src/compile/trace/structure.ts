// The structure of a function's result, with positions in place of tensors, and how to fill it in. Must not know programs.
import type { AnyTensor } from "../../tensor/tensor.js";
import { isPlainObject } from "../../tensor/tree.js";

/** The position of a result, in place of its tensor. */
export class Position {
  readonly index: number;
  constructor(index: number) {
    this.index = index;
  }
}

/** The structure with results at their positions. */
export type Filler = (results: readonly AnyTensor[]) => unknown;

/** Makes the function that fills a structure in. A small step would spend a quarter of its time on walking the structure again. */
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
