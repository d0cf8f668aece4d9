// The sparse autoencoder's cost and gradient in plain JavaScript, twice: a reference for results, and the plain
// JavaScript that wasm is compared with. Knows nothing of files, of simdgrad or of optimisers.

import { addProduct } from "./plain-product.js";

/** Weights and biases, or gradients with respect to them; matrices row by row. */
export interface AutoencoderParameters {
  /** [inputs x hidden] */
  readonly w1: Float64Array;
  /** [hidden] */
  readonly b1: Float64Array;
  /** [hidden x inputs] */
  readonly w2: Float64Array;
  /** [inputs] */
  readonly b2: Float64Array;
}

export interface AutoencoderPenalties {
  /** How active a hidden unit should be on average. */
  readonly rho?: number;
  /** The weight of the squared weights. */
  readonly lambda?: number;
  /** The weight of the sparsity penalty. */
  readonly beta?: number;
}

export interface CostAndGradient {
  readonly cost: number;
  readonly gradient: AutoencoderParameters;
}

const DEFAULTS = { rho: 0.01, lambda: 1e-4, beta: 3 } as const;

/**
 * Cost and gradient the way they are first written down: one example after the other, element by element.
 *
 * With a2 = sigmoid(x W1 + b1), a3 = sigmoid(a2 W2 + b2) per row x of the m examples, and rhohat the mean of a2 over them,
 *
 *   cost = 1/(2m) sum |a3 - x|^2 + lambda/2 (sum W1^2 + sum W2^2) + beta sum_j KL(rho || rhohat_j),
 *   KL(rho || r) = rho log(rho/r) + (1 - rho) log((1 - rho)/(1 - r)).
 *
 * The sparsity term's gradient needs rhohat before the first backward step, so every example goes forward twice.
 *
 * @param x [rows x inputs]
 * @throws {RangeError} if the sizes do not fit together
 */
export function costAndGradientLoop(
  parameters: AutoencoderParameters,
  x: Float64Array,
  rows: number,
  penalties: AutoencoderPenalties = {},
): CostAndGradient {
  const { inputs, hidden } = sizesOf(parameters, x, rows);
  const { rho, lambda, beta } = { ...DEFAULTS, ...penalties };
  const { w1, w2 } = parameters;

  const rhoHat = new Float64Array(hidden);
  for (let row = 0; row < rows; row++) {
    const a2 = activations(x.subarray(row * inputs, (row + 1) * inputs), w1, parameters.b1);
    for (let j = 0; j < hidden; j++) rhoHat[j] = (rhoHat[j] as number) + (a2[j] as number) / rows;
  }

  const gradient = zeroParameters(inputs, hidden);
  let squaredError = 0;
  for (let row = 0; row < rows; row++) {
    const example = x.subarray(row * inputs, (row + 1) * inputs);
    const a2 = activations(example, w1, parameters.b1);
    const a3 = activations(a2, w2, parameters.b2);
    const delta3 = new Float64Array(inputs);
    for (let i = 0; i < inputs; i++) {
      const a = a3[i] as number;
      const error = a - (example[i] as number);
      squaredError += error * error;
      delta3[i] = (error * a * (1 - a)) / rows;
    }
    const delta2 = new Float64Array(hidden);
    for (let j = 0; j < hidden; j++) {
      const r = rhoHat[j] as number;
      let sum = (beta / rows) * (-rho / r + (1 - rho) / (1 - r));
      for (let i = 0; i < inputs; i++) sum += (w2[j * inputs + i] as number) * (delta3[i] as number);
      const a = a2[j] as number;
      delta2[j] = sum * a * (1 - a);
    }
    addOuterProduct(gradient.w2, a2, delta3);
    addTo(gradient.b2, delta3, 1);
    addOuterProduct(gradient.w1, example, delta2);
    addTo(gradient.b1, delta2, 1);
  }
  addTo(gradient.w1, w1, lambda);
  addTo(gradient.w2, w2, lambda);
  return { cost: squaredError / (2 * rows) + penalty(parameters, rhoHat, rho, lambda, beta), gradient };
}

/** sigmoid(input W + b) of one example; W is [input.length x b.length]. */
function activations(input: Float64Array, w: Float64Array, b: Float64Array): Float64Array {
  const result = new Float64Array(b.length);
  for (let j = 0; j < b.length; j++) {
    let z = b[j] as number;
    for (let i = 0; i < input.length; i++) z += (input[i] as number) * (w[i * b.length + j] as number);
    result[j] = sigmoid(z);
  }
  return result;
}

function addOuterProduct(target: Float64Array, column: Float64Array, row: Float64Array): void {
  for (let i = 0; i < column.length; i++) {
    for (let j = 0; j < row.length; j++) {
      const at = i * row.length + j;
      target[at] = (target[at] as number) + (column[i] as number) * (row[j] as number);
    }
  }
}

/** The arrays between the layers, made once and used in every evaluation. */
export interface Workspace {
  readonly rows: number;
  /** [rows x hidden]: a2, and then delta2 in a second array. */
  readonly a2: Float64Array;
  readonly delta2: Float64Array;
  /** [rows x inputs]: a3, and then delta3 in its place. */
  readonly a3: Float64Array;
  /** [inputs x hidden] */
  readonly w2Transposed: Float64Array;
  /** [hidden] */
  readonly rhoHat: Float64Array;
  readonly sparsity: Float64Array;
  readonly gradient: AutoencoderParameters;
}

export function createWorkspace(rows: number, inputs: number, hidden: number): Workspace {
  return {
    rows,
    a2: new Float64Array(rows * hidden),
    delta2: new Float64Array(rows * hidden),
    a3: new Float64Array(rows * inputs),
    w2Transposed: new Float64Array(inputs * hidden),
    rhoHat: new Float64Array(hidden),
    sparsity: new Float64Array(hidden),
    gradient: zeroParameters(inputs, hidden),
  };
}

/**
 * The same as costAndGradientLoop, in matrix form, about as fast as plain JavaScript gets: all examples per layer, inner
 * loops along rows, two rows and four terms at a time, no allocation if a workspace is given (its gradient is then what is
 * returned, and the next call overwrites it). Sums run in another order, so the results agree to rounding only.
 *
 * @param x [rows x inputs]
 * @throws {RangeError} if the sizes do not fit together
 */
export function costAndGradientVectorised(
  parameters: AutoencoderParameters,
  x: Float64Array,
  rows: number,
  penalties: AutoencoderPenalties = {},
  workspace?: Workspace,
): CostAndGradient {
  const { inputs, hidden } = sizesOf(parameters, x, rows);
  const { rho, lambda, beta } = { ...DEFAULTS, ...penalties };
  const { w1, b1, w2, b2 } = parameters;
  const { a2, a3, delta2, w2Transposed, rhoHat, sparsity, gradient } =
    workspace ?? createWorkspace(rows, inputs, hidden);
  if (a2.length !== rows * hidden || a3.length !== rows * inputs) {
    throw new RangeError(`the workspace is not for ${rows} examples of ${inputs} inputs and ${hidden} hidden units`);
  }

  fillRows(a2, b1, rows);
  addProduct(a2, x, w1, { m: rows, k: inputs, n: hidden });
  sigmoidInPlace(a2);
  meanOfRows(rhoHat, a2, rows);
  fillRows(a3, b2, rows);
  addProduct(a3, a2, w2, { m: rows, k: hidden, n: inputs });
  sigmoidInPlace(a3);

  let squaredError = 0;
  for (let i = 0; i < a3.length; i++) {
    const a = a3[i] as number;
    const error = a - (x[i] as number);
    squaredError += error * error;
    a3[i] = (error * a * (1 - a)) / rows;
  }
  const delta3 = a3;

  for (let j = 0; j < hidden; j++) {
    const r = rhoHat[j] as number;
    sparsity[j] = (beta / rows) * (-rho / r + (1 - rho) / (1 - r));
    for (let i = 0; i < inputs; i++) w2Transposed[i * hidden + j] = w2[j * inputs + i] as number;
  }
  fillRows(delta2, sparsity, rows);
  addProduct(delta2, delta3, w2Transposed, { m: rows, k: inputs, n: hidden });
  for (let i = 0; i < delta2.length; i++) {
    const a = a2[i] as number;
    delta2[i] = (delta2[i] as number) * a * (1 - a);
  }

  for (let i = 0; i < w1.length; i++) gradient.w1[i] = lambda * (w1[i] as number);
  for (let i = 0; i < w2.length; i++) gradient.w2[i] = lambda * (w2[i] as number);
  addProduct(gradient.w1, x, delta2, { m: inputs, k: rows, n: hidden, transposed: true });
  addProduct(gradient.w2, a2, delta3, { m: hidden, k: rows, n: inputs, transposed: true });
  sumOfRows(gradient.b1, delta2, rows);
  sumOfRows(gradient.b2, delta3, rows);
  return { cost: squaredError / (2 * rows) + penalty(parameters, rhoHat, rho, lambda, beta), gradient };
}

function fillRows(target: Float64Array, row: Float64Array, rows: number): void {
  for (let i = 0; i < rows; i++) target.set(row, i * row.length);
}

function sumOfRows(target: Float64Array, x: Float64Array, rows: number): void {
  const cols = target.length;
  target.fill(0);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) target[j] = (target[j] as number) + (x[i * cols + j] as number);
  }
}

function meanOfRows(target: Float64Array, x: Float64Array, rows: number): void {
  sumOfRows(target, x, rows);
  for (let j = 0; j < target.length; j++) target[j] = (target[j] as number) / rows;
}

function sigmoidInPlace(x: Float64Array): void {
  for (let i = 0; i < x.length; i++) x[i] = sigmoid(x[i] as number);
}

function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}

/** target += factor * x */
function addTo(target: Float64Array, x: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) + factor * (x[i] as number);
}

/** The terms of the cost that do not depend on the reconstruction: weight decay and sparsity. */
function penalty(
  { w1, w2 }: AutoencoderParameters,
  rhoHat: Float64Array,
  rho: number,
  lambda: number,
  beta: number,
): number {
  let squares = 0;
  for (const w of w1) squares += w * w;
  for (const w of w2) squares += w * w;
  let divergence = 0;
  for (const r of rhoHat) divergence += rho * Math.log(rho / r) + (1 - rho) * Math.log((1 - rho) / (1 - r));
  return (lambda / 2) * squares + beta * divergence;
}

function zeroParameters(inputs: number, hidden: number): AutoencoderParameters {
  return {
    w1: new Float64Array(inputs * hidden),
    b1: new Float64Array(hidden),
    w2: new Float64Array(hidden * inputs),
    b2: new Float64Array(inputs),
  };
}

function sizesOf(
  { w1, b1, w2, b2 }: AutoencoderParameters,
  x: Float64Array,
  rows: number,
): { readonly inputs: number; readonly hidden: number } {
  const [inputs, hidden] = [b2.length, b1.length];
  if (w1.length !== inputs * hidden || w2.length !== inputs * hidden) {
    throw new RangeError(`${w1.length} and ${w2.length} weights, expected ${inputs} x ${hidden} each`);
  }
  if (x.length !== rows * inputs) throw new RangeError(`${x.length} inputs, expected ${rows} x ${inputs}`);
  return { inputs, hidden };
}
