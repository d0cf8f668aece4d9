// Donation by a compiled function that is called within a gradient or another compiled function: its ops are part of what is recorded, so
// that nothing writes the donated tensor, and reading it afterwards is refused.
import { describe, expect, test } from "vitest";
import * as sg from "../../src/index.js";
import { expectNoLeak } from "../support/memory.js";

type Row = sg.Tensor<[2]>;
const row = (a: number, b: number): Row => sg.tensor([a, b]);

const REFUSED = /the float32 \[2\] tensor was donated to a compiled function: use its result/;

const double = sg.compile((x: Row) => sg.mul(x, 2), { donate: 0 });

/** Ways to record a function of a tensor, of which only the sum counts. */
const recordings = {
  compile: (f: (x: Row) => sg.AnyTensor) => sg.compile((x: Row) => sg.sum(f(x) as Row)),
  grad: (f: (x: Row) => sg.AnyTensor) => sg.grad((x: Row) => sg.sum(f(x) as Row)),
  "a gradient of a gradient": (f: (x: Row) => sg.AnyTensor) =>
    sg.grad((x: Row) => sg.sum(sg.grad((y: Row) => sg.sum(sg.square(f(y) as Row)))(x))),
  "a gradient within compile": (f: (x: Row) => sg.AnyTensor) => sg.compile(sg.grad((x: Row) => sg.sum(f(x) as Row))),
};

describe.each(Object.entries(recordings))("within %s", (_, record) => {
  const readings: Record<string, (x: Row) => sg.AnyTensor> = {
    "an op on it": (x) => {
      double(x);
      return sg.exp(x);
    },
    "an op on a view of it": (x) => {
      const view = sg.reshape(x, [2, 1]);
      double(x);
      return sg.exp(view);
    },
    "an op that writes into it": (x) => {
      double(x);
      return sg.exp(row(1, 2), { out: x });
    },
    "a second call": (x) => {
      double(x);
      return double(x);
    },
    "clone()": (x) => {
      double(x);
      return x.clone();
    },
    "after into": (x) => {
      double.into(sg.zeros([2]), x);
      return sg.exp(x);
    },
  };

  test.each(Object.entries(readings))("reading a donated tensor is refused: %s", (_, read) => {
    const x = row(1, 2);
    for (let i = 0; i < 2; i++) {
      expect(() => expectNoLeak(() => record(read as never)(x))).toThrow(sg.AliasError);
      expect(() => record(read as never)(x)).toThrow(/the float32 \[.*\] tensor was donated/);
    }
    // Nothing has written it.
    expect(x.toArray()).toEqual([1, 2]);
  });

  test("the function's result is read instead", () => {
    const f = (x: Row): Row => {
      const y = double(sg.mul(x, x));
      return sg.exp(double(y));
    };
    const plain = (x: Row): Row => sg.exp(sg.mul(sg.mul(sg.mul(x, x), 2), 2));
    const [x, y] = [row(0.1, 0.2), row(0.1, 0.2)];
    const [own, right] = [record(f as never)(x), record(plain as never)(y)];
    expect(own.toArray()).toEqual(right.toArray());
    expect(x.toArray()).toEqual(y.toArray());
  });

  test("an old value that is returned beside the new one may be read", () => {
    const step = sg.compile((x: Row) => [sg.exp(x), x] as const, { donate: 0 });
    const f = (x: Row): Row => {
      const [next, before] = step(sg.mul(x, 1));
      return sg.mul(next, before);
    };
    const plain = (x: Row): Row => sg.mul(sg.exp(x), x);
    const x = row(0.1, 0.2);
    expect(record(f as never)(x).toArray()).toEqual(record(plain as never)(x).toArray());
  });
});

test("a result is refused, too, and says where it was read", () => {
  expect(() =>
    sg.compile((x: Row) => {
      double(x);
      return x;
    })(row(1, 2)),
  ).toThrow(REFUSED);
  const half = sg.compile((x: sg.Tensor<[]>) => sg.div(x, 2), { donate: 0 });
  expect(() =>
    sg.grad((x: Row) => {
      const y = sg.sum(x);
      half(y);
      return y;
    })(row(1, 2)),
  ).toThrow(/^grad: the function's result: the float32 /);
  expect(() =>
    sg.grad((x: Row) => {
      double(x);
      return sg.sum(sg.add(x, 1));
    })(row(1, 2)),
  ).toThrow(/^add: the float32 /);
  expect(() =>
    sg.grad((x: Row) => {
      double(x);
      x.toArray();
      return sg.sum(x);
    })(row(1, 2)),
  ).toThrow(/^data: the float32 /);
});

test("a tensor that the program would not write may be read", () => {
  const read = (step: (x: Row) => unknown) => (x: Row) => {
    step(x);
    return sg.sum(x);
  };
  for (const step of [
    sg.compile((x: Row) => sg.sum(x), { donate: 0 }),
    sg.compile((x: Row) => ({ same: x, sum: sg.sum(x) }), { donate: [0] }),
    sg.compile((x: Row) => sg.mul(x, 2), { donate: [] }),
  ]) {
    expect(sg.grad(read(step))(row(1, 2)).toArray()).toEqual([1, 1]);
    expect(sg.compile(read(step))(row(1, 2)).item()).toBe(3);
  }
});

test("a donated tensor that the function writes itself holds the new value", () => {
  const step = sg.compile((x: Row) => [sg.neg(x), sg.mul(x, 3, { out: x })], { donate: 0 });
  const outer = sg.compile((x: Row) => {
    const y = sg.mul(x, 1);
    step(y);
    return y;
  });
  expect(outer(row(1, 2)).toArray()).toEqual([3, 6]);
});

test("after the recording the tensor is as it was", () => {
  const x = row(1, 2);
  const f = (y: Row): sg.Tensor<[]> => {
    double(x);
    return sg.sum(y);
  };
  sg.grad(f)(row(3, 4));
  expect(sg.add(x, 1).toArray()).toEqual([2, 3]);
  // Also after one that failed.
  const fail = (): never => {
    double(x);
    throw new RangeError("on purpose");
  };
  expect(() => sg.grad(fail as (x: Row) => never)(row(3, 4))).toThrow(RangeError);
  expect(sg.add(x, 1).toArray()).toEqual([2, 3]);
  expect(() => sg.compile(fail as (x: Row) => never)(row(3, 4))).toThrow(RangeError);
  expect(sg.add(x, 1).toArray()).toEqual([2, 3]);
  // What an inner gradient donates is gone for the rest of the outer one.
  expect(() =>
    sg.grad((y: Row) => {
      sg.grad(f)(y);
      return sg.sum(sg.mul(x, y));
    })(row(3, 4)),
  ).toThrow(REFUSED);
});

test("a training step within another compiled function", () => {
  const optimizer = sg.optim.adam({ learningRate: 0.1 });
  type State = ReturnType<typeof optimizer.init<Row>>;
  const step = sg.compile((w: Row, s: State) => optimizer.update(w, sg.grad((x: Row) => sg.sum(sg.square(x)))(w), s), {
    donate: [0, 1],
  });
  const two = sg.compile((w: Row, s: State) => step(...step(w, s)), { donate: [0, 1] });
  const [a, b] = [row(1, 2), row(1, 2)];
  const [s, t] = [optimizer.init(a), optimizer.init(b)];
  two(a, s);
  step(b, t);
  step(b, t);
  expect(a.toArray()).toEqual(b.toArray());
  const careless = sg.compile((w: Row, s: State) => {
    step(w, s);
    return step(w, s);
  });
  expect(() => careless(a, s)).toThrow(REFUSED);
});

test("positions are checked within a recording, too", () => {
  const step = sg.compile((x: Row) => sg.mul(x, 2), { donate: 1 });
  expect(() => sg.grad((x: Row) => sg.sum(step(x)))(row(1, 2))).toThrow(/names argument 1, the call has 1/);
});
