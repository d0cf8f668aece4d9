// Softmax, its logarithm and log-sum-exp over rows of [outer, count]. Knows addresses and extents, never axes or shapes.
import { DTypeCode, Field, Op } from "./opcodes";
import { Lanes } from "./lanes";
import { Exp } from "./math/exp";
import { Log } from "./math/log";
import { Nest, Share } from "./nest";
import { foldRow, Max, Sum } from "./reduce";

/** Stores `map(x)` of a row; F is a class with `vec<T>(x, p, q)`. */
function mapRow<T, F>(out: usize, a: usize, count: usize, p: v128, q: v128): void {
  const op = changetype<F>(0);
  const lanes = Lanes.count<T>();
  while (count > 0) {
    const y = op.vec<T>(v128.load(a), p, q);
    if (count < lanes) {
      Lanes.store<T>(out, y, count);
      return;
    }
    v128.store(out, y);
    a += 16;
    out += 16;
    count -= lanes;
  }
}

/** e^(x - m): at most 1, so nothing overflows. */
@final
@unmanaged
class ShiftedExp {
  @inline vec<T>(x: v128, m: v128, _: v128): v128 {
    return changetype<Exp>(0).vec<T>(v128.sub<T>(x, m));
  }
}

/** x / s. */
@final
@unmanaged
class Divide {
  @inline vec<T>(x: v128, s: v128, _: v128): v128 {
    return v128.div<T>(x, s);
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

/** sum(e^(x - m)) in the blocked order of `reduce.ts`, through a buffer of one block, so that the row is read once. */
function sumExp<T>(acc: usize, a: usize, count: usize, m: v128): v128 {
  const buffer = acc + 2048;
  const chunk: usize = 4096;
  let s = v128.splat<T>(<T>0);
  while (count > 0) {
    const n = min(count, chunk);
    mapRow<T, ShiftedExp>(buffer, a, n, m, m);
    s = v128.add<T>(s, foldRow<T, Sum>(acc, buffer, n));
    a += n * sizeof<T>();
    count -= n;
  }
  return s;
}

/** A row's maximum, where an infinite one is replaced by 0 so that inf - inf makes no NaN of its own. */
function shift<T>(max: v128): v128 {
  const finite = v128.lt<T>(v128.abs<T>(max), v128.splat<T>(<T>Infinity));
  return v128.and(max, v128.or(finite, v128.ne<T>(max, max)));
}

function rows<T>(op: i32, instruction: usize, thread: usize, threads: usize): void {
  const outer = Nest.field(instruction, Field.m);
  const count = Nest.field(instruction, Field.n);
  const acc = Nest.scratch(instruction, thread);
  const end = Share.begin(outer, 1, thread + 1, threads);
  for (let o = Share.begin(outer, 1, thread, threads); o < end; o++) {
    const a = Nest.field(instruction, Field.a) + o * count * sizeof<T>();
    const out = Nest.field(instruction, Field.out) + o * count * sizeof<T>();
    const max = foldRow<T, Max>(acc, a, count);
    if (op == Op.softmax) {
      mapRow<T, ShiftedExp>(out, a, count, max, max);
      mapRow<T, Divide>(out, out, count, foldRow<T, Sum>(acc, out, count), max);
    } else if (op == Op.logSoftmax) {
      const log = changetype<Log>(0).vec<T>(sumExp<T>(acc, a, count, max));
      mapRow<T, SubtractTwice>(out, a, count, max, log);
    } else {
      // As SciPy's logsumexp: a row of -inf gives -inf, a row with +inf gives +inf.
      const m = shift<T>(max);
      const log = changetype<Log>(0).vec<T>(sumExp<T>(acc, a, count, m));
      Lanes.store<T>(Nest.field(instruction, Field.out) + o * sizeof<T>(), v128.add<T>(log, m), 1);
    }
  }
}

@final
@unmanaged
export class Softmax {
  static run(op: i32, instruction: usize, thread: usize, threads: usize): void {
    if (Nest.field(instruction, Field.dtype) == DTypeCode.float32) rows<f32>(op, instruction, thread, threads);
    else rows<f64>(op, instruction, thread, threads);
  }
}
