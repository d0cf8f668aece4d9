// Sums and extrema over the middle axis of [outer, count, inner]. Must not know axes or shapes.
import { Unary } from "../elementwise/adapters";
import { Identity } from "../elementwise/arithmetic";
import { mapRow, ROUND } from "../elementwise/loops";
import { Abi, Field } from "../abi";
import { Nest, Share } from "../core/nest";
import { alongComputedRows, alongRows, BLOCK, Fold, Origin } from "./rows";

/** Bytes of a row folded at a time: 26 levels of them fit the scratch memory, and one stays in the L1 cache. */
const WIDTH: usize = 8192;

/** Narrower rows are folded several at a time, so that there are enough independent vectors. */
const NARROW: usize = 256;

/** Bytes of columns that are never divided among threads: a cache line of the result. */
const LINE: usize = 64;

/**
 * Folds at most a block of runs of `width` bytes, `stride` bytes apart, in order into the run at `acc`. It takes eight at a time onto
 * accumulators in the L1 cache, so memory is read in order. Reads and writes 32 bytes at a time.
 */
function foldBlock<T, F>(acc: usize, width: usize, p: usize, rounds: usize, stride: usize): void {
  const op = changetype<F>(0);
  const few = rounds % 8;
  let seen = v128.splat<T>(<T>0);
  for (let i: usize = 0; i < width; i += 16) {
    let s = op.identity<T>();
    let q = p + i;
    for (let r = few; r > 0; r--) {
      const x = v128.load(q);
      s = op.join<T>(s, x);
      q += stride;
    }
    v128.store(acc + i, s);
  }
  let q = p + few * stride;
  for (let eights = rounds / 8; eights > 0; eights--) {
    for (let i: usize = 0; i < width; i += 32) {
      seen = Fold.watch<T, F>(seen, Fold.eight<T, F>(acc + i, q + i, stride, 0));
      seen = Fold.watch<T, F>(seen, Fold.eight<T, F>(acc + i, q + i, stride, 16));
    }
    q += 8 * stride;
  }
  if (Fold.doubts<T, F>(seen)) {
    for (let i: usize = 0; i < width; i += 16) {
      v128.store(acc + i, v128.or(v128.load(acc + i), Fold.nans<T>(p + i, rounds, stride)));
    }
  }
}

/** Joins the run at b to that at acc, in whole vectors. b may be acc + width, because a vector is read before it is written. */
function joinRuns<T, F>(acc: usize, b: usize, width: usize): void {
  const op = changetype<F>(0);
  for (let i: usize = 0; i < width; i += 16) v128.store(acc + i, op.join<T>(v128.load(acc + i), v128.load(b + i)));
}

/** Any number of runs: blocks in order, blocks pairwise. Uses `width` bytes at `acc` per level. */
function foldRuns<T, F>(acc: usize, width: usize, p: usize, rounds: usize, stride: usize): void {
  if (rounds <= BLOCK) {
    foldBlock<T, F>(acc, width, p, rounds, stride);
    return;
  }
  const first = Fold.half(rounds);
  const next = acc + ((width + 31) & ~31);
  foldRuns<T, F>(acc, width, p, first, stride);
  foldRuns<T, F>(next, width, p + first * stride, rounds - first, stride);
  joinRuns<T, F>(acc, next, width);
}

/**
 * Rows of less than `NARROW` bytes: 2, 4, 8, ... of them count as one wide row. The wide rows are folded, and the result's halves joined
 * until one row is left. Rows left over are folded by themselves and joined last.
 */
function foldNarrow<T, F>(acc: usize, width: usize, p: usize, rounds: usize): void {
  let wide = width;
  let group: usize = 1;
  while (wide < NARROW && rounds >= 8 * group) {
    wide *= 2;
    group *= 2;
  }
  const whole = rounds / group;
  foldRuns<T, F>(acc, wide, p, whole, wide);
  for (; wide > width; wide >>= 1) joinRuns<T, F>(acc, acc + (wide >> 1), wide >> 1);
  const left = rounds - whole * group;
  if (left) {
    foldBlock<T, F>(acc + NARROW, width, p + whole * group * width, left, width);
    joinRuns<T, F>(acc, acc + NARROW, width);
  }
}

/** inner > 1: down the columns from `left` to `right`, as many at a time as `WIDTH` allows; narrow rows whole. */
function downColumns<T, F>(
  out: usize,
  a: usize,
  acc: usize,
  count: usize,
  inner: usize,
  begin: usize,
  end: usize,
  left: usize,
  right: usize,
): void {
  const bytes = inner * sizeof<T>();
  const narrow = bytes < NARROW && count >= 16;
  const direct = !narrow && count <= BLOCK && bytes % 32 == 0;
  for (let o = begin; o < end; o++) {
    for (let at = left * sizeof<T>(); at < right * sizeof<T>(); at += WIDTH) {
      const part = min(WIDTH, right * sizeof<T>() - at);
      const to = out + o * bytes + at;
      const from = a + o * count * bytes + at;
      if (direct) {
        foldBlock<T, F>(to, part, from, count, bytes);
      } else {
        if (narrow) foldNarrow<T, F>(acc, bytes, from, count);
        else foldRuns<T, F>(acc, part, from, count, bytes);
        mapRow<T, Unary<Identity>>(to, part / sizeof<T>(), acc, ROUND, 0, 0, 0, 0, 0);
      }
    }
  }
}

@final
@unmanaged
export class Reduce<F> {
  run<T>(instruction: usize, thread: usize, threads: usize): void {
    const out = Nest.field(instruction, Field.out);
    const a = Nest.field(instruction, Field.a);
    const acc = Nest.scratch(instruction, thread);
    const outer = Nest.field(instruction, Field.m);
    const count = Nest.field(instruction, Field.n);
    const inner = Nest.field(instruction, Field.k);
    // Divided by columns, which are independent, if these give more pieces than `outer`.
    const grain = inner * sizeof<T>() < NARROW ? inner : LINE / sizeof<T>();
    const byColumns = outer < threads && outer * grain < inner;
    const begin: usize = byColumns ? 0 : Share.begin(outer, 1, thread, threads);
    const end = byColumns ? outer : Share.begin(outer, 1, thread + 1, threads);
    const left: usize = byColumns ? Share.begin(inner, grain, thread, threads) : 0;
    const right = byColumns ? Share.begin(inner, grain, thread + 1, threads) : inner;
    const program = Nest.field(instruction, Field.program);
    if (program) {
      if (isFloat<T>() && changetype<F>(0).computes()) {
        const origin = changetype<Origin>(acc + Abi.blocksAt + Abi.blocks * Abi.blockBytes);
        origin.program = program;
        origin.blocks = acc + Abi.blocksAt;
        origin.locals = Nest.locals(instruction, thread);
        alongComputedRows<T>(out, count, begin, end, origin);
      }
    } else if (inner == 1) alongRows<T, F>(out, a, count, begin, end);
    else downColumns<T, F>(out, a, acc, count, inner, begin, end, left, right);
  }
}
