// Adds parts to a whole, takes rows by index and adds them back. Indices are checked already. Must not know tensors.
import { Field } from "../abi";
import { Add } from "../elementwise/arithmetic";
import { Binary } from "../elementwise/adapters";
import { mapRow, ROUND } from "../elementwise/loops";
import { Nest, Share } from "../core/nest";

/** out[i] += a[i] for i < n; the strides between elements in bytes. */
function addRow<T>(out: usize, stepOut: isize, a: usize, stepA: isize, n: usize): void {
  if (stepOut == <isize>sizeof<T>() && stepA == stepOut) {
    mapRow<T, Binary<Add>>(out, n, out, ROUND, a, ROUND, 0, 0, 0);
    return;
  }
  for (; n > 0; n--) {
    store<T>(out, load<T>(out) + load<T>(a));
    out += stepOut;
    a += stepA;
  }
}

/** out[i] += a[i] between strided layouts, for a slice's gradient. No element of out occurs twice. */
@final
@unmanaged
export class Accumulate {
  run<T>(instruction: usize, thread: usize, threads: usize): void {
    const size = <isize>sizeof<T>();
    const inner = Nest.inner(instruction);
    const out = Nest.field(instruction, Field.out);
    const a = Nest.field(instruction, Field.a);
    const stepOut = Nest.innerStride(instruction, Field.strideOut) * size;
    const stepA = Nest.innerStride(instruction, Field.strideA) * size;
    if (Nest.field(instruction, Field.rank) == 1) {
      const begin = <isize>Share.begin(inner, 64, thread, threads);
      const end = <isize>Share.begin(inner, 64, thread + 1, threads);
      addRow<T>(out + begin * stepOut, stepOut, a + begin * stepA, stepA, end - begin);
      return;
    }
    const total = Nest.rows(instruction);
    const end = Share.begin(total, 1, thread + 1, threads);
    for (let r = Share.begin(total, 1, thread, threads); r < end; r++) {
      const to = out + Nest.offset(instruction, Field.strideOut, r) * size;
      addRow<T>(to, stepOut, a + Nest.offset(instruction, Field.strideA, r) * size, stepA, inner);
    }
  }
}

/** The row of an index. Negative indices count from the end. */
@final
@unmanaged
class Index {
  @inline static at(p: usize, rows: usize): usize {
    const i = load<i32>(p);
    return i < 0 ? <usize>(i + <i32>rows) : <usize>i;
  }
}

/** out[o][i][:] = a[o][index[i]][:], with m outer, n indices, k elements a row and flagA rows in a. */
@final
@unmanaged
export class Take {
  run<T>(instruction: usize, thread: usize, threads: usize): void {
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
}

/** out = 0, unless flagB is set; then out[o][index[i]][:] += a[o][i][:] in the order of i. Threads divide `outer`, which keeps the order. */
@final
@unmanaged
export class TakeBackward {
  run<T>(instruction: usize, thread: usize, threads: usize): void {
    const a = Nest.field(instruction, Field.a);
    const index = Nest.field(instruction, Field.b);
    const out = Nest.field(instruction, Field.out);
    const n = Nest.field(instruction, Field.n);
    const rows = Nest.field(instruction, Field.flagA);
    const row = Nest.field(instruction, Field.k);
    const size = <isize>sizeof<T>();
    const bytes = row * size;
    const keeps = Nest.field(instruction, Field.flagB);
    const outer = Nest.field(instruction, Field.m);
    const end = Share.begin(outer, 1, thread + 1, threads);
    for (let o = Share.begin(outer, 1, thread, threads); o < end; o++) {
      if (!keeps) memory.fill(out + o * rows * bytes, 0, rows * bytes);
      for (let i: usize = 0; i < n; i++) {
        const to = out + (o * rows + Index.at(index + i * 4, rows)) * bytes;
        addRow<T>(to, size, a + (o * n + i) * bytes, size, row);
      }
    }
  }
}
