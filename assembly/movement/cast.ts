// Converts elements to another dtype. Must not know tensors.
import { DTypeCode, Field } from "../abi";
import { Nest, Share } from "../core/nest";

@final
@unmanaged
class Convert {
  /** Two elements in the low half, or all, of a vector. */
  @inline static two<From, To>(x: v128): v128 {
    if (isFloat<From>()) {
      if (sizeof<From>() == 8) return isFloat<To>() ? f32x4.demote_f64x2_zero(x) : i32x4.trunc_sat_f64x2_s_zero(x);
      return isFloat<To>() ? f64x2.promote_low_f32x4(x) : i32x4.trunc_sat_f32x4_s(x);
    }
    return sizeof<To>() == 8 ? f64x2.convert_low_i32x4_s(x) : f32x4.convert_i32x4_s(x);
  }
}

/** out[i] = (To) a[i] for n elements, two at a time; to int32 towards zero, saturating, NaN to 0. */
function cast<From, To>(instruction: usize, thread: usize, threads: usize): void {
  if (sizeof<From>() == sizeof<To>() && isFloat<From>() == isFloat<To>()) unreachable();
  const n = Nest.field(instruction, Field.n);
  const begin = Share.begin(n, 64, thread, threads);
  let left = Share.begin(n, 64, thread + 1, threads) - begin;
  let a = Nest.field(instruction, Field.a) + begin * sizeof<From>();
  let out = Nest.field(instruction, Field.out) + begin * sizeof<To>();
  for (; left >= 2; left -= 2) {
    const y = Convert.two<From, To>(sizeof<From>() == 8 ? v128.load(a) : v128.load64_zero(a));
    if (sizeof<To>() == 8) v128.store(out, y);
    else v128.store64_lane(out, y, 0);
    a += 2 * sizeof<From>();
    out += 2 * sizeof<To>();
  }
  if (left) store<To>(out, <To>load<From>(a));
}

/** To the instruction's dtype from the dtype in flagA. */
@final
@unmanaged
export class Cast {
  run<To>(instruction: usize, thread: usize, threads: usize): void {
    const from = Nest.field(instruction, Field.flagA);
    if (from == DTypeCode.float32) cast<f32, To>(instruction, thread, threads);
    else if (from == DTypeCode.float64) cast<f64, To>(instruction, thread, threads);
    else cast<i32, To>(instruction, thread, threads);
  }
}
