// Counts live tensors, makes the memory grow, and loads instances of the library with a new memory.
import { expect, vi } from "vitest";
import { type AnyTensor, memory } from "../../src/index.js";
import { inNode } from "./engine.js";

export type Library = typeof import("../../src/index.js");

/** Runs `body` and expects that as many tensors and bytes are alive afterwards. */
export function expectNoLeak<R>(body: () => R): R {
  const { tensors, bytes } = memory();
  const result = body();
  expect(memory()).toMatchObject({ tensors, bytes });
  return result;
}

/** How many fresh libraries there were. */
let generation = 0;

/** A new instance of the library, with an unused memory: 1 MiB, without scratch. */
export async function freshLibrary(): Promise<Library> {
  vi.resetModules();
  generation++;
  return freshModule("index");
}

/** A module of the newest library. Browsers cannot forget modules: there each library has addresses of its own. */
export function freshModule<M>(name: string): Promise<M> {
  return import(/* @vite-ignore */ inNode ? `../../src/${name}.js` : `/src/${name}.ts?fresh=${generation}`);
}

/** Makes the memory grow, so that every view of it is detached: asks for as much as there is. */
export function growMemory({ memory, zeros }: Library): void {
  const { reserved } = memory();
  zeros([reserved / 4]).dispose();
  expect(memory().reserved).toBeGreaterThan(reserved);
}

/** Copies of all elements, to compare with later. */
export function copiesOf(tensors: readonly AnyTensor[]): (Float32Array | Float64Array | Int32Array)[] {
  return tensors.map(({ data }) => data.slice());
}
