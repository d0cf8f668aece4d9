// Copies between strided layouts. Must not know tensors.
import { Field } from "../abi";
import { Identity } from "../elementwise/arithmetic";
import { Unary } from "../elementwise/adapters";
import { mapRow, ROUND } from "../elementwise/loops";
import { Lanes } from "../core/lanes";
import { Nest, Share } from "../core/nest";
import { Panel } from "./transpose";

/** Rows from this many bytes on are left to the engine's own copy. */
const LONG: usize = 4096;

/** Elements of a row to transpose before the next panel. Their lines stay in the L1 cache until they are full. */
const DEPTH: usize = 32;

/**
 * Rows with a distance of a multiple of this many bytes share at most four sets of a usual L1 cache (64 sets of 8 lines). Of a tile's
 * `DEPTH` lines the first would be evicted before the last quarter of each is written.
 */
const COLLIDING: usize = 1024;

@final
@unmanaged
class Gather {
  /**
   * The vector of elements from p on, `step` bytes apart: a load for each and a shuffle for each but the first. In float32 this takes two
   * cycles, a store for each element four.
   */
  @inline static any<T>(p: usize, step: isize): v128 {
    if (sizeof<T>() == 8) return v128.load64_lane(p + step, v128.load64_zero(p), 1);
    const q = p + 2 * step;
    const low = v128.load32_lane(p + step, v128.load32_zero(p), 1);
    const high = v128.load32_lane(q + step, v128.load32_zero(q), 1);
    return v128.shuffle<u64>(low, high, 0, 2);
  }

  /** The same of every second 4-byte element: two loads and a shuffle. Reads 4 bytes behind the last one. */
  @inline static second(p: usize): v128 {
    return v128.shuffle<u32>(v128.load(p), v128.load(p, 16), 0, 2, 4, 6);
  }
}

/** out[i] = a[i] for i < n; the strides between elements in bytes. Vectors are gathered where out is contiguous. */
function copyStrided<T>(out: usize, stepOut: isize, a: usize, stepA: isize, n: usize): void {
  const lanes = Lanes.count<T>();
  const size = <isize>sizeof<T>();
  if (stepOut == size) {
    if (size == 4 && stepA == 8) {
      for (; n >= lanes; n -= lanes) {
        v128.store(out, Gather.second(a));
        out += 16;
        a += 32;
      }
    }
    for (; n >= lanes; n -= lanes) {
      v128.store(out, Gather.any<T>(a, stepA));
      out += 16;
      a += lanes * stepA;
    }
  }
  for (; n > 0; n--) {
    store<T>(out, load<T>(a));
    out += stepOut;
    a += stepA;
  }
}

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
  const bytes = n * sizeof<T>();
  const dense = stepOut == size && stepA == size;
  for (; rows > 0; rows--) {
    if (dense && bytes < LONG) mapRow<T, Unary<Identity>>(out, n, a, ROUND, 0, 0, 0, 0, 0);
    else if (dense) memory.copy(out, a, bytes);
    else copyStrided<T>(out, stepOut, a, stepA, n);
    out += rowOut;
    a += rowA;
  }
}

/** `lines` runs of 64 bytes, one behind the other at a, to out, `stride` bytes apart. */
function copyLines(out: usize, stride: usize, a: usize, lines: usize): void {
  for (; lines > 0; lines--) {
    v128.store(out, v128.load(a));
    v128.store(out, v128.load(a, 16), 16);
    v128.store(out, v128.load(a, 32), 32);
    v128.store(out, v128.load(a, 48), 48);
    out += stride;
    a += 64;
  }
}

/**
 * out[i][j] = a[j][i]: out has `rows` contiguous rows of n; a has n rows whose elements are contiguous along i. First tiles of 64 bytes of
 * out's rows are transposed, so that whole cache lines are written, then single vectors, then single elements. If out's rows collide in the
 * cache, tiles are transposed into `buffer`, 64 * DEPTH bytes, and its lines copied: 1024 x 1024 in 0.3 of the time. For other shapes that
 * would take 1.3 times as long.
 */
function transposeMatrix<T>(
  out: usize,
  strideOut: usize,
  a: usize,
  strideA: usize,
  rows: usize,
  n: usize,
  buffer: usize,
): void {
  const lanes = Lanes.count<T>();
  const size = sizeof<T>();
  const collides = strideOut % COLLIDING == 0;
  let j: usize = 0;
  while (j + lanes <= n) {
    const vectors: usize = j + 4 * lanes <= n ? 4 : 1;
    const width = vectors * lanes;
    for (let i: usize = 0; i < rows; i += DEPTH) {
      const to = out + i * strideOut + j * size;
      const from = a + j * strideA + i * size;
      const depth = min(DEPTH, rows - i);
      if (collides && vectors == 4) {
        Panel.turn<T>(buffer, 64, from, strideA, width, depth, 4);
        copyLines(to, strideOut, buffer, depth);
      } else {
        Panel.turn<T>(to, strideOut, from, strideA, width, depth, vectors);
      }
    }
    j += width;
  }
  copyMatrix<T>(out + j * size, strideOut, size, a + j * strideA, size, strideA, rows, n - j);
}

/** Copies between strided layouts: slices, transposes, concatenation, and a slice's gradient. */
@final
@unmanaged
export class Copy {
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
      copyMatrix<T>(out + begin * stepOut, 0, stepOut, a + begin * stepA, 0, stepA, 1, end - begin);
      return;
    }

    // If a is contiguous along the next dim, whole matrices are transposed instead of rows copied.
    const height = Nest.height(instruction);
    const rowOut = Nest.rowStride(instruction, Field.strideOut) * size;
    const rowA = Nest.rowStride(instruction, Field.strideA) * size;
    const buffer = Nest.scratch(instruction, thread);
    const turned = stepOut == size && stepA > size && rowA == size;
    const total = Nest.rows(instruction);
    const end = Share.begin(total, 1, thread + 1, threads);
    let r = Share.begin(total, 1, thread, threads);
    while (r < end) {
      const rows = min(height - (r % height), end - r);
      const to = out + Nest.offset(instruction, Field.strideOut, r) * size;
      const from = a + Nest.offset(instruction, Field.strideA, r) * size;
      if (turned) transposeMatrix<T>(to, rowOut, from, stepA, rows, inner, buffer);
      else copyMatrix<T>(to, rowOut, stepOut, from, rowA, stepA, rows, inner);
      r += rows;
    }
  }
}
