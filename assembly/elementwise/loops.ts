// The one elementwise loop and its one tail. Knows operands and strides; an op's arithmetic lives in its class.
import { DTypeCode, Field } from "../opcodes";
import { Lanes } from "../lanes";
import { Nest, Share } from "../nest";

/**
 * Whether an operand moves along a row or is one value for all of it, known when the loop is compiled: testing the steps in
 * the loop instead costs half its speed in the caches. Heavy ops do not notice and are compiled once.
 */
@final
@unmanaged
class Moves {
  @inline by(step: isize): bool {
    return true;
  }
}

@final
@unmanaged
class Stays {
  @inline by(step: isize): bool {
    return false;
  }
}

@final
@unmanaged
class AsTold {
  @inline by(step: isize): bool {
    return step != 0;
  }
}

@final
@unmanaged
class Next {
  /** One vector of the result: of the operands that move their next one, of the others their one value. */
  @inline static vec<T, F>(
    moveA: bool,
    a: usize,
    a0: v128,
    moveB: bool,
    b: usize,
    b0: v128,
    moveC: bool,
    c: usize,
    c0: v128,
    d0: v128,
  ): v128 {
    return changetype<F>(0).vec<T>(moveA ? v128.load(a) : a0, moveB ? v128.load(b) : b0, moveC ? v128.load(c) : c0, d0);
  }
}

/** `mapRows` for operands that move as A, B and C say. */
function walk<T, F, A, B, C>(
  out: usize,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  n: usize,
  stepA: isize,
  stepB: isize,
  stepC: isize,
  rows: usize,
  strideOut: isize,
  strideA: isize,
  strideB: isize,
  strideC: isize,
): void {
  const op = changetype<F>(0);
  const lanes = Lanes.count<T>();
  const size = <isize>sizeof<T>();
  const moveA = changetype<A>(0).by(stepA);
  const moveB = op.arity() > 1 && changetype<B>(0).by(stepB);
  const moveC = op.arity() > 2 && changetype<C>(0).by(stepC);
  const rounds: usize = op.light() ? n / (4 * lanes) : 0;
  const rest = n - rounds * 4 * lanes;
  // From where a pointer stands after a row's whole vectors to where the next row begins.
  const run = <isize>(n / lanes) * 16;
  const gapOut = strideOut * size - run;
  const gapA = strideA * size - (moveA ? run : 0);
  const gapB = strideB * size - (moveB ? run : 0);
  const gapC = strideC * size - (moveC ? run : 0);
  const d0 = v128.load_splat<T>(op.constant<T>(d));

  for (; rows > 0; rows--) {
    const a0 = moveA ? d0 : v128.load_splat<T>(a);
    const b0 = moveB || op.arity() < 2 ? d0 : v128.load_splat<T>(b);
    const c0 = moveC || op.arity() < 3 ? d0 : v128.load_splat<T>(c);
    if (op.light()) {
      for (let i = rounds; i > 0; i--) {
        v128.store(out, Next.vec<T, F>(moveA, a, a0, moveB, b, b0, moveC, c, c0, d0));
        v128.store(out, Next.vec<T, F>(moveA, a + 16, a0, moveB, b + 16, b0, moveC, c + 16, c0, d0), 16);
        v128.store(out, Next.vec<T, F>(moveA, a + 32, a0, moveB, b + 32, b0, moveC, c + 32, c0, d0), 32);
        v128.store(out, Next.vec<T, F>(moveA, a + 48, a0, moveB, b + 48, b0, moveC, c + 48, c0, d0), 48);
        out += 64;
        if (moveA) a += 64;
        if (moveB) b += 64;
        if (moveC) c += 64;
      }
    }
    for (let left = rest; left > 0; left -= lanes) {
      const y = Next.vec<T, F>(moveA, a, a0, moveB, b, b0, moveC, c, c0, d0);
      if (left < lanes) {
        Lanes.store<T>(out, y, left);
        break;
      }
      v128.store(out, y);
      out += 16;
      if (moveA) a += 16;
      if (moveB) b += 16;
      if (moveC) c += 16;
    }
    out += gapOut;
    a += gapA;
    if (op.arity() > 1) b += gapB;
    if (op.arity() > 2) c += gapC;
  }
}

/**
 * out[i] = op(a[i * stepA], b[i * stepB], c[i * stepC], d) for i < n, in `rows` rows that lie the strides apart, in elements;
 * steps are 0 (one value for the whole row) or 1.
 *
 * Pointers run on through all rows and jump the gap at each row's end, so that a row costs a few instructions more than its
 * vectors. out may be a, b or c: each vector is read before it is written. A row's last vector is loaded whole (tensors may
 * be read up to `Abi.overreadBytes` past their end) and stored in part, so one `vec` serves every element and no value
 * depends on where it lies.
 */
export function mapRows<T, F>(
  out: usize,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  n: usize,
  stepA: isize,
  stepB: isize,
  stepC: isize,
  rows: usize,
  strideOut: isize,
  strideA: isize,
  strideB: isize,
  strideC: isize,
): void {
  const op = changetype<F>(0);
  if (op.light() && op.arity() == 1) {
    if (stepA) walk<T, F, Moves, Stays, Stays>(out, a, b, c, d, n, 1, 0, 0, rows, strideOut, strideA, 0, 0);
    else walk<T, F, Stays, Stays, Stays>(out, a, b, c, d, n, 0, 0, 0, rows, strideOut, strideA, 0, 0);
  } else if (op.light() && op.arity() == 2) {
    // One value for both operands means one element: reading on is harmless.
    if (!stepA) walk<T, F, Stays, Moves, Stays>(out, a, b, c, d, n, 0, 1, 0, rows, strideOut, strideA, strideB, 0);
    else if (stepB) walk<T, F, Moves, Moves, Stays>(out, a, b, c, d, n, 1, 1, 0, rows, strideOut, strideA, strideB, 0);
    else walk<T, F, Moves, Stays, Stays>(out, a, b, c, d, n, 1, 0, 0, rows, strideOut, strideA, strideB, 0);
  } else if (op.light() && stepA) {
    if (stepB) {
      if (stepC)
        walk<T, F, Moves, Moves, Moves>(out, a, b, c, d, n, 1, 1, 1, rows, strideOut, strideA, strideB, strideC);
      else walk<T, F, Moves, Moves, Stays>(out, a, b, c, d, n, 1, 1, 0, rows, strideOut, strideA, strideB, strideC);
    } else if (stepC) {
      walk<T, F, Moves, Stays, Moves>(out, a, b, c, d, n, 1, 0, 1, rows, strideOut, strideA, strideB, strideC);
    } else {
      walk<T, F, Moves, Stays, Stays>(out, a, b, c, d, n, 1, 0, 0, rows, strideOut, strideA, strideB, strideC);
    }
  } else {
    walk<T, F, AsTold, AsTold, AsTold>(
      out,
      a,
      b,
      c,
      d,
      n,
      stepA,
      stepB,
      stepC,
      rows,
      strideOut,
      strideA,
      strideB,
      strideC,
    );
  }
}

/** One row of `mapRows`. */
export function mapRow<T, F>(
  out: usize,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  n: usize,
  stepA: isize,
  stepB: isize,
  stepC: isize,
): void {
  mapRows<T, F>(out, a, b, c, d, n, stepA, stepB, stepC, 1, 0, 0, 0, 0);
}

/** Every row of the nest that is this thread's, or its part of the only row. */
function nest<T, F>(instruction: usize, thread: usize, threads: usize): void {
  const op = changetype<F>(0);
  const a = Nest.field(instruction, Field.a);
  const b = Nest.field(instruction, Field.b);
  const c = Nest.field(instruction, Field.c);
  const d = op.arity() > 3 ? Nest.field(instruction, Field.d) : a;
  const out = Nest.field(instruction, Field.out);
  const stepA = Nest.innerStride(instruction, Field.strideA);
  const stepB = op.arity() > 1 ? Nest.innerStride(instruction, Field.strideB) : 0;
  const stepC = op.arity() > 2 ? Nest.innerStride(instruction, Field.strideC) : 0;
  const inner = Nest.inner(instruction);
  const size = <isize>sizeof<T>();

  if (Nest.field(instruction, Field.rank) == 1) {
    const begin = <isize>Share.begin(inner, 64, thread, threads);
    const end = <isize>Share.begin(inner, 64, thread + 1, threads);
    mapRow<T, F>(
      out + begin * size,
      a + begin * stepA * size,
      b + begin * stepB * size,
      c + begin * stepC * size,
      d,
      end - begin,
      stepA,
      stepB,
      stepC,
    );
    return;
  }

  // A matrix of the nest's two innermost dims at a time, or this thread's part of it.
  const height = Nest.height(instruction);
  const strideA = Nest.rowStride(instruction, Field.strideA);
  const strideB = op.arity() > 1 ? Nest.rowStride(instruction, Field.strideB) : 0;
  const strideC = op.arity() > 2 ? Nest.rowStride(instruction, Field.strideC) : 0;
  const total = Nest.rows(instruction);
  const end = Share.begin(total, 1, thread + 1, threads);
  let r = Share.begin(total, 1, thread, threads);
  while (r < end) {
    const rows = min(height - (r % height), end - r);
    mapRows<T, F>(
      out + r * inner * sizeof<T>(),
      a + Nest.offset(instruction, Field.strideA, r) * size,
      op.arity() > 1 ? b + Nest.offset(instruction, Field.strideB, r) * size : b,
      op.arity() > 2 ? c + Nest.offset(instruction, Field.strideC, r) * size : c,
      d,
      inner,
      stepA,
      stepB,
      stepC,
      rows,
      <isize>inner,
      strideA,
      strideB,
      strideC,
    );
    r += rows;
  }
}

@final
@unmanaged
export class Elementwise {
  /** For ops that are defined for floating-point elements only. */
  static floats<F>(instruction: usize, thread: usize, threads: usize): void {
    if (Nest.field(instruction, Field.dtype) == DTypeCode.float32) nest<f32, F>(instruction, thread, threads);
    else nest<f64, F>(instruction, thread, threads);
  }

  /** For ops that are defined for int32 too. */
  static numbers<F>(instruction: usize, thread: usize, threads: usize): void {
    if (Nest.field(instruction, Field.dtype) == DTypeCode.int32) nest<i32, F>(instruction, thread, threads);
    else Elementwise.floats<F>(instruction, thread, threads);
  }
}
