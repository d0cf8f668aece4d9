// The tools of these kernels: constants, polynomials and exponent fields, per lane. Must not know any function.

@final
@unmanaged
export class Table {
  /** Element `index` of a table of T, in every lane; one load. */
  @inline static at<T>(table: usize, index: usize): v128 {
    return v128.load_splat<T>(table + index * sizeof<T>());
  }
}

/** A polynomial of n coefficients c[i], ascending, from element `first` of a table; x2 = x^2. Pairs c[i] + c[i + 1] x,
 *  and from seven coefficients on groups of four, are summed by Horner's scheme in x2 or x^4 (Estrin's plan, cut):
 *  one product more than Horner's scheme in x, and a third of its chain of dependent operations, which is what bounds
 *  these kernels (float64 softplus: 12 % faster than by pairs alone). */
@final
@unmanaged
export class Poly {
  @inline static p2<T>(x: v128, table: usize, first: usize): v128 {
    return v128.add<T>(Table.at<T>(table, first), v128.mul<T>(x, Table.at<T>(table, first + 1)));
  }
  @inline static p3<T>(x: v128, x2: v128, table: usize, first: usize): v128 {
    return v128.add<T>(Poly.p2<T>(x, table, first), v128.mul<T>(x2, Table.at<T>(table, first + 2)));
  }
  @inline static p4<T>(x: v128, x2: v128, table: usize, first: usize): v128 {
    return v128.add<T>(Poly.p2<T>(x, table, first), v128.mul<T>(x2, Poly.p2<T>(x, table, first + 2)));
  }
  @inline static p5<T>(x: v128, x2: v128, table: usize, first: usize): v128 {
    return v128.add<T>(Poly.p2<T>(x, table, first), v128.mul<T>(x2, Poly.p3<T>(x, x2, table, first + 2)));
  }
  @inline static p7<T>(x: v128, x2: v128, table: usize, first: usize): v128 {
    const x4 = v128.mul<T>(x2, x2);
    return v128.add<T>(Poly.p4<T>(x, x2, table, first), v128.mul<T>(x4, Poly.p3<T>(x, x2, table, first + 4)));
  }
  @inline static p8<T>(x: v128, x2: v128, table: usize, first: usize): v128 {
    const x4 = v128.mul<T>(x2, x2);
    return v128.add<T>(Poly.p4<T>(x, x2, table, first), v128.mul<T>(x4, Poly.p4<T>(x, x2, table, first + 4)));
  }
  @inline static p9<T>(x: v128, x2: v128, table: usize, first: usize): v128 {
    const x4 = v128.mul<T>(x2, x2);
    const upper = v128.add<T>(Poly.p4<T>(x, x2, table, first + 4), v128.mul<T>(x4, Table.at<T>(table, first + 8)));
    return v128.add<T>(Poly.p4<T>(x, x2, table, first), v128.mul<T>(x4, upper));
  }
  @inline static p10<T>(x: v128, x2: v128, table: usize, first: usize): v128 {
    const x4 = v128.mul<T>(x2, x2);
    const upper = v128.add<T>(Poly.p4<T>(x, x2, table, first + 4), v128.mul<T>(x4, Poly.p2<T>(x, table, first + 8)));
    return v128.add<T>(Poly.p4<T>(x, x2, table, first), v128.mul<T>(x4, upper));
  }
}

/** The bits of a lane as an integer of its width. */
@final
@unmanaged
export class Bits {
  @inline static add<T>(a: v128, b: v128): v128 {
    return sizeof<T>() == 4 ? v128.add<u32>(a, b) : v128.add<u64>(a, b);
  }
  @inline static sub<T>(a: v128, b: v128): v128 {
    return sizeof<T>() == 4 ? v128.sub<u32>(a, b) : v128.sub<u64>(a, b);
  }
  @inline static half<T>(a: v128): v128 {
    return sizeof<T>() == 4 ? v128.shr<u32>(a, 1) : v128.shr<u64>(a, 1);
  }
  /** The low bits moved into the exponent field: 1023 becomes 1.0. Higher bits are dropped. */
  @inline static toExponent<T>(a: v128): v128 {
    return sizeof<T>() == 4 ? v128.shl<u32>(a, 23) : v128.shl<u64>(a, 52);
  }
  /** Sign and exponent field moved to the low bits. */
  @inline static fromExponent<T>(a: v128): v128 {
    return sizeof<T>() == 4 ? v128.shr<u32>(a, 23) : v128.shr<u64>(a, 52);
  }
  /** True if every lane of a mask is set. */
  @inline static all<T>(mask: v128): bool {
    return sizeof<T>() == 4 ? v128.all_true<u32>(mask) : v128.all_true<u64>(mask);
  }
}
