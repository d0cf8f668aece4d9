// What is said of a list of samples: median, quartiles, scatter. Must not know what was sampled.

export interface Statistics {
  readonly median: number;
  /** A tenth of the samples are below it: how fast it is where nobody else keeps the processor busy. */
  readonly decile: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  /** Median absolute deviation, unscaled. */
  readonly mad: number;
  readonly minimum: number;
}

/** Quantiles interpolate linearly, as NumPy's do. */
export function statisticsOf(samples: readonly number[]): Statistics {
  const sorted = [...samples].sort((a, b) => a - b);
  const median = quantile(sorted, 0.5);
  const deviations = sorted.map((sample) => Math.abs(sample - median)).sort((a, b) => a - b);
  return {
    median,
    decile: quantile(sorted, 0.1),
    lowerQuartile: quantile(sorted, 0.25),
    upperQuartile: quantile(sorted, 0.75),
    mad: quantile(deviations, 0.5),
    minimum: quantile(sorted, 0),
  };
}

function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below];
  if (low === undefined) throw new RangeError("no samples");
  return low + (at - below) * ((sorted[below + 1] ?? low) - low);
}
