// The interpreter: runs a list of instructions, each thread its share of every one. Knows which kernel an opcode names.
import { Abi, Field, Op } from "../ops";
import { ArgMax } from "../rows/argmax";
import { Elementwise } from "../elementwise/elementwise";
import { Fused } from "../elementwise/fused";
import { Max, Min, Sum } from "../rows/folds";
import { Gemm } from "../gemm/gemm";
import { Movement } from "../movement/movement";
import { Nest } from "./nest";
import { Random } from "../random";
import { Reduce } from "../rows/reduce";
import {
  CrossEntropyBackwardRow,
  CrossEntropyRow,
  LogSoftmaxBackwardRow,
  LogSoftmaxRow,
  LogSumExpRow,
  Softmax,
  SoftmaxBackwardRow,
  SoftmaxRow,
} from "../rows/softmax";

/**
 * Runs `count` instructions from `program` on, as thread t of n. All threads call it with the same program; shares never
 * overlap, and depend on nothing but the instruction and n.
 */
export function run(program: usize, count: u32, t: u32, n: u32): void {
  for (let i = program, end = program + count * Abi.instructionBytes; i < end; i += Abi.instructionBytes) {
    const op = <i32>Nest.field(i, Field.op);
    if (op < Op.sum) {
      Elementwise.run(i, t, n);
      continue;
    }
    switch (op) {
      case Op.fused:
        Fused.run(i, t, n);
        break;
      case Op.sum:
        Reduce.run<Sum>(i, t, n);
        break;
      case Op.max:
        Reduce.run<Max>(i, t, n);
        break;
      case Op.min:
        Reduce.run<Min>(i, t, n);
        break;
      case Op.argMax:
        ArgMax.run(i, t, n);
        break;
      case Op.softmax:
        Softmax.run<SoftmaxRow>(i, t, n);
        break;
      case Op.logSoftmax:
        Softmax.run<LogSoftmaxRow>(i, t, n);
        break;
      case Op.logSumExp:
        Softmax.run<LogSumExpRow>(i, t, n);
        break;
      case Op.softmaxBackward:
        Softmax.run<SoftmaxBackwardRow>(i, t, n);
        break;
      case Op.logSoftmaxBackward:
        Softmax.run<LogSoftmaxBackwardRow>(i, t, n);
        break;
      case Op.crossEntropy:
        Softmax.run<CrossEntropyRow>(i, t, n);
        break;
      case Op.crossEntropyBackward:
        Softmax.run<CrossEntropyBackwardRow>(i, t, n);
        break;
      case Op.matmul:
        Gemm.run(i, t, n);
        break;
      case Op.copy:
        Movement.copy(i, t, n);
        break;
      case Op.accumulate:
        Movement.accumulate(i, t, n);
        break;
      case Op.take:
        Movement.take(i, t, n);
        break;
      case Op.takeBackward:
        Movement.takeBackward(i, t, n);
        break;
      case Op.cast:
        Movement.cast(i, t, n);
        break;
      case Op.randomUniform:
      case Op.randomNormal:
        Random.run(op, i, t, n);
        break;
      default:
        unreachable();
    }
  }
}
