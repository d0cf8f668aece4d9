// The main job: trains the seed problem's sparse autoencoder with L-BFGS, shows the learned features and the speed.
// Knows the order of the steps only; data, model, pictures and the command line live in files of their own.
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { compile, type FloatDType, memory, optim, scope, type Tensor, tensor, valueAndGrad } from "simdgrad";
import { costAndGradientLoop, costAndGradientVectorised, createWorkspace } from "../bench/plain/plain-autoencoder.js";
import { cost, initialParameters, type Parameters, PENALTIES } from "./sparse-autoencoder.js";
import { PATCH_PIXELS, takePatches } from "./support/dataset.js";
import { DataError, UsageError } from "./support/errors.js";
import { deadLeaves } from "./support/images.js";
import { loadDataSet } from "./support/load.js";
import { encodeNpz } from "./support/npz.js";
import { type AutoencoderOptions, HELP, parseOptions } from "./support/options.js";
import { writeOutputs } from "./support/output.js";
import { normalisePatches } from "./support/patches.js";
import { tileFeatures } from "./support/picture.js";
import { startProgress } from "./support/progress.js";

const IMAGES = 10;
const { version } = createRequire(import.meta.url)("simdgrad/package.json") as { version: string };

/** Patches [rows x 64] in 0.1..0.9, and their source. */
function examples(options: AutoencoderOptions): { values: Float64Array; rows: number; source: string } {
  const generated = options.data.length === 0;
  const data = generated
    ? ({ kind: "images", images: deadLeaves({ count: IMAGES, seed: options.seed }) } as const)
    : loadDataSet(options.data);
  const { values, rows } = takePatches(data, { count: options.examples, seed: options.seed });
  const source = generated
    ? `${IMAGES} generated dead-leaves images of 512x512, seed ${options.seed}`
    : options.data.join(", ");
  return { values: normalisePatches(values, rows, PATCH_PIXELS), rows, source };
}

/** Median milliseconds of a few calls. */
function time(calls: number, run: () => void): number {
  const times = Array.from({ length: calls }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[calls >> 1] as number;
}

/** The same cost and gradient four ways, at the trained weights: milliseconds a call. */
function compare<D extends FloatDType>(
  parameters: Parameters<D>,
  x: Tensor<[number, number], D>,
  values: Float64Array,
): { compiled: number; eager: number; vectorised: number; loop: number } {
  const { w1, b1, w2, b2 } = parameters;
  const plain = {
    w1: Float64Array.from(w1.data),
    b1: Float64Array.from(b1.data),
    w2: Float64Array.from(w2.data),
    b2: Float64Array.from(b2.data),
  };
  const rows = x.shape[0];
  const workspace = createWorkspace(rows, PATCH_PIXELS, b1.size);
  const evaluate = valueAndGrad(cost<D>);
  const program = compile(evaluate);
  // The first call allocates, and V8 compiles; neither belongs to the time of a call.
  program(parameters, x);
  costAndGradientVectorised(plain, values, rows, PENALTIES, workspace);
  const milliseconds = {
    compiled: time(15, () => void program(parameters, x)),
    eager: time(15, () => scope(() => void evaluate(parameters, x))),
    vectorised: time(3, () => costAndGradientVectorised(plain, values, rows, PENALTIES, workspace)),
    loop: time(3, () => costAndGradientLoop(plain, values, rows, PENALTIES)),
  };
  program.dispose();
  return milliseconds;
}

async function train<D extends FloatDType>(options: AutoencoderOptions, dtype: D): Promise<void> {
  const { values, rows, source } = examples(options);
  const say = (line: string): void => void (options.quiet || process.stdout.write(`${line}\n`));
  say(`data: ${rows} patches of 8x8 from ${source}`);
  if (rows < options.examples) say(`      (the files hold no more; ${options.examples} were asked for)`);

  const x = tensor(values, [rows, PATCH_PIXELS] as [number, number], dtype);
  const first = initialParameters(PATCH_PIXELS, options.hidden, dtype, options.seed);
  const before = cost(first, x).item();
  say(`model: 64-${options.hidden}-64, ${dtype}; cost before training ${before.toFixed(6)}`);

  const history = [before];
  const progress = startProgress({ total: options.iterations, quiet: options.quiet });
  const started = performance.now();
  const result = optim.minimize((p: Parameters<D>) => cost(p, x), first, {
    maxIterations: options.iterations,
    compile: true,
    onIteration: ({ iteration, value }) => {
      history.push(value);
      progress.update(iteration, value);
    },
  });
  const seconds = (performance.now() - started) / 1000;
  progress.stop();
  say(`cost after ${result.iterations} iterations: ${result.value.toFixed(6)} (${result.message})`);
  say(`${result.evaluations} evaluations in ${seconds.toFixed(1)} s`);

  const milliseconds = compare(result.x, x, values);
  const { compiled, eager, vectorised, loop } = milliseconds;
  say(`\n${"one cost-and-gradient call".padEnd(32)}${"ms".padStart(10)}${"times compiled".padStart(17)}`);
  for (const [name, ms] of [
    [`simdgrad compiled, ${dtype}`, compiled],
    [`simdgrad eager, ${dtype}`, eager],
    ["plain JavaScript, vectorised", vectorised],
    ["plain JavaScript, per example", loop],
  ] as const) {
    say(`  ${name.padEnd(30)}${ms.toFixed(2).padStart(10)}${(ms / compiled).toFixed(1).padStart(17)}`);
  }

  // Only now: the chart library takes longer to load than bad input takes to be refused.
  const { costChart } = await import("./support/chart.js");
  const { w1, b1, w2, b2 } = result.x;
  const array = (t: Tensor<readonly number[], D>): { data: Float64Array | Float32Array; shape: readonly number[] } => ({
    data: t.data as Float64Array | Float32Array,
    shape: t.shape,
  });
  const run = {
    options,
    source,
    rows,
    penalties: PENALTIES,
    cost: { before, after: result.value, history },
    iterations: result.iterations,
    evaluations: result.evaluations,
    status: result.status,
    message: result.message,
    gradientNorm: result.gradientNorm,
    seconds,
    millisecondsPerCall: milliseconds,
    ratios: { eager: eager / compiled, vectorised: vectorised / compiled, loop: loop / compiled },
    memory: memory(),
    versions: { simdgrad: version, node: process.version, v8: process.versions.v8 },
    machine: { platform: process.platform, arch: process.arch, cpu: cpus()[0]?.model ?? "unknown" },
  };
  writeOutputs(options.out, {
    "features.png": tileFeatures(w1.data as Float64Array | Float32Array, { hidden: options.hidden }),
    "cost.svg": costChart(history, { title: `Sparse autoencoder 64-${options.hidden}-64: cost by iteration` }),
    "model.npz": encodeNpz({ w1: array(w1), b1: array(b1), w2: array(w2), b2: array(b2) }),
    "run.json": `${JSON.stringify(run, null, 2)}\n`,
  });
  say(`\nwrote features.png, cost.svg, model.npz and run.json to ${options.out}`);
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(HELP);
  else await train(options, options.dtype);
} catch (error) {
  if (!(error instanceof DataError || error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
