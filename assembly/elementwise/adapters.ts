// Adapters from an op to the elementwise loop, by its number of operands and its constant. Must not know the loop.

/**
 * The loop's view of an op F, by its number of operands. `constant` is loaded once for each row: from d of the instruction, or K from a
 * table. V8 rebuilds a literal at each use, which costs ReLU a sixth of its speed in the L1 cache.
 */
@final
@unmanaged
export class Unary<F> {
  @inline arity(): i32 {
    return 1;
  }
  @inline constant<T>(d: usize): v128 {
    return v128.splat<T>(<T>0);
  }
  @inline vec<T>(a: v128, b: v128, c: v128, d: v128): v128 {
    return changetype<F>(0).vec<T>(a);
  }
}

/** F(a, d) with d from the instruction in place of a constant. */
@final
@unmanaged
export class UnaryWithOwn<F> {
  @inline arity(): i32 {
    return 1;
  }
  @inline constant<T>(d: usize): v128 {
    return v128.load_splat<T>(d);
  }
  @inline vec<T>(a: v128, b: v128, c: v128, d: v128): v128 {
    return changetype<F>(0).vec<T>(a, d);
  }
}

@final
@unmanaged
export class Binary<F> {
  @inline arity(): i32 {
    return 2;
  }
  @inline constant<T>(d: usize): v128 {
    return v128.splat<T>(<T>0);
  }
  @inline vec<T>(a: v128, b: v128, c: v128, d: v128): v128 {
    return changetype<F>(0).vec<T>(a, b);
  }
}

@final
@unmanaged
export class Ternary<F> {
  @inline arity(): i32 {
    return 3;
  }
  @inline constant<T>(d: usize): v128 {
    return v128.splat<T>(<T>0);
  }
  @inline vec<T>(a: v128, b: v128, c: v128, d: v128): v128 {
    return changetype<F>(0).vec<T>(a, b, c);
  }
}

@final
@unmanaged
export class Quaternary<F> {
  @inline arity(): i32 {
    return 4;
  }
  @inline constant<T>(d: usize): v128 {
    return v128.load_splat<T>(d);
  }
  @inline vec<T>(a: v128, b: v128, c: v128, d: v128): v128 {
    return changetype<F>(0).vec<T>(a, b, c, d);
  }
}

@final
@unmanaged
export class UnaryWith<F, K> {
  @inline arity(): i32 {
    return 1;
  }
  @inline constant<T>(d: usize): v128 {
    return v128.load_splat<T>(changetype<K>(0).at<T>());
  }
  @inline vec<T>(a: v128, b: v128, c: v128, d: v128): v128 {
    return changetype<F>(0).vec<T>(a, d);
  }
}

@final
@unmanaged
export class BinaryWith<F, K> {
  @inline arity(): i32 {
    return 2;
  }
  @inline constant<T>(d: usize): v128 {
    return v128.load_splat<T>(changetype<K>(0).at<T>());
  }
  @inline vec<T>(a: v128, b: v128, c: v128, d: v128): v128 {
    return changetype<F>(0).vec<T>(a, b, d);
  }
}

@final
@unmanaged
export class TernaryWith<F, K> {
  @inline arity(): i32 {
    return 3;
  }
  @inline constant<T>(d: usize): v128 {
    return v128.load_splat<T>(changetype<K>(0).at<T>());
  }
  @inline vec<T>(a: v128, b: v128, c: v128, d: v128): v128 {
    return changetype<F>(0).vec<T>(a, b, c, d);
  }
}

/** 0 and 1 in memory, for ops with a constant. */
const ZERO_ONE_32: usize = memory.data<f32>([0, 1]);
const ZERO_ONE_64: usize = memory.data<f64>([0, 1]);

@final
@unmanaged
export class Zero {
  @inline at<T>(): usize {
    return sizeof<T>() == 4 ? ZERO_ONE_32 : ZERO_ONE_64;
  }
}

@final
@unmanaged
export class One {
  @inline at<T>(): usize {
    return sizeof<T>() == 4 ? ZERO_ONE_32 + 4 : ZERO_ONE_64 + 8;
  }
}
