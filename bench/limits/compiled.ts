// Compiled programs: training steps beside what their products need at least, an optimizer beside streams of as many arrays, and
// what happens once. Must not know how they are timed.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { compile, optim, scope, tensor, valueAndGrad, zeros } from "simdgrad";
import { traffic } from "../ceiling/rates.js";
import { NETWORKS, nameOf, simdgradSteps, stepOf } from "../classifier.js";
import { advancing, into, PRECISIONS, plain } from "../harness/contenders.js";
import { defineTable, type LocalContender, type Table } from "../harness/table.js";
import { COST, costAndGradient, costTensors, simdgradCost } from "../seeds/backprop.js";
import { chainGradient, recurrentArguments, recurrentLoss } from "../unrolled.js";

const steps = NETWORKS.map((network) =>
  defineTable({
    ...stepOf(network),
    name: `limits/compiled/step/${nameOf(network)}`,
    onRequest: true,
    prepare: (data, keep) => simdgradSteps(network, data, keep),
  }),
);

// ---- Adam ----

const PARAMETERS = 1_000_000;
const [RATE, BETA1, BETA2, EPSILON] = [1e-3, 0.9, 0.999, 1e-8];

/** The first step, whose means are those of the gradient alone. */
function adamLoop(p: Float64Array, g: Float64Array, m: Float64Array, v: Float64Array): void {
  const scale = RATE / (1 - BETA1);
  const spread = Math.sqrt(1 - BETA2);
  for (let i = 0; i < p.length; i++) {
    m[i] = BETA1 * m[i]! + (1 - BETA1) * g[i]!;
    v[i] = BETA2 * v[i]! + (1 - BETA2) * g[i]! * g[i]!;
    p[i]! -= (scale * m[i]!) / (Math.sqrt(v[i]!) / spread + EPSILON);
  }
}

const adam = defineTable({
  name: "limits/compiled/adam",
  title: `a step of Adam on ${PARAMETERS.toLocaleString("en")} parameters, in place`,
  onRequest: true,
  rate: traffic({ reads: 4, writes: 3, inPlace: true }, PARAMETERS),
  tolerance: { float32: 1e-5, float64: 1e-13 },
  data: {
    p: { seed: 61, shape: [PARAMETERS], low: -1, high: 1 },
    g: { seed: 62, shape: [PARAMETERS], low: -1, high: 1 },
  },
  prepare(data, keep) {
    const own = { p: data.p.slice(), m: new Float64Array(PARAMETERS), v: new Float64Array(PARAMETERS) };
    const loop = plain("plain JS", () => adamLoop(own.p, data.g, own.m, own.v), [own.p, own.m, own.v]);
    const optimizer = optim.adam({ learningRate: RATE, beta1: BETA1, beta2: BETA2, epsilon: EPSILON });
    return [
      advancing(loop, () => {
        own.p.set(data.p);
        own.m.fill(0);
        own.v.fill(0);
      }),
      ...PRECISIONS.flatMap((precision) => {
        const p = keep(tensor(data.p, [PARAMETERS], precision));
        const g = keep(tensor(data.g, [PARAMETERS], precision));
        const state = optimizer.init(p);
        const { step, first, second } = state as Record<string, typeof p>;
        const results = [p, keep(first!), keep(second!)];
        keep(step!);
        const restore = (): void => {
          p.data.set(data.p);
          for (const { data } of [step!, first!, second!]) data.fill(0);
        };
        const update = (donate: boolean) => (own: typeof p, slope: typeof p, before: typeof state) =>
          optimizer.update(own, slope, before, { donate });
        const program = keep(compile(update(false), { donate: [0, 2] }));
        return [
          into("simdgrad, update with donate", precision, () => update(true)(p, g, state), results),
          into("simdgrad, compiled and donated", precision, () => program(p, g, state), results),
        ].map((contender) => advancing(contender, restore));
      }),
    ];
  },
});

// ---- what happens once ----

/** Where `--import tsx` finds tsx. */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What a fresh process prints. @throws {Error} if it fails */
const runNode = (...args: string[]): string => execFileSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });

function wallTime(...args: string[]): number {
  const start = performance.now();
  runNode(...args);
  return performance.now() - start;
}

/** A contender in fresh processes, which fail where they are wrong; `run` gives milliseconds. */
const once = (name: string, run: () => number): LocalContender => ({
  name,
  precision: "float64",
  timesItself: true,
  run,
  outputs: () => [],
});

const empty = (): number => wallTime("-e", "");

const start = defineTable({
  name: "limits/compiled/start",
  title: "what a fresh process waits for",
  onRequest: true,
  tolerance: { float32: 0, float64: 0 },
  data: {},
  prepare: () => [
    once("an empty program", empty),
    once("import to first result, beyond that", () => wallTime(pathOf("first-result.mjs")) - empty()),
    once("first tracing and planning of the autoencoder", () =>
      Number(runNode("--import", "tsx", pathOf("first-trace.ts"))),
    ),
  ],
});

/** Traced and planned anew at each call, and run for its results only. */
const plan = defineTable({
  name: "limits/compiled/plan",
  title: "tracing and planning the cost and gradient of the sparse autoencoder, in a process that has done it before",
  onRequest: true,
  tolerance: COST.tolerance,
  data: COST.data,
  prepare(data, keep) {
    const [eager, compiled] = simdgradCost(data, "float64", keep);
    const tensors = costTensors(data, "float64", keep);
    const run = (): number => {
      const program = compile(costAndGradient);
      const { length } = program.explain(...tensors).steps;
      program.dispose();
      return length;
    };
    return [eager!, { ...compiled!, name: "trace and plan", run }];
  },
});

// ---- long programs ----

/** A contender that gives milliseconds itself, of a result that another table checks. */
const timed = (name: string, run: () => void): LocalContender => ({
  name,
  precision: "float32",
  timesItself: true,
  run: () => {
    const begin = performance.now();
    run();
    return performance.now() - begin;
  },
  outputs: () => [],
});

/** Tracing and planning anew, without running. */
function planning<Args extends readonly unknown[]>(f: (...args: Args) => unknown, args: Args): void {
  const program = compile(f);
  program.explain(...args);
  program.dispose();
}

const SIZES = { examples: 32, inputs: 32, units: 32 };

const long = defineTable({
  name: "limits/compiled/long",
  title: "tracing and planning long programs: gradients of a chain of tanh and add, and of a recurrent network",
  onRequest: true,
  tolerance: { float32: 0, float64: 0 },
  data: {},
  prepare(_, keep) {
    const x = keep(zeros([64]));
    return [
      ...[250, 500, 1000, 2000].map((length) =>
        timed(`a chain, ${length} times`, () => planning(chainGradient(length), [x as never])),
      ),
      ...[120, 240].map((steps) => {
        const args = recurrentArguments(steps, SIZES);
        for (const one of [...Object.values(args[0]), args[1]]) keep(one);
        return timed(`a recurrent network, ${steps} steps`, () =>
          planning(valueAndGrad(recurrentLoss("inputs")), args),
        );
      }),
    ];
  },
});

const parts = defineTable({
  name: "limits/compiled/parts",
  title: "the gradient of a recurrent network over 120 steps that slices its inputs, or their product",
  onRequest: true,
  tolerance: { float32: 0, float64: 0 },
  data: {},
  prepare(_, keep) {
    const args = recurrentArguments(120, SIZES);
    for (const one of [...Object.values(args[0]), args[1]]) keep(one);
    return (["inputs", "product"] as const).flatMap((sliced) => {
      const gradient = valueAndGrad(recurrentLoss(sliced));
      const program = keep(compile(gradient));
      return [
        timed(`slices its ${sliced}`, () => scope(() => void gradient(...args))),
        timed(`slices its ${sliced}, compiled`, () => void program(...args)),
      ];
    });
  },
});

export const compiledTables: readonly Table[] = [...steps, adam, start, plan, long, parts];
