// Multiply-add chains that depend on nothing but themselves: what the processor computes when nothing else is in its way.
// Must not know what is held against it.

/** How many chains run beside each other. Too few wait for their own results, too many spill: the bench tries each. */
@final
@unmanaged
class Eight {
  @inline count(): i32 {
    return 8;
  }
}

@final
@unmanaged
class Ten {
  @inline count(): i32 {
    return 10;
  }
}

@final
@unmanaged
class Twelve {
  @inline count(): i32 {
    return 12;
  }
}

@final
@unmanaged
class Fourteen {
  @inline count(): i32 {
    return 14;
  }
}

@final
@unmanaged
class Chain {
  @inline static next<T>(chain: v128, x: v128): v128 {
    if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(chain, x, x);
    return v128.add<T>(v128.mul<T>(chain, x), x);
  }
}

/**
 * chain = chain x + x, over and over, in registers: one operand, so that 14 chains fit into the 15 registers that V8 gives out. At
 * `at`: x, and where the chains begin, all different, or a compiler could make one of two; their ends are written over their
 * beginnings. x = 1/2 keeps every value normal. `rounds` is even.
 */
function run<T, N>(at: usize, rounds: usize): void {
  const count = changetype<N>(0).count();
  const x = v128.load(at);
  let c0 = v128.load(at, 16);
  let c1 = v128.load(at, 32);
  let c2 = v128.load(at, 48);
  let c3 = v128.load(at, 64);
  let c4 = v128.load(at, 80);
  let c5 = v128.load(at, 96);
  let c6 = v128.load(at, 112);
  let c7 = v128.load(at, 128);
  let c8 = v128.load(at, 144);
  let c9 = v128.load(at, 160);
  let c10 = v128.load(at, 176);
  let c11 = v128.load(at, 192);
  let c12 = v128.load(at, 208);
  let c13 = v128.load(at, 224);
  for (; rounds > 0; rounds -= 2) {
    c0 = Chain.next<T>(c0, x);
    c1 = Chain.next<T>(c1, x);
    c2 = Chain.next<T>(c2, x);
    c3 = Chain.next<T>(c3, x);
    c4 = Chain.next<T>(c4, x);
    c5 = Chain.next<T>(c5, x);
    c6 = Chain.next<T>(c6, x);
    c7 = Chain.next<T>(c7, x);
    if (count > 8) {
      c8 = Chain.next<T>(c8, x);
      c9 = Chain.next<T>(c9, x);
    }
    if (count > 10) {
      c10 = Chain.next<T>(c10, x);
      c11 = Chain.next<T>(c11, x);
    }
    if (count > 12) {
      c12 = Chain.next<T>(c12, x);
      c13 = Chain.next<T>(c13, x);
    }
    // Once more: the loop itself takes a tenth of a round of 8 chains.
    c0 = Chain.next<T>(c0, x);
    c1 = Chain.next<T>(c1, x);
    c2 = Chain.next<T>(c2, x);
    c3 = Chain.next<T>(c3, x);
    c4 = Chain.next<T>(c4, x);
    c5 = Chain.next<T>(c5, x);
    c6 = Chain.next<T>(c6, x);
    c7 = Chain.next<T>(c7, x);
    if (count > 8) {
      c8 = Chain.next<T>(c8, x);
      c9 = Chain.next<T>(c9, x);
    }
    if (count > 10) {
      c10 = Chain.next<T>(c10, x);
      c11 = Chain.next<T>(c11, x);
    }
    if (count > 12) {
      c12 = Chain.next<T>(c12, x);
      c13 = Chain.next<T>(c13, x);
    }
  }
  v128.store(at, c0, 16);
  v128.store(at, c1, 32);
  v128.store(at, c2, 48);
  v128.store(at, c3, 64);
  v128.store(at, c4, 80);
  v128.store(at, c5, 96);
  v128.store(at, c6, 112);
  v128.store(at, c7, 128);
  v128.store(at, c8, 144);
  v128.store(at, c9, 160);
  v128.store(at, c10, 176);
  v128.store(at, c11, 192);
  v128.store(at, c12, 208);
  v128.store(at, c13, 224);
}

export function float32x8(at: usize, rounds: usize): void {
  run<f32, Eight>(at, rounds);
}

export function float32x10(at: usize, rounds: usize): void {
  run<f32, Ten>(at, rounds);
}

export function float32x12(at: usize, rounds: usize): void {
  run<f32, Twelve>(at, rounds);
}

export function float32x14(at: usize, rounds: usize): void {
  run<f32, Fourteen>(at, rounds);
}

export function float64x8(at: usize, rounds: usize): void {
  run<f64, Eight>(at, rounds);
}

export function float64x10(at: usize, rounds: usize): void {
  run<f64, Ten>(at, rounds);
}

export function float64x12(at: usize, rounds: usize): void {
  run<f64, Twelve>(at, rounds);
}

export function float64x14(at: usize, rounds: usize): void {
  run<f64, Fourteen>(at, rounds);
}
