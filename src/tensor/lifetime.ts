// The scope that new tensors belong to, and what frees tensors that belong to none and that nobody disposes. Must not know what a tensor is.
import type { AnyTensor } from "./tensor.js";

/** The innermost scope's tensors, which it frees at its end; undefined outside of all scopes. */
let current: Set<AnyTensor> | undefined;

export function currentScope(): Set<AnyTensor> | undefined {
  return current;
}

/** Makes `scope` the innermost one and returns the one that was. */
export function enterScope(scope: Set<AnyTensor> | undefined): Set<AnyTensor> | undefined {
  const outer = current;
  current = scope;
  return outer;
}

/** What is watched, and the bytes that outlive it. */
export interface Watched<Bytes extends object> {
  /** Where it is among the newborn, if it is. */
  place: number;
  readonly storage: Bytes;
}

/** How many there are before they go into the registry at once. */
const MOST_NEWBORN = 1024;

/**
 * Frees what was forgotten, some time after the last reference to a tensor is gone. Only a safety net: engines run it late
 * or never. Tensors that are disposed are taken out again: engines empty a registry between turns of the event loop only,
 * and a long synchronous loop would fill the heap with what is left of its tensors.
 */
export class Watch<Bytes extends object> {
  readonly #forgotten: FinalizationRegistry<Bytes>;
  /**
   * Tensors on their way into the registry, at the end of this turn of the event loop (or when there are many): most are disposed
   * before, and in and out of the registry takes 0.8 us, of a set 0.1, of an array where they know their place hardly any.
   */
  readonly #newborn: Watched<Bytes>[] = [];
  #willRegister = false;

  constructor(free: (bytes: Bytes) => void) {
    this.#forgotten = new FinalizationRegistry(free);
  }

  add(tensor: Watched<Bytes>): void {
    tensor.place = this.#newborn.length;
    this.#newborn.push(tensor);
    if (this.#newborn.length > MOST_NEWBORN) this.#register();
    if (this.#willRegister) return;
    this.#willRegister = true;
    queueMicrotask(() => {
      this.#willRegister = false;
      this.#register();
    });
  }

  remove(tensor: Watched<Bytes>): void {
    const newborn = this.#newborn;
    if (newborn[tensor.place] !== tensor) {
      this.#forgotten.unregister(tensor);
      return;
    }
    const last = newborn.pop()!;
    last.place = tensor.place;
    if (last !== tensor) newborn[tensor.place] = last;
  }

  #register(): void {
    for (const tensor of this.#newborn) this.#forgotten.register(tensor, tensor.storage, tensor);
    this.#newborn.length = 0;
  }
}
