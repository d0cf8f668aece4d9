// Joins short rows of a matrix to wide ones, because a row's start and end cost as much as a round. Must not know ops.
import { Nest } from "../core/nest";
import { Lanes } from "../core/lanes";
import { Part } from "./part";
import { ROUND } from "./loops";

/** Rows of fewer bytes are joined to wide rows. */
const NARROW: usize = 1024;

/** The longest rows, in bytes, for which it pays to write out an operand that has one value for each row. */
const STAYING: usize = 4 * ROUND;

/** A repeated row is written out if the wide row serves at least this often. Matrices need twice as many rows. */
const FEW: usize = 8;

/** The most bytes of a wide row. Behind a written-out one, another round may be written and read. */
const WIDE: usize = 2048;
const WIDE_BYTES: usize = WIDE + ROUND;

/** The offsets of the wide rows of the three operands, behind the part and its operands. */
const WIDE_AT: usize = 128;

/** The offsets of the first operand's address, step and stride in a part. */
const ADDRESS: usize = offsetof<Part>("a");
const STEP: usize = offsetof<Part>("stepA");
const STRIDE: usize = offsetof<Part>("strideA");

/** One operand of the whole matrix; strides in elements. */
@final
@unmanaged
class Source {
  row: usize;
  step: isize;
  stride: isize;

  /** True if a wide row must be written out: for a repeated row, or for one value for each row. */
  @inline written(): bool {
    return !this.step != !this.stride;
  }

  /** Writes `rows` rows of n elements to `to`, in whole vectors or rounds. Each row overwrites the surplus of the previous one. */
  write(to: usize, rows: usize, n: usize, size: usize): void {
    const bytes = n * size;
    let from = this.row;
    for (; rows > 0; rows--) {
      if (this.step) {
        for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, v128.load(from + i));
      } else {
        const x = size == 8 ? v128.load64_splat(from) : v128.load32_splat(from);
        if (bytes <= 16) v128.store(to, x);
        else for (let i: usize = 0; i < bytes; i += ROUND) Lanes.spreadFour(to + i, x);
        from += this.stride * size;
      }
      to += bytes;
    }
  }
}

@final
@unmanaged
export class Matrix {
  /** One op over the matrix of a part, whose rows need not be contiguous. Changes the part. */
  static map(op: i32, dtype: i32, part: Part): void {
    const size = Nest.sizeOf(dtype);
    const group: usize = part.rows < 2 * FEW || part.n * size >= NARROW ? 1 : Matrix.group(op, part, size);
    if (group == 1) part.map(op, dtype);
    else Matrix.mapWide(op, dtype, part, size, group);
  }

  /** The number of rows to join to one; 1 if joining is impossible or does not pay. */
  @inline private static group(op: i32, part: Part, size: usize): usize {
    const n = part.n;
    if (part.strideOut != <isize>n) return 1;
    const bytes = n * size;
    const varies = Matrix.varies(op, part);
    for (let i: usize = 0, operands = Part.operands(op); i < operands; i++) {
      const at = changetype<usize>(part) + i * sizeof<usize>();
      const stride = load<isize>(at, STRIDE);
      if (load<isize>(at, STEP) && stride && stride != <isize>n) return 1;
    }
    if (varies) return bytes <= STAYING ? min(WIDE / bytes, part.rows) : 1;
    return min(WIDE / bytes, part.rows / FEW);
  }

  /** True if the wide rows of an operand differ. */
  private static varies(op: i32, part: Part): bool {
    for (let i: usize = 0, operands = Part.operands(op); i < operands; i++) {
      const at = changetype<usize>(part) + i * sizeof<usize>();
      if (!load<isize>(at, STEP) && load<isize>(at, STRIDE)) return true;
    }
    return false;
  }

  /** Joins `group` rows to one. If the operands' wide rows are all the same, it takes them all at a time. */
  private static mapWide(op: i32, dtype: i32, part: Part, size: usize, group: usize): void {
    const varies = Matrix.varies(op, part);
    const operands = Part.operands(op);
    const sources = changetype<usize>(part) + offsetof<Part>();
    const columns = part.n;
    let left = part.rows;
    for (let i: usize = 0; i < operands; i++) {
      const source = changetype<Source>(sources + i * offsetof<Source>());
      const at = changetype<usize>(part) + i * sizeof<usize>();
      source.row = load<usize>(at, ADDRESS);
      source.step = load<isize>(at, STEP);
      source.stride = load<isize>(at, STRIDE);
    }
    while (left > 0) {
      group = min(group, left);
      part.n = group * columns;
      part.rows = varies ? 1 : left / group;
      part.strideOut = <isize>part.n;
      for (let i: usize = 0; i < operands; i++) {
        const source = changetype<Source>(sources + i * offsetof<Source>());
        const at = changetype<usize>(part) + i * sizeof<usize>();
        if (source.written()) {
          const wide = changetype<usize>(part) + WIDE_AT + i * WIDE_BYTES;
          source.write(wide, group, columns, size);
          store<usize>(at, wide, ADDRESS);
          store<isize>(at, 1, STEP);
          store<isize>(at, 0, STRIDE);
        } else {
          store<usize>(at, source.row, ADDRESS);
          store<isize>(at, source.stride * group, STRIDE);
        }
        source.row += part.rows * group * source.stride * size;
      }
      part.map(op, dtype);
      part.out += part.rows * part.n * size;
      left -= part.rows * group;
    }
  }
}
