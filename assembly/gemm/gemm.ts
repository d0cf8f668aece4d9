// Matrix products: C[m, n] = op(A)[m, k] op(B)[k, n] (+ bias[n]), batched, over packed panels. Knows addresses, extents
// and strides; the register tile is in tile.ts, the packing in transpose.ts.
//
// B is packed a block of K by a block of N at a time (kept in the second-level cache), A a block of M by the same block of
// K; both absorb transposition. What a product is too thin to pay for is not packed but read as it lies. Each element of
// C is the sum of its products in the order of k within blocks of 256, the blocks added in order: the same bits whatever
// tile, edge, batch, thread or packing.
import { Fused } from "../elementwise/fused";
import { Abi, DTypeCode, Field } from "../opcodes";
import { Nest, Share } from "../nest";
import { Pack } from "./pack";
import { Direct, Packed, ROWS, Tile } from "./tile";

/** Depth of a block of K: a panel of B, 256 x 2 vectors, is 8 KB and stays in the first-level cache. */
const KC: usize = 256;
/** Rows of a block of A: 64 x 256 elements. */
const MC: usize = 64;
/** Bytes of a packed block of B: 1 MB; of a packed block of A: 128 KB at most. Both fit `Abi.scratchBytes`. */
const B_BYTES: usize = 1048576;

/**
 * The fewest rows and columns of C for which A is packed: an element of A takes a cycle to pack and, in float32, n / 4 to be
 * used; packed it is used 5 to 8 % faster.
 */
const PACKS_A: usize = 33;
/** The fewest rows of C for which a B that lies as it is used is packed. */
const PACKS_B: usize = 65;

/**
 * C[begin..end) = op(A) op(B) (+ bias) for one matrix of the batch; strides of the stored matrices follow from m, n, k. A
 * micro-program is run over the rows of a block that are finished, while they are in the cache.
 */
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
  program: usize,
  scratch: usize,
  locals: usize,
): void {
  const size = sizeof<T>();
  const rows = end - begin;
  const oneRow = rows == 1 && !transposeA && !transposeB;
  const packsA = transposeA || (n >= PACKS_A && rows >= PACKS_A);
  const packsB = packsA || transposeB || rows >= PACKS_B;
  const nr: usize = 32 / size;
  const nc = B_BYTES / (KC * size);
  const bStride: usize = packsB ? 32 : n * size;
  const packedA = scratch + B_BYTES;

  for (let jc: usize = 0; jc < n; jc += nc) {
    const nb = min(nc, n - jc);
    let pc: usize = 0;
    do {
      const kb = min(KC, k - pc);
      const first = pc == 0;
      const last = pc + kb == k;
      const epilogue = bias && last ? bias + jc * size : 0;
      const partB = transposeB ? b + (jc * k + pc) * size : b + (pc * n + jc) * size;
      if (packsB) Pack.b<T>(scratch, partB, transposeB ? k : n, nb, kb, transposeB);
      for (let ic = begin; ic < end; ic += MC) {
        const mb = min(MC, end - ic);
        const partA = transposeA ? a + (pc * m + ic) * size : a + (ic * k + pc) * size;
        if (packsA) Pack.a<T>(packedA, partA, transposeA ? m : k, mb, kb, transposeA);
        let to = c + (ic * n + jc) * size;
        if (oneRow) {
          Tile.row<T>(to, partA, partB, bStride, kb, nb, first, epilogue, packedA);
        } else {
          for (let j: usize = 0; j < nb; j += nr) {
            const panelB = packsB ? scratch + j * kb * size : partB + j * size;
            const biasHere = epilogue ? epilogue + j * size : 0;
            if (packsA) Tile.run<T, Packed>(to, n * size, packedA, 0, panelB, 32, kb, mb, nb - j, first, biasHere);
            else Tile.run<T, Direct>(to, n * size, partA, k * size, panelB, bStride, kb, mb, nb - j, first, biasHere);
            to += 32;
          }
        }
        if (program && last) Fused.matrix(program, ic, mb, jc, nb, scratch + Abi.blocksAt, locals);
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
  const firstRow: usize = byRows ? Share.begin(m, ROWS, thread, threads) : 0;
  const endRow: usize = byRows ? Share.begin(m, ROWS, thread + 1, threads) : m;
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
      Nest.field(instruction, Field.program),
      Nest.scratch(instruction, thread),
      Nest.locals(instruction, thread),
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
