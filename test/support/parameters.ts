// Parameters in structures for optimizers, and all their tensors. Must not know any optimizer.
import { expect } from "vitest";
import { type AnyTensor, random } from "../../src/index.js";
import { expectSameBits } from "./bits.js";

export interface Params {
  readonly layers: readonly { readonly w: AnyTensor; readonly b: AnyTensor }[];
  readonly scale: AnyTensor;
}

/** Parameters in a structure of arrays and objects, or gradients for them. */
export function structure(seed: number, dtype: "float32" | "float64"): Params {
  const make = (shape: readonly number[], i: number): AnyTensor => random.normal(shape, { seed: seed * 10 + i, dtype });
  return {
    layers: [
      { w: make([2, 3], 0), b: make([3], 1) },
      { w: make([3, 1], 2), b: make([0], 3) },
    ],
    scale: make([], 4),
  };
}

export const leavesOf = ({ layers, scale }: Params): AnyTensor[] => [...layers.flatMap(({ w, b }) => [w, b]), scale];
export const valuesOf = (params: Params): number[] => leavesOf(params).flatMap(({ data }) => Array.from(data));

/** Every tensor of a structure. */
export function allTensors(tree: unknown): AnyTensor[] {
  if (!(tree instanceof Object)) return [];
  return "dispose" in tree ? [tree as AnyTensor] : Object.values(tree).flatMap(allTensors);
}

/** Expects the same bits in every tensor of two structures. */
export function expectSameTensors(actual: unknown, expected: unknown): void {
  const others = allTensors(expected);
  allTensors(actual).forEach((tensor, i) => {
    expectSameBits(tensor.data, others[i]!.data);
  });
  expect(allTensors(actual).length).toBe(others.length);
}
