// The bytes of tensors: references, a version, and the block of memory behind them. Must not know shapes, dtypes or tensors.
import { TraceError } from "../errors.js";
import type { Block } from "../runtime/memory/allocator.js";
import { allocate, countForPrograms, release } from "../runtime/memory/memory.js";
import { newestId } from "./lifetime.js";

/** Bytes held by tensors; `memory()` reports them. */
export let liveBytes = 0;

/** The bytes of one or several tensors, freed with the last reference. A traced tensor's storage is abstract: it has no bytes. */
export class Storage {
  /** Counts writes through `out`. A gradient compares it to notice that a saved value has changed. */
  version = 0;
  /** The id of the newest tensor when this storage was made. */
  readonly since = newestId();
  #references = 1;
  readonly #block: Block | undefined;

  /** @param block - undefined makes the storage abstract */
  constructor(block: Block | undefined) {
    this.#block = block;
  }

  get isAbstract(): boolean {
    return this.#block === undefined;
  }

  /** The number of tensors, tapes and programs that hold the bytes. */
  get references(): number {
    return this.#references;
  }

  get address(): number {
    if (this.#block === undefined) throw new TraceError("compile: a tensor of the function has no address");
    return this.#block.address;
  }

  retain(): this {
    this.#references++;
    return this;
  }

  release(): void {
    this.#references--;
    if (this.#references === 0 && this.#block !== undefined) {
      liveBytes -= this.#block.size;
      release(this.#block);
    }
  }

  /** Counts the bytes as a program's (true) or as a tensor's again (false). */
  countAsResult(isResult: boolean): void {
    const { size } = this.#block!;
    countForPrograms(isResult ? size : -size);
    liveBytes += isResult ? -size : size;
  }

  static allocate(bytes: number, forWhat: () => string): Storage {
    const block = allocate(bytes, forWhat);
    liveBytes += block.size;
    return new Storage(block);
  }
}
