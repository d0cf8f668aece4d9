"""Arrays as NumPy prints them.

    python3 test/golden/printing.py

writes printing.json beside itself. Needs NumPy 2. Commas between elements, and JavaScript's spelling of NaN and Infinity, are
options of NumPy's own.
"""

import json
from pathlib import Path

import numpy as np

rng = np.random.default_rng(1)
cases = []


def number(x):
    """JSON has no NaN, no infinities, and its readers lose the sign of zero."""
    if np.isnan(x):
        return "NaN"
    if np.isinf(x):
        return "Infinity" if x > 0 else "-Infinity"
    return "-0" if x == 0 and np.signbit(x) else x


def case(array, values=None, precision=8, threshold=1000):
    """`values` says how to make the elements where there are many: see `pattern`."""
    text = np.array2string(array, separator=", ", precision=precision, threshold=threshold, max_line_width=75)
    given = [number(x) for x in array.ravel().tolist()] if values is None else values
    options = {"precision": precision, "threshold": threshold}
    cases.append({"dtype": str(array.dtype), "shape": array.shape, "values": given, "options": options, "text": text})


def both(values, **options):
    for dtype in (np.float32, np.float64):
        with np.errstate(over="ignore"):
            array = np.array(values, dtype=dtype)
        # NumPy pads every NaN for infinities, which have three letters there as well.
        with np.printoptions(nanstr="NaN", infstr="Infinity" if np.isinf(array).any() else "inf"):
            case(array, **options)


def pattern(shape, scale, dtype, **options):
    """Element i is (7919 i mod 1009 - 504) scale."""
    i = np.arange(int(np.prod(shape)), dtype=np.int64)
    case((((i * 7919) % 1009 - 504) * scale).astype(dtype).reshape(shape), values=scale, **options)


# Single numbers, and what stands beside them.
for values in [
    0.1, 0.0, -0.0, 1, -1.5, 1e8, 99999999, 1e-4, 9.99e-5, 1e300, 5e-324, 1e-45, 3.4028234663852886e38, np.nan, np.inf, -np.inf,
    [0.1], [0.1, 0.2, 0.3], [1, 2, 3], [1.5, 2], [-1.5, 2.25], [0, -0.0], [-0.0], [1, 1000], [1, 1001], [1, 1000.0001],
    [0.1 + 0.2], [1 / 3, 2 / 3], [0.001953125], [0.005859375, 1], [0.99999999999], [0.999999996, 1e-3], [99999999.999999999],
    [1e-8, 1], [1.000000005e-9], [1.5e-9, 2.5e-9, 1e-10], [1e22, 1e23], [1e100, 1e5, 1], [1.7976931348623157e308, 5e-324],
    [16777216, 33554436, 67108872], [8388608.5, 4194304.25], [np.nan, 1.5], [np.inf, 1], [-np.inf, 1.25], [np.nan, np.inf, -np.inf],
    [np.nan, np.nan], [np.nan, 1e-10, 1e10], [-np.inf, 1e10, -3e-7], [np.inf, -123456.789], [1e-5, np.nan, 0], [123456.789, 0.5],
    [[1, 2], [3, 4]], [[0.5, -10], [np.nan, 100]], [[[1]]], [[[[[[[[1.5]]]]]]]], [[1], [2], [3]], [[1e-3, 1], [-1e-3, 1e-2]],
]:
    both(values)
for exponent in range(-149, 128, 3):
    case(np.array([np.float32(2.0**exponent)]))
for size in (0, 1, 3, 8, 17, 30):
    for precision in (0, 2, 20):
        both(np.round(rng.normal(0, 10.0 ** rng.integers(-3, 4), 3), size).tolist(), precision=precision)
for _ in range(60):
    spread = rng.integers(0, 8)
    exponents = rng.uniform(-spread, spread, rng.integers(1, 9)) + rng.integers(-6, 9)
    both((rng.choice([-1, 1], len(exponents)) * 10.0**exponents).tolist())
for _ in range(30):
    both((rng.integers(-(2**20), 2**20, 5) / 2.0 ** rng.integers(0, 20)).tolist(), precision=int(rng.integers(0, 9)))

# Integers.
for values in [7, [1, -10, 100], [-(2**31), 2**31 - 1], [[0, 5], [-7, 1234]]]:
    case(np.array(values, dtype=np.int32))

# Lines that wrap, axes of all ranks, what is left out.
for dtype in (np.float32, np.float64, np.int32):
    scale = 1 if dtype == np.int32 else 0.25
    for shape in [(30,), (2, 40), (2, 3, 2), (2, 1, 2, 2), (1, 2, 1, 2, 1, 2), (2, 1, 1, 2, 1, 2, 1, 1), (0,), (2, 0), (0, 3, 4)]:
        pattern(shape, scale, dtype)
    for shape in [(1001,), (40, 40), (3, 500), (500, 3), (7, 7, 7, 7), (2000, 1), (1, 2000), (200, 6)]:
        pattern(shape, scale, dtype)
    pattern((20,), scale, dtype, threshold=10)
    pattern((7, 7), scale, dtype, threshold=0)
    pattern((6, 6), scale, dtype, threshold=0)
    pattern((12, 2), scale, dtype, threshold=23)
    pattern((12, 2), scale, dtype, threshold=24)
pattern((3, 20), 1.1e-7, np.float64)
pattern((3, 20), 1.1e-7, np.float32)
pattern((2, 2, 20), 1 / 3, np.float64, precision=3)

lines = ",\n".join(json.dumps(c) for c in cases)
Path(__file__).with_suffix(".json").write_text(f"[\n{lines}\n]\n")
