// Softmax, its logarithm and log-sum-exp over rows of [outer, count]. Knows addresses and extents, never axes or shapes.
import { DTypeCode, Field, Op } from "./opcodes";
import { Div } from "./elementwise/arithmetic";
import { Binary, HeavyBinary, Ternary } from "./elementwise/adapters";
import { mapRow } from "./elementwise/loops";
import { Lanes } from "./lanes";
import { Exp } from "./math/exp";
import { Log } from "./math/log";
import { Nest, Share } from "./nest";
import { foldRow, Max, Sum } from "./reduce";

/** Where a row's scalars lie in the scratch memory, behind the 26 levels of its folds, and one block of its exponentials. */
const SCALARS: usize = 1792;
const BUFFER: usize = 2048;
const CHUNK: usize = 4096;

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

/** out = F(a, p[0]) along a row. */
function mapWith<T, F>(out: usize, a: usize, count: usize, p: usize): void {
  mapRow<T, F>(out, a, p, p, p, count, 1, 0, 0);
}

/** sum(e^(x - m[0])), block by block through a buffer, each folded in the order of `reduce.ts`, the blocks in order. */
function sumExp<T>(acc: usize, a: usize, count: usize, m: usize): v128 {
  let s = v128.splat<T>(<T>0);
  while (count > 0) {
    const n = min(count, CHUNK);
    mapWith<T, HeavyBinary<ShiftedExp>>(acc + BUFFER, a, n, m);
    s = v128.add<T>(s, foldRow<T, Sum>(acc + BUFFER, n));
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
  const m = acc + SCALARS;
  const l = m + 16;
  const end = Share.begin(outer, 1, thread + 1, threads);
  for (let o = Share.begin(outer, 1, thread, threads); o < end; o++) {
    const a = Nest.field(instruction, Field.a) + o * count * sizeof<T>();
    const out = Nest.field(instruction, Field.out) + o * count * sizeof<T>();
    const max = foldRow<T, Max>(a, count);
    if (op == Op.softmax) {
      v128.store(m, max);
      mapWith<T, HeavyBinary<ShiftedExp>>(out, a, count, m);
      v128.store(l, foldRow<T, Sum>(out, count));
      mapWith<T, Binary<Div>>(out, out, count, l);
    } else if (op == Op.logSoftmax) {
      v128.store(m, max);
      v128.store(l, changetype<Log>(0).vec<T>(sumExp<T>(acc, a, count, m)));
      mapRow<T, Ternary<SubtractTwice>>(out, a, m, l, l, count, 1, 0, 0);
    } else {
      // As SciPy's logsumexp: a row of -inf gives -inf, a row with +inf gives +inf.
      const finite = shift<T>(max);
      v128.store(m, finite);
      const log = changetype<Log>(0).vec<T>(sumExp<T>(acc, a, count, m));
      Lanes.store<T>(Nest.field(instruction, Field.out) + o * sizeof<T>(), v128.add<T>(log, finite), 1);
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
