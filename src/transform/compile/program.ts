// A compiled function for one signature, at work: binds arguments, checks, runs, and hands out results. Must not know how the
// program was made.
import { AliasError } from "../../errors.js";
import { identity } from "../../ops/elementwise.js";
import { arenaAddress } from "../../runtime/arena.js";
import { scope } from "../../tensor/scope.js";
import { formatShape } from "../../tensor/shape.js";
import { type AnyTensor, Storage, Tensor } from "../../tensor/tensor.js";
import type { Built, Result } from "./build.js";
import type { Value } from "./graph.js";
import { computeEarly } from "./guards.js";
import { bytesOf } from "./plan.js";
import type { Signature } from "./signature.js";

/** Why results of the call before are gone. */
const CALLED_AGAIN = "the compiled function that returned it was called again; clone() what must last";

/** Memory for all results of the program's own. */
type Buffers = readonly Storage[];

export class CompiledProgram {
  readonly signature: Signature;
  readonly built: Built;
  readonly #own: readonly Result[];
  /** More than one set where results are passed in again: they are read while the next ones are written. */
  readonly #sets: Buffers[] = [];
  /** What the program's symbols were bound to when they were last checked. */
  readonly #bound: number[] = [];
  /** The tensors of the last results, which the next run disposes. */
  #handles: AnyTensor[];
  hasRun = false;

  /** @param before - the program that this one takes the place of */
  constructor(signature: Signature, built: Built, before: CompiledProgram | undefined) {
    this.signature = signature;
    this.built = built;
    this.#handles = before === undefined ? [] : before.#handles.splice(0);
    before?.release();
    this.#own = built.results.filter(({ argument }) => argument === undefined);
  }

  /**
   * Runs the program and gives its results' tensors.
   * @param leaves - the arguments' tensors
   * @param out - tensors to write the results into, in place of the program's own memory
   */
  run(leaves: readonly AnyTensor[], out?: readonly AnyTensor[]): readonly AnyTensor[] {
    const { program, written } = this.built;
    for (const leaf of leaves) leaf.assertAlive("compile");
    this.#guard(leaves);
    const buffers = out === undefined ? this.#apartFrom(leaves) : this.#given(out);
    if (this.#bind(leaves, buffers)) this.#checkAliases(leaves, buffers);
    program.run();
    this.hasRun = true;
    for (const index of written) leaves[index]!.storage.version++;
    return out === undefined ? this.#handOut(leaves, buffers) : this.#copyArguments(leaves, out);
  }

  /** False once a tensor from outside that the function read is disposed. */
  get isCurrent(): boolean {
    return !this.built.outside.some((tensor) => tensor.isDisposed);
  }

  /** Gives back all memory; results become unusable. */
  dispose(): void {
    for (const handle of this.#handles) handle.end("the compiled function that returned it was disposed");
    this.release();
  }

  /** Gives back all memory but that of results which somebody still holds: nobody will overwrite them any more. */
  release(): void {
    for (const storage of this.#sets.flat()) {
      storage.countAsResult(false);
      storage.release();
    }
    this.built.dispose();
  }

  #guard(leaves: readonly AnyTensor[]): void {
    const { guards } = this.built;
    const made = new Map<Value, AnyTensor>();
    const checkAll = (): void => {
      for (const { value, check } of guards) check(computeEarly(value, leaves, made).data);
    };
    // Arguments are checked where they lie.
    if (guards.every(({ value }) => value.origin.kind === "input")) checkAll();
    else scope(checkAll);
  }

  /** A set of buffers that no argument lies in. */
  #apartFrom(leaves: readonly AnyTensor[]): Buffers {
    for (const set of this.#sets) if (!leaves.some(({ storage }) => set.includes(storage))) return set;
    const set: Storage[] = [];
    try {
      for (const result of this.#own) set.push(Storage.allocate(bytesOf(result), () => "compile: a result"));
    } catch (error) {
      for (const storage of set) storage.release();
      throw error;
    }
    for (const storage of set) storage.countAsResult(true);
    this.#sets.push(set);
    return set;
  }

  #given(out: readonly AnyTensor[]): Buffers {
    return out.flatMap(({ storage }, i) => (this.built.results[i]!.argument === undefined ? [storage] : []));
  }

  /** Tells the program where everything lies; true where that has changed. */
  #bind(leaves: readonly AnyTensor[], buffers: Buffers): boolean {
    const { program } = this.built;
    const inputs = leaves.length;
    const arena = inputs + buffers.length;
    let changed = false;
    for (let symbol = 0; symbol <= arena; symbol++) {
      const address =
        symbol === arena
          ? arenaAddress()
          : (symbol < inputs ? leaves[symbol]!.storage : buffers[symbol - inputs]!).address;
      if (this.#bound[symbol] === address) continue;
      this.#bound[symbol] = address;
      program.bind(symbol, address);
      changed = true;
    }
    return changed;
  }

  /** @throws AliasError where what is written while the program runs is also something else */
  #checkAliases(leaves: readonly AnyTensor[], buffers: Buffers): void {
    const { written, constants } = this.built;
    const others = [...leaves.map(({ storage }) => storage), ...buffers, ...constants];
    const targets = [...written, ...buffers.map((_, k) => leaves.length + k)];
    for (const target of targets) {
      const storage = others[target]!;
      if (others.indexOf(storage) === others.lastIndexOf(storage)) continue;
      // Checked again next time, not taken for checked.
      this.#bound.length = 0;
      const tensor = leaves.find((leaf) => leaf.storage === storage);
      throw new AliasError(
        `compile: tensor ${tensor === undefined ? "" : formatShape(tensor.extents)} is written (donated, or an out) and is also ` +
          "another argument, out or tensor that the function reads",
      );
    }
  }

  #copyArguments(leaves: readonly AnyTensor[], out: readonly AnyTensor[]): readonly AnyTensor[] {
    const results = this.built.results.map((result, i) => {
      if (result.argument !== undefined) return leaves[result.argument]!;
      out[i]!.storage.version++;
      return out[i]!;
    });
    copyInto(results, out);
    return out;
  }

  /** New handles on the results; those of the run before are disposed, unless they are arguments that come back. */
  #handOut(leaves: readonly AnyTensor[], buffers: Buffers): readonly AnyTensor[] {
    const before = this.#handles;
    const made: AnyTensor[] = [];
    let next = 0;
    const results = this.built.results.map((result): AnyTensor => {
      if (result.argument !== undefined) return leaves[result.argument]!;
      const handle = new Tensor(result.shape, result.dtype, buffers[next++]!.retain());
      made.push(handle);
      return handle;
    });
    for (const handle of before) if (!results.includes(handle)) handle.end(CALLED_AGAIN);
    this.#handles = made;
    return results;
  }
}

/** Copies results into `outs`, which are apart from each other, as if all at once: a result may lie in the out of another one. */
export function copyInto(results: readonly AnyTensor[], outs: readonly AnyTensor[]): void {
  scope(() => {
    const sources = results.map((x, i) =>
      outs.some((out, j) => j !== i && out.storage === x.storage) ? x.clone() : x,
    );
    sources.forEach((x, i) => {
      if (x !== outs[i]) identity(x, { out: outs[i]! });
    });
  });
}
