// Matrix products: C[m, n] = op(A)[m, k] op(B)[k, n] (+ bias[n]), batched, over packed panels. Knows addresses, extents
// and strides; the register tile is in tile.ts, the packing in transpose.ts.
//
// B is packed a block of K by a block of N at a time (kept in the second-level cache), A a block of M by the same block of
// K; both absorb transposition, so that NN, NT, TN and TT run the same tile. Each element of C is the sum of its products
// in the order of k within blocks of 256, the blocks added in order: the same bits whatever tile, edge, batch or thread.
import { DTypeCode, Field } from "../opcodes";
import { Lanes } from "../lanes";
import { Nest, Share } from "../nest";
import { Panel } from "../transpose";
import { Tile } from "./tile";

/** Depth of a block of K: a panel of B, 256 x 2 vectors, is 8 KB and stays in the first-level cache. */
const KC: usize = 256;
/** Rows of a block of A: 64 x 256 elements. */
const MC: usize = 64;
/** Bytes of a packed block of B: 1 MB; of a packed block of A: 128 KB at most. Both fit `Abi.scratchBytes`. */
const B_BYTES: usize = 1048576;

/** C[begin..end) += for one matrix of the batch; strides of the stored matrices follow from m, n, k. */
function multiply<T>(
  c: usize,
  a: usize,
  b: usize,
  bias: usize,
  begin: usize,
  end: usize,
  m: usize,
  n: usize,
  k: usize,
  transposeA: bool,
  transposeB: bool,
  scratch: usize,
): void {
  const size = sizeof<T>();
  const nr = Tile.columns<T>();
  const mr = Tile.rows();
  const mrVectors = mr / Lanes.count<T>();
  const nc = B_BYTES / (KC * size);
  const packedB = scratch;
  const packedA = scratch + B_BYTES;

  for (let jc: usize = 0; jc < n; jc += nc) {
    const nb = min(nc, n - jc);
    let pc: usize = 0;
    do {
      const kb = min(KC, k - pc);
      const first = pc == 0;
      const last = pc + kb == k;
      for (let j: usize = 0; j < nb; j += nr) {
        const dst = packedB + j * kb * size;
        if (transposeB) Panel.turn<T>(dst, 32, b + ((jc + j) * k + pc) * size, k * size, nb - j, kb, 2);
        else Panel.copy(dst, b + (pc * n + jc + j) * size, n * size, kb, 2);
      }
      for (let ic = begin; ic < end; ic += MC) {
        const mb = min(MC, end - ic);
        for (let i: usize = 0; i < mb; i += mr) {
          const dst = packedA + i * kb * size;
          if (transposeA) Panel.copy(dst, a + (pc * m + ic + i) * size, m * size, kb, mrVectors);
          else Panel.turn<T>(dst, mr * size, a + ((ic + i) * k + pc) * size, k * size, mb - i, kb, mrVectors);
        }
        for (let j: usize = 0; j < nb; j += nr) {
          const epilogue = last && bias ? bias + (jc + j) * size : 0;
          for (let i: usize = 0; i < mb; i += mr) {
            Tile.run<T>(
              c + ((ic + i) * n + jc + j) * size,
              n * size,
              packedA + i * kb * size,
              packedB + j * kb * size,
              kb,
              mb - i,
              nb - j,
              first,
              epilogue,
            );
          }
        }
      }
      pc += kb;
    } while (pc < k);
  }
}

/** Every product of the batch; threads share out the products, or the rows of C where there are fewer products. */
function batches<T>(instruction: usize, thread: usize, threads: usize): void {
  const m = Nest.field(instruction, Field.m);
  const products = Nest.rows(instruction);
  const byRows = products < threads;
  const begin: usize = byRows ? 0 : Share.begin(products, 1, thread, threads);
  const end: usize = byRows ? products : Share.begin(products, 1, thread + 1, threads);
  const firstRow: usize = byRows ? Share.begin(m, Tile.rows(), thread, threads) : 0;
  const endRow: usize = byRows ? Share.begin(m, Tile.rows(), thread + 1, threads) : m;
  const size = <isize>sizeof<T>();
  for (let p = begin; p < end; p++) {
    multiply<T>(
      Nest.field(instruction, Field.out) + Nest.offset(instruction, Field.strideOut, p) * size,
      Nest.field(instruction, Field.a) + Nest.offset(instruction, Field.strideA, p) * size,
      Nest.field(instruction, Field.b) + Nest.offset(instruction, Field.strideB, p) * size,
      Nest.field(instruction, Field.c),
      firstRow,
      endRow,
      m,
      Nest.field(instruction, Field.n),
      Nest.field(instruction, Field.k),
      Nest.field(instruction, Field.flagA) != 0,
      Nest.field(instruction, Field.flagB) != 0,
      Nest.scratch(instruction, thread),
    );
  }
}

@final
@unmanaged
export class Gemm {
  static run(instruction: usize, thread: usize, threads: usize): void {
    if (Nest.field(instruction, Field.dtype) == DTypeCode.float32) batches<f32>(instruction, thread, threads);
    else batches<f64>(instruction, thread, threads);
  }
}
