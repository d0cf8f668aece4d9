// Optimizers within compiled steps: the bits of the eager updates, the same tensors, nothing allocated.
import { describe, expect, test } from "vitest";
import { compile, memory, optim, scope, type Tensor, zeros } from "../../src/index.js";
import { expectNoLeak } from "../support/memory.js";
import { allTensors, expectSameTensors, type Params, structure } from "../support/parameters.js";

const OPTIMIZERS: readonly (readonly [title: string, optimizer: optim.Optimizer])[] = [
  ["sgd", optim.sgd({ learningRate: 0.1 })],
  ["momentum", optim.momentum({ learningRate: 0.1 })],
  ["momentum, Nesterov", optim.momentum({ learningRate: 0.1, nesterov: true })],
  ["adam", optim.adam({ learningRate: 0.1 })],
  ["adamW", optim.adamW({ learningRate: 0.1 })],
];

const RATES = Array.from({ length: 20 }, (_, i) => 0.1 * 0.9 ** i);

describe.each(OPTIMIZERS)("%s", (_, optimizer) => {
  for (const dtype of ["float32", "float64"] as const) {
    for (const donate of [false, true]) {
      test(`${dtype}: ${donate ? "a donated" : "a pure"} update, 20 times at falling rates, as it is eagerly`, () => {
        expectNoLeak(() => {
          const step = compile(
            (
              params: Params,
              state: optim.OptimizerState<Params>,
              gradients: Params,
              learningRate: Tensor<[], "float64">,
            ) => optimizer.update(params, gradients, state, { donate, learningRate }),
            { donate: [0, 1] },
          );
          scope(() => {
            let [eager, params] = [structure(1, dtype), structure(1, dtype)];
            let [eagerState, state] = [optimizer.init(eager), optimizer.init(params)];
            const owned = allTensors([params, state]);
            const rate = zeros([], "float64");
            for (const [i, learningRate] of RATES.entries()) {
              scope(() => {
                const gradients = structure(i + 2, dtype);
                rate.data[0] = learningRate;
                const before = memory();
                [params, state] = step(params, state, gradients, rate);
                // The first call makes the program.
                if (i > 0) expect(memory()).toEqual(before);
                [eager, eagerState] = optimizer.update(eager, gradients, eagerState, { donate: true, learningRate });
              });
              expectSameTensors([params, state], [eager, eagerState]);
            }
            allTensors([params, state]).forEach((tensor, i) => {
              expect(tensor).toBe(owned[i]);
            });
          });
          step.dispose();
        });
      });
    }
  }
});
