// Compiled programs on any number of threads: the same bits, whether compiled before or after the threads were there.
import { afterAll, expect, test } from "vitest";
import * as sg from "../../src/index.js";
import { hashOf } from "../support/bits.js";

afterAll(() => sg.init({ threads: 1 }));

type Net = { w1: sg.Tensor<[48, 33]>; b1: sg.Tensor<[33]>; w2: sg.Tensor<[33, 48]>; b2: sg.Tensor<[48]> };

function network(): Net {
  return {
    w1: sg.random.glorot([48, 33], { seed: 1 }),
    b1: sg.zeros([33]),
    w2: sg.random.glorot([33, 48], { seed: 2 }),
    b2: sg.zeros([48]),
  };
}

/** An autoencoder's training step, with every kind of unit: products with epilogues, sums of terms, updates in place. */
function trainer(): { step: sg.Compiled<[Net, unknown, sg.Tensor<[1500, 48]>], unknown>; train: () => string } {
  const optimizer = sg.optim.adam({ learningRate: 1e-2 });
  const loss = (p: Net, x: sg.Tensor<[1500, 48]>): sg.Tensor<[]> => {
    const h = sg.sigmoid(sg.linear(x, p.w1, p.b1));
    const y = sg.tanh(sg.linear(h, p.w2, p.b2));
    return sg.add(sg.mean(sg.square(sg.sub(y, x))), sg.mul(sg.sum(sg.square(sg.mean(h, { axis: 0 }))), 1e-3));
  };
  const step = sg.compile(
    (p: Net, state: unknown, x: sg.Tensor<[1500, 48]>) => {
      const [value, gradients] = sg.valueAndGrad(loss)(p, x);
      return [optimizer.update(p, gradients, state as never), value] as const;
    },
    { donate: [0, 1] },
  );
  const train = (): string =>
    sg.scope(() => {
      const params = network();
      const state = optimizer.init(params);
      const x = sg.random.normal([1500, 48], { seed: 3 });
      for (let i = 0; i < 8; i++) step(params, state, x);
      return hashOf(new Float32Array(Object.values(params).flatMap(({ data }) => [...data])));
    });
  return { step, train };
}

test("a whole training run has the same bits for 1, 2, 3, 4 and 8 threads", async () => {
  const before = trainer();
  const expected = before.train();
  for (const threads of [2, 3, 4, 8]) {
    await sg.init({ threads });
    expect(sg.backend()).toMatchObject({ threads });
    expect(before.train()).toBe(expected);
    const after = trainer();
    expect(after.train()).toBe(expected);
    after.step.dispose();
  }
  await sg.init({ threads: 1 });
  expect(before.train()).toBe(expected);
  before.step.dispose();
});

test("a program runs on while the shared memory grows", async () => {
  await sg.init({ threads: 2 });
  const step = sg.compile((x: sg.Tensor<[300, 200]>, w: sg.Tensor<[200, 100]>) => sg.relu(sg.matmul(x, w)));
  const [x, w] = [sg.random.normal([300, 200], { seed: 1 }), sg.random.normal([200, 100], { seed: 2 })];
  const first = hashOf(step(x, w).data);
  for (let i = 0; i < 3; i++) {
    sg.zeros([sg.memory().reserved / 4]).dispose();
    expect(hashOf(step(x.clone(), w).data)).toBe(first);
  }
  step.dispose();
});
