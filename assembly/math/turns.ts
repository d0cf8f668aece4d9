// The cosine of a fraction of a turn, per lane. Must not know shapes, tensors or loops.

import { TURNS_F32, TURNS_F64 } from "./constants";
import { Poly, Table } from "./polynomials";

@final
@unmanaged
export class CosTurns {
  /** cos(2 pi u), u in [0, 1).
   *  1. cos(2 pi u) = sin(2 pi w), w = 1/4 - |u - nearest(u)| in [-1/4, 1/4].
   *  2. sin(2 pi w) = w (2 pi + z c(z)), z = w^2: an odd minimax polynomial.
   *  Largest error, absolute: float32 1.8 2^-23, float64 1.7 2^-52. */
  @inline vec<T>(u: v128): v128 {
    const table = sizeof<T>() == 4 ? TURNS_F32 : TURNS_F64;
    const w = v128.sub<T>(Table.at<T>(table, 0), v128.abs<T>(v128.sub<T>(u, v128.nearest<T>(u))));
    const z = v128.mul<T>(w, w);
    const z2 = v128.mul<T>(z, z);
    return v128.mul<T>(w, sizeof<T>() == 4 ? Poly.p5<T>(z, z2, table, 1) : Poly.p9<T>(z, z2, table, 1));
  }
}
