// Why a tensor is gone: the error names what freed it.
import { describe, expect, test } from "vitest";
import * as sg from "../../src/index.js";
import { un } from "../support/error-case.js";
import { expectNoLeak } from "../support/memory.js";

type Vector = sg.Tensor<[2]>;
const x = sg.tensor([1, 2]);
const makeStep = () => sg.compile((w: Vector) => ({ next: sg.add(w, 1), loss: sg.sum(w) }));

/** Makes tensors that are gone, and says why they are. */
const CAUSES: Readonly<Record<string, readonly [make: () => sg.AnyTensor, why: string]>> = {
  "dispose()": [
    () => {
      const y = sg.exp(x);
      y.dispose();
      return y;
    },
    "dispose() was called",
  ],
  using: [
    () => {
      using y = sg.exp(x);
      return y;
    },
    "dispose() was called",
  ],
  "dispose() in a scope": [
    () => {
      let y = x;
      sg.scope(() => {
        y = sg.exp(x);
        y.dispose();
      });
      return y;
    },
    "dispose() was called",
  ],
  "the end of a scope": [
    () => {
      let y = x;
      sg.scope(() => {
        y = sg.exp(x);
      });
      return y;
    },
    "its scope ended without returning it",
  ],
  "the end of a gradient": [
    () => {
      let y = x;
      sg.grad((w: Vector) => {
        y = sg.exp(w);
        return sg.sum(y);
      })(x).dispose();
      return y;
    },
    "its scope ended without returning it",
  ],
  "the end of a trace": [
    () => {
      let y = x;
      const f = sg.compile((w: Vector) => {
        y = sg.exp(w);
        return sg.sum(y);
      });
      f(x);
      f.dispose();
      return y;
    },
    "its scope ended without returning it",
  ],
  "the next call of a compiled function": [
    () => {
      const step = makeStep();
      const { loss } = step(x);
      step(x);
      step.dispose();
      return loss;
    },
    "the compiled function that returned it was called again; clone() what must last",
  ],
  "the next call, which took it for its argument and was not told to donate it": [
    () => {
      const step = makeStep();
      const { next } = step(x);
      step(next);
      step.dispose();
      return next;
    },
    "the compiled function that returned it was called again; clone() what must last",
  ],
  "the end of a compiled function": [
    () => {
      const step = makeStep();
      const { next } = step(x);
      step.dispose();
      return next;
    },
    "the compiled function that returned it was disposed",
  ],
};

const USES: Readonly<Record<string, (y: Vector) => unknown>> = {
  exp: (y) => sg.exp(y),
  "add: out": (y) => sg.add(x, 1, { out: y }),
  data: (y) => y.data,
  clone: (y) => y.clone(),
  grad: (y) => sg.grad((w: Vector) => sg.sum(w))(y),
  compile: (y) => sg.compile((w: Vector) => sg.sum(w))(y),
  update: (y) => sg.optim.sgd({ learningRate: 1 }).update({ w: x }, { w: y }, un({})),
};

describe.each(Object.entries(CAUSES))("%s", (_, [make, why]) => {
  test.each(Object.entries(USES))("is named by %s", (name, use) => {
    expectNoLeak(() => {
      const y = make();
      expect(y.isDisposed).toBe(true);
      const message = new RegExp(`^${name}.*: the float32 \\[.*\\] tensor is gone: ${why.replace(/[()]/g, "\\$&")}$`);
      expect(() => use(y as never)).toThrow(sg.DisposedError);
      expect(() => use(y as never)).toThrow(message);
      y.dispose();
      expect(() => use(y as never)).toThrow(message);
      expect(String(y)).toMatch(/^Tensor\(float32 \[.*\], disposed\)$/);
    });
  });
});
