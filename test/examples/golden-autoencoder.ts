// NumPy's cost and gradient of a small autoencoder, read for the tests. Made by test/golden/autoencoder.py.
import { readFileSync } from "node:fs";
import type { AutoencoderParameters } from "../../bench/plain/plain-autoencoder.js";

type Matrix = readonly (readonly number[])[];

interface Golden {
  readonly rows: number;
  readonly x: Matrix;
  readonly cost: number;
  readonly parameters: Record<keyof AutoencoderParameters, Matrix | readonly number[]>;
  readonly gradient: Record<keyof AutoencoderParameters, Matrix | readonly number[]>;
}

export const golden = JSON.parse(
  readFileSync(new URL("../golden/autoencoder.json", import.meta.url), "utf8"),
) as Golden;
export const NAMES = ["w1", "b1", "w2", "b2"] as const;
export const flat = (values: Matrix | readonly number[]): Float64Array => Float64Array.from(values.flat() as number[]);
export const flatAll = (all: Golden["parameters"]): AutoencoderParameters => ({
  w1: flat(all.w1),
  b1: flat(all.b1),
  w2: flat(all.w2),
  b2: flat(all.b2),
});
