// Softmax and its relatives over rows of [outer, count]: its logarithm, log-sum-exp, cross-entropy, and their backward passes. Each row is
// finished while it is in the cache. Must not know axes or shapes.
import { Binary, Quaternary, Ternary, Unary, UnaryWithOwn } from "../elementwise/adapters";
import { Mul } from "../elementwise/arithmetic";
import { Descend } from "../elementwise/optimizer-steps";
import { mapRow, ROUND } from "../elementwise/loops";
import { Max, Sum } from "./folds";
import { Lanes } from "../core/lanes";
import { Exp } from "../math/exp";
import { Log } from "../math/log";
import { Nest, Share } from "../core/nest";
import { Field } from "../abi";
import { foldRow } from "./rows";

/** In the scratch memory: a row's two scalars, each spread, and one block for terms of a sum. */
const SECOND: usize = ROUND;
const BUFFER: usize = 2 * ROUND;
const CHUNK: usize = 4096;

// ---- vectors ----

/** e^(x - m): at most 1, so nothing overflows. */
@final
@unmanaged
class ShiftedExp {
  @inline vec<T>(x: v128, m: v128): v128 {
    return changetype<Exp>(0).vec<T>(v128.sub<T>(x, m));
  }
}

/** (x - m) - l: the order keeps the digits of small differences. */
@final
@unmanaged
class SubtractTwice {
  @inline vec<T>(x: v128, m: v128, l: v128): v128 {
    return v128.sub<T>(v128.sub<T>(x, m), l);
  }
}

/** y (g - s). */
@final
@unmanaged
class CentredProduct {
  @inline vec<T>(g: v128, y: v128, s: v128): v128 {
    return v128.mul<T>(y, v128.sub<T>(g, s));
  }
}

/** p (l - (x - m)), and 0 where p is 0, even if the logarithm is infinite. */
@final
@unmanaged
class Surprise {
  @inline vec<T>(x: v128, p: v128, m: v128, l: v128): v128 {
    const zero = v128.splat<T>(<T>0);
    return v128.andnot(v128.mul<T>(p, v128.sub<T>(l, v128.sub<T>(x, m))), v128.eq<T>(p, zero));
  }
}

/** (e q - p) g. */
@final
@unmanaged
class ScaledExcess {
  @inline vec<T>(e: v128, p: v128, q: v128, g: v128): v128 {
    return v128.mul<T>(v128.sub<T>(v128.mul<T>(e, q), p), g);
  }
}

// ---- rows ----

/** out = F(a, d[0]) along a row. */
function mapWith<T, F>(out: usize, a: usize, count: usize, d: usize): void {
  mapRow<T, F>(out, count, a, ROUND, 0, 0, 0, 0, d);
}

/** sum(F(a, b, c[0], d[0])), block by block through a buffer. Each block is folded in the order of `reduce.ts`, the blocks in order. */
function sumOf<T, F>(scratch: usize, a: usize, b: usize, c: usize, d: usize, count: usize): v128 {
  const buffer = scratch + BUFFER;
  let s = v128.splat<T>(<T>0);
  while (count > 0) {
    const n = min(count, CHUNK);
    mapRow<T, F>(buffer, n, a, ROUND, b, ROUND, c, 0, d);
    s = v128.add<T>(s, foldRow<T, Sum>(buffer, n));
    a += n * sizeof<T>();
    b += n * sizeof<T>();
    count -= n;
  }
  return s;
}

/** A row's maximum, or 0 if that is infinite, because inf - inf would be NaN. */
function shift<T>(max: v128): v128 {
  const finite = v128.lt<T>(v128.abs<T>(max), v128.splat<T>(<T>Infinity));
  return v128.and(max, v128.or(finite, v128.ne<T>(max, max)));
}

/** log(sum(e^(x - m[0]))). */
function logSum<T>(x: usize, m: usize, count: usize): v128 {
  return changetype<Log>(0).vec<T>(sumOf<T, UnaryWithOwn<ShiftedExp>>(m, x, 0, 0, m, count));
}

/** out = e^(x - m) with m = max(x). Returns the sum of out. */
function shiftedExps<T>(out: usize, x: usize, m: usize, count: usize): v128 {
  Lanes.spreadFour(m, foldRow<T, Max>(x, count));
  mapWith<T, UnaryWithOwn<ShiftedExp>>(out, x, count, m);
  return foldRow<T, Sum>(out, count);
}

/**
 * y = e^(x - m) (1 / s), s the sum of e^(x - m). A product rounds once more than a quotient, and takes a quarter of the time.
 */
@final
@unmanaged
export class SoftmaxRow {
  @inline row<T>(o: usize, out: usize, x: usize, b: usize, c: usize, count: usize, indexed: bool, m: usize): void {
    const l = m + SECOND;
    const y = out + o * count * sizeof<T>();
    const s = shiftedExps<T>(y, x, m, count);
    Lanes.spreadFour(l, v128.div<T>(v128.splat<T>(<T>1), s));
    mapWith<T, UnaryWithOwn<Mul>>(y, y, count, l);
  }
}

/** y = (x - m) - log(sum(e^(x - m))). */
@final
@unmanaged
export class LogSoftmaxRow {
  @inline row<T>(o: usize, out: usize, x: usize, b: usize, c: usize, count: usize, indexed: bool, m: usize): void {
    const l = m + SECOND;
    Lanes.spreadFour(m, foldRow<T, Max>(x, count));
    Lanes.spreadFour(l, logSum<T>(x, m, count));
    mapRow<T, Ternary<SubtractTwice>>(out + o * count * sizeof<T>(), count, x, ROUND, m, 0, l, 0, 0);
  }
}

/** out[o] = log(sum(e^(x - m))) + m; as SciPy's, -inf for a row of -inf and inf for a row with inf. */
@final
@unmanaged
export class LogSumExpRow {
  @inline row<T>(o: usize, out: usize, x: usize, b: usize, c: usize, count: usize, indexed: bool, m: usize): void {
    const finite = shift<T>(foldRow<T, Max>(x, count));
    Lanes.spreadFour(m, finite);
    Lanes.store<T>(out + o * sizeof<T>(), v128.add<T>(logSum<T>(x, m, count), finite), 1);
  }
}

/** dx = y (g - sum(g y)): a is g, b is y. */
@final
@unmanaged
export class SoftmaxBackwardRow {
  @inline row<T>(o: usize, out: usize, g: usize, b: usize, c: usize, count: usize, indexed: bool, s: usize): void {
    const at = o * count * sizeof<T>();
    Lanes.spreadFour(s, sumOf<T, Binary<Mul>>(s, g, b + at, 0, 0, count));
    mapRow<T, Ternary<CentredProduct>>(out + at, count, g, ROUND, b + at, ROUND, s, 0, 0);
  }
}

/** dx = g - e^y sum(g): a is g, b is y. */
@final
@unmanaged
export class LogSoftmaxBackwardRow {
  @inline row<T>(o: usize, out: usize, g: usize, b: usize, c: usize, count: usize, indexed: bool, s: usize): void {
    const buffer = s + BUFFER;
    Lanes.spreadFour(s, foldRow<T, Sum>(g, count));
    for (let i: usize = 0; i < count; i += CHUNK) {
      const n = min(count - i, CHUNK);
      const at = (o * count + i) * sizeof<T>();
      mapRow<T, Unary<Exp>>(buffer, n, b + at, ROUND, 0, 0, 0, 0, 0);
      mapRow<T, Ternary<Descend>>(out + at, n, g + i * sizeof<T>(), ROUND, buffer, ROUND, s, 0, 0);
    }
  }
}

/** out[o] = -log softmax(x)[label], or -sum(p log softmax(x)) for a row p of probabilities. */
@final
@unmanaged
export class CrossEntropyRow {
  @inline row<T>(o: usize, out: usize, x: usize, b: usize, c: usize, count: usize, indexed: bool, m: usize): void {
    const l = m + SECOND;
    const max = foldRow<T, Max>(x, count);
    Lanes.spreadFour(m, max);
    const log = logSum<T>(x, m, count);
    Lanes.spreadFour(l, log);
    let loss: v128;
    if (indexed) {
      const label = v128.load_splat<T>(x + <usize>load<u32>(b + o * 4) * sizeof<T>());
      loss = v128.sub<T>(log, v128.sub<T>(label, max));
    } else {
      loss = sumOf<T, Quaternary<Surprise>>(m, x, b + o * count * sizeof<T>(), m, l, count);
    }
    Lanes.store<T>(out + o * sizeof<T>(), loss, 1);
  }
}

/** dx = (softmax(x) - [j = label]) g[o], or (softmax(x) sum(p) - p) g[o]; c is g, with one value for each row. */
@final
@unmanaged
export class CrossEntropyBackwardRow {
  @inline row<T>(o: usize, out: usize, x: usize, b: usize, c: usize, count: usize, indexed: bool, m: usize): void {
    const q = m + SECOND;
    const g = c + o * sizeof<T>();
    const dx = out + o * count * sizeof<T>();
    const s = shiftedExps<T>(dx, x, m, count);
    if (indexed) {
      Lanes.spreadFour(q, v128.div<T>(v128.load_splat<T>(g), s));
      mapWith<T, UnaryWithOwn<Mul>>(dx, dx, count, q);
      const label = dx + <usize>load<u32>(b + o * 4) * sizeof<T>();
      store<T>(label, load<T>(label) - load<T>(g));
    } else {
      const p = b + o * count * sizeof<T>();
      Lanes.spreadFour(q, v128.div<T>(foldRow<T, Sum>(p, count), s));
      mapRow<T, Quaternary<ScaledExcess>>(dx, count, dx, ROUND, p, ROUND, q, 0, g);
    }
  }
}

// ---- all rows ----

/** All rows of this thread, of m rows of n elements. flagA is 1 if b holds an int32 label for each row. */
@final
@unmanaged
export class EachRow<R> {
  run<T>(instruction: usize, thread: usize, threads: usize): void {
    const outer = Nest.field(instruction, Field.m);
    const count = Nest.field(instruction, Field.n);
    const a = Nest.field(instruction, Field.a);
    const b = Nest.field(instruction, Field.b);
    const c = Nest.field(instruction, Field.c);
    const out = Nest.field(instruction, Field.out);
    const indexed = Nest.field(instruction, Field.flagA) == 1;
    const scratch = Nest.scratch(instruction, thread);
    const end = Share.begin(outer, 1, thread + 1, threads);
    for (let o = Share.begin(outer, 1, thread, threads); o < end; o++) {
      changetype<R>(0).row<T>(o, out, a + o * count * sizeof<T>(), b, c, count, indexed, scratch);
    }
  }
}
