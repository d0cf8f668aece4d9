// A line search for the strong Wolfe conditions along one direction. Knows numbers only: the function is a callback.

/** The function and its slope at a step length along the direction. */
export interface Sample {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
}

/** Sufficient decrease: f(t) <= f(0) + C1 t f'(0). */
const C1 = 1e-4;
/** Curvature: |f'(t)| <= C2 |f'(0)|. */
const C2 = 0.9;
const MAX_SAMPLES = 25;

/** The minimiser of the cubic through two samples' values and slopes, kept 10 % inside their interval. */
function interpolate(a: Sample, b: Sample): number {
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.step - b.step);
  const d2 = Math.sign(b.step - a.step) * Math.sqrt(Math.max(0, d1 * d1 - a.slope * b.slope));
  const cubic = b.step - ((b.step - a.step) * (b.slope + d2 - d1)) / (b.slope - a.slope + 2 * d2);
  const [low, high] = a.step < b.step ? [a.step, b.step] : [b.step, a.step];
  const margin = 0.1 * (high - low);
  if (!Number.isFinite(cubic)) return (low + high) / 2;
  return Math.min(Math.max(cubic, low + margin), high - margin);
}

/**
 * A step that meets the strong Wolfe conditions: bracketing and zoom of Nocedal and Wright, "Numerical Optimization" (2006),
 * algorithms 3.5 and 3.6, with cubic interpolation. A value that is not finite counts as too far. Where no step meets both
 * conditions within 25 samples the best one that decreases the value is returned; undefined where none does.
 *
 * @param sample - evaluates the function at a step length
 * @param start - the sample at step 0, with a negative slope
 * @param firstStep - the first step to try
 */
export function strongWolfe(sample: (step: number) => Sample, start: Sample, firstStep: number): Sample | undefined {
  let best: Sample | undefined;
  let taken = 0;
  const at = (step: number): Sample => {
    const found = sample(step);
    taken++;
    if (decreases(found) && (best === undefined || found.value < best.value)) best = found;
    return found;
  };
  const decreases = (s: Sample): boolean => s.value <= start.value + C1 * s.step * start.slope;
  const isFlat = (s: Sample): boolean => Math.abs(s.slope) <= -C2 * start.slope;

  const zoom = (from: Sample, to: Sample): Sample | undefined => {
    let low = from;
    let high = to;
    while (taken < MAX_SAMPLES) {
      const finite = Number.isFinite(high.value) && Number.isFinite(high.slope);
      const middle = at(finite ? interpolate(low, high) : (low.step + high.step) / 2);
      if (middle.step === low.step || middle.step === high.step) break;
      if (!decreases(middle) || middle.value >= low.value) {
        high = middle;
      } else {
        if (isFlat(middle)) return middle;
        if (middle.slope * (high.step - low.step) >= 0) high = low;
        low = middle;
      }
    }
    return best;
  };

  let previous = start;
  let step = firstStep;
  while (taken < MAX_SAMPLES) {
    const current = at(step);
    if (!decreases(current) || (previous !== start && current.value >= previous.value)) return zoom(previous, current);
    if (isFlat(current)) return current;
    if (current.slope >= 0) return zoom(current, previous);
    previous = current;
    step *= 2;
  }
  return best;
}
