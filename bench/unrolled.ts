// Long programs made of the same few ops over and over: a chain, and a recurrent network step by step. Knows public ops only.
import * as sg from "simdgrad";

type Any = sg.Tensor<readonly number[]>;

/** The gradient of the sum of so many times tanh(y + 0.01). */
export function chainGradient(length: number): (x: Any) => Any {
  return sg.grad((x: Any) => {
    let y: Any = x;
    for (let i = 0; i < length; i++) y = sg.tanh(sg.add(y, 0.01)) as Any;
    return sg.sum(y) as sg.Tensor<[]>;
  });
}

export interface Recurrent {
  readonly wx: Any;
  readonly bx: Any;
  readonly wh: Any;
}

export interface Sizes {
  readonly examples: number;
  readonly inputs: number;
  readonly units: number;
}

/** The network's parameters and the inputs of so many steps, [steps, examples, inputs]. */
export function recurrentArguments(steps: number, { examples, inputs, units }: Sizes): [Recurrent, Any] {
  const normal = (shape: readonly number[], seed: number): Any =>
    sg.random.normal(shape, { seed, deviation: 0.3 }) as Any;
  const [wx, bx, wh] = [[inputs, 3 * units], [3 * units], [units, 3 * units]].map(normal) as [Any, Any, Any];
  return [{ wx, bx, wh }, normal([steps, examples, inputs], 4)];
}

/**
 * A gated recurrent unit's loss after all steps. Each step takes its slice either of the inputs, and multiplies it, or of the product
 * with all of them.
 */
export function recurrentLoss(sliced: "inputs" | "product"): (parameters: Recurrent, x: Any) => sg.Tensor<[]> {
  return ({ wx, bx, wh }, x) => {
    const [steps, examples, inputs] = x.shape as [number, number, number];
    const units = wh.shape[0]!;
    const step = (from: Any, t: number): Any => sg.reshape(sg.slice(from, [t], [t + 1]), [examples, -1]) as Any;
    const project = (rows: Any): Any => sg.linear(rows, wx, bx) as Any;
    const product =
      sliced === "product" ? sg.reshape(project(sg.reshape(x, [-1, inputs]) as Any), [steps, examples, -1]) : undefined;
    let h = sg.zeros([examples, units]) as Any;
    for (let t = 0; t < steps; t++) {
      const fromInputs = product === undefined ? project(step(x, t)) : step(product as Any, t);
      const fromUnits = sg.matmul(h, wh) as Any;
      const gate = (of: Any, k: number): Any => sg.slice(of, [0, k * units], [examples, (k + 1) * units]) as Any;
      const update = sg.sigmoid(sg.add(gate(fromInputs, 0), gate(fromUnits, 0)));
      const reset = sg.sigmoid(sg.add(gate(fromInputs, 1), gate(fromUnits, 1)));
      const candidate = sg.tanh(sg.add(gate(fromInputs, 2), sg.mul(reset, gate(fromUnits, 2))));
      h = sg.add(sg.mul(update, h), sg.mul(sg.sub(1, update), candidate)) as Any;
    }
    return sg.sum(sg.square(h)) as sg.Tensor<[]>;
  };
}
