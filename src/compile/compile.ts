// compile(): turns a function of tensors into one program for each signature of its arguments. Must not know passes or memory.
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

/** Options of `compile`. */
export interface CompileOptions {
  /**
   * The positions of arguments whose tensors the program may overwrite, such as parameters and the optimizer's state. Nothing is copied or
   * allocated for them. The next value of such a tensor is written into it, and the call returns the same tensor. The next value is the one
   * that `update` returned for it, else the result at the same place, else the only result that fits. Within a gradient or another compiled
   * function nothing is overwritten, but a donated tensor must not be read afterwards.
   */
  readonly donate?: number | readonly number[] | undefined;
}

/**
 * A compiled function. It is called like the original function.
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
   * Runs the program for these arguments. The first call with their structure, shapes and dtypes makes it. Results that are not arguments
   * belong to the program: its next call disposes and overwrites them, so `clone()` results that must last.
   * @throws TraceError, AliasError and the errors of the ops: see `compile`
   */
  (...args: Args): R;
  /**
   * Runs the program, writes the results into the tensors of `out`, and returns `out`. `out` has the results' structure, with keys in any
   * order.
   * @throws TypeError, ShapeError or DTypeError if `out` does not fit, AliasError if it is also an argument, or two of its tensors share
   * memory; and the errors of a call
   */
  into(out: R, ...args: Args): R;
  /**
   * Describes the program for these arguments, or without arguments the last one that ran. Prints as a table.
   * @throws TypeError without arguments if nothing has run; the errors of tracing
   */
  explain(...args: Args | []): Explanation;
  /**
   * Runs the program for these arguments several times and measures each step. Donated arguments are overwritten.
   * @throws the errors of a call: TraceError, AliasError, ShapeError, DTypeError
   */
  profile(...args: Args): Profile;
  /**
   * The fused graph in Graphviz' language.
   * @throws TypeError without arguments if nothing has run; the errors of tracing
   */
  toDot(...args: Args | []): string;
  /** Frees all programs and their results. The function may be called again. Throws nothing. */
  dispose(): void;
}

/** With this many signatures a function is probably traced by mistake. */
const MANY = 16;

/** Frees the programs of functions that were collected. Their last results stay. */
const abandoned = /* @__PURE__ */ new FinalizationRegistry<CompiledProgram[]>((programs) => {
  for (const program of programs) program.release();
});

/**
 * Turns a function of tensors into a program. The function is traced once for each signature: the structure of its arguments, their shapes
 * and dtypes, and the values that are not tensors. The trace is simplified, fused and planned. A single call then runs it, without
 * allocation and without JavaScript between the ops. Arguments and results are tensors in nested arrays and plain objects. The function may
 * use `valueAndGrad`.
 *
 * During the trace its tensors have no elements. Tensors from outside are constants by reference: each run reads their elements again.
 * Numbers belong to the signature, so pass numbers that change from call to call as tensors. Each run writes donated tensors and those
 * that the function writes with `out`.
 *
 * @throws TraceError if the function reads elements, draws random tensors, returns a promise or keeps tensors from one trace to the next;
 * TypeError for an argument that holds a class instance, a map, a date or a typed array; AliasError if a written tensor is passed twice, or
 * the next value of a donated one is ambiguous; DisposedError if a tensor from outside is disposed; RangeError if `donate` names a position
 * beyond the arguments; and the errors of the ops
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
  /** The program that ran last comes first. */
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
      // The function may read another tensor by now. If not, its trace throws.
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
      // A new program whose first call fails is freed.
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

/** Pairs the results with the tensors of `out`. `resultOf` gives the result at a leaf of the structure. */
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
