// Elementwise steps of optimizers, each with its gradient: one pass for each result instead of two to four. Must not know optimizers,
// memory or instructions.
import { Op } from "../../assembly/ops.generated.js";
import type { AnyTensor } from "../tensor/tensor.js";
import type { Operand } from "../tensor/types.js";
import { add, div, mul, neg, sqrt, square } from "./arithmetic.js";
import type { Apply, OutOption } from "./define.js";
import { defineElementwise } from "./elementwise.js";

const applyBlend: Apply<[a: AnyTensor, b: AnyTensor, c: Operand, d: number]> = defineElementwise({
  name: "blend",
  op: Op.blend,
  saves: ["a", "b", "c", "d"],
  grad: ({ g, a, b, c, d }) => [() => mul(g, c), () => mul(g, d), () => mul(g, a), () => mul(g, b)],
});

/** y = a c + b d: the bits of `add(mul(a, c), mul(b, d))`, broadcast. Gradients: g c, g d, g a, g b. */
export function blend(a: AnyTensor, b: AnyTensor, c: Operand, d: number, options?: OutOption): AnyTensor {
  return applyBlend([a, b, c, d], undefined, options);
}

const applyBlendSquare: Apply<[a: AnyTensor, b: AnyTensor, c: Operand, d: number]> = defineElementwise({
  name: "blendSquare",
  op: Op.blendSquare,
  saves: ["a", "b", "c", "d"],
  grad: ({ g, a, b, c, d }) => [
    () => mul(g, c),
    () => mul(g, mul(mul(b, d), 2)),
    () => mul(g, a),
    () => mul(g, square(b)),
  ],
});

/** y = a c + b^2 d: the bits of `add(mul(a, c), mul(square(b), d))`, broadcast. Gradients: g c, 2 g b d, g a, g b^2. */
export function blendSquare(a: AnyTensor, b: AnyTensor, c: Operand, d: number, options?: OutOption): AnyTensor {
  return applyBlendSquare([a, b, c, d], undefined, options);
}

const applyOverRoot: Apply<[a: AnyTensor, b: AnyTensor, c: Operand, d: number]> = defineElementwise({
  name: "overRoot",
  op: Op.overRoot,
  saves: ["b", "c", "d", "y"],
  grad: ({ g, b, c, d, y }) => {
    const root = (): AnyTensor => sqrt(b);
    const below = (): AnyTensor => add(div(root(), c), d);
    /** The denominator's gradient. */
    const slope = (): AnyTensor => neg(div(mul(g, y), below()));
    return [
      () => div(g, below()),
      () => div(slope(), mul(mul(root(), c), 2)),
      () => neg(div(mul(slope(), root()), mul(c, c))),
      slope,
    ];
  },
});

/**
 * y = a / (sqrt(b) / c + d): the bits of `div(a, add(div(sqrt(b), c), d))`, broadcast. Gradients, with q for the denominator and
 * s = -g y / q: g / q, s / (2 c sqrt(b)), -s sqrt(b) / c^2, s.
 */
export function overRoot(a: AnyTensor, b: AnyTensor, c: Operand, d: number, options?: OutOption): AnyTensor {
  return applyOverRoot([a, b, c, d], undefined, options);
}

const applyDescend: Apply<[a: AnyTensor, b: AnyTensor, c: Operand]> = defineElementwise({
  name: "descend",
  op: Op.descend,
  saves: ["b", "c"],
  grad: ({ g, b, c }) => [() => g, () => neg(mul(g, c)), () => neg(mul(g, b))],
});

/** y = a - b c: the bits of `sub(a, mul(b, c))`, broadcast. Gradients: g, -g c, -g b. */
export function descend(a: AnyTensor, b: AnyTensor, c: Operand, options?: OutOption): AnyTensor {
  return applyDescend([a, b, c], undefined, options);
}
