// The addresses of an instruction's rows, and the share of a thread. Must not know what is computed.
import { Abi, DTypeCode, Field } from "../abi";

@final
@unmanaged
export class Nest {
  /** One 32-bit field. */
  @inline static field(instruction: usize, field: i32): usize {
    return <usize>load<u32>(instruction + ((<usize>field) << 2));
  }

  /** Bytes of one element of a dtype. */
  @inline static sizeOf(dtype: i32): usize {
    return dtype == DTypeCode.float64 ? 8 : 4;
  }

  /** This thread's scratch memory. */
  @inline static scratch(instruction: usize, thread: usize): usize {
    return Nest.field(instruction, Field.scratch) + thread * Abi.scratchBytes;
  }

  /** This thread's locals. */
  @inline static locals(instruction: usize, thread: usize): usize {
    return Nest.field(instruction, Field.locals) + thread * Abi.localsBytes;
  }

  /** Rows of the nest: the product of all dims but the innermost. */
  static rows(instruction: usize): usize {
    const outer = Nest.field(instruction, Field.rank) - 1;
    let rows: usize = 1;
    for (let d: usize = 0; d < outer; d++) rows *= load<u32>(instruction + (d << 2), Field.dims * 4);
    return rows;
  }

  /** Extent of the innermost dim. */
  @inline static inner(instruction: usize): usize {
    return <usize>load<u32>(instruction + ((Nest.field(instruction, Field.rank) - 1) << 2), Field.dims * 4);
  }

  /** The innermost stride of an operand, in elements. */
  @inline static innerStride(instruction: usize, strides: i32): isize {
    return <isize>load<i32>(instruction + ((Nest.field(instruction, Field.rank) - 1 + strides) << 2));
  }

  /** Extent of the dim before the innermost one: the rows of a matrix. The rank is at least 2. */
  @inline static height(instruction: usize): usize {
    return <usize>load<u32>(instruction + ((Nest.field(instruction, Field.rank) - 2) << 2), Field.dims * 4);
  }

  /** The stride between rows of a matrix in an operand, in elements. The rank is at least 2. */
  @inline static rowStride(instruction: usize, strides: i32): isize {
    return <isize>load<i32>(instruction + ((Nest.field(instruction, Field.rank) - 2 + strides) << 2));
  }

  /** Offset in elements of a row of one operand, whose strides start at the given field. */
  static offset(instruction: usize, strides: i32, row: usize): isize {
    const strideAt = instruction + ((<usize>strides) << 2);
    let offset: isize = 0;
    for (let d = Nest.field(instruction, Field.rank) - 2; <isize>d > 0; d--) {
      const extent = <usize>load<u32>(instruction + (d << 2), Field.dims * 4);
      const next = row / extent;
      offset += <isize>(row - next * extent) * load<i32>(strideAt + (d << 2));
      row = next;
    }
    return offset + <isize>row * load<i32>(strideAt);
  }
}

@final
@unmanaged
export class Share {
  /** Elements of a row that are never divided among threads. */
  static readonly GRAIN: usize = 64;

  /**
   * The first item of a thread's share of `total` items. The share ends at the next thread's first item. Shares are whole multiples of
   * `grain`, so no two threads meet inside a vector, a tile or a block of a sum.
   */
  @inline static begin(total: usize, grain: usize, thread: usize, threads: usize): usize {
    if (threads == 1) return thread * total;
    const grains = (total + grain - 1) / grain;
    return min(total, ((grains * thread) / threads) * grain);
  }

  /** The number of items of the largest share, with its last grain counted whole. */
  @inline static most(total: usize, grain: usize, threads: usize): usize {
    const grains = (total + grain - 1) / grain;
    return ((grains + threads - 1) / threads) * grain;
  }
}
