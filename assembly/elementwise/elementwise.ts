// One elementwise op over a whole nest, a matrix of its two innermost dims at a time. Knows fields and strides, no op.
import { Field } from "../opcodes";
import { Nest, Share } from "../nest";
import { Kernels } from "./kernels";
import { Part } from "./loops";

@final
@unmanaged
export class Elementwise {
  static run(instruction: usize, thread: usize, threads: usize): void {
    const op = <i32>Nest.field(instruction, Field.op);
    const dtype = <i32>Nest.field(instruction, Field.dtype);
    const part = Elementwise.begin(instruction, thread, threads);
    while (Elementwise.step(instruction, part, Nest.bytes(instruction))) Kernels.map(op, dtype, part);
  }

  /** A nest of one row is shared out by its elements, others by their rows. */
  private static begin(instruction: usize, thread: usize, threads: usize): Part {
    const part = Part.at(Nest.locals(instruction, thread));
    const whole = Nest.field(instruction, Field.rank) == 1;
    const total = whole ? Nest.inner(instruction) : Nest.rows(instruction);
    const grain: usize = whole ? Share.GRAIN : 1;
    part.next = Share.begin(total, grain, thread, threads);
    part.end = Share.begin(total, grain, thread + 1, threads);
    part.n = whole ? part.end - part.next : Nest.inner(instruction);
    part.d = Nest.field(instruction, Field.d);
    part.stepA = Nest.innerStride(instruction, Field.strideA);
    part.stepB = Nest.innerStride(instruction, Field.strideB);
    part.stepC = Nest.innerStride(instruction, Field.strideC);
    if (!whole) {
      part.strideOut = <isize>part.n;
      part.strideA = Nest.rowStride(instruction, Field.strideA);
      part.strideB = Nest.rowStride(instruction, Field.strideB);
      part.strideC = Nest.rowStride(instruction, Field.strideC);
    }
    return part;
  }

  /** Moves on to the next matrix, of elements of `size` bytes; false where none is left. */
  private static step(instruction: usize, part: Part, size: isize): bool {
    const r = part.next;
    if (r >= part.end) return false;
    if (Nest.field(instruction, Field.rank) == 1) {
      part.rows = 1;
      part.next = part.end;
      part.out = r * size;
      part.a = r * part.stepA * size;
      part.b = r * part.stepB * size;
      part.c = r * part.stepC * size;
    } else {
      const height = Nest.height(instruction);
      part.rows = min(height - (r % height), part.end - r);
      part.next = r + part.rows;
      part.out = r * part.n * size;
      part.a = Nest.offset(instruction, Field.strideA, r) * size;
      part.b = Nest.offset(instruction, Field.strideB, r) * size;
      part.c = Nest.offset(instruction, Field.strideC, r) * size;
    }
    part.out += Nest.field(instruction, Field.out);
    part.a += Nest.field(instruction, Field.a);
    part.b += Nest.field(instruction, Field.b);
    part.c += Nest.field(instruction, Field.c);
    return true;
  }
}
