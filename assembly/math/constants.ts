// The constant tables of the kernels in this folder, in read-only memory. Must not know functions or shapes.
// All values come from scripts/coefficients.py, which prints them with their errors. They are tables, not literals,
// because V8 rebuilds `splat(literal)` at every use, and a splat from memory is one load.
// Every pair of tables F32, F64 has one layout. "Bits" tables hold integers for the exponent fields.

/** exp(r), r = x - n ln2: log2(e), ln2 in two parts (the first exact times any exponent), the rounding shifts. */
export const EXP_F32: usize = memory.data<f32>([
  1.442695, // 0: log2(e)
  0.69314575, // 1: ln2, leading 16 bits
  1.4286068e-6, // 2: ln2, the rest; error 2^-44
  12583166.0, // 3: 1.5 2^23 + 2 * 127, nearest integer by addition; the low bits become n + 254
  -104.0, // 4: exp is 0 from here down
  89.0, // 5: exp is infinite from here up
  1.0, // 6
]);
export const EXP_F64: usize = memory.data<f64>([
  1.4426950408889634, // 0: log2(e)
  0.6931471805598903, // 1: ln2, leading 42 bits
  5.497923018708371e-14, // 2: ln2, the rest; error 2^-102
  6755399441057790.0, // 3: 1.5 2^52 + 2 * 1023, nearest integer by addition; the low bits become n + 2046
  -746.0, // 4: exp is 0 from here down
  710.0, // 5: exp is infinite from here up
  1.0, // 6
]);

/** q of expm1(r) = r + r^2 q(r), |r| <= ln2/2; max error 2^-25.8 and 2^-54.7 of expm1(r). */
export const EXPM1_POLY_F32: usize = memory.data<f32>([0.49999997, 0.16666543, 0.0416672, 0.00836652, 0.001388256]);
export const EXPM1_POLY_F64: usize = memory.data<f64>([
  0.5000000000000006, 0.16666666666666588, 0.04166666666657676, 0.008333333333389495, 0.0013888888931563816,
  0.00019841269719146786, 2.480150527557696e-5, 2.755740741189696e-6, 2.7626037083944325e-7, 2.5053816664096232e-8,
]);

/** expm1: its own clamps and exponents. */
export const EXPM1_F32: usize = memory.data<f32>([
  12583038.0, // 0: 1.5 2^23 + 126: the low bits become the exponent field of 2^(n - 1)
  -18.0, // 1: expm1 is -1 from here down
  89.0, // 2: expm1 is infinite from here up
  1.0, // 3
  0.5, // 4
  2.0, // 5
  -0.0, // 6: the sign bit
]);
export const EXPM1_F64: usize = memory.data<f64>([
  6755399441056766.0, // 0: 1.5 2^52 + 1022: the low bits become the exponent field of 2^(n - 1)
  -38.0, // 1: expm1 is -1 from here down
  710.0, // 2: expm1 is infinite from here up
  1.0, // 3
  0.5, // 4
  2.0, // 5
  -0.0, // 6: the sign bit
]);
/** expm1: twice the bias in the exponent field; this less the bits of 2^a are the bits of 2^-a. */
export const EXPM1_BITS_F32: usize = memory.data<u32>([0x7f000000]);
export const EXPM1_BITS_F64: usize = memory.data<u64>([0x7fe0000000000000]);

/** sigmoid: its shift and clamps, and C = 1.655 2^-64 or 1.655 2^-512. */
export const SIGMOID_F32: usize = memory.data<f32>([
  12582912.0, // 0: 1.5 2^23: the low bits become n
  -104.0, // 1: sigmoid is 0 from here down
  40.0, // 2: sigmoid is 1 from here up
  8.971773e-20, // 3: C
  4.4858864e-20, // 4: C / 2
]);
export const SIGMOID_F64: usize = memory.data<f64>([
  6755399441055744.0, // 0: 1.5 2^52: the low bits become n
  -746.0, // 1: sigmoid is 0 from here down
  40.0, // 2: sigmoid is 1 from here up
  1.2343553910136342e-154, // 3: C
  6.171776955068171e-155, // 4: C / 2
]);
/** C w(z) of (r/2) coth(r/2) = 1 + z w(z), z = r^2, |r| <= ln2/2; max error 2^-30.6 and 2^-61.7 of e^r. */
export const SIGMOID_POLY_F32: usize = memory.data<f32>([7.476456e-21, -1.2407931e-22]);
export const SIGMOID_POLY_F64: usize = memory.data<f64>([
  1.028629492511355e-155, -1.7143824874523207e-157, 4.081862841377529e-159, -1.0204315769319884e-160,
  2.5526842361019774e-162,
]);

/** sigmoidGrad: its clamp, and the scale C. */
export const SIGMOID_GRAD_F32: usize = memory.data<f32>([
  12583007.0, // 0: 1.5 2^23 + 127 - 32: the low bits become the exponent field of 2^(n - 32)
  104.0, // 1: sigmoidGrad is 0 from here up
  1.5, // 2
  3.4924596548080444e-10, // 3: C = 1.5 2^-32
  6.984919309616089e-10, // 4: 2 C
  1.2197274440461925e-19, // 5: C^2
]);
export const SIGMOID_GRAD_F64: usize = memory.data<f64>([
  6755399441056511.0, // 0: 1.5 2^52 + 1023 - 256: the low bits become the exponent field of 2^(n - 256)
  746.0, // 1: sigmoidGrad is 0 from here up
  1.5, // 2
  1.2954252832641667e-77, // 3: C = 1.5 2^-256
  2.5908505665283334e-77, // 4: 2 C
  1.6781266645200465e-154, // 5: C^2
]);

/** softplus and log-sigmoid: their shift and clamp, and C = 1.64 2^64 or 1.64 2^512. */
export const SOFTPLUS_F32: usize = memory.data<f32>([
  12582911.0, // 0: 1.5 2^23 - 1: the low bits become n - 1
  -104.0, // 1: exp is 0 from here down
  3.025266e19, // 2: C
  1.512633e19, // 3: C / 2
  2.974945e-20, // 4: 0.9 / C
  2.0, // 5
  -2.0, // 6
  0.0, // 7
  -0.0, // 8: the sign bit
]);
export const SOFTPLUS_F64: usize = memory.data<f64>([
  6755399441055743.0, // 0: 1.5 2^52 - 1: the low bits become n - 1
  -746.0, // 1: exp is 0 from here down
  2.1988805005105858e154, // 2: C
  1.0994402502552929e154, // 3: C / 2
  4.092991864683041e-155, // 4: 0.9 / C
  2.0, // 5
  -2.0, // 6
  0.0, // 7
  -0.0, // 8: the sign bit
]);
/** C w(z) as of sigmoid; max error 2^-30.7 and 2^-62.2 of e^r. */
export const SOFTPLUS_EXP_POLY_F32: usize = memory.data<f32>([2.5210477e18, -4.1839325e16]);
export const SOFTPLUS_EXP_POLY_F64: usize = memory.data<f64>([
  1.8324004170921425e153, -3.054000695034922e151, 7.271429827266532e149, -1.8177966515611328e148, 4.547351298977231e146,
]);
/** p of 2 atanh(s / 2) = s (1 + z p(z)), z = s^2, 0 <= s <= 2/3; max error 2^-27.4 and 2^-54.1. */
export const SOFTPLUS_LOG_POLY_F32: usize = memory.data<f32>([0.08333302, 0.01250673, 0.00218763, 0.0005471228]);
export const SOFTPLUS_LOG_POLY_F64: usize = memory.data<f64>([
  0.08333333333334712, 0.012499999998764718, 0.002232142895179239, 0.00043402720486139697, 8.878327405890326e-5,
  1.87552342933977e-5, 4.1462363942197024e-6, 7.554964574028393e-7, 3.383744762179425e-7,
]);

/** tanh(x), |x| = n ln2/2 + b. */
export const TANH_F32: usize = memory.data<f32>([
  2.88539, // 0: 2 log2(e)
  0.34657288, // 1: ln2/2, leading 16 bits
  7.143034e-7, // 2: ln2/2, the rest; error 2^-45
  12583039.0, // 3: 1.5 2^23 + 127: the low bits become the exponent field of 2^n
  9.1, // 4: tanh is 1 from here up
  1.0, // 5
  -0.0, // 6: the sign bit
  0.25, // 7: P = n/4, at most 1
]);
export const TANH_F64: usize = memory.data<f64>([
  2.8853900817779268, // 0: 2 log2(e)
  0.34657359027994517, // 1: ln2/2, leading 42 bits
  2.7489615093541856e-14, // 2: ln2/2, the rest; error 2^-103
  6755399441056767.0, // 3: 1.5 2^52 + 1023: the low bits become the exponent field of 2^n
  19.1, // 4: tanh is 1 from here up
  1.0, // 5
  -0.0, // 6: the sign bit
  0.25, // 7: P = n/4, at most 1
]);

/** t of tanh(b) = b + b z t(z), z = b^2, |b| <= ln2/4; max error 2^-31.9 and 2^-61.0 of tanh(b). */
export const TANH_POLY_F32: usize = memory.data<f32>([-0.33333322, 0.13331187, -0.052727763]);
export const TANH_POLY_F64: usize = memory.data<f64>([
  -0.3333333333333333, 0.13333333333330522, -0.05396825396015595, 0.021869487430204795, -0.008863154680968556,
  0.003588873925974089, -0.0013876328311045922,
]);

/** log(x), x = 2^k m. */
export const LOG_F32: usize = memory.data<f32>([
  8388735.0, // 0: 2^23 + 127: subtracted, turns a biased exponent in the low bits into k
  1.0, // 1
  2.0, // 2
  0.5, // 3
  0.69314575, // 4: ln2, leading 16 bits
  1.4286068e-6, // 5: ln2, the rest; error 2^-44
  1.1754943508222875e-38, // 6: the smallest normal number
  Infinity, // 7
  33554432.0, // 8: 2^25, lifts subnormals
  25.0, // 9: its exponent
  -1.0, // 10
  -0.0, // 11: the sign bit
]);
export const LOG_F64: usize = memory.data<f64>([
  4503599627371519.0, // 0: 2^52 + 1023: subtracted, turns a biased exponent in the low bits into k
  1.0, // 1
  2.0, // 2
  0.5, // 3
  0.6931471805598903, // 4: ln2, leading 42 bits
  5.497923018708371e-14, // 5: ln2, the rest; error 2^-102
  2.2250738585072014e-308, // 6: the smallest normal number
  Infinity, // 7
  18014398509481984.0, // 8: 2^54, lifts subnormals
  54.0, // 9: its exponent
  -1.0, // 10
  -0.0, // 11: the sign bit
]);
/** log: the bits of 1 less those of sqrt(1/2); of 2^23 or 2^52; the mask of the fraction; the bits of sqrt(1/2). */
export const LOG_BITS_F32: usize = memory.data<u32>([0x004afb0d, 0x4b000000, 0x007fffff, 0x3f3504f3]);
export const LOG_BITS_F64: usize = memory.data<u64>([
  0x00095f619980c433, 0x4330000000000000, 0x000fffffffffffff, 0x3fe6a09e667f3bcd,
]);

/** p of log(1 + f) = f - f^2/2 + s (f^2/2 + z p(z)), s = f / (2 + f), z = s^2, 1 + f in [sqrt(1/2), sqrt(2)];
 *  max error 2^-31.1 and 2^-58.9 of the logarithm. */
export const LOG_POLY_F32: usize = memory.data<f32>([0.6666666, 0.40000334, 0.285373, 0.23582287]);
export const LOG_POLY_F64: usize = memory.data<f64>([
  0.6666666666666734, 0.39999999999414415, 0.2857142874245679, 0.22222198565314052, 0.18183564767942603,
  0.15314038507698335, 0.14796077086082984,
]);

/** 1/4, 2 pi, and c of sin(2 pi w) = w (2 pi + z c(z)), z = w^2, |w| <= 1/4; max error 2^-27.5 and 2^-57.5. */
export const TURNS_F32: usize = memory.data<f32>([0.25, 6.2831855, -41.34168, 81.60216, -76.5719, 39.682804]);
export const TURNS_F64: usize = memory.data<f64>([
  0.25, 6.283185307179586, -41.341702240399755, 81.60524927607291, -76.70585975273714, 42.058693920176545,
  -15.094641505116684, 3.819924993409425, -0.7177043549098086, 0.10078288341011114,
]);

/** power: the clamps of y, and 2/3 in two parts and in one. */
export const POWER_F64: usize = memory.data<f64>([
  1180591620717411303424.0, // 0: 2^70
  -1180591620717411303424.0, // 1
  3.0, // 2
  0.6666666567325592, // 3: 2/3, leading 26 bits
  9.934107462565104e-9, // 4: 2/3, the rest; error 2^-80.6
  0.6666666666666666, // 5: 2/3
]);
/** power: the mask of the leading 26 bits of a number. */
export const POWER_BITS_F64: usize = memory.data<u64>([0xfffffffff8000000]);

/** q of log(m) = (2/3) s (3 + z + z^2 q(z)), z = s^2, m in [sqrt(1/2), sqrt(2)]; max error 2^-67.4 of log(m). */
export const POWER_LOG_POLY_F64: usize = memory.data<f64>([
  0.5999999999999996, 0.4285714285716766, 0.3333333332630555, 0.272727283053754, 0.2307683531268546, 0.2000447590286756,
  0.17512232127596522, 0.17983484961527876,
]);
