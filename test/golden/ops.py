"""Golden values for single ops and for the gradient of a small network.

    python3 test/golden/ops.py

writes ops.json beside itself. Needs mpmath, NumPy and SciPy; knows nothing of the implementations it checks.

- `elementary`: float64 arguments x (and exponents b), the values y rounded to nearest from 60 digits, and the rest r
  that the rounding left, in units in the last place of y: the true value is y + r ulp(y).
- `calls`: ops by name with inputs, options and outputs, from NumPy and SciPy. Inputs are rounded to four decimals, so
  that the file holds exactly what was computed with.
- `networks`: parameters, batch, loss and gradients, the gradients from formulae written out by hand.
"""

import json
import math
from pathlib import Path

import mpmath as mp
import numpy as np
import scipy.special as special

mp.mp.dps = 60
rng = np.random.default_rng(20)
TINY = 5e-324
NORMAL = 2.2250738585072014e-308
GREATEST = 1.7976931348623157e308
INF = math.inf


# ---- elementary functions ----


def rounded(t):
    """The float64 nearest to t, and what the rounding left in units in the last place."""
    if t == 0:
        return 0.0, 0.0
    if abs(t) >= mp.ldexp(1, 1024):
        return math.copysign(INF, t), 0.0
    exponent = max(mp.frexp(abs(t))[1] - 1, -1022)
    units = mp.ldexp(t, 52 - exponent)
    nearest = mp.nint(units)
    rest = round(float(units - nearest), 2)
    y = math.copysign(float(abs(nearest)), t)
    # Powers of two scale exactly, in two steps where one would leave the range.
    half = (exponent - 52) // 2
    with np.errstate(over="ignore"):
        return float(np.ldexp(np.ldexp(y, half), exponent - 52 - half)), rest


def logarithmic(low, high, count):
    return np.exp(rng.uniform(math.log(low), math.log(high), count))


def around(points, width=2):
    """Each point and its neighbours."""
    bits = np.array(points, dtype=np.float64).view(np.int64)
    return np.concatenate([(bits + k).view(np.float64) for k in range(-width, width + 1)])


def both(x):
    return np.concatenate([x, -x])


SMALL = both(
    np.concatenate([logarithmic(1e-300, 1e-10, 8), logarithmic(1e-18, 1, 24), [TINY, 3 * TINY, 1e-310, NORMAL]])
)
LN2 = math.log(2)
SWITCHES = (np.arange(-4, 5) + 0.5) * LN2
SPECIAL = [0.0, -0.0, INF, -INF, math.nan]


def domain(name):
    u = rng.uniform
    switches = around(SWITCHES)
    middle = [u(-40, 40, 80), u(-2, 2, 50), switches]
    parts = {
        "exp": [u(-745, 710, 80), u(-1, 1, 60), u(-746, -708, 40), switches]
        + [around([709.782712893384, -745.1332191019411, -708.3964185322641])],
        "expm1": [u(-40, 710, 60), u(-1, 1, 80), u(-40, 5, 60), switches]
        + [around([709.782712893384, -36.7, LN2 / 2])],
        "log": [logarithmic(1e-307, 1e308, 80), logarithmic(0.5, 2, 80), 1 + u(-1e-3, 1e-3, 30)]
        + [logarithmic(TINY, 1e-308, 20), around([1, 2**0.5, 0.5**0.5, 2, NORMAL], 1), [GREATEST, TINY, -1.0, -TINY]],
        "log1p": [-1 + logarithmic(1e-16, 1, 50), logarithmic(1e-16, 1e308, 50), u(-0.5, 1, 80)]
        + [around([2**0.5 - 1, 0.5**0.5 - 1, 1, -0.5]), [-1.0, -1.5, GREATEST]],
        "tanh": [u(-20, 20, 60), u(-1, 1, 100), both(logarithmic(0.1, 25, 30))]
        + [around([19.06, 22, 0.5, 0.25]), [800.0, -800.0]],
        "sigmoid": middle + [u(-746, 40, 70), u(-746, -700, 30), [-800.0, 800.0]],
        "sigmoidGrad": middle + [u(-750, 750, 70), both(u(700, 746, 20)), [500.0, -500.0]],
        "softplus": middle + [u(-750, 750, 70), u(-746, -700, 30), [1e300]],
        "logSigmoid": middle + [u(-750, 750, 70), u(700, 746, 30), [-1e300]],
    }[name]
    x = np.concatenate([np.asarray(part, dtype=np.float64) for part in parts] + [SMALL])
    return [float(v) for v in x]


EXACT = {
    "exp": mp.exp,
    "expm1": mp.expm1,
    "log": mp.log,
    "log1p": mp.log1p,
    "tanh": mp.tanh,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "sigmoidGrad": lambda x: mp.exp(-abs(x)) / (1 + mp.exp(-abs(x))) ** 2,
    "softplus": lambda x: mp.log1p(mp.exp(x)),
    "logSigmoid": lambda x: -mp.log1p(mp.exp(-x)),
}

# Values at 0, -0, inf, -inf and NaN.
AT_SPECIAL = {
    "exp": [1, 1, INF, 0, math.nan],
    "expm1": [0, -0.0, INF, -1, math.nan],
    "log": [-INF, -INF, INF, math.nan, math.nan],
    "log1p": [0, -0.0, INF, math.nan, math.nan],
    "tanh": [0, -0.0, 1, -1, math.nan],
    "sigmoid": [0.5, 0.5, 1, 0, math.nan],
    "sigmoidGrad": [0.25, 0.25, 0, 0, math.nan],
    "softplus": [LN2, LN2, INF, 0, math.nan],
    "logSigmoid": [-LN2, -LN2, -0.0, -INF, math.nan],
}


def value(name, x):
    if name in ("log", "log1p"):
        least = 0 if name == "log" else -1
        if x <= least:
            return (math.nan if x < least else -INF), 0.0
    # The softplus of -745 and less, and the like, need many digits beside 1.
    with mp.workdps(700 if name in ("softplus", "logSigmoid") and abs(x) > 20 else 60 if abs(x) > 1e-20 else 400):
        y, rest = rounded(EXACT[name](mp.mpf(x)))
    if y == 0 and name == "logSigmoid":
        y = -0.0
    return y, rest


def elementary(name):
    x = domain(name)
    pairs = [value(name, v) for v in x]
    return {
        "x": x + SPECIAL,
        "y": [y for y, _ in pairs] + AT_SPECIAL[name],
        "r": [r for _, r in pairs] + [0] * len(SPECIAL),
    }


def power():
    """Powers over the whole range, near 1, in the subnormals, and with whole exponents of negative bases."""
    a, b = [], []

    def extend(x, y):
        a.extend(float(v) for v in x)
        b.extend(float(v) for v in y)

    x = logarithmic(1e-300, 1e300, 70)
    extend(x, rng.uniform(-745, 709.7, 70) / np.log(x))
    x = 1 + rng.choice([-1, 1], 50) * logarithmic(1e-15, 0.3, 50)
    extend(x, rng.uniform(-745, 709.7, 50) / np.log(x))
    x = logarithmic(0.01, 100, 60)
    extend(x, rng.uniform(-4, 4, 60))
    extend(-x[:30], np.round(rng.uniform(-9, 9, 30)))
    for exponent in (2.0, 0.5, -1.0):
        extend(x[:10], [exponent] * 10)
    extend(logarithmic(TINY, 1e-308, 20), rng.uniform(-1, 1.02, 20))
    pairs = [rounded(mp.power(mp.mpf(p), mp.mpf(q))) for p, q in zip(a, b)]
    y, r = [y for y, _ in pairs], [r for _, r in pairs]
    odd = [0.0, 0.5, 1.0, 2.0, 2.5, 3.0, 1e300, 2.0**53, TINY, INF]
    odd = odd + [-v for v in odd] + [math.nan]
    for p in odd:
        for q in odd:
            with np.errstate(all="ignore"):
                # Two of each: for a single exponent of 0.5 NumPy takes the square root, which differs at -0 and -inf.
                z = float(np.power([p, p], [q, 0.25])[0])
            if math.isnan(z) or math.isinf(z) or z == 0 or abs(z) == 1:
                extend([p], [q])
                y.append(z)
                r.append(0)
    return {"x": a, "b": b, "y": y, "r": r}


# ---- ops on tensors ----

calls = []


def data(*shape, low=-2.0, high=2.0):
    return np.round(rng.uniform(low, high, shape), 4)


def call(op, inputs, output, **options):
    """One call; integer inputs are int32."""
    calls.append(
        {
            "op": op,
            "inputs": [packed(np.asarray(x)) for x in inputs],
            "options": options,
            "output": packed(np.asarray(output)),
        }
    )


def packed(x):
    return {"shape": list(x.shape), "int32": x.dtype.kind == "i", "data": flat(x)}


def softmax_family():
    for shape, axis in [((7,), -1), ((3, 5), -1), ((3, 5), 0), ((2, 3, 4), 1)]:
        x = data(*shape, low=-30, high=30)
        call("softmax", [x], special.softmax(x, axis=axis), axis=axis)
        call("logSoftmax", [x], special.log_softmax(x, axis=axis), axis=axis)
        call("logSumExp", [x], special.logsumexp(x, axis=axis), axis=axis)
    big = np.array([[1000.0, 999.0, -1000.0], [-1e5, -1e5, -2e5]])
    call("softmax", [big], special.softmax(big, axis=-1), axis=-1)
    call("logSoftmax", [big], special.log_softmax(big, axis=-1), axis=-1)
    call("logSumExp", [big], special.logsumexp(big, axis=-1), axis=-1)


def activations():
    x = data(40, low=-12, high=12)
    call("sigmoid", [x], special.expit(x))
    call("logSigmoid", [x], special.log_expit(x))
    call("softplus", [x], np.logaddexp(0, x))
    call("tanh", [x], np.tanh(x))
    call("relu", [x], np.maximum(x, 0))
    call("leakyRelu", [x], np.where(x > 0, x, 0.01 * x))


def products():
    a, b = data(3, 4), data(4, 5)
    call("matmul", [a, b], a @ b)
    call("matmul", [a.T, b], a @ b, transposeA=True)
    call("matmul", [a, b.T], a @ b, transposeB=True)
    call("matmul", [a.T, b.T], a @ b, transposeA=True, transposeB=True)
    matrices = [
        ((2, 3, 4), (2, 4, 5)),
        ((2, 3, 4), (4, 5)),
        ((3, 4), (2, 4, 5)),
        ((2, 1, 3, 4), (3, 4, 2)),
        ((5, 0), (0, 3)),
    ]
    vectors = [((4,), (4, 3)), ((3, 4), (4,)), ((4,), (4,)), ((2, 3, 4), (4,)), ((4,), (2, 4, 3))]
    for p, q in matrices + vectors:
        a, b = data(*p), data(*q)
        call("matmul", [a, b], np.matmul(a, b))
    x, w, b = data(6, 3), data(3, 4), data(4)
    call("linear", [x, w, b], x @ w + b)


def reductions():
    x = data(3, 4, 5)
    for axis in [None, 0, 1, 2, -1, (0, 2), (0, 1), (1, 2), (0, 1, 2)]:
        for keep in (False, True):
            options = {"keepDims": keep} | ({} if axis is None else {"axis": axis})
            call("sum", [x], x.sum(axis, keepdims=keep), **options)
            call("mean", [x], x.mean(axis, keepdims=keep), **options)
            call("max", [x], x.max(axis, keepdims=keep), **options)
            call("min", [x], x.min(axis, keepdims=keep), **options)
    whole = np.round(x)
    whole[1, 2, 3] = math.nan
    for axis in [None, 0, 1, 2, -1]:
        options = {} if axis is None else {"axis": axis}
        call("argMax", [whole], np.argmax(whole, axis).astype(np.int32), **options)
        call("max", [whole], whole.max(axis), **options)


def broadcasting():
    functions = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide}
    # Which of two zeros is the greater is not fixed in NumPy: these are left out where zeros meet.
    extrema = {"maximum": np.maximum, "minimum": np.minimum}
    comparisons = {
        "greater": np.greater,
        "greaterEqual": np.greater_equal,
        "less": np.less,
        "lessEqual": np.less_equal,
        "equal": np.equal,
        "notEqual": np.not_equal,
    }
    for p, q in [((3, 4), (4,)), ((3, 1), (1, 4)), ((), (2, 3)), ((2, 1, 3, 1), (4, 1, 2)), ((0, 3), (3,))]:
        a, b = data(*p), data(*q)
        for op, f in (functions | extrema).items():
            call(op, [a, b], f(a, b))
    a, b = data(3, 4, low=0.1), data(4)
    call("power", [a, b], np.power(a, b))
    c = (rng.uniform(size=(3, 1)) > 0.5).astype(float)
    call("where", [c, a, b], np.where(c, a, b))
    odd = np.array([0.0, -0.0, 1.0, -1.0, INF, -INF, math.nan])
    a, b = odd[:, None], odd[None, :]
    with np.errstate(all="ignore"):
        for op, f in (functions | {"power": np.power}).items():
            call(op, [a, b], f(a, b))
        for op, f in comparisons.items():
            call(op, [a, b], f(a, b).astype(float))


def movement():
    x = data(3, 4, 5)
    call("transpose", [x], x.transpose(2, 0, 1), axes=[2, 0, 1])
    call("transpose", [x], x.T)
    call("slice", [x], x[1:, -3:-1, ::2], starts=[1, -3, 0], ends=[3, -1, 5], steps=[1, 1, 2])
    call("slice", [x], x[-100:2, 3:1], starts=[-100, 3], ends=[2, 1])
    call("concat", [x, x], np.concatenate([x, x], 1), axis=1)
    indices = np.array([[0, -1], [3, 1]], dtype=np.int32)
    call("take", [x, indices], np.take(x, indices, 1), axis=1)
    call("take", [x, indices[0]], np.take(x, indices[0], 0))
    y = data(4, 1)
    call("broadcastTo", [y], np.broadcast_to(y, (2, 4, 3)), shape=[2, 4, 3])
    call("reshape", [x], x.reshape(5, 12), shape=[5, -1])


def losses():
    z, labels = data(5, 3, low=-8, high=8), np.array([0, 2, 1, 1, 0], dtype=np.int32)
    log = special.log_softmax(z, axis=1)
    call("softmaxCrossEntropy", [z, labels], -log[np.arange(5), labels].mean(), labels="indices")
    p = special.softmax(data(5, 3), axis=1)
    call("softmaxCrossEntropy", [z, p], -(p * log).sum(1).mean(), labels="probabilities")
    t = data(5, 3, low=0, high=1)
    call("sigmoidCrossEntropy", [z, t], (np.logaddexp(0, z) - t * z).mean())
    call("meanSquaredError", [z, t], ((z - t) ** 2).mean())


# ---- networks ----


def classifier():
    """tanh, ReLU, softmax cross-entropy."""
    sizes = [4, 6, 5, 3]
    p = {f"w{i + 1}": data(sizes[i], sizes[i + 1], low=-1, high=1) for i in range(3)}
    p |= {f"b{i + 1}": data(sizes[i + 1], low=-0.5, high=0.5) for i in range(3)}
    x, labels = data(7, 4), rng.integers(0, 3, 7)
    a1 = np.tanh(x @ p["w1"] + p["b1"])
    z2 = a1 @ p["w2"] + p["b2"]
    a2 = np.maximum(z2, 0)
    z3 = a2 @ p["w3"] + p["b3"]
    loss = -special.log_softmax(z3, axis=1)[np.arange(7), labels].mean()
    d3 = (special.softmax(z3, axis=1) - np.eye(3)[labels]) / 7
    d2 = (d3 @ p["w3"].T) * (z2 > 0)
    d1 = (d2 @ p["w2"].T) * (1 - a1**2)
    g = {"w1": x.T @ d1, "w2": a1.T @ d2, "w3": a2.T @ d3, "b1": d1.sum(0), "b2": d2.sum(0), "b3": d3.sum(0)}
    return network(p, x, labels.astype(np.int32), loss, g)


def regressor():
    """Sigmoid, linear, mean squared error, and a penalty on the weights."""
    p = {"w1": data(3, 5, low=-1, high=1), "b1": data(5), "w2": data(5, 2, low=-1, high=1), "b2": data(2)}
    x, y = data(6, 3), data(6, 2)
    a = special.expit(x @ p["w1"] + p["b1"])
    z = a @ p["w2"] + p["b2"]
    loss = ((z - y) ** 2).mean() + 0.05 * ((p["w1"] ** 2).sum() + (p["w2"] ** 2).sum())
    d2 = 2 * (z - y) / z.size
    d1 = (d2 @ p["w2"].T) * a * (1 - a)
    g = {"w1": x.T @ d1 + 0.1 * p["w1"], "b1": d1.sum(0), "w2": a.T @ d2 + 0.1 * p["w2"], "b2": d2.sum(0)}
    return network(p, x, y, loss, g)


def network(p, x, y, loss, g):
    return {
        "parameters": {name: packed(p[name]) for name in sorted(p)},
        "x": packed(x),
        "y": packed(y),
        "loss": float(loss),
        "gradients": {name: packed(g[name]) for name in sorted(g)},
    }


# ---- the file ----


def flat(values):
    """Numbers that JSON reads back exactly; those that it lacks by their JavaScript names."""
    names = {INF: "Infinity", -INF: "-Infinity"}
    return ["NaN" if v != v else names.get(v, v) for v in (float(v) for v in np.ravel(values))]


def dump(x):
    return json.dumps(x, separators=(",", ":"), allow_nan=False).replace(".0,", ",").replace(".0]", "]")


def lines(part):
    """A list or an object with an item on each line."""
    if isinstance(part, list):
        return "[\n" + ",\n".join(dump(item) for item in part) + "]"
    return "{\n" + ",\n".join(f"{json.dumps(key)}:{dump(item)}" for key, item in part.items()) + "}"


def main():
    for part in (softmax_family, activations, products, reductions, broadcasting, movement, losses):
        part()
    functions = {name: elementary(name) for name in EXACT} | {"power": power()}
    golden = {
        "elementary": {name: {key: flat(v) for key, v in f.items()} for name, f in functions.items()},
        "calls": calls,
        "networks": {"classifier": classifier(), "regressor": regressor()},
    }
    path = Path(__file__).with_suffix(".json")
    sections = [f"{json.dumps(key)}:{lines(part)}" for key, part in golden.items()]
    text = "{" + ",\n".join(sections) + "}"
    path.write_text(text + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes")


main()
