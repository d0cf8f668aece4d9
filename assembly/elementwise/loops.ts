// The one elementwise loop and its one tail. Knows operands and strides; an op's arithmetic lives in its class.
import { DTypeCode, Field } from "../opcodes";
import { Lanes } from "../lanes";
import { Nest, Share } from "../nest";

/** How the loop calls an op F: by its number of operands. */
@final
@unmanaged
export class Unary<F> {
  @inline arity(): i32 {
    return 1;
  }
  @inline vec<T>(a: v128, b: v128, c: v128, d: v128): v128 {
    return changetype<F>(0).vec<T>(a);
  }
}

@final
@unmanaged
export class Binary<F> {
  @inline arity(): i32 {
    return 2;
  }
  @inline vec<T>(a: v128, b: v128, c: v128, d: v128): v128 {
    return changetype<F>(0).vec<T>(a, b);
  }
}

@final
@unmanaged
export class Ternary<F> {
  @inline arity(): i32 {
    return 3;
  }
  @inline vec<T>(a: v128, b: v128, c: v128, d: v128): v128 {
    return changetype<F>(0).vec<T>(a, b, c);
  }
}

@final
@unmanaged
export class Quaternary<F> {
  @inline arity(): i32 {
    return 4;
  }
  @inline vec<T>(a: v128, b: v128, c: v128, d: v128): v128 {
    return changetype<F>(0).vec<T>(a, b, c, d);
  }
}

/**
 * out[i] = op(a[i * stepA], b[i * stepB], c[i * stepC], d) for i < n; steps are 0 (one value for all) or 1.
 *
 * A round computes four vectors and only then stores them. Without a store between them the compiler is free to mix their
 * arithmetic, and four chains of dependent operations run in the time of one and a half (float32 sigmoid: 2.50 ns an
 * element one vector at a time, 1.77 by two, 1.53 by four).
 *
 * out may be a, b or c: every round loads all it needs before it stores. The last round is loaded whole (tensors may be
 * read up to `Abi.overreadBytes` past their end) and stored in part, so one `vec` serves every element and no value
 * depends on where it lies.
 */
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
  const op = changetype<F>(0);
  const lanes = Lanes.count<T>();
  let a0 = v128.load_splat<T>(a);
  let b0 = op.arity() > 1 ? v128.load_splat<T>(b) : a0;
  let c0 = op.arity() > 2 ? v128.load_splat<T>(c) : a0;
  const d0 = op.arity() > 3 ? v128.load_splat<T>(d) : a0;

  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b1 = b0;
  let b2 = b0;
  let b3 = b0;
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  for (; n > 0; n -= 4 * lanes) {
    if (stepA) {
      a0 = v128.load(a);
      a1 = v128.load(a, 16);
      a2 = v128.load(a, 32);
      a3 = v128.load(a, 48);
      a += 64;
    }
    if (op.arity() > 1 && stepB) {
      b0 = v128.load(b);
      b1 = v128.load(b, 16);
      b2 = v128.load(b, 32);
      b3 = v128.load(b, 48);
      b += 64;
    }
    if (op.arity() > 2 && stepC) {
      c0 = v128.load(c);
      c1 = v128.load(c, 16);
      c2 = v128.load(c, 32);
      c3 = v128.load(c, 48);
      c += 64;
    }
    const y0 = op.vec<T>(a0, b0, c0, d0);
    const y1 = op.vec<T>(a1, b1, c1, d0);
    const y2 = op.vec<T>(a2, b2, c2, d0);
    const y3 = op.vec<T>(a3, b3, c3, d0);
    if (n < 4 * lanes) {
      Lanes.storeFour<T>(out, y0, y1, y2, y3, n);
      return;
    }
    v128.store(out, y0);
    v128.store(out, y1, 16);
    v128.store(out, y2, 32);
    v128.store(out, y3, 48);
    out += 64;
  }
}

/** Every row of the nest that is this thread's, or its part of the only row. */
function rows<T, F>(instruction: usize, thread: usize, threads: usize): void {
  const op = changetype<F>(0);
  const a = Nest.field(instruction, Field.a);
  const b = Nest.field(instruction, Field.b);
  const c = Nest.field(instruction, Field.c);
  const d = Nest.field(instruction, Field.d);
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

  const total = Nest.rows(instruction);
  const end = Share.begin(total, 1, thread + 1, threads);
  for (let r = Share.begin(total, 1, thread, threads); r < end; r++) {
    mapRow<T, F>(
      out + r * inner * sizeof<T>(),
      a + Nest.offset(instruction, Field.strideA, r) * size,
      op.arity() > 1 ? b + Nest.offset(instruction, Field.strideB, r) * size : b,
      op.arity() > 2 ? c + Nest.offset(instruction, Field.strideC, r) * size : c,
      d,
      inner,
      stepA,
      stepB,
      stepC,
    );
  }
}

@final
@unmanaged
export class Elementwise {
  /** For ops that are defined for floating-point elements only. */
  static floats<F>(instruction: usize, thread: usize, threads: usize): void {
    if (Nest.field(instruction, Field.dtype) == DTypeCode.float32) rows<f32, F>(instruction, thread, threads);
    else rows<f64, F>(instruction, thread, threads);
  }

  /** For ops that are defined for int32 too. */
  static numbers<F>(instruction: usize, thread: usize, threads: usize): void {
    if (Nest.field(instruction, Field.dtype) == DTypeCode.int32) rows<i32, F>(instruction, thread, threads);
    else Elementwise.floats<F>(instruction, thread, threads);
  }
}
