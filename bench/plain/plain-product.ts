// The matrix product in plain JavaScript that simdgrad is compared with, as good as it gets without wasm. Knows no simdgrad.

/** Sizes of c [m x n] += op(A) b, b [k x n]; A is [m x k], or stored [k x m] if `transposed`. */
export interface ProductSizes {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposed?: boolean;
}

/** Rows of b that stay in the first-level cache while all rows of c pass by. */
const BLOCK = 64;

/**
 * c += op(A) b in the i-k-j order, k in blocks so that a long A^T does not stream b through the cache once per row of c; two
 * rows of c and four terms at a time: four loads of b serve eight multiplications.
 */
export function addProduct(
  c: Float64Array,
  a: Float64Array,
  b: Float64Array,
  { m, k, n, transposed = false }: ProductSizes,
): void {
  const [rowStride, termStride] = transposed ? [1, m] : [k, 1];
  for (let first = 0; first < k; first += BLOCK) {
    const end = Math.min(k, first + BLOCK);
    for (let i = 0; i < m; i += 2) {
      // The last row of an odd number is a pair with itself, of which the second adds nothing.
      const [next, share] = i + 1 < m ? [i + 1, 1] : [i, 0];
      const u = i * n;
      const v = next * n;
      let p = first;
      for (; p + 3 < end; p += 4) {
        const at = i * rowStride + p * termStride;
        const below = next * rowStride + p * termStride;
        const f0 = a[at] as number;
        const f1 = a[at + termStride] as number;
        const f2 = a[at + 2 * termStride] as number;
        const f3 = a[at + 3 * termStride] as number;
        const g0 = share * (a[below] as number);
        const g1 = share * (a[below + termStride] as number);
        const g2 = share * (a[below + 2 * termStride] as number);
        const g3 = share * (a[below + 3 * termStride] as number);
        const r = p * n;
        for (let j = 0; j < n; j++) {
          const b0 = b[r + j] as number;
          const b1 = b[r + n + j] as number;
          const b2 = b[r + 2 * n + j] as number;
          const b3 = b[r + 3 * n + j] as number;
          c[u + j] = (c[u + j] as number) + (f0 * b0 + f1 * b1 + (f2 * b2 + f3 * b3));
          c[v + j] = (c[v + j] as number) + (g0 * b0 + g1 * b1 + (g2 * b2 + g3 * b3));
        }
      }
      for (; p < end; p++) {
        const f = a[i * rowStride + p * termStride] as number;
        const g = share * (a[next * rowStride + p * termStride] as number);
        for (let j = 0; j < n; j++) {
          c[u + j] = (c[u + j] as number) + f * (b[p * n + j] as number);
          c[v + j] = (c[v + j] as number) + g * (b[p * n + j] as number);
        }
      }
    }
  }
}
