// The ladder's lower rung: one scalar after the other in straight loops, as one writes it first. Must not be clever.

function product<T>(c: usize, a: usize, b: usize, m: i32, k: i32, n: i32): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum: T = <T>0;
      for (let p = 0; p < k; p++) {
        sum += load<T>(a + (i * k + p) * sizeof<T>()) * load<T>(b + (p * n + j) * sizeof<T>());
      }
      store<T>(c + (i * n + j) * sizeof<T>(), sum);
    }
  }
}

/** AssemblyScript's own, after musl's. */
@final
@unmanaged
class Scalar {
  @inline static exp<T>(x: T): T {
    if (sizeof<T>() == 4) return <T>Mathf.exp(<f32>x);
    return <T>Math.exp(<f64>x);
  }
}

function powers<T>(y: usize, x: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<T>(y + i * sizeof<T>(), Scalar.exp<T>(load<T>(x + i * sizeof<T>())));
}

function sigmoids<T>(y: usize, x: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const power = Scalar.exp<T>(-load<T>(x + i * sizeof<T>()));
    store<T>(y + i * sizeof<T>(), <T>1 / (<T>1 + power));
  }
}

function total<T>(y: usize, x: usize, n: i32): void {
  let sum: T = <T>0;
  for (let i = 0; i < n; i++) sum += load<T>(x + i * sizeof<T>());
  store<T>(y, sum);
}

export function matmulFloat32(c: usize, a: usize, b: usize, m: i32, k: i32, n: i32): void {
  product<f32>(c, a, b, m, k, n);
}

export function matmulFloat64(c: usize, a: usize, b: usize, m: i32, k: i32, n: i32): void {
  product<f64>(c, a, b, m, k, n);
}

export function expFloat32(y: usize, x: usize, n: i32): void {
  powers<f32>(y, x, n);
}

export function expFloat64(y: usize, x: usize, n: i32): void {
  powers<f64>(y, x, n);
}

export function sigmoidFloat32(y: usize, x: usize, n: i32): void {
  sigmoids<f32>(y, x, n);
}

export function sigmoidFloat64(y: usize, x: usize, n: i32): void {
  sigmoids<f64>(y, x, n);
}

export function sumFloat32(y: usize, x: usize, n: i32): void {
  total<f32>(y, x, n);
}

export function sumFloat64(y: usize, x: usize, n: i32): void {
  total<f64>(y, x, n);
}
