// Which loop an elementwise opcode and a dtype name: the one table of them. Knows no nest, no address.
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
} from "./arithmetic";
import { Relu, ReluBackward, ReluGrad, SigmoidBackward, TanhBackward, ThresholdRelu } from "./activation";
import { Binary, BinaryWith, One, Quaternary, Ternary, TernaryWith, Unary, UnaryWith, Zero } from "./adapters";
import { mapPart, Part } from "./loops";
import { Blend, BlendSquare, Descend, OverRoot } from "./moments";
import { Exp, Expm1 } from "../math/exp";
import { Log, Log1p } from "../math/log";
import { Power } from "../math/power";
import { LogSigmoid, Sigmoid, SigmoidGrad, Softplus } from "../math/sigmoid";
import { Tanh } from "../math/tanh";
import { DTypeCode, Op } from "../opcodes";

/** For ops that are defined for floating-point elements only. */
function floats<F>(dtype: i32, part: Part): void {
  if (dtype == DTypeCode.float32) mapPart<f32, F>(part);
  else mapPart<f64, F>(part);
}

/** For ops that are defined for int32 too. */
function numbers<F>(dtype: i32, part: Part): void {
  if (dtype == DTypeCode.int32) mapPart<i32, F>(part);
  else floats<F>(dtype, part);
}

@final
@unmanaged
export class Kernels {
  /** How many operands an op reads from memory: opcodes are in that order. */
  @inline static operands(op: i32): usize {
    return op < Op.add ? 1 : op < Op.where ? 2 : 3;
  }

  /** One elementwise op over one part. */
  static map(op: i32, dtype: i32, part: Part): void {
    switch (op) {
      case Op.identity:
        numbers<Unary<Identity>>(dtype, part);
        break;
      case Op.neg:
        numbers<Unary<Neg>>(dtype, part);
        break;
      case Op.abs:
        numbers<Unary<Abs>>(dtype, part);
        break;
      case Op.sign:
        numbers<Unary<Sign>>(dtype, part);
        break;
      case Op.square:
        numbers<Unary<Square>>(dtype, part);
        break;
      case Op.sqrt:
        floats<Unary<Sqrt>>(dtype, part);
        break;
      case Op.exp:
        floats<Unary<Exp>>(dtype, part);
        break;
      case Op.expm1:
        floats<Unary<Expm1>>(dtype, part);
        break;
      case Op.log:
        floats<Unary<Log>>(dtype, part);
        break;
      case Op.log1p:
        floats<Unary<Log1p>>(dtype, part);
        break;
      case Op.tanh:
        floats<Unary<Tanh>>(dtype, part);
        break;
      case Op.sigmoid:
        floats<Unary<Sigmoid>>(dtype, part);
        break;
      case Op.sigmoidGrad:
        floats<Unary<SigmoidGrad>>(dtype, part);
        break;
      case Op.relu:
        floats<UnaryWith<Relu, Zero>>(dtype, part);
        break;
      case Op.reluGrad:
        floats<Unary<ReluGrad>>(dtype, part);
        break;
      case Op.softplus:
        floats<Unary<Softplus>>(dtype, part);
        break;
      case Op.logSigmoid:
        floats<Unary<LogSigmoid>>(dtype, part);
        break;
      case Op.add:
        numbers<Binary<Add>>(dtype, part);
        break;
      case Op.sub:
        numbers<Binary<Sub>>(dtype, part);
        break;
      case Op.mul:
        numbers<Binary<Mul>>(dtype, part);
        break;
      case Op.div:
        floats<Binary<Div>>(dtype, part);
        break;
      case Op.maximum:
        numbers<Binary<Maximum>>(dtype, part);
        break;
      case Op.minimum:
        numbers<Binary<Minimum>>(dtype, part);
        break;
      case Op.power:
        floats<Binary<Power>>(dtype, part);
        break;
      case Op.greater:
        numbers<Binary<Greater>>(dtype, part);
        break;
      case Op.greaterEqual:
        numbers<Binary<GreaterEqual>>(dtype, part);
        break;
      case Op.less:
        numbers<Binary<Less>>(dtype, part);
        break;
      case Op.lessEqual:
        numbers<Binary<LessEqual>>(dtype, part);
        break;
      case Op.equal:
        numbers<Binary<Equal>>(dtype, part);
        break;
      case Op.notEqual:
        numbers<Binary<NotEqual>>(dtype, part);
        break;
      case Op.sigmoidBackward:
        floats<BinaryWith<SigmoidBackward, One>>(dtype, part);
        break;
      case Op.reluBackward:
        floats<BinaryWith<ReluBackward, Zero>>(dtype, part);
        break;
      case Op.tanhBackward:
        floats<BinaryWith<TanhBackward, One>>(dtype, part);
        break;
      case Op.where:
        numbers<TernaryWith<Where, Zero>>(dtype, part);
        break;
      case Op.thresholdRelu:
        floats<Quaternary<ThresholdRelu>>(dtype, part);
        break;
      case Op.blend:
        floats<Quaternary<Blend>>(dtype, part);
        break;
      case Op.blendSquare:
        floats<Quaternary<BlendSquare>>(dtype, part);
        break;
      case Op.overRoot:
        floats<Quaternary<OverRoot>>(dtype, part);
        break;
      case Op.descend:
        floats<Ternary<Descend>>(dtype, part);
        break;
      default:
        unreachable();
    }
  }
}
