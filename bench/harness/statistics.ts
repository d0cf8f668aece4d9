// What is said of a list of samples: median and quantiles. Must not know what was sampled.
import type { Statistics } from "./table.js";

export function statisticsOf(samples: readonly number[]): Statistics {
  const sorted = [...samples].sort((a, b) => a - b);
  const [median, decile, lowerQuartile, upperQuartile] = [0.5, 0.1, 0.25, 0.75].map((q) => quantile(sorted, q));
  return { median: median!, decile: decile!, lowerQuartile: lowerQuartile!, upperQuartile: upperQuartile! };
}

/** Quantiles interpolate linearly, as NumPy's do. */
function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below];
  if (low === undefined) throw new RangeError("no samples");
  return low + (at - below) * ((sorted[below + 1] ?? low) - low);
}
