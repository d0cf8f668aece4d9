// Elements moved without arithmetic: strided copies, rows taken by index and added back, casts. Knows addresses and strides.
import { DTypeCode, Field } from "./opcodes";
import { Add, Identity } from "./elementwise/arithmetic";
import { Binary, Unary } from "./elementwise/adapters";
import { mapRow, mapRows } from "./elementwise/loops";
import { Lanes } from "./lanes";
import { Nest, Share } from "./nest";
import { Panel } from "./transpose";

/** Rows from this many bytes on are left to the engine's own copy. */
const LONG: usize = 4096;

/** Elements of a row that are turned before the next panel: their lines stay in the L1 cache until they are full. */
const DEPTH: usize = 32;

/** out[i][j] = a[i][j] for `rows` rows of n; the strides between rows and elements in bytes. */
function copyMatrix<T>(
  out: usize,
  rowOut: isize,
  stepOut: isize,
  a: usize,
  rowA: isize,
  stepA: isize,
  rows: usize,
  n: usize,
): void {
  const size = <isize>sizeof<T>();
  if (stepOut == size && stepA == size && n * sizeof<T>() < LONG) {
    mapRows<T, Unary<Identity>>(out, a, a, a, a, n, 1, 0, 0, rows, rowOut / size, rowA / size, 0, 0, 0);
    return;
  }
  for (; rows > 0; rows--) {
    if (stepOut == size && stepA == size) {
      memory.copy(out, a, n * sizeof<T>());
    } else {
      let to = out;
      let from = a;
      for (let i = n; i > 0; i--) {
        store<T>(to, load<T>(from));
        to += stepOut;
        from += stepA;
      }
    }
    out += rowOut;
    a += rowA;
  }
}

/**
 * out[i][j] = a[j][i]: out has `rows` rows of n, contiguous; a has n rows whose elements are contiguous along i. Tiles of 64
 * bytes of out's rows are turned at a time, so that whole cache lines are written; then single vectors; what is left goes one by
 * one.
 */
function transposeMatrix<T>(out: usize, strideOut: usize, a: usize, strideA: usize, rows: usize, n: usize): void {
  const lanes = Lanes.count<T>();
  const size = sizeof<T>();
  let j: usize = 0;
  while (j + lanes <= n) {
    const vectors: usize = j + 4 * lanes <= n ? 4 : 1;
    const width = vectors * lanes;
    for (let i: usize = 0; i < rows; i += DEPTH) {
      const to = out + i * strideOut + j * size;
      Panel.turn<T>(to, strideOut, a + j * strideA + i * size, strideA, width, min(DEPTH, rows - i), vectors);
    }
    j += width;
  }
  copyMatrix<T>(out + j * size, strideOut, size, a + j * strideA, size, strideA, rows, n - j);
}

/** Copies between strided layouts: slices, transposes, concatenation, and a slice's gradient. */
function copy<T>(instruction: usize, thread: usize, threads: usize): void {
  const size = <isize>sizeof<T>();
  const inner = Nest.inner(instruction);
  const out = Nest.field(instruction, Field.out);
  const a = Nest.field(instruction, Field.a);
  const stepOut = Nest.innerStride(instruction, Field.strideOut) * size;
  const stepA = Nest.innerStride(instruction, Field.strideA) * size;
  if (Nest.field(instruction, Field.rank) == 1) {
    const begin = <isize>Share.begin(inner, 64, thread, threads);
    const end = <isize>Share.begin(inner, 64, thread + 1, threads);
    copyMatrix<T>(out + begin * stepOut, 0, stepOut, a + begin * stepA, 0, stepA, 1, end - begin);
    return;
  }

  // Where the next dim out is the one that lies contiguous in a, whole matrices are turned instead of rows copied.
  const height = Nest.height(instruction);
  const rowOut = Nest.rowStride(instruction, Field.strideOut) * size;
  const rowA = Nest.rowStride(instruction, Field.strideA) * size;
  const turned = stepOut == size && stepA > size && rowA == size;
  const total = Nest.rows(instruction);
  const end = Share.begin(total, 1, thread + 1, threads);
  let r = Share.begin(total, 1, thread, threads);
  while (r < end) {
    const rows = min(height - (r % height), end - r);
    const to = out + Nest.offset(instruction, Field.strideOut, r) * size;
    const from = a + Nest.offset(instruction, Field.strideA, r) * size;
    if (turned) transposeMatrix<T>(to, rowOut, from, stepA, rows, inner);
    else copyMatrix<T>(to, rowOut, stepOut, from, rowA, stepA, rows, inner);
    r += rows;
  }
}

/** The row an index names; negative ones count from the end. */
@final
@unmanaged
class Index {
  @inline static at(p: usize, rows: usize): usize {
    const i = load<i32>(p);
    return i < 0 ? <usize>(i + <i32>rows) : <usize>i;
  }
}

/** out[o][i][:] = a[o][index[i]][:], with m outer, n indices, k elements a row and flagA rows in a. */
function take<T>(instruction: usize, thread: usize, threads: usize): void {
  const a = Nest.field(instruction, Field.a);
  const index = Nest.field(instruction, Field.b);
  const out = Nest.field(instruction, Field.out);
  const n = Nest.field(instruction, Field.n);
  const rows = Nest.field(instruction, Field.flagA);
  const bytes = Nest.field(instruction, Field.k) * sizeof<T>();
  const total = Nest.field(instruction, Field.m) * n;
  const end = Share.begin(total, 1, thread + 1, threads);
  for (let r = Share.begin(total, 1, thread, threads); r < end; r++) {
    const o = r / n;
    memory.copy(out + r * bytes, a + (o * rows + Index.at(index + (r - o * n) * 4, rows)) * bytes, bytes);
  }
}

/** out = 0; out[o][index[i]][:] += a[o][i][:] in the order of i. Threads share out `outer`, so the order never changes. */
function takeBackward<T>(instruction: usize, thread: usize, threads: usize): void {
  const a = Nest.field(instruction, Field.a);
  const index = Nest.field(instruction, Field.b);
  const out = Nest.field(instruction, Field.out);
  const n = Nest.field(instruction, Field.n);
  const rows = Nest.field(instruction, Field.flagA);
  const row = Nest.field(instruction, Field.k);
  const bytes = row * sizeof<T>();
  const outer = Nest.field(instruction, Field.m);
  const end = Share.begin(outer, 1, thread + 1, threads);
  for (let o = Share.begin(outer, 1, thread, threads); o < end; o++) {
    memory.fill(out + o * rows * bytes, 0, rows * bytes);
    for (let i: usize = 0; i < n; i++) {
      const to = out + (o * rows + Index.at(index + i * 4, rows)) * bytes;
      const from = a + (o * n + i) * bytes;
      mapRow<T, Binary<Add>>(to, to, from, from, from, row, 1, 1, 0, 0);
    }
  }
}

@final
@unmanaged
class Cast {
  /** Two elements in the low half, or all, of a vector. */
  @inline static two<From, To>(x: v128): v128 {
    if (isFloat<From>()) {
      if (sizeof<From>() == 8) return isFloat<To>() ? f32x4.demote_f64x2_zero(x) : i32x4.trunc_sat_f64x2_s_zero(x);
      return isFloat<To>() ? f64x2.promote_low_f32x4(x) : i32x4.trunc_sat_f32x4_s(x);
    }
    return sizeof<To>() == 8 ? f64x2.convert_low_i32x4_s(x) : f32x4.convert_i32x4_s(x);
  }
}

/** out[i] = (To) a[i] for n elements, two at a time; to int32 towards zero, saturating, NaN to 0. */
function cast<From, To>(instruction: usize, thread: usize, threads: usize): void {
  const n = Nest.field(instruction, Field.n);
  const begin = Share.begin(n, 64, thread, threads);
  let left = Share.begin(n, 64, thread + 1, threads) - begin;
  let a = Nest.field(instruction, Field.a) + begin * sizeof<From>();
  let out = Nest.field(instruction, Field.out) + begin * sizeof<To>();
  for (; left >= 2; left -= 2) {
    const y = Cast.two<From, To>(sizeof<From>() == 8 ? v128.load(a) : v128.load64_zero(a));
    if (sizeof<To>() == 8) v128.store(out, y);
    else v128.store64_lane(out, y, 0);
    a += 2 * sizeof<From>();
    out += 2 * sizeof<To>();
  }
  if (left) store<To>(out, <To>load<From>(a));
}

@final
@unmanaged
export class Movement {
  static copy(instruction: usize, thread: usize, threads: usize): void {
    if (Nest.field(instruction, Field.dtype) == DTypeCode.float64) copy<f64>(instruction, thread, threads);
    else copy<f32>(instruction, thread, threads);
  }

  static take(instruction: usize, thread: usize, threads: usize): void {
    if (Nest.field(instruction, Field.dtype) == DTypeCode.float64) take<f64>(instruction, thread, threads);
    else take<f32>(instruction, thread, threads);
  }

  static takeBackward(instruction: usize, thread: usize, threads: usize): void {
    const dtype = Nest.field(instruction, Field.dtype);
    if (dtype == DTypeCode.float32) takeBackward<f32>(instruction, thread, threads);
    else takeBackward<f64>(instruction, thread, threads);
  }

  static cast(instruction: usize, thread: usize, threads: usize): void {
    const to = Nest.field(instruction, Field.dtype);
    const from = Nest.field(instruction, Field.flagA);
    if (from == DTypeCode.float32) {
      if (to == DTypeCode.float64) cast<f32, f64>(instruction, thread, threads);
      else cast<f32, i32>(instruction, thread, threads);
    } else if (from == DTypeCode.float64) {
      if (to == DTypeCode.float32) cast<f64, f32>(instruction, thread, threads);
      else cast<f64, i32>(instruction, thread, threads);
    } else {
      if (to == DTypeCode.float32) cast<i32, f32>(instruction, thread, threads);
      else cast<i32, f64>(instruction, thread, threads);
    }
  }
}
