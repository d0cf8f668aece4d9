// A matrix of short rows as one of wide rows: a row's start and end cost as much as a round. Knows operands and strides, no op.
import { Nest } from "../core/nest";
import { Lanes } from "../core/lanes";
import { Part } from "./part";
import { ROUND } from "./loops";

/** Rows of fewer bytes are taken several at a time for one wide row. */
const NARROW: usize = 1024;

/** Where an operand stays along each row, but not from row to row, writing it out pays for rows of so many bytes at most. */
const STAYING: usize = 4 * ROUND;

/** A row that comes again is written out where the wide one serves so often at least; matrices have twice as many rows. */
const FEW: usize = 8;

/** Bytes of a wide row at most; where it is written out, a round may be written and read behind it. */
const WIDE: usize = 2048;
const WIDE_BYTES: usize = WIDE + ROUND;

/** Where the wide rows of the three operands lie, behind the part and its operands. */
const WIDE_AT: usize = 128;

/** Where an operand's address, step and stride lie in a part, for the first operand. */
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

  /** True where a wide row must be written out: a row that comes again, or values that each stay for a row. */
  @inline written(): bool {
    return !this.step != !this.stride;
  }

  /** Writes `rows` rows of n elements behind each other to `to`, in whole vectors or rounds: each row over the surplus of the last. */
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
  /** One op over the matrix that a part describes, whose rows may lie apart; the part is used up. */
  static map(op: i32, dtype: i32, part: Part): void {
    const size = Nest.sizeOf(dtype);
    const group: usize = part.rows < 2 * FEW || part.n * size >= NARROW ? 1 : Matrix.group(op, part, size);
    if (group == 1) part.map(op, dtype);
    else Matrix.mapWide(op, dtype, part, size, group);
  }

  /** How many rows to take for one: 1 where that can't be done, or does not pay. */
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

  /** True where the wide rows of an operand differ. */
  private static varies(op: i32, part: Part): bool {
    for (let i: usize = 0, operands = Part.operands(op); i < operands; i++) {
      const at = changetype<usize>(part) + i * sizeof<usize>();
      if (!load<isize>(at, STEP) && load<isize>(at, STRIDE)) return true;
    }
    return false;
  }

  /** Takes `group` rows for one; where the operands' wide rows stay the same, as many of these at a time as there are. */
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
