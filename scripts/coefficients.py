"""Derives every coefficient in assembly/math/constants.ts; knows mathematics only, no file of the package.

Run `python3 scripts/coefficients.py` (needs mpmath, takes seconds, deterministic). Each table is the weighted minimax
polynomial of its function (Remez exchange, 60 digits), rounded to the dtype; the error printed is that of the rounded
table, relative to the function named, found on a dense grid. The leading part of a split constant (Cody-Waite) has so
few bits that its product with an exponent is exact.
"""

import struct

from mpmath import atanh, cos, coth, expm1, fabs, floor, ldexp, linspace, log, lu_solve, matrix, mp, mpf, pi, sin, sqrt, tanh

mp.dps = 60

BITS = {"f32": 24, "f64": 53}


def rounded(x, dtype):
    """x to the nearest value of dtype, as an mpf."""
    if dtype == "f64":
        return mpf(float(x))
    return mpf(struct.unpack("f", struct.pack("f", float(x)))[0])


def head(x, bits):
    """x cut to its leading bits, so that products with short integers are exact."""
    scale = bits - 1 - int(floor(log(fabs(x), 2)))
    return ldexp(mpf(int(ldexp(x, scale))), -scale)


def shown(x, dtype):
    """The shortest decimal that reads back as the same value of dtype."""
    value = float(x)
    if dtype == "f64":
        return repr(value)
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if rounded(mpf(text), "f32") == mpf(value):
            return text
    return repr(value)


def remez(function, weight, low, high, count):
    """The polynomial of `count` coefficients that minimizes max |weight (p - function)| on [low, high]."""
    points = [(low + high) / 2 - (high - low) / 2 * cos(pi * (2 * i + 1) / (2 * count + 2)) for i in range(count + 1)]
    grid = [(low + high) / 2 - (high - low) / 2 * cos(pi * (i + mpf("0.5")) / (40 * count)) for i in range(40 * count)]
    values = [(x, function(x), weight(x)) for x in grid]
    coefficients = None
    for _ in range(12):
        rows = matrix(count + 1, count + 1)
        right = matrix(count + 1, 1)
        for i, x in enumerate(points):
            for j in range(count):
                rows[i, j] = x**j
            rows[i, count] = (-1) ** i / weight(x)
            right[i] = function(x)
        solution = lu_solve(rows, right)
        coefficients, level = [solution[j] for j in range(count)], fabs(solution[count])
        errors = [(w * (horner(coefficients, x) - f), x) for x, f, w in values]
        points, best = [], None
        for error, x in errors:  # one extremum per run of equal sign
            if best is not None and (error > 0) != (best[0] > 0):
                points.append(best)
                best = None
            if best is None or fabs(error) > fabs(best[0]):
                best = (error, x)
        points.append(best)
        while len(points) > count + 1:
            points.pop(0 if fabs(points[0][0]) < fabs(points[-1][0]) else -1)
        if len(points) < count + 1:
            raise ArithmeticError("the error does not alternate")
        largest = max(fabs(error) for error, _ in points)
        points = [x for _, x in points]
        if largest < level * mpf("1.001"):
            break
    return coefficients


def horner(coefficients, x):
    total = mpf(0)
    for coefficient in reversed(coefficients):
        total = total * x + coefficient
    return total


def table(name, dtype, function, weight, low, high, count, relative_to, scale=1):
    """The coefficients times `scale`, and the error of the function itself."""
    coefficients = [rounded(scale * c, dtype) for c in remez(function, weight, mpf(low), mpf(high), count)]
    points = linspace(mpf(low), mpf(high), 2000)
    error = max(weight(x) * fabs(horner(coefficients, x) / scale - function(x)) for x in points)
    print(f"{name}_{dtype.upper()}: max error 2^{float(log(error, 2)):.1f} of {relative_to}")
    for coefficient in coefficients:
        print(f"  {shown(coefficient, dtype)},")


def scalar(name, dtype, value):
    print(f"{name}_{dtype.upper()} = {shown(rounded(value, dtype), dtype)}")


def bits(dtype):
    """The integers that split x into 2^k m, m in [sqrt(1/2), sqrt(2)]."""
    real, integer = ("<f", "<I") if dtype == "f32" else ("<d", "<Q")
    one, half = (struct.unpack(integer, struct.pack(real, x))[0] for x in (1.0, float(sqrt(mpf(1) / 2))))
    print(f"LOG_BITS_{dtype.upper()}: {one - half:#x} (bits of 1 less those of sqrt(1/2)), {half:#x}")


def split(name, dtype, value, bits):
    """value = high + low, high of so few bits that its product with an exponent is exact (Cody and Waite)."""
    high = head(value, bits)
    low = rounded(value - high, dtype)
    error = float(log(fabs(value - high - low), 2))
    print(f"{name}_{dtype.upper()} = {shown(high, dtype)} + {shown(low, dtype)}, error 2^{error:.1f}")


SLACK = mpf("1.0001")  # nearest(x log2 e) is computed in the dtype, so |r| passes ln2/2 by a hair
R = log(2) / 2 * SLACK
S2 = (3 - 2 * sqrt(mpf(2))) ** 2 * SLACK  # (f / (2 + f))^2 at 1 + f = sqrt(2)
TINY = mpf(10) ** -15  # an open end at a removable singularity


def main():
    for dtype, exponent_bits in (("f32", 8), ("f64", 11)):
        print(f"\n--- {dtype}")
        low_precision = dtype == "f32"
        scalar("LOG2E", dtype, 1 / log(2))
        split("LN2", dtype, log(2), BITS[dtype] - exponent_bits)
        split("HALF_LN2", dtype, log(2) / 2, BITS[dtype] - exponent_bits)
        scalar("TWO_LOG2E", dtype, 2 / log(2))
        bits(dtype)
        scalar("TWO_PI", dtype, 2 * pi)

        # expm1(r) = r + r^2 q(r), |r| <= ln2/2
        table("EXPM1", dtype, lambda r: (expm1(r) - r) / r**2 if fabs(r) > TINY else mpf(1) / 2,
              lambda r: fabs(r**2 / expm1(r)) + TINY**3 if r else TINY**3, -R, R, 5 if low_precision else 10,
              "expm1(r)")

        # (r/2) coth(r/2) = 1 + z w(z), z = r^2, |r| <= ln2/2, times the C of sigmoid and of softplus; its error d makes
        # one of d r in e^r
        for name, factor, exponent in (("SIGMOID", "1.655", -64), ("SOFTPLUS", "1.64", 64)):
            scale = rounded(ldexp(mpf(factor), exponent if low_precision else 8 * exponent), dtype)
            scalar(f"{name}_C", dtype, scale)
            table(name, dtype, lambda z: (sqrt(z) / 2 * coth(sqrt(z) / 2) - 1) / z, lambda z: z * sqrt(z), TINY, R**2,
                  2 if low_precision else 5, "e^r", scale)
        scalar("SOFTPLUS_INVERSE", dtype, mpf("0.9") / scale)

        # 2 atanh(s / 2) = s (1 + z p(z)), z = s^2, |s| <= 2/3
        table("SOFTPLUS_LOG", dtype, lambda z: (2 * atanh(sqrt(z) / 2) / sqrt(z) - 1) / z,
              lambda z: z * sqrt(z) / (2 * atanh(sqrt(z) / 2)), TINY, mpf(4) / 9 * SLACK, 4 if low_precision else 9,
              "log1p(t)")

        # log(1 + f) = f - f^2/2 + s (f^2/2 + z p(z)), s = f / (2 + f), z = s^2, 1 + f in [sqrt(1/2), sqrt(2)]
        series = lambda z: (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z
        weight = lambda z: z / 2
        table("LOG", dtype, series, weight, TINY, S2, 4 if low_precision else 7, "log(m)")

        # tanh(b) = b + b z t(z), z = b^2, |b| <= ln2/4
        table("TANH", dtype, lambda z: (tanh(sqrt(z)) / sqrt(z) - 1) / z, lambda z: z, TINY, (R / 2) ** 2,
              3 if low_precision else 7, "tanh(b)")

        # sin(2 pi w) = w (2 pi + z c(z)), z = w^2, |w| <= 1/4; the error is absolute
        table("SIN_TURNS", dtype, lambda z: (sin(2 * pi * sqrt(z)) / sqrt(z) - 2 * pi) / z, lambda z: z * sqrt(z), TINY,
              mpf(1) / 16, 4 if low_precision else 8, "1")

    # power, float64: log(m) = (2/3) s (3 + z + z^2 q(z)), z = s^2
    print("\n--- power")
    table("POWER_LOG", "f64", lambda z: (3 * atanh(sqrt(z)) / sqrt(z) - 3 - z) / z**2, lambda z: z**2 / 3,
          mpf(10) ** -8, S2, 8, "log(m)")
    split("TWO_THIRDS", "f64", mpf(2) / 3, 26)


if __name__ == "__main__":
    main()
