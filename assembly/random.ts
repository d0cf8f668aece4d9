// Counter-based random numbers: element i depends only on the seed and on i, so any thread may make any part.
// Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
import { Field } from "./abi";
import { Op } from "./ops.generated";
import { Lanes } from "./core/lanes";
import { Log } from "./math/log";
import { CosTurns } from "./math/turns";
import { Nest, Share } from "./core/nest";

@final
@unmanaged
class Philox {
  /** The high halves of the products of four unsigned lanes with a constant. */
  @inline static high(x: v128, factor: v128): v128 {
    const even = i64x2.extmul_low_i32x4_u(x, factor);
    const odd = i64x2.extmul_high_i32x4_u(x, factor);
    return v128.shuffle<u32>(even, odd, 1, 3, 5, 7);
  }

  /**
   * Ten rounds on the counters (first + 0..3, 0, 0, 0) under a 64-bit key, one counter a lane; the four output words go to
   * `to`, 16 bytes each.
   */
  static block(to: usize, first: u32, stream: u32, key0: u32, key1: u32): void {
    const m0 = i32x4.splat(<i32>0xd2511f53);
    const m1 = i32x4.splat(<i32>0xcd9e8d57);
    let c0 = i32x4.add(i32x4.splat(<i32>first), i32x4(0, 1, 2, 3));
    let c1 = i32x4.splat(<i32>stream);
    let c2 = i32x4.splat(0);
    let c3 = c2;
    for (let round = 0; round < 10; round++) {
      const high0 = Philox.high(c0, m0);
      const low0 = i32x4.mul(c0, m0);
      const high1 = Philox.high(c2, m1);
      const low1 = i32x4.mul(c2, m1);
      c0 = v128.xor(v128.xor(high1, c1), i32x4.splat(<i32>key0));
      c1 = low1;
      c2 = v128.xor(v128.xor(high0, c3), i32x4.splat(<i32>key1));
      c3 = low0;
      key0 += 0x9e3779b9;
      key1 += 0xbb67ae85;
    }
    v128.store(to, c0);
    v128.store(to, c1, 16);
    v128.store(to, c2, 32);
    v128.store(to, c3, 48);
  }
}

/** Turns random bits into [0, 1): 24 bits for f32, 53 for f64, so every value is a multiple of 2^-24 or 2^-53. */
@final
@unmanaged
class Unit {
  @inline static vec<T>(p: usize): v128 {
    if (sizeof<T>() == 4) {
      return f32x4.mul(f32x4.convert_i32x4_u(i32x4.shr_u(v128.load(p), 8)), f32x4.splat(5.9604644775390625e-8));
    }
    // 52 bits under the exponent of [1, 2) give [0, 1) - exact; the 53rd is added below them.
    const bits = v128.load(p);
    const one = f64x2.splat(1);
    const high = f64x2.sub(v128.or(i64x2.shr_u(bits, 12), one), one);
    const low = v128.and(i64x2.shr_u(bits, 11), i64x2.splat(1));
    return f64x2.add(high, v128.and(i64x2.neg(low), f64x2.splat(1.1102230246251565e-16)));
  }
}

/** The next number below a finite one. */
function before<T>(x: T): T {
  const step = x > 0 ? -1 : 1;
  if (sizeof<T>() == 4) return <T>(x == 0 ? -f32.MIN_VALUE : reinterpret<f32>(reinterpret<i32>(<f32>x) + step));
  return <T>(x == 0 ? -f64.MIN_VALUE : reinterpret<f64>(reinterpret<i64>(<f64>x) + step));
}

/**
 * uniform: out[i] = low + (high - low) u, low = scalar0, high = scalar1; if that rounds to high, the number before high.
 * normal:  out[i] = mean + deviation sqrt(-2 log(1 - u)) cos(2 pi v), mean = scalar0, deviation = scalar1 (Box and Muller
 * 1958; one of the pair is kept, so that element i stays a function of i).
 */
@final
@unmanaged
export class Random {
  run<T>(instruction: usize, thread: usize, threads: usize): void {
    const lanes = Lanes.count<T>();
    const n = Nest.field(instruction, Field.n);
    const key0 = <u32>Nest.field(instruction, Field.flagA);
    const key1 = <u32>Nest.field(instruction, Field.flagB);
    const block = Nest.scratch(instruction, thread);
    const out = Nest.field(instruction, Field.out);
    const p = v128.load_splat<T>(instruction, Field.scalar0 * 4);
    const q = v128.load_splat<T>(instruction, Field.scalar1 * 4);
    const normal = Nest.field(instruction, Field.op) == Op.randomNormal;
    const low = load<T>(instruction, Field.scalar0 * 4);
    const limit = v128.splat<T>(max<T>(low, before<T>(load<T>(instruction, Field.scalar1 * 4))));
    // One block of 64 bytes is four vectors of uniforms, or two of normals.
    const vectors: usize = normal ? 2 : 4;
    const perBlock = vectors * lanes;
    const end = Share.begin(n, 64, thread + 1, threads);
    for (let i = Share.begin(n, 64, thread, threads); i < end; i += perBlock) {
      Philox.block(block, <u32>((i / perBlock) * 4), <u32>(normal ? 1 : 0), key0, key1);
      for (let v: usize = 0; v < vectors && i + v * lanes < end; v++) {
        let y = Unit.vec<T>(block + v * 16);
        if (normal) {
          const one = v128.splat<T>(<T>1);
          const minusTwo = v128.splat<T>(<T>-2);
          const radius = v128.sqrt<T>(v128.mul<T>(minusTwo, changetype<Log>(0).vec<T>(v128.sub<T>(one, y))));
          y = v128.mul<T>(radius, changetype<CosTurns>(0).vec<T>(Unit.vec<T>(block + 32 + v * 16)));
          y = v128.add<T>(p, v128.mul<T>(q, y));
        } else {
          y = v128.min<T>(limit, v128.add<T>(p, v128.mul<T>(v128.sub<T>(q, p), y)));
        }
        const to = out + (i + v * lanes) * sizeof<T>();
        const left = end - i - v * lanes;
        if (left < lanes) Lanes.store<T>(to, y, left);
        else v128.store(to, y);
      }
    }
  }
}
