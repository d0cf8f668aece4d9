// A seeded training run, the same wherever it runs, with every kind of kernel that a classifier's training has. Must not know
// engines.
import * as sg from "../../src/index.js";
import { hashOf } from "./bits.js";

/** The bits of the losses and parameters after the run; checked in, for every engine must come to them. */
export const TRAINED = "28e90cb48c0d219e";

const SIZES = [64, 32, 10] as const;
const EXAMPLES = 300;
const BATCH = 100;
const EPOCHS = 10;

type Net = { readonly w: sg.Tensor<[number, number]>; readonly b: sg.Tensor<[number]> }[];

/** Ten noisy pictures of 8 x 8, many times: digits, as far as a network can tell. */
function pictures(): { x: sg.Tensor<[number, 64]>; classes: sg.Tensor<[number], "int32"> } {
  const classes = sg.tensor(Int32Array.from({ length: EXAMPLES }, (_, i) => i % 10));
  const shapes = sg.random.uniform([10, 64], { seed: 1 });
  const noise = sg.random.normal([EXAMPLES, 64], { seed: 2, deviation: 0.3 });
  return { x: sg.add(sg.take(shapes, classes), noise), classes };
}

const optimizer = sg.optim.adamW({ learningRate: 0.01 });

function train(
  net: Net,
  state: ReturnType<typeof optimizer.init<Net>>,
  x: sg.Tensor<[number, 64]>,
  classes: sg.Tensor<[number], "int32">,
) {
  const loss = (p: Net): sg.Tensor<[]> => {
    const hidden = sg.tanh(sg.linear(x, p[0]!.w, p[0]!.b));
    const penalty = sg.mean(sg.square(sg.sub(sg.sigmoid(sg.mean(hidden, { axis: 0 })), 0.5)));
    return sg.add(sg.softmaxCrossEntropy(sg.linear(hidden, p[1]!.w, p[1]!.b), classes), penalty);
  };
  const [value, gradients] = sg.valueAndGrad(loss)(net);
  return [value, ...optimizer.update(net, gradients, state, { donate: true })] as const;
}

/** Trains a 64-32-10 network in batches, and gives the losses and what `TRAINED` is the name of. */
export function trainAnew(how: "eager" | "compiled"): { readonly losses: readonly number[]; readonly bits: string } {
  const compiled = how === "compiled" ? sg.compile(train) : undefined;
  const step = (compiled ?? train) as typeof train;
  const result = sg.scope(() => {
    const net: Net = [0, 1].map((i) => ({
      w: sg.random.glorot([SIZES[i]!, SIZES[i + 1]!], { seed: 3 + i }),
      b: sg.zeros([SIZES[i + 1]!]),
    }));
    const state = optimizer.init(net);
    const { x, classes } = pictures();
    const losses: number[] = [];
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      for (let first = 0; first < EXAMPLES; first += BATCH) {
        sg.scope(() => {
          const batch = [sg.slice(x, [first], [first + BATCH]), sg.slice(classes, [first], [first + BATCH])] as const;
          losses.push(step(net, state, ...(batch as unknown as [typeof x, typeof classes]))[0].item());
        });
      }
    }
    const parameters = net.flatMap(({ w, b }) => [...w.data, ...b.data]);
    return { losses, bits: hashOf(Float32Array.from([...losses, ...parameters])) };
  });
  compiled?.dispose();
  return result;
}
