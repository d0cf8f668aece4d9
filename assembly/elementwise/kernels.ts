// Which loop an elementwise opcode and a dtype name: the one table of them; and the rows that it is run over. Knows no nest.
import {
  Abs,
  Add,
  Div,
  Equal,
  Greater,
  GreaterEqual,
  Identity,
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
import { mapRow, ROUND } from "./loops";
import { Blend, BlendSquare, Descend, OverRoot } from "./optimizer-steps";
import { Exp, Expm1 } from "../math/exp";
import { Log, Log1p } from "../math/log";
import { Power } from "../math/power";
import { LogSigmoid, Sigmoid, SigmoidGrad, Softplus } from "../math/sigmoid";
import { Tanh } from "../math/tanh";
import { Lanes } from "../core/lanes";
import { Nest } from "../core/nest";
import { DTypeCode, Op } from "../ops";

/**
 * A matrix and its operands, in the thread's locals behind what is spread: addresses; steps from one element of a row to the next,
 * 0 or 1; strides from one row to the next, in elements. What an operand has that the op does not have is not looked at.
 */
@unmanaged
export class Part {
  out: usize;
  a: usize;
  b: usize;
  c: usize;
  d: usize;
  n: usize;
  rows: usize;
  stepA: isize;
  stepB: isize;
  stepC: isize;
  strideOut: isize;
  strideA: isize;
  strideB: isize;
  strideC: isize;

  /** The part of a thread whose locals these are. */
  @inline static at(locals: usize): Part {
    return changetype<Part>(locals + 3 * ROUND);
  }

  /** Where a row reads an operand: as it lies, or, where it stays, its one value spread over the round at `spare`. */
  @inline static read(p: usize, move: usize, size: usize, spare: usize): usize {
    if (move) return p;
    Lanes.spreadFour(spare, size == 8 ? v128.load64_splat(p) : v128.load32_splat(p));
    return spare;
  }
}

@final
@unmanaged
export class Kernels {
  /** How many operands an op reads from memory: opcodes are in that order. */
  @inline static operands(op: i32): usize {
    return op < Op.add ? 1 : op < Op.where ? 2 : 3;
  }

  /** One elementwise op over one part, row by row. */
  static map(op: i32, dtype: i32, part: Part): void {
    const operands = Kernels.operands(op);
    const size = Nest.sizeOf(dtype);
    const n = part.n;
    const d = part.d;
    const moveA: usize = part.stepA ? ROUND : 0;
    const moveB: usize = part.stepB ? ROUND : 0;
    const moveC: usize = part.stepC ? ROUND : 0;
    const nextOut = part.strideOut * size;
    const nextA = part.strideA * size;
    const nextB = part.strideB * size;
    const nextC = part.strideC * size;
    const spare = changetype<usize>(part) - 3 * ROUND;
    let out = part.out;
    let pa = part.a;
    let pb = part.b;
    let pc = part.c;
    for (let rows = part.rows; rows > 0; rows--) {
      const a = Part.read(pa, moveA, size, spare);
      const b = operands > 1 ? Part.read(pb, moveB, size, spare + ROUND) : a;
      const c = operands > 2 ? Part.read(pc, moveC, size, spare + 2 * ROUND) : a;
      if (dtype == DTypeCode.float32) Kernels.numbers<f32>(op, out, n, a, moveA, b, moveB, c, moveC, d);
      else if (dtype == DTypeCode.float64) Kernels.numbers<f64>(op, out, n, a, moveA, b, moveB, c, moveC, d);
      else Kernels.numbers<i32>(op, out, n, a, moveA, b, moveB, c, moveC, d);
      out += nextOut;
      pa += nextA;
      pb += nextB;
      pc += nextC;
    }
  }

  /** One row of any op. */
  @inline private static numbers<T>(
    op: i32,
    out: usize,
    n: usize,
    a: usize,
    moveA: usize,
    b: usize,
    moveB: usize,
    c: usize,
    moveC: usize,
    d: usize,
  ): void {
    switch (op) {
      case Op.identity:
        mapRow<T, Unary<Identity>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.neg:
        mapRow<T, Unary<Neg>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.abs:
        mapRow<T, Unary<Abs>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.sign:
        mapRow<T, Unary<Sign>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.square:
        mapRow<T, Unary<Square>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.add:
        mapRow<T, Binary<Add>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.sub:
        mapRow<T, Binary<Sub>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.mul:
        mapRow<T, Binary<Mul>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.maximum:
        mapRow<T, Binary<Maximum>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.minimum:
        mapRow<T, Binary<Minimum>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.greater:
        mapRow<T, Binary<Greater>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.greaterEqual:
        mapRow<T, Binary<GreaterEqual>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.less:
        mapRow<T, Binary<Greater>>(out, n, b, moveB, a, moveA, c, moveC, d);
        break;
      case Op.lessEqual:
        mapRow<T, Binary<GreaterEqual>>(out, n, b, moveB, a, moveA, c, moveC, d);
        break;
      case Op.equal:
        mapRow<T, Binary<Equal>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.notEqual:
        mapRow<T, Binary<NotEqual>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.where:
        mapRow<T, TernaryWith<Where, Zero>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      default:
        if (isFloat<T>()) Kernels.floats<T>(op, out, n, a, moveA, b, moveB, c, moveC, d);
        else unreachable();
    }
  }

  /** One row of an op that is defined for floating-point elements only. */
  @inline private static floats<T>(
    op: i32,
    out: usize,
    n: usize,
    a: usize,
    moveA: usize,
    b: usize,
    moveB: usize,
    c: usize,
    moveC: usize,
    d: usize,
  ): void {
    switch (op) {
      case Op.sqrt:
        mapRow<T, Unary<Sqrt>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.exp:
        mapRow<T, Unary<Exp>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.expm1:
        mapRow<T, Unary<Expm1>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.log:
        mapRow<T, Unary<Log>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.log1p:
        mapRow<T, Unary<Log1p>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.tanh:
        mapRow<T, Unary<Tanh>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.sigmoid:
        mapRow<T, Unary<Sigmoid>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.sigmoidGrad:
        mapRow<T, Unary<SigmoidGrad>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.relu:
        mapRow<T, UnaryWith<Relu, Zero>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.reluGrad:
        mapRow<T, Unary<ReluGrad>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.softplus:
        mapRow<T, Unary<Softplus>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.logSigmoid:
        mapRow<T, Unary<LogSigmoid>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.div:
        mapRow<T, Binary<Div>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.power:
        mapRow<T, Binary<Power>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.sigmoidBackward:
        mapRow<T, BinaryWith<SigmoidBackward, One>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.reluBackward:
        mapRow<T, BinaryWith<ReluBackward, Zero>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.tanhBackward:
        mapRow<T, BinaryWith<TanhBackward, One>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.thresholdRelu:
        mapRow<T, Quaternary<ThresholdRelu>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.blend:
        mapRow<T, Quaternary<Blend>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.blendSquare:
        mapRow<T, Quaternary<BlendSquare>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.overRoot:
        mapRow<T, Quaternary<OverRoot>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      case Op.descend:
        mapRow<T, Ternary<Descend>>(out, n, a, moveA, b, moveB, c, moveC, d);
        break;
      default:
        unreachable();
    }
  }
}
