// Matrix products: C[m, n] = op(A)[m, k] op(B)[k, n] (+ bias[n]), batched, over packed panels. Must not know tensors. The register tile is
// in tile.ts, the packing in pack.ts.
//
// B is packed one block of K by one block of N at a time (kept in the second-level cache), A one block of M by the same block of K. Packing
// transposes at no cost. If a product is too thin for packing to pay, the operand is read in place. Each element of C is the sum of its
// products in the order of k within blocks of 256, and the blocks are added in order. So the bits depend on no tile, edge, batch, thread or
// packing.
import { Fused } from "../elementwise/fused";
import { Abi, Field } from "../abi";
import { Nest, Share } from "../core/nest";
import { Pack } from "./pack";
import { Packed, ROWS, Tile } from "./tile";

/** Depth of a block of K: a panel of B, 256 x 2 vectors, is 8 KB and stays in the first-level cache. */
const KC: usize = 256;
/** Rows of a block of A: 64 x 256 elements. */
const MC: usize = 64;
/** Bytes of a packed block of B: 1 MB; of a packed block of A: 128 KB at most. Both fit `Abi.scratchBytes`. */
const B_BYTES: usize = 1048576;

/**
 * The fewest rows of C, and the fewest bytes of columns, for which A is packed. Packing an element of A takes a cycle, its use in float32
 * n / 4. Below, two unpacked rows of A with two panels of B are 2 to 8 % faster.
 */
const PACKS_A_ROWS: usize = 33;
const PACKS_A_BYTES: usize = 260;
/** The fewest rows of C for which a B already in the right order is packed. */
const PACKS_B: usize = 65;

/** The cost of packing an element, in multiplications and additions. */
const PACKING: u64 = 6;

/**
 * The number of parts of a product's columns. Each part is divided by rows among shares / parts. The choice gives the largest share the
 * least to compute and to pack. For example, 25 rows are 7 tiles, which two threads divide into 3 and 4, and 64 columns are 8 panels; a
 * thread with half of the columns packs half of B.
 */
function partsOfColumns(m: usize, n: usize, width: usize, shares: usize): usize {
  let best: usize = 1;
  let least = u64.MAX_VALUE;
  for (let parts: usize = 1; parts <= shares; parts++) {
    if (shares % parts) continue;
    const rows = <u64>Share.most(m, ROWS, shares / parts);
    const columns = <u64>Share.most(n, width, parts);
    const cost = rows * columns + PACKING * (rows + columns);
    if (cost < least) {
      least = cost;
      best = parts;
    }
  }
  return best;
}

/**
 * Rows [top, bottom) and columns [left, right) of C = op(A) op(B) (+ bias) for product p of the batch; strides of the stored
 * matrices follow from m, n, k. A micro-program is run over the part of a block that is finished, while it is in the cache.
 */
function multiply<T>(
  instruction: usize,
  p: usize,
  top: usize,
  bottom: usize,
  left: usize,
  right: usize,
  scratch: usize,
  locals: usize,
): void {
  const size = sizeof<T>();
  const c = Nest.field(instruction, Field.out) + Nest.offset(instruction, Field.strideOut, p) * <isize>size;
  const a = Nest.field(instruction, Field.a) + Nest.offset(instruction, Field.strideA, p) * <isize>size;
  const b = Nest.field(instruction, Field.b) + Nest.offset(instruction, Field.strideB, p) * <isize>size;
  const bias = Nest.field(instruction, Field.c);
  const m = Nest.field(instruction, Field.m);
  const n = Nest.field(instruction, Field.n);
  const k = Nest.field(instruction, Field.k);
  const transposeA = Nest.field(instruction, Field.flagA) != 0;
  const transposeB = Nest.field(instruction, Field.flagB) != 0;
  const program = Nest.field(instruction, Field.program);
  const rows = bottom - top;
  const oneRow = rows == 1 && !transposeA && !transposeB;
  const packsA = transposeA || ((right - left) * size >= PACKS_A_BYTES && rows >= PACKS_A_ROWS);
  const packsB = packsA || transposeB || rows >= PACKS_B;
  const panel: usize = 32 / size;
  const width = packsA ? panel : 2 * panel;
  const nc = B_BYTES / (KC * size);
  const bStride: usize = packsB ? 32 : n * size;
  const packedA = scratch + B_BYTES;

  for (let jc = left; jc < right; jc += nc) {
    const nb = min(nc, right - jc);
    let pc: usize = 0;
    do {
      const kb = min(KC, k - pc);
      const first = pc == 0;
      const last = pc + kb == k;
      const epilogue = bias && last ? bias + jc * size : 0;
      const partB = transposeB ? b + (jc * k + pc) * size : b + (pc * n + jc) * size;
      const bNext: usize = packsB ? 32 * kb : 32;
      if (packsB) Pack.b<T>(scratch, partB, transposeB ? k : n, nb, kb, transposeB);
      for (let ic = top; ic < bottom; ic += MC) {
        const mb = min(MC, bottom - ic);
        const partA = transposeA ? a + (pc * m + ic) * size : a + (ic * k + pc) * size;
        if (packsA) Pack.a<T>(packedA, partA, transposeA ? m : k, mb, kb, transposeA);
        let to = c + (ic * n + jc) * size;
        if (oneRow) {
          Tile.row<T>(to, partA, partB, bStride, kb, nb, first, epilogue, packedA);
        } else {
          for (let j: usize = 0; j < nb; j += width) {
            const panelB = packsB ? scratch + j * kb * size : partB + j * size;
            const biasHere = epilogue ? epilogue + j * size : 0;
            if (packsA) Tile.run<T, Packed>(to, n * size, packedA, 0, panelB, 32, kb, mb, nb - j, first, biasHere);
            else Tile.direct<T>(to, n * size, partA, k * size, panelB, bStride, bNext, kb, mb, nb - j, first, biasHere);
            to += width * size;
          }
        }
        if (program && last) Fused.matrix(program, ic, mb, jc, nb, scratch + Abi.blocksAt, locals);
      }
      pc += kb;
    } while (pc < k);
  }
}

/** Every product of the batch. Threads divide the products, or rows and columns of C if there are too few products. */
@final
@unmanaged
export class Gemm {
  run<T>(instruction: usize, thread: usize, threads: usize): void {
    const m = Nest.field(instruction, Field.m);
    const n = Nest.field(instruction, Field.n);
    const products = Nest.rows(instruction);
    const scratch = Nest.scratch(instruction, thread);
    const locals = Nest.locals(instruction, thread);
    if (products >= threads) {
      const end = Share.begin(products, 1, thread + 1, threads);
      for (let p = Share.begin(products, 1, thread, threads); p < end; p++) {
        multiply<T>(instruction, p, 0, m, 0, n, scratch, locals);
      }
      return;
    }
    const width: usize = 32 / sizeof<T>();
    const across = partsOfColumns(m, n, width, threads);
    const down = threads / across;
    const row = thread / across;
    const column = thread % across;
    const top = Share.begin(m, ROWS, row, down);
    const bottom = Share.begin(m, ROWS, row + 1, down);
    const left = Share.begin(n, width, column, across);
    const right = Share.begin(n, width, column + 1, across);
    for (let p: usize = 0; p < products; p++) multiply<T>(instruction, p, top, bottom, left, right, scratch, locals);
  }
}
