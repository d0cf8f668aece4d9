// One elementwise op over a whole nest, one matrix of its two innermost dims at a time. Must not know ops.
import { Field } from "../abi";
import { Nest, Share } from "../core/nest";
import { Part } from "./part";
import { Matrix } from "./matrix";

@final
@unmanaged
export class Elementwise {
  /** A nest of one row is divided by its elements, others by their rows. */
  @inline static run(instruction: usize, thread: usize, threads: usize): void {
    const op = <i32>Nest.field(instruction, Field.op);
    const dtype = <i32>Nest.field(instruction, Field.dtype);
    const size = Nest.sizeOf(dtype);
    const inner = Nest.inner(instruction);
    const single = Nest.field(instruction, Field.rank) == 1;
    const total = single ? inner : Nest.rows(instruction);
    const grain: usize = single ? Share.GRAIN : 1;
    const end = Share.begin(total, grain, thread + 1, threads);
    const part = Part.at(Nest.locals(instruction, thread));
    let r = Share.begin(total, grain, thread, threads);
    while (r < end) {
      const height: usize = single ? 1 : Nest.height(instruction);
      const rows: usize = single ? 1 : min(height - (r % height), end - r);
      part.n = single ? end - r : inner;
      part.rows = rows;
      part.out = Nest.field(instruction, Field.out) + (single ? r : r * inner) * size;
      part.d = Nest.field(instruction, Field.d);
      part.stepA = Nest.innerStride(instruction, Field.strideA);
      part.stepB = Nest.innerStride(instruction, Field.strideB);
      part.stepC = Nest.innerStride(instruction, Field.strideC);
      if (single) {
        part.a = Nest.field(instruction, Field.a) + r * part.stepA * size;
        part.b = Nest.field(instruction, Field.b) + r * part.stepB * size;
        part.c = Nest.field(instruction, Field.c) + r * part.stepC * size;
        r = end;
      } else {
        part.a = Nest.field(instruction, Field.a) + Nest.offset(instruction, Field.strideA, r) * size;
        part.b = Nest.field(instruction, Field.b) + Nest.offset(instruction, Field.strideB, r) * size;
        part.c = Nest.field(instruction, Field.c) + Nest.offset(instruction, Field.strideC, r) * size;
        part.strideOut = <isize>inner;
        part.strideA = Nest.rowStride(instruction, Field.strideA);
        part.strideB = Nest.rowStride(instruction, Field.strideB);
        part.strideC = Nest.rowStride(instruction, Field.strideC);
        r += rows;
      }
      Matrix.map(op, dtype, part);
    }
  }
}
