// Elements moved without arithmetic: strided copies, rows taken by index and added back, casts. Knows addresses and strides.
import { DTypeCode, Field } from "./opcodes";
import { Add } from "./elementwise/arithmetic";
import { Binary } from "./elementwise/adapters";
import { mapRow } from "./elementwise/loops";
import { Lanes } from "./lanes";
import { Nest, Share } from "./nest";
import { Panel } from "./transpose";

/** out[i * strideOut] = a[i * strideA] for one row. */
function copyRow<T>(out: usize, a: usize, n: usize, strideOut: isize, strideA: isize): void {
  if (strideOut == 1 && strideA == 1) {
    memory.copy(out, a, n * sizeof<T>());
    return;
  }
  const stepOut = strideOut * <isize>sizeof<T>();
  const stepA = strideA * <isize>sizeof<T>();
  for (; n > 0; n--) {
    store<T>(out, load<T>(a));
    out += stepOut;
    a += stepA;
  }
}

/**
 * out[i][j] = a[j][i]: out has `rows` rows of n, contiguous; a has n rows whose elements are contiguous along i. Panels
 * of four (f32) or two (f64) vectors of out's columns are turned at a time; the columns left over go one by one.
 */
function transposeMatrix<T>(out: usize, strideOut: usize, a: usize, strideA: usize, rows: usize, n: usize): void {
  const width: usize = 2 * Lanes.count<T>();
  const size = sizeof<T>();
  let j: usize = 0;
  for (; j + width <= n; j += width) {
    Panel.turn<T>(out + j * size, strideOut, a + j * strideA, strideA, width, rows, 2);
  }
  for (; j < n; j++) {
    for (let i: usize = 0; i < rows; i++) store<T>(out + i * strideOut + j * size, load<T>(a + j * strideA + i * size));
  }
}

/** Copies between strided layouts: slices, transposes, concatenation, and a slice's gradient. */
function copy<T>(instruction: usize, thread: usize, threads: usize): void {
  const rank = Nest.field(instruction, Field.rank);
  const inner = Nest.inner(instruction);
  const out = Nest.field(instruction, Field.out);
  const a = Nest.field(instruction, Field.a);
  const strideOut = Nest.innerStride(instruction, Field.strideOut);
  const strideA = Nest.innerStride(instruction, Field.strideA);
  const size = <isize>sizeof<T>();
  let rows = Nest.rows(instruction);

  // Where the next dim out is the one that lies contiguous in a, whole matrices are turned instead of rows copied.
  const turned =
    rank > 1 && strideOut == 1 && strideA > 1 && load<i32>(instruction + ((rank - 2) << 2), Field.strideA * 4) == 1;
  const height = turned ? <usize>load<u32>(instruction + ((rank - 2) << 2), Field.dims * 4) : 1;
  rows /= height;

  const end = Share.begin(rows, 1, thread + 1, threads);
  for (let r = Share.begin(rows, 1, thread, threads); r < end; r++) {
    const to = out + Nest.offset(instruction, Field.strideOut, r * height) * size;
    const from = a + Nest.offset(instruction, Field.strideA, r * height) * size;
    if (turned) {
      const rowOut = <isize>load<i32>(instruction + ((rank - 2) << 2), Field.strideOut * 4);
      transposeMatrix<T>(to, rowOut * size, from, strideA * size, height, inner);
    } else {
      copyRow<T>(to, from, inner, strideOut, strideA);
    }
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
      mapRow<T, Binary<Add>>(to, to, from, from, from, row, 1, 1, 0);
    }
  }
}

/** out[i] = (To) a[i] for n elements; to int32 towards zero, saturating, NaN to 0. */
function cast<From, To>(instruction: usize, thread: usize, threads: usize): void {
  const n = Nest.field(instruction, Field.n);
  const end = Share.begin(n, 64, thread + 1, threads);
  const a = Nest.field(instruction, Field.a);
  const out = Nest.field(instruction, Field.out);
  for (let i = Share.begin(n, 64, thread, threads); i < end; i++) {
    store<To>(out + i * sizeof<To>(), <To>load<From>(a + i * sizeof<From>()));
  }
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
