// The plain JavaScript that simdgrad is compared with, beside plain-autoencoder.ts. Must not know simdgrad.
import { addProduct } from "./plain-product.js";

/** The arrays of the seed's snippet, row by row. */
export interface SnippetInputs {
  /** [rows x inputs] */
  readonly x: Float64Array;
  /** [rows x hidden] */
  readonly a2: Float64Array;
  /** [rows x inputs] */
  readonly a3: Float64Array;
  /** [hidden x inputs] */
  readonly theta2: Float64Array;
  /** [hidden] */
  readonly sum2: Float64Array;
}

/** [inputs x hidden], [hidden x inputs], [hidden], [inputs] */
export type SnippetGradients = readonly [Float64Array, Float64Array, Float64Array, Float64Array];

/** Both forms of the snippet over the same buffers. */
export interface Snippet {
  /** One example after the other. */
  loop(): void;
  /** All examples per step. */
  vectorised(): void;
  readonly gradients: SnippetGradients;
}

/** The snippet's sizes are those of its arrays; everything it writes is allocated here, once. */
export function createSnippet({ x, a2, a3, theta2, sum2 }: SnippetInputs): Snippet {
  const hidden = sum2.length;
  const inputs = theta2.length / hidden;
  const rows = x.length / inputs;
  const delta2 = new Float64Array(rows * hidden);
  const delta3 = new Float64Array(rows * inputs);
  const theta2Transposed = new Float64Array(inputs * hidden);
  const gradients: SnippetGradients = [
    new Float64Array(inputs * hidden),
    new Float64Array(hidden * inputs),
    new Float64Array(hidden),
    new Float64Array(inputs),
  ];

  /** Adds what `count` examples from `first` on contribute. */
  function accumulate(first: number, count: number): void {
    const of = (array: Float64Array, width: number): Float64Array =>
      count === rows ? array : array.subarray(first * width, (first + count) * width);
    const [rx, ra2, ra3, d2, d3] = [
      of(x, inputs),
      of(a2, hidden),
      of(a3, inputs),
      of(delta2, hidden),
      of(delta3, inputs),
    ];
    for (let i = 0; i < d3.length; i++) d3[i] = -(rx[i]! - ra3[i]!) * ra3[i]! * (1 - ra3[i]!);
    for (let i = 0; i < count; i++) d2.set(sum2, i * hidden);
    addProduct(d2, d3, theta2Transposed, { m: count, k: inputs, n: hidden });
    for (let i = 0; i < d2.length; i++) d2[i]! *= ra2[i]! * (1 - ra2[i]!);
    addProduct(gradients[0], rx, d2, { m: inputs, k: count, n: hidden, transposed: true });
    addProduct(gradients[1], ra2, d3, { m: hidden, k: count, n: inputs, transposed: true });
    addRows(gradients[2], d2);
    addRows(gradients[3], d3);
  }

  function average(step: number): void {
    for (const gradient of gradients) gradient.fill(0);
    for (let j = 0; j < hidden; j++) {
      for (let i = 0; i < inputs; i++) theta2Transposed[i * hidden + j] = theta2[j * inputs + i]!;
    }
    for (let first = 0; first < rows; first += step) accumulate(first, step);
    for (const gradient of gradients) for (let i = 0; i < gradient.length; i++) gradient[i]! /= rows;
  }

  return { loop: () => average(1), vectorised: () => average(rows), gradients };
}

/** target[j] += sum of column j. */
function addRows(target: Float64Array, x: Float64Array): void {
  const width = target.length;
  for (let at = 0; at < x.length; at += width) for (let j = 0; j < width; j++) target[j]! += x[at + j]!;
}
