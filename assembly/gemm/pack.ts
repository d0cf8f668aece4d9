// Packs operands in the order in which the tile reads them: panels of a few rows or columns. Must not know products.
//
//   A, panels of 4 rows:            B, panels of two vectors of columns (8 f32, 4 f64):
//   a00 a10 a20 a30 | a01 a11 ...   b00 b01 ... b07 | b10 b11 ... b17 | ...
import { Lanes } from "../core/lanes";
import { Panel } from "../movement/transpose";
import { ROWS } from "./tile";

@final
@unmanaged
export class Pack {
  /** Rows of op(A), `depth` of k: `stride` elements from one stored row to the next. The last panel is filled up. */
  static a<T>(dst: usize, a: usize, stride: usize, rows: usize, depth: usize, transposed: bool): void {
    const size = sizeof<T>();
    const vectors = ROWS / Lanes.count<T>();
    for (let i: usize = 0; i < rows; i += ROWS) {
      if (transposed) Panel.copy(dst, a + i * size, stride * size, depth, vectors);
      else Panel.turn<T>(dst, ROWS * size, a + i * stride * size, stride * size, rows - i, depth, vectors);
      dst += ROWS * depth * size;
    }
  }

  /** Columns of op(B), `depth` of k. */
  static b<T>(dst: usize, b: usize, stride: usize, columns: usize, depth: usize, transposed: bool): void {
    const size = sizeof<T>();
    const width: usize = 32 / size;
    for (let j: usize = 0; j < columns; j += width) {
      if (transposed) Panel.turn<T>(dst, 32, b + j * stride * size, stride * size, columns - j, depth, 2);
      else Panel.copy(dst, b + j * size, stride * size, depth, 2);
      dst += 32 * depth;
    }
  }
}
