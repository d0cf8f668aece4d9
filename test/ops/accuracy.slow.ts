// float32 inputs by the million, or all of them, against float64 references. Must not know kernels.
//
//   npm run test:slow               every 17th bit pattern
//   STRIDE=1 npm run test:slow      all 2^32 of them
import { describe, expect, it } from "vitest";
import { type AnyTensor, scope, zeros } from "../../src/index.js";
import { logSigmoid, sigmoid, sigmoidGrad, softplus } from "../cases/activation.js";
import { cases } from "../cases.js";
import { ulpError } from "../support/ulp.js";
import { ulps } from "../tolerances.js";

/** Bit patterns from one input to the next; a prime by default, so that all low bits take part. */
const STRIDE = Number(process.env["STRIDE"] ?? 17);
const PATTERNS = 2 ** 32;
/** Inputs of one call. */
const CHUNK = 2 ** 20;
const HOUR = 3_600_000;

/** float64's Math is off by some 2^-29 of a float32 ULP, and so are these compositions of it. */
const REFERENCES = {
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  tanh: Math.tanh,
  sigmoid,
  sigmoidGrad,
  softplus,
  logSigmoid,
} as const;

interface Worst {
  error: number;
  at: number;
}

/** Fills the input with bit patterns `first + i STRIDE`; those beyond the last repeat the first. */
function fill(x: AnyTensor, first: number): void {
  const { buffer, byteOffset, length } = x.data;
  const words = new Uint32Array(buffer, byteOffset, length);
  for (let i = 0; i < length; i++) words[i] = first + i * STRIDE < PATTERNS ? first + i * STRIDE : 0;
}

/** Notes the worst of one chunk. Most results are the reference rounded, which needs no measuring beyond that. */
function measure(x: AnyTensor, y: AnyTensor, reference: (x: number) => number, worst: Worst): void {
  const [inputs, outputs] = [x.data, y.data];
  for (let i = 0; i < inputs.length; i++) {
    const exact = reference(inputs[i]!);
    const got = outputs[i]!;
    if (Object.is(got, Math.fround(exact))) continue;
    const error = ulpError(got, exact, "float32");
    if (error > worst.error) {
      worst.error = error;
      worst.at = inputs[i]!;
    }
  }
}

describe(`float32 inputs, every ${STRIDE} bit patterns`, () => {
  it.each(Object.entries(REFERENCES))("%s is within 2 ULP", { timeout: 4 * HOUR }, (name, reference) => {
    // Where a result is the reference rounded, it is off by half a unit at most.
    const worst: Worst = { error: 0.5, at: NaN };
    scope(() => {
      const x = zeros([CHUNK]);
      const out = zeros([CHUNK]);
      for (let first = 0; first < PATTERNS; first += CHUNK * STRIDE) {
        fill(x, first);
        cases[name as keyof typeof REFERENCES].run([x], { out });
        measure(x, out, reference, worst);
      }
    });
    console.log(`${name.padEnd(12)} at most ${worst.error.toFixed(4)} ULP, at ${worst.at}`);
    expect(worst.error).toBeLessThanOrEqual(ulps.promised.float32);
  });
});
