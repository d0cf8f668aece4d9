// A line search for the strong Wolfe conditions along one direction. Must not know tensors: the function is a callback on numbers.

/** The function's value and slope at a step length along the direction. */
export interface Sample {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
}

/** The result of a search. */
export interface Found {
  /** The step to take, if any. Its value is the difference from the start, so it is negative. */
  readonly best: Sample | undefined;
  /** True if the step meets the conditions, or lies in an interval too narrow to go on. */
  readonly enough: boolean;
  /** True if the value falls without end. */
  readonly unbounded: boolean;
}

/** Sufficient decrease: f(t) - f(0) <= C1 t f'(0). This and the next three constants are from L-BFGS-B. */
const C1 = 1e-3;
/** Curvature: |f'(t)| <= C2 |f'(0)|. */
const C2 = 0.9;
/** An interval is narrow if its width is at most this part of its upper end. */
const NARROW = 0.1;
const MAX_SAMPLES = 20;
/** If the value is NaN at a step longer than the first one by this factor, the elements have overflowed. */
const FAR = 1e10;

/** The minimum of the cubic through two samples, as a part of the way from p to q; NaN if it has none. */
function cubic(p: Sample, q: Sample): number {
  const theta = (3 * (p.value - q.value)) / (q.step - p.step) + p.slope + q.slope;
  const s = Math.max(Math.abs(theta), Math.abs(p.slope), Math.abs(q.slope));
  const root = s * Math.sqrt((theta / s) ** 2 - (p.slope / s) * (q.slope / s));
  const gamma = q.step < p.step ? -root : root;
  return (gamma - p.slope + theta) / (gamma - p.slope + gamma + q.slope);
}

/** The next step to try, as in MINPACK-2's `dcstep`. x is the best sample, y the interval's other end, p the newest sample. */
function trial(x: Sample, y: Sample, p: Sample, isBracketed: boolean, min: number, max: number): number {
  const way = p.step - x.step;
  const distance = (step: number): number => Math.abs(step - p.step);
  if (p.value > x.value) {
    const c = cubic(x, p) * way;
    const q = (x.slope / ((x.value - p.value) / way + x.slope) / 2) * way;
    return x.step + (Math.abs(c) <= Math.abs(q) ? c : c + (q - c) / 2);
  }
  const secant = p.step - (p.slope / (p.slope - x.slope)) * way;
  const part = cubic(p, x);
  if (p.slope * x.slope < 0) {
    const c = p.step - part * way;
    return distance(c) > distance(secant) ? c : secant;
  }
  const end = way > 0 ? max : min;
  if (Math.abs(p.slope) < Math.abs(x.slope)) {
    const c = part < 0 ? p.step - part * way : end;
    const [near, far] = distance(c) < distance(secant) ? [c, secant] : [secant, c];
    if (!isBracketed) return Math.min(Math.max(far, min), max);
    const limit = p.step + 0.66 * (y.step - p.step);
    return way > 0 ? Math.min(limit, near) : Math.max(limit, near);
  }
  return isBracketed ? p.step + cubic(p, y) * (y.step - p.step) : end;
}

/**
 * A step that meets the strong Wolfe conditions, by the search of Moré and Thuente, "Line search algorithms with guaranteed
 * sufficient decrease", TOMS 20 (1994), in the form of MINPACK-2's `dcsrch`, which L-BFGS-B uses too. This version adds three rules.
 * - A value or slope that is not finite, including -Infinity, means that the step is too long.
 * - Extrapolation speeds up, so that a function without a lower bound is recognised soon.
 * - A value that differs from the start's only by rounding (`noise`) is replaced by t (f'(0) + f'(t)) / 2. This makes the first
 *   condition the approximate one of Hager and Zhang, "A new conjugate gradient method with guaranteed descent and an efficient line
 *   search", SIAM J. Optim. 16 (2005).
 *
 * If no step meets the conditions within 20 samples, the step of the least value is the best, if that value is below the start's.
 *
 * @param sample - evaluates the function at a step length
 * @param start - the sample at step 0, with a negative slope
 * @param firstStep - the first step to try
 * @param noise - the possible error of values by rounding
 */
export function strongWolfe(sample: (step: number) => Sample, start: Sample, firstStep: number, noise = 0): Found {
  const test = C1 * start.slope;
  let x: Sample = { ...start, value: 0 };
  let y = x;
  let best: Sample | undefined;
  let isBracketed = false;
  let isFirstStage = true;
  let step = firstStep;
  let min = 0;
  let max = 5 * step;
  let widths = [Infinity, Infinity];
  let growth = 4;
  let shrink = 2;
  let ceiling = Infinity;
  let isBottomless = false;

  for (let taken = 1; taken <= MAX_SAMPLES; taken++) {
    const { value, slope } = sample(step);
    if (!Number.isFinite(value) || !Number.isFinite(slope)) {
      isBottomless ||= value === -Infinity;
      if (step > x.step) ceiling = step;
      step = x.step + (step - x.step) / shrink;
      shrink *= shrink;
      continue;
    }
    shrink = 2;
    const change = value - start.value;
    const p = { step, slope, value: Math.abs(change) <= noise ? (step * (start.slope + slope)) / 2 : change };
    if (value < start.value && !(best && best.value <= p.value)) best = p;
    const isLow = p.value <= step * test;
    if (isLow && Math.abs(slope) <= -C2 * start.slope) return { best: p, enough: true, unbounded: false };

    if (isLow && slope >= 0) isFirstStage = false;
    // In the first stage, if the value fell but not enough, the step is chosen for f(t) - C1 t f'(0).
    const tilt = isFirstStage && p.value <= x.value && !isLow ? test : 0;
    const tilted = (s: Sample): Sample => ({ step: s.step, value: s.value - s.step * tilt, slope: s.slope - tilt });
    const [tx, ty, tp] = [tilted(x), tilted(y), tilted(p)];
    step = trial(tx, ty, tp, isBracketed, min, max);
    const isHigher = tp.value > tx.value;
    const turns = tp.slope * tx.slope < 0;
    isBracketed ||= isHigher || turns;
    if (isHigher) y = p;
    else {
      if (turns) y = x;
      x = p;
    }

    if (isBracketed) {
      const width = Math.abs(y.step - x.step);
      if (!Number.isFinite(step) || width >= 0.66 * widths[0]!) step = x.step + (y.step - x.step) / 2;
      widths = [widths[1]!, width];
      min = Math.min(x.step, y.step);
      max = Math.max(x.step, y.step);
      if (step <= min || step >= max || max - min <= NARROW * max) {
        return { best, enough: x.step > 0, unbounded: false };
      }
    } else {
      if (taken > 4) growth *= growth;
      min = step + 1.1 * (step - x.step);
      max = Math.min(step + growth * (step - x.step), Number.MAX_VALUE);
    }
    if (step >= ceiling) step = (x.step + ceiling) / 2;
  }
  const unbounded =
    !isBracketed && best !== undefined && ceiling < Infinity && (isBottomless || x.step >= FAR * firstStep);
  return { best, enough: false, unbounded };
}
