// compile(): a function of tensors as one program for each signature of its arguments. Must not know passes or memory.
import { AliasError } from "../errors.js";
import { checkLike, checkTensor } from "../ops/define.js";
import { scope } from "../tensor/scope.js";
import { formatShape } from "../tensor/shape.js";
import { isRecorded } from "../tensor/tape.js";
import { type AnyTensor, Tensor } from "../tensor/tensor.js";
import { matchTree } from "../tensor/tree.js";
import { checkTransform, positionsOf } from "../transform/positions.js";
import { type Built, build, type Result } from "./build.js";
import { CompiledProgram, copyInto } from "./compiled-program.js";
import { describe, type Explanation, type Profile, profile, toDot } from "./explain/explain.js";
import { runRecorded } from "./recorded.js";
import { differenceOf, type Signature, signatureOf } from "./trace/signature.js";
import { Position } from "./trace/structure.js";

/** What `compile` takes. */
export interface CompileOptions {
  /**
   * Positions of arguments whose tensors the program may write over, such as parameters and the optimizer's state: nothing is copied,
   * nothing allocated. What becomes of such a tensor is written into it and comes back as the very same tensor: what `update` returned for
   * it, else the result at the same place, else the only one that fits. Within a gradient or another compiled function nothing is
   * written: there a donated tensor must not be read afterwards.
   */
  readonly donate?: number | readonly number[] | undefined;
}

/**
 * A compiled function: called like the one it was made of.
 * @example
 * const f = compile((x: Tensor<[2]>) => sum(mul(x, 2)));
 * f(tensor([1, 2])).item(); // 6
 * f.into(tensor(0), tensor([3, 4])).item(); // 14
 * f.explain().steps.length; // 1
 * f.profile(tensor([1, 2])).runs; // 15
 * f.toDot().startsWith("digraph"); // true
 * f.dispose();
 */
export interface Compiled<Args extends readonly unknown[], R> {
  /**
   * Runs the program for these arguments, made at the first call with their structure, shapes and dtypes. Results that are no
   * arguments belong to the program: its next call disposes and overwrites them, so `clone()` what must last.
   * @throws TraceError, AliasError and what the ops throw: see `compile`
   */
  (...args: Args): R;
  /**
   * Runs it with the results written into the tensors of `out`, which has the results' structure (keys in any order), and returns `out`.
   * @throws TypeError, ShapeError or DTypeError where `out` does not fit, AliasError where it is also an argument, or two of
   * its tensors share memory; what a call throws
   */
  into(out: R, ...args: Args): R;
  /**
   * What the program for these arguments consists of; of the last one that ran where there are none. Printed, it is a table.
   * @throws TypeError where there are no arguments and nothing has run; what tracing throws
   */
  explain(...args: Args | []): Explanation;
  /**
   * Runs the program for these arguments some times (donated ones are written) and says what each instruction takes.
   * @throws what a call throws: TraceError, AliasError, ShapeError, DTypeError
   */
  profile(...args: Args): Profile;
  /**
   * The fused graph in Graphviz' language.
   * @throws TypeError where there are no arguments and nothing has run; what tracing throws
   */
  toDot(...args: Args | []): string;
  /** Frees its programs and their results. It may be called again. Throws nothing. */
  dispose(): void;
}

/** Signatures from which on a function is likely to be traced by mistake. */
const MANY = 16;

/** Frees the programs of functions that nobody holds any more; their last results stay. */
const abandoned = /* @__PURE__ */ new FinalizationRegistry<CompiledProgram[]>((programs) => {
  for (const program of programs) program.release();
});

/**
 * Turns a function of tensors into one program: traced once for each structure of arguments with their shapes, dtypes and other
 * values; simplified, fused and planned; then run by a single call, without allocation and without JavaScript between the ops.
 * The function is like one for `valueAndGrad`, which it may use: arguments and results are tensors in nested arrays and plain objects.
 *
 * While it is traced its tensors have no elements. Tensors from outside are constants by reference: their elements are read anew
 * on every run. Numbers belong to the signature: pass what changes from call to call as a tensor. Tensors that it writes into with
 * `out`, and donated ones, are written on every run.
 *
 * @throws TraceError where the function reads elements, draws random tensors, returns a promise or keeps tensors from one trace to the
 * next; TypeError for an argument that holds a class instance, a map, a date or a typed array; AliasError where a tensor that is
 * written is passed twice, or it is not clear what a donated one becomes; DisposedError where a tensor from outside is gone; RangeError
 * where `donate` names an argument that there is not; what the ops throw
 * @example
 * const step = compile((w: Tensor<[2]>, x: Tensor<[2]>) => sub(w, mul(x, 0.5)), { donate: 0 });
 * const w = tensor([1, 2]);
 * step(w, tensor([2, 2]));
 * w.toArray(); // [0, 1]
 */
export function compile<Args extends readonly unknown[], R>(
  f: (...args: Args) => R,
  options: CompileOptions = {},
): Compiled<Args, R> {
  checkTransform("compile", f, options, "donate");
  const { donate = [] } = options;
  /** The one that ran last comes first. */
  const programs: CompiledProgram[] = [];
  let latest: Signature | undefined;
  let traced = 0;
  const leaves: AnyTensor[] = [];

  const find = (args: readonly unknown[]): CompiledProgram => {
    let outdated: CompiledProgram | undefined;
    for (const program of programs) {
      leaves.length = 0;
      if (!program.signature.matches(args, leaves)) continue;
      if (program.isCurrent) {
        if (program !== programs[0]) programs.unshift(forget(program));
        return program;
      }
      // The function may read another tensor by now; if not, it says so itself while it is traced.
      outdated = program;
    }
    const donated = positionsOf("compile: donate", donate, args.length);
    const signature = signatureOf(args);
    traced++;
    if (traced === MANY + 1) {
      const lost = outdated === undefined ? "the call before failed" : "a tensor from outside is gone";
      console.warn(
        `compile: ${f.name || String(f).slice(0, 60)} was traced ${traced} times, now as ${differenceOf(latest!, signature) ?? lost}; ` +
          "pass numbers that change as tensors, pad shapes",
      );
    }
    latest = signature;
    // Cast: the arguments are those that it is called with.
    const program = new CompiledProgram(signature, build(f as never, args, donated), outdated);
    if (outdated !== undefined) forget(outdated);
    programs.unshift(program);
    leaves.length = 0;
    signature.matches(args, leaves);
    return program;
  };

  const forget = (program: CompiledProgram): CompiledProgram => {
    programs.splice(programs.indexOf(program), 1);
    return program;
  };

  const run = (program: CompiledProgram, out?: () => readonly AnyTensor[]): readonly AnyTensor[] => {
    try {
      return program.run(leaves, out?.());
    } catch (error) {
      // A program that never ran was made for a call that fails: nothing of it stays.
      if (!program.hasRun) forget(program).release();
      throw error;
    }
  };

  const known = (args: readonly unknown[]): Built => {
    const program = args.length > 0 || f.length === 0 ? find(args) : programs[0];
    if (program === undefined)
      throw new TypeError("explain: nothing was compiled yet: call the function first, or pass arguments");
    return program.built;
  };

  const compiled = (...args: Args): R => {
    if (isRecorded()) return runRecorded(f, args, donate);
    const program = find(args);
    // Cast: what it returned while it was traced, with results in place of what they stand for.
    return program.built.fill(run(program)) as R;
  };
  const methods = Object.assign(compiled, {
    into: (out: R, ...args: Args): R => {
      if (isRecorded()) {
        scope(() => {
          const results = runRecorded(f, args, donate);
          copyInto(...matchOut(out, results, (leaf) => (leaf instanceof Tensor ? leaf : undefined)));
        });
        return out;
      }
      const program = find(args);
      const { structure, results } = program.built;
      const at = (leaf: unknown): Result | undefined => (leaf instanceof Position ? results[leaf.index] : undefined);
      run(program, () => matchOut(out, structure, at)[1]);
      return out;
    },
    explain: (...args: Args | []) => describe(known(args)),
    profile: (...args: Args) => {
      const program = find(args);
      run(program);
      return profile(program.built);
    },
    toDot: (...args: Args | []) => toDot(known(args)),
    dispose: () => {
      for (const program of programs.splice(0)) program.dispose();
    },
  });
  abandoned.register(compiled, programs);
  return methods;
}

/** The results, as `resultOf` finds them at a structure's leaves, and the tensors of `out` for them. */
function matchOut<T extends Pick<AnyTensor, "shape" | "dtype">>(
  out: unknown,
  structure: unknown,
  resultOf: (leaf: unknown) => T | undefined,
): [results: T[], outs: AnyTensor[]] {
  const results: T[] = [];
  const outs: AnyTensor[] = [];
  matchTree(out, structure, "compile: out", (value, path, leaf) => {
    const result = resultOf(leaf);
    if (result === undefined) return;
    const tensor = checkTensor(path, value);
    checkLike("compile", path.slice("compile: ".length), tensor, result.shape, result.dtype);
    if (outs.some(({ storage }) => storage === tensor.storage)) {
      throw new AliasError(`${path} ${formatShape(tensor.extents)} shares its memory with another out`);
    }
    results.push(result);
    outs.push(tensor);
  });
  return [results, outs];
}
