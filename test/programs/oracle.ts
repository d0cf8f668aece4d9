// Runs programs in plain float64 numbers, for the right values and gradients. Must not know the library.
import { type Handle, handle, read, showing, write } from "./handles.js";
import { elementwise, OPS } from "./oracle-ops.js";
import type { Machine, Rule } from "./program.js";
import { apply, constant, copy, ELEMENTWISE, gradientOf, newest, type Scalar } from "./scalar.js";

type Elements = readonly Scalar[];

/** What an optimizer has made of other elements, and after how many updates. */
export const heirs = new WeakMap<Elements, { readonly of: Elements; readonly updates: number }>();

/** The elements of gradients, as long as nothing is written over them. */
export const slopes = new WeakSet<Elements>();

/** The names of tensors' ops that show their operand's own bytes. */
const VIEWS = new Set(["reshape", "stopGradient"]);

function update(
  { name, learningRate }: Rule,
  [p, g]: readonly Handle[],
  parts: readonly Handle[],
  step: Scalar,
): Handle[] {
  const on = (op: string, ...operands: readonly (Handle | number)[]): Handle => elementwise(op, p!.dtype, operands);
  const blend = (a: Handle, b: Handle, c: number, d: number): Handle => on("add", on("mul", a, c), on("mul", b, d));
  if (name === "sgd") return [on("sub", p!, on("mul", g!, learningRate))];
  if (name === "momentum") {
    const velocity = blend(parts[0]!, g!, 0.9, 1);
    return [on("sub", p!, on("mul", velocity, learningRate)), velocity];
  }
  const [m, v] = [blend(parts[0]!, g!, 0.9, 0.1), blend(parts[1]!, on("square", g!), 0.999, 1 - 0.999)];
  const unbiased = (x: Handle, beta: number): Handle =>
    on("div", x, handle([], p!.dtype, [apply("sub", 1, apply("power", beta, step))]));
  const ratio = on("div", unbiased(m, 0.9), on("add", on("sqrt", unbiased(v, 0.999)), 1e-8));
  return [on("sub", p!, on("mul", ratio, learningRate)), m, v];
}

export const oracle: Machine<Handle> = {
  op({ name, extras, options = {} }, operands, out) {
    const [first] = operands.filter((x) => typeof x !== "number");
    const settings = [options["threshold"] ?? 0, options["above"] ?? 1, options["below"] ?? 0] as number[];
    const y =
      name === "thresholdRelu"
        ? elementwise(name, first!.dtype, [first!, ...settings])
        : name === "leakyRelu"
          ? elementwise("thresholdRelu", first!.dtype, [first!, 0, 1, (options["slope"] as number) ?? 0.01])
          : ELEMENTWISE.has(name)
            ? elementwise(name, first!.dtype, operands)
            : OPS[name]!(operands as readonly Handle[], extras as readonly never[], options);
    // What an op makes has bytes of its own: elements that are only passed on become copies.
    if (out === undefined) return VIEWS.has(name) ? y : handle(y.shape, y.dtype, read(y).map(copy));
    write(out, read(y));
    return out;
  },
  call({ how, argnums }, body, operands, outs) {
    if (how === "compile" || how === "scope") return body(...operands);
    if (how === "into") {
      const results = body(...operands).map(read);
      outs.forEach((out, i) => {
        write(out, results[i]!);
      });
      return outs;
    }
    const start = newest();
    const inner = [...operands];
    const variables = argnums.map((i) => {
      const own = read(operands[i]!).map(copy);
      inner[i] = showing(operands[i]!, own);
      return own;
    });
    const [value] = body(...inner);
    const parts = gradientOf(read(value!)[0]!, variables.flat(), start);
    const gradients = argnums.map((i, k) => {
      const { shape, dtype } = operands[i]!;
      const before = variables.slice(0, k).flat().length;
      const own = parts.slice(before, before + variables[k]!.length);
      slopes.add(own);
      return handle(shape, dtype, own);
    });
    return how === "grad" ? gradients : [handle([], value!.dtype, read(value!).map(copy)), ...gradients];
  },
  update(rule, params, gradients, state, donate) {
    const counts = rule.name === "adam";
    const parts = { sgd: 0, momentum: 1, adam: 2 }[rule.name];
    const zeros = (x: Handle): Handle =>
      handle(
        x.shape,
        x.dtype,
        x.bytes.elements.map(() => constant(0)),
      );
    const before = state ?? [
      ...(counts ? [handle([], "float64", [constant(0)])] : []),
      ...Array.from({ length: parts }, () => params.map(zeros)).flat(),
    ];
    const step = counts ? apply("add", read(before[0]!)[0]!, 1) : constant(0);
    const own = before.slice(Number(counts));
    const stepped = params.map((p, i) => {
      const mine = Array.from({ length: parts }, (_, k) => own[k * params.length + i]!);
      return update(rule, [p, gradients[i]!], mine, step);
    });
    const results = [
      ...stepped.map(([p]) => p!),
      ...(counts ? [handle([], "float64", [step])] : []),
      ...Array.from({ length: parts }, (_, k) => stepped.map((list) => list[k + 1]!)).flat(),
    ];
    const targets = [...params, ...before];
    if (!donate) {
      results.forEach((y, i) => {
        const { elements } = targets[i]!.bytes;
        const { of, updates } = heirs.get(elements) ?? { of: elements, updates: 0 };
        heirs.set(y.bytes.elements, { of, updates: updates + 1 });
      });
      return results;
    }
    results.forEach((y, i) => {
      write(targets[i]!, read(y));
    });
    return targets;
  },
};
