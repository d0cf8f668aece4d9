// Runs programs on the library in every way. Must not know the right results.
import * as sg from "simdgrad";
import type { Given, Machine, Rule } from "./program.js";

export type Any = sg.AnyTensor;
type Loose = (...given: unknown[]) => never;

const library = sg as unknown as Record<string, Loose>;

/** A tensor with these elements. */
export function tensorOf({ shape, dtype, data }: Pick<Given, "shape" | "dtype" | "data">): Any {
  const x = sg.zeros(shape as number[], dtype) as Any;
  x.data.set(data);
  return x;
}

/** An optimizer's state as the list of its tensors, in the order in which it has them. */
function listOf(state: unknown): Any[] {
  return state instanceof sg.Tensor ? [state as Any] : Object.values(state as object).flatMap(listOf);
}

/** A state like another one, made of a list of tensors. */
function likeState(state: unknown, tensors: Any[]): unknown {
  if (state instanceof sg.Tensor) return tensors.shift();
  if (Array.isArray(state)) return state.map((part) => likeState(part, tensors));
  return Object.fromEntries(Object.entries(state as object).map(([key, part]) => [key, likeState(part, tensors)]));
}

const optimizers = new Map<string, sg.optim.Optimizer>();

function optimizerOf({ name, learningRate }: Rule): sg.optim.Optimizer {
  const key = `${name} ${learningRate}`;
  if (!optimizers.has(key)) optimizers.set(key, sg.optim[name]({ learningRate }));
  return optimizers.get(key)!;
}

/**
 * The library as a machine.
 * @param made - receives compiled functions, which the caller disposes
 * @param throughOut - true where every op that has `out` writes its result into another tensor
 */
export function libraryMachine(made: { dispose(): void }[], throughOut = false): Machine<Any> {
  const compiled = <A extends unknown[], R>(
    f: (...values: A) => R,
    donate: readonly number[] = [],
  ): sg.Compiled<A, R> => {
    const program = sg.compile(f, { donate });
    made.push(program);
    return program;
  };
  return {
    op({ name, list, extras, options }, operands, out) {
      if (name === "clone") return (operands[0] as Any).clone();
      if (name === "stopGradient") return sg.stopGradient(operands[0] as never);
      const given = [...(list ? [operands] : operands), ...extras];
      const run = (more?: object): Any =>
        options === undefined && more === undefined
          ? library[name]!(...given)
          : library[name]!(...given, { ...options, ...more });
      if (out !== undefined) return run({ out });
      const y = run();
      if (!throughOut || operands.length === 0 || name === "reshape") return y;
      return run({ out: sg.full(y.shape as number[], 7, y.dtype) });
    },
    call({ how, compiled: isCompiled, argnums, donate }, body, operands, outs) {
      if (how === "scope") return sg.scope(() => body(...operands));
      if (how === "compile") return compiled(body, donate)(...operands);
      if (how === "into") return compiled(body, donate).into([...outs], ...operands);
      const one = (...values: Any[]): never => body(...values)[0] as never;
      const loss = isCompiled ? compiled(one) : one;
      const options = { argnums: [...argnums] };
      if (how === "grad") return sg.grad(loss, options)(...operands) as unknown as Any[];
      const [value, gradients] = sg.valueAndGrad(loss, options)(...operands);
      return [value as never, ...(gradients as unknown as Any[])];
    },
    update(rule, params, gradients, state, donate) {
      const optimizer = optimizerOf(rule);
      const own = [...params];
      const fresh = sg.scope(() => optimizer.init(own));
      const before = state === undefined ? fresh : likeState(fresh, [...state]);
      const [next, after] = optimizer.update(own, [...gradients], before as never, { donate });
      return [...next, ...listOf(after)];
    },
  };
}
