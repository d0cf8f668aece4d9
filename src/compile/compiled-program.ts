// A program for one signature at work: binds arguments, checks them, runs, and returns results. Must not know how the program was made.
import { AliasError } from "../errors.js";
import { identity } from "../ops/elementwise.js";
import { arenaAddress } from "../runtime/memory/arena.js";
import { scope } from "../tensor/scope.js";
import { formatShape } from "../tensor/shape.js";
import { Storage } from "../tensor/storage.js";
import { type AnyTensor, Tensor } from "../tensor/tensor.js";
import type { Built, Result } from "./build.js";
import { bytesOf } from "./passes/plan.js";
import type { Value } from "./trace/graph.js";
import { computeEarly } from "./trace/guards.js";
import type { Signature } from "./trace/signature.js";

/** Why results of the previous call are gone. */
const CALLED_AGAIN = "the compiled function that returned it was called again; clone() what must last";

/** Memory for all results that are not arguments. */
type Buffers = readonly Storage[];

export class CompiledProgram {
  readonly signature: Signature;
  readonly built: Built;
  readonly #own: readonly Result[];
  /** Results that are passed in again need a second set: they are read while the next ones are written. */
  readonly #sets: Buffers[] = [];
  /** The addresses of the program's symbols at the last check. */
  readonly #bound: number[] = [];
  /** The tensors of the last results. The next run disposes them. */
  #handles: AnyTensor[];
  hasRun = false;

  /** @param before - the program that this one replaces */
  constructor(signature: Signature, built: Built, before: CompiledProgram | undefined) {
    this.signature = signature;
    this.built = built;
    this.#handles = before === undefined ? [] : before.#handles.splice(0);
    before?.release();
    this.#own = built.results.filter(({ argument }) => argument === undefined);
  }

  /**
   * Runs the program and returns the tensors of its results.
   * @param leaves - the arguments' tensors
   * @param out - tensors to write the results into, instead of the program's own memory
   */
  run(leaves: readonly AnyTensor[], out?: readonly AnyTensor[]): readonly AnyTensor[] {
    const { guards, program, written } = this.built;
    for (let i = 0; i < leaves.length; i++) leaves[i]!.assertAlive("compile");
    if (guards.length > 0) this.#guard(leaves);
    const buffers = out === undefined ? this.#apartFrom(leaves) : this.#given(out);
    if (this.#bind(leaves, buffers)) this.#checkAliases(leaves, buffers);
    program.run();
    this.hasRun = true;
    for (let i = 0; i < written.length; i++) leaves[written[i]!]!.storage.version++;
    return out === undefined ? this.#handOut(leaves, buffers) : this.#copyOut(leaves, out);
  }

  /** False after the disposal of a tensor from outside that the function read. */
  get isCurrent(): boolean {
    for (const tensor of this.built.outside) if (tensor.isDisposed) return false;
    return true;
  }

  /** Frees all memory and disposes the last results. */
  dispose(): void {
    for (const handle of this.#handles) handle.end("the compiled function that returned it was disposed");
    this.release();
  }

  /** Frees all memory except that of results still in use, which nothing will overwrite any more. */
  release(): void {
    for (const set of this.#sets) giveUp(set);
    this.built.dispose();
  }

  #guard(leaves: readonly AnyTensor[]): void {
    const { guards } = this.built;
    let early = false;
    // Arguments are checked in place.
    for (let i = 0; i < guards.length; i++) {
      const { value, check } = guards[i]!;
      if (value.origin.kind === "input") check(leaves[value.origin.index]!.data);
      else early = true;
    }
    if (!early) return;
    const made = new Map<Value, AnyTensor>();
    scope(() => {
      for (const { value, check } of guards) {
        if (value.origin.kind !== "input") check(computeEarly(value, leaves, made).data);
      }
    });
  }

  #given(out: readonly AnyTensor[]): Buffers {
    return out.flatMap(({ storage }, i) => (this.built.results[i]!.argument === undefined ? [storage] : []));
  }

  /** New tensors for the results. Those of the previous call are disposed, unless they are arguments of this one. */
  #handOut(leaves: readonly AnyTensor[], buffers: Buffers): readonly AnyTensor[] {
    const { results } = this.built;
    const found = new Array<AnyTensor>(results.length);
    const made = new Array<AnyTensor>(buffers.length);
    let next = 0;
    for (let i = 0; i < found.length; i++) {
      const { argument, shape, dtype } = results[i]!;
      if (argument === undefined) {
        found[i] = made[next] = new Tensor(shape, dtype, buffers[next]!.retain());
        next++;
      } else found[i] = leaves[argument]!;
    }
    const before = this.#handles;
    for (let i = 0; i < before.length; i++) if (!found.includes(before[i]!)) before[i]!.end(CALLED_AGAIN);
    this.#handles = made;
    return found;
  }

  /** The tensors of `out`, after copying the results that are arguments. */
  #copyOut(leaves: readonly AnyTensor[], out: readonly AnyTensor[]): readonly AnyTensor[] {
    const { results } = this.built;
    results.forEach(({ argument }, i) => {
      if (argument === undefined) out[i]!.storage.version++;
    });
    const found = results.map(({ argument }, i) => (argument === undefined ? out[i]! : leaves[argument]!));
    copyInto(found, out);
    return out;
  }

  /** A set of buffers that hold no argument and no view of a result. */
  #apartFrom(leaves: readonly AnyTensor[]): Buffers {
    // Plain loops: with lists a small step would take a tenth longer.
    for (let i = 0; i < this.#sets.length; i++) {
      const set = this.#sets[i]!;
      if (this.#isPassedIn(set, leaves)) continue;
      if (this.#isSeen(set)) {
        giveUp(set);
        this.#sets.splice(i--, 1);
      } else return set;
    }
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

  #isPassedIn(set: Buffers, leaves: readonly AnyTensor[]): boolean {
    if (set.length > 0) for (const leaf of leaves) if (set.includes(leaf.storage)) return true;
    return false;
  }

  /** True if a view of a result exists: something besides this program and the result's handle holds the bytes. */
  #isSeen(set: Buffers): boolean {
    for (const storage of set) {
      let holders = 1;
      for (const handle of this.#handles) if (!handle.isDisposed && handle.storage === storage) holders++;
      if (storage.references > holders) return true;
    }
    return false;
  }

  /** Gives the program the addresses of arguments, results and the arena. True if any has changed. */
  #bind(leaves: readonly AnyTensor[], buffers: Buffers): boolean {
    let symbol = 0;
    let changed = false;
    for (let i = 0; i < leaves.length; i++) changed = this.#place(symbol++, leaves[i]!.storage.address) || changed;
    for (let i = 0; i < buffers.length; i++) changed = this.#place(symbol++, buffers[i]!.address) || changed;
    return this.#place(symbol, arenaAddress()) || changed;
  }

  #place(symbol: number, address: number): boolean {
    if (this.#bound[symbol] === address) return false;
    this.#bound[symbol] = address;
    this.built.program.bind(symbol, address);
    return true;
  }

  /** @throws AliasError if bytes that the program writes have a second use */
  #checkAliases(leaves: readonly AnyTensor[], buffers: Buffers): void {
    const storages = [...leaves.map(({ storage }) => storage), ...buffers];
    const all = [...storages, ...this.built.constants];
    const written = [...this.built.written.map((index) => storages[index]!), ...buffers];
    const shared = written.find((storage) => all.indexOf(storage) !== all.lastIndexOf(storage));
    if (shared === undefined) return;
    // Makes the next run check again.
    this.#bound.length = 0;
    const tensor = leaves.find(({ storage }) => storage === shared);
    throw new AliasError(
      `compile: tensor ${tensor === undefined ? "" : formatShape(tensor.extents)} is written (donated, or an out) and is also ` +
        "another argument, or used by the function from outside",
    );
  }
}

/** Leaves buffers to the tensors that hold them. */
function giveUp(set: Buffers): void {
  for (const storage of set) {
    storage.countAsResult(false);
    storage.release();
  }
}

/** Copies results into `outs` as if all at once, because a result may lie in another one's out. The outs share no memory. */
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
