// The interpreter: runs a list of instructions, each thread its share of every one. Knows which kernel an opcode names.
import { Abi, Field, Op } from "./opcodes";
import { ArgMax } from "./argmax";
import {
  Abs,
  Add,
  Div,
  Equal,
  Greater,
  GreaterEqual,
  Identity,
  Less,
  LessEqual,
  Maximum,
  Minimum,
  Mul,
  Neg,
  NotEqual,
  Sign,
  Sqrt,
  Square,
  Sub,
  Where,
} from "./elementwise/arithmetic";
import { Relu, ReluBackward, ReluGrad, SigmoidBackward, TanhBackward, ThresholdRelu } from "./elementwise/activation";
import { Binary, BinaryWith, One, Quaternary, TernaryWith, Unary, UnaryWith, Zero } from "./elementwise/adapters";
import { Elementwise } from "./elementwise/loops";
import { Max, Min, Sum } from "./folds";
import { Gemm } from "./gemm/gemm";
import { Exp, Expm1 } from "./math/exp";
import { Log, Log1p } from "./math/log";
import { Power } from "./math/power";
import { LogSigmoid, Sigmoid, SigmoidGrad, Softplus } from "./math/sigmoid";
import { Tanh } from "./math/tanh";
import { Movement } from "./movement";
import { Nest } from "./nest";
import { Random } from "./random";
import { Reduce } from "./reduce";
import {
  CrossEntropyBackwardRow,
  CrossEntropyRow,
  LogSoftmaxBackwardRow,
  LogSoftmaxRow,
  LogSumExpRow,
  Softmax,
  SoftmaxBackwardRow,
  SoftmaxRow,
} from "./softmax";

/**
 * Runs `count` instructions from `program` on, as thread t of n. All threads call it with the same program; shares never
 * overlap, and depend on nothing but the instruction and n.
 */
export function run(program: usize, count: u32, t: u32, n: u32): void {
  for (let i = program, end = program + count * Abi.instructionBytes; i < end; i += Abi.instructionBytes) {
    const op = <i32>Nest.field(i, Field.op);
    switch (op) {
      case Op.identity:
        Elementwise.numbers<Unary<Identity>>(i, t, n);
        break;
      case Op.neg:
        Elementwise.numbers<Unary<Neg>>(i, t, n);
        break;
      case Op.abs:
        Elementwise.numbers<Unary<Abs>>(i, t, n);
        break;
      case Op.sign:
        Elementwise.numbers<Unary<Sign>>(i, t, n);
        break;
      case Op.square:
        Elementwise.numbers<Unary<Square>>(i, t, n);
        break;
      case Op.sqrt:
        Elementwise.floats<Unary<Sqrt>>(i, t, n);
        break;
      case Op.exp:
        Elementwise.floats<Unary<Exp>>(i, t, n);
        break;
      case Op.expm1:
        Elementwise.floats<Unary<Expm1>>(i, t, n);
        break;
      case Op.log:
        Elementwise.floats<Unary<Log>>(i, t, n);
        break;
      case Op.log1p:
        Elementwise.floats<Unary<Log1p>>(i, t, n);
        break;
      case Op.tanh:
        Elementwise.floats<Unary<Tanh>>(i, t, n);
        break;
      case Op.sigmoid:
        Elementwise.floats<Unary<Sigmoid>>(i, t, n);
        break;
      case Op.sigmoidGrad:
        Elementwise.floats<Unary<SigmoidGrad>>(i, t, n);
        break;
      case Op.relu:
        Elementwise.floats<UnaryWith<Relu, Zero>>(i, t, n);
        break;
      case Op.reluGrad:
        Elementwise.floats<Unary<ReluGrad>>(i, t, n);
        break;
      case Op.softplus:
        Elementwise.floats<Unary<Softplus>>(i, t, n);
        break;
      case Op.logSigmoid:
        Elementwise.floats<Unary<LogSigmoid>>(i, t, n);
        break;
      case Op.add:
        Elementwise.numbers<Binary<Add>>(i, t, n);
        break;
      case Op.sub:
        Elementwise.numbers<Binary<Sub>>(i, t, n);
        break;
      case Op.mul:
        Elementwise.numbers<Binary<Mul>>(i, t, n);
        break;
      case Op.div:
        Elementwise.floats<Binary<Div>>(i, t, n);
        break;
      case Op.maximum:
        Elementwise.numbers<Binary<Maximum>>(i, t, n);
        break;
      case Op.minimum:
        Elementwise.numbers<Binary<Minimum>>(i, t, n);
        break;
      case Op.power:
        Elementwise.floats<Binary<Power>>(i, t, n);
        break;
      case Op.greater:
        Elementwise.numbers<Binary<Greater>>(i, t, n);
        break;
      case Op.greaterEqual:
        Elementwise.numbers<Binary<GreaterEqual>>(i, t, n);
        break;
      case Op.less:
        Elementwise.numbers<Binary<Less>>(i, t, n);
        break;
      case Op.lessEqual:
        Elementwise.numbers<Binary<LessEqual>>(i, t, n);
        break;
      case Op.equal:
        Elementwise.numbers<Binary<Equal>>(i, t, n);
        break;
      case Op.notEqual:
        Elementwise.numbers<Binary<NotEqual>>(i, t, n);
        break;
      case Op.sigmoidBackward:
        Elementwise.floats<BinaryWith<SigmoidBackward, One>>(i, t, n);
        break;
      case Op.reluBackward:
        Elementwise.floats<BinaryWith<ReluBackward, Zero>>(i, t, n);
        break;
      case Op.tanhBackward:
        Elementwise.floats<BinaryWith<TanhBackward, One>>(i, t, n);
        break;
      case Op.where:
        Elementwise.numbers<TernaryWith<Where, Zero>>(i, t, n);
        break;
      case Op.thresholdRelu:
        Elementwise.floats<Quaternary<ThresholdRelu>>(i, t, n);
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
