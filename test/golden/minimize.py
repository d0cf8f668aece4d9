"""Golden values for `optim.minimize`: what SciPy's L-BFGS-B makes of standard problems.

    python3 test/golden/minimize.py

writes minimize.json beside itself. Needs NumPy and SciPy; knows nothing of the implementations it checks. Each problem has its
start, the value and gradient there, its verdict, value and evaluations with SciPy's defaults, and the constants it needs.

The problems up to "linear, rank 1" are those of Moré, Garbow and Hillstrom, "Testing unconstrained optimization software", TOMS 7
(1981), by their numbers there, without the two that need the arc tangent, sines and cosines of x. Gradients are taken by complex
steps (Squire and Trapp 1998), which are exact to rounding; non-smooth functions and wrong gradients have formulas.
"""

import json
from pathlib import Path

import numpy as np
import scipy
from scipy.optimize import minimize

rng = np.random.default_rng(1)
constants = {
    "bard": [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39],
    "gaussian": [0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989, 0.3521, 0.2420, 0.1295, 0.0540, 0.0175, 0.0044, 0.0009],
    "meyer": [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872],
    "kowalik": [0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246],
    "kowalikU": [4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625],
    "osborne1": [0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603, 0.580,
                 0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406],
    "osborne2": [1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655, 0.616, 0.606, 0.602,
                 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395, 0.375,
                 0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591,
                 0.559, 0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054],
}
# Features of scales 1e-3 to 1e4, rounded so that the JSON holds exactly what was computed with.
scales = 10.0 ** np.array([-3, -2, -1, 0, 1, 2, 3, 4])
features = np.round(rng.normal(size=(60, 8)), 3) * scales
constants["features"] = features.tolist()
constants["labels"] = (np.round(features / scales, 3) @ [2, -1, 1.5, 0.5, -2, 1, 1, -0.5] + rng.normal(size=60) > 0).astype(float).tolist()
c = {name: np.array(values) for name, values in constants.items()}


def up(m):
    return np.arange(1, m + 1)


def softplus(z):
    """log(1 + exp(z)) of complex z, without overflow."""
    return np.where(z.real > 0, z, 0) + np.log1p(np.exp(np.where(z.real > 0, -z, z)))


def logistic(l2):
    def f(w):
        z = c["features"] @ w
        return np.mean(softplus(z + 0j) - c["labels"] * z) + l2 * np.sum(w**2)
    return f


def pairs(x, size):
    return x.reshape(-1, size).T


def osborne2(x):
    t = np.arange(65) / 10
    return c["osborne2"] - (x[0] * np.exp(-t * x[4]) + x[1] * np.exp(-((t - x[8]) ** 2) * x[5])
                            + x[2] * np.exp(-((t - x[9]) ** 2) * x[6]) + x[3] * np.exp(-((t - x[10]) ** 2) * x[7]))


def watson(x):
    t, j = up(29) / 29, np.arange(len(x))
    inner = (t[:, None] ** j) @ x
    return np.concatenate([(t[:, None] ** (j[1:] - 1)) @ (j[1:] * x[1:]) - inner**2 - 1, [x[0], x[1] - x[0] ** 2 - 1]])


def penalty2(x):
    n, a = len(x), np.sqrt(1e-5)
    i = np.arange(2, n + 1)
    y = np.exp(i / 10) + np.exp((i - 1) / 10)
    return np.concatenate([[x[0] - 0.2], a * (np.exp(x[1:] / 10) + np.exp(x[:-1] / 10) - y), a * (np.exp(x[1:] / 10) - np.exp(-1 / 10)),
                           [np.sum((n - np.arange(n)) * x**2) - 1]])


def variably(x):
    s = np.sum(up(len(x)) * (x - 1))
    return np.concatenate([x - 1, [s, s**2]])


def brown_linear(x):
    return np.concatenate([x[:-1] + np.sum(x) - (len(x) + 1), [np.prod(x) - 1]])


def padded(x):
    return np.concatenate([[0], x, [0]])


def boundary(x):
    h = 1 / (len(x) + 1)
    p = padded(x)
    return 2 * x - p[:-2] - p[2:] + h**2 * (x + up(len(x)) * h + 1) ** 3 / 2


def integral(x):
    n = len(x)
    h = 1 / (n + 1)
    t = up(n) * h
    cubes = (x + t + 1) ** 3
    kernel = np.where(t[:, None] >= t, (1 - t[:, None]) * t, t[:, None] * (1 - t))
    return x + h / 2 * (kernel @ cubes)


def tridiagonal(x):
    p = padded(x)
    return (3 - 2 * x) * x - p[:-2] - 2 * p[2:] + 1


def banded(x):
    n = len(x)
    i = np.arange(n)
    near = (i[None, :] != i[:, None]) & (i[None, :] >= i[:, None] - 5) & (i[None, :] <= i[:, None] + 1)
    return x * (2 + 5 * x**2) + 1 - near @ (x * (1 + x))


T10, T20 = up(10) / 10, up(20) / 5
GULF = np.arange(1, 100) / 100
MGH = {
    "1 Rosenbrock": ([-1.2, 1], lambda x: [10 * (x[1] - x[0] ** 2), 1 - x[0]]),
    "2 Freudenstein and Roth": ([0.5, -2], lambda x: [-13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1], -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1]]),
    "3 Powell, badly scaled": ([0, 1], lambda x: [1e4 * x[0] * x[1] - 1, np.exp(-x[0]) + np.exp(-x[1]) - 1.0001]),
    "4 Brown, badly scaled": ([1, 1], lambda x: [x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2]),
    "5 Beale": ([1, 1], lambda x: [1.5 - x[0] * (1 - x[1]), 2.25 - x[0] * (1 - x[1] ** 2), 2.625 - x[0] * (1 - x[1] ** 3)]),
    "6 Jennrich and Sampson": ([0.3, 0.4], lambda x: 2 + 2 * up(10) - (np.exp(up(10) * x[0]) + np.exp(up(10) * x[1]))),
    "8 Bard": ([1, 1, 1], lambda x: c["bard"] - (x[0] + up(15) / ((16 - up(15)) * x[1] + np.minimum(up(15), 16 - up(15)) * x[2]))),
    "9 Gaussian": ([0.4, 1, 0], lambda x: x[0] * np.exp(-x[1] * ((8 - up(15)) / 2 - x[2]) ** 2 / 2) - c["gaussian"]),
    "10 Meyer": ([0.02, 4000, 250], lambda x: x[0] * np.exp(x[1] / (45 + 5 * up(16) + x[2])) - c["meyer"]),
    "11 Gulf": ([5, 2.5, 0.15], lambda x: np.exp(-((25 + (-50 * np.log(GULF)) ** (2 / 3) - x[1]) ** x[2]) / x[0]) - GULF),
    "12 Box": ([0, 10, 20], lambda x: np.exp(-T10 * x[0]) - np.exp(-T10 * x[1]) - x[2] * (np.exp(-T10) - np.exp(-10 * T10))),
    "13 Powell, singular": ([3, -1, 0, 1], lambda x: [x[0] + 10 * x[1], np.sqrt(5) * (x[2] - x[3]), (x[1] - 2 * x[2]) ** 2, np.sqrt(10) * (x[0] - x[3]) ** 2]),
    "14 Wood": ([-3, -1, -3, -1], lambda x: [10 * (x[1] - x[0] ** 2), 1 - x[0], np.sqrt(90) * (x[3] - x[2] ** 2), 1 - x[2],
                                             np.sqrt(10) * (x[1] + x[3] - 2), (x[1] - x[3]) / np.sqrt(10)]),
    "15 Kowalik and Osborne": ([0.25, 0.39, 0.415, 0.39], lambda x: c["kowalik"] - x[0] * (c["kowalikU"] ** 2 + c["kowalikU"] * x[1]) / (c["kowalikU"] ** 2 + c["kowalikU"] * x[2] + x[3])),
    "16 Brown and Dennis": ([25, 5, -5, -1], lambda x: (x[0] + T20 * x[1] - np.exp(T20)) ** 2 + (x[2] + x[3] * np.sin(T20) - np.cos(T20)) ** 2),
    "17 Osborne 1": ([0.5, 1.5, -1, 0.01, 0.02], lambda x: c["osborne1"] - (x[0] + x[1] * np.exp(-10 * np.arange(33) * x[3]) + x[2] * np.exp(-10 * np.arange(33) * x[4]))),
    "18 Biggs": ([1, 2, 1, 1, 1, 1], lambda x: x[2] * np.exp(-up(13) / 10 * x[0]) - x[3] * np.exp(-up(13) / 10 * x[1]) + x[5] * np.exp(-up(13) / 10 * x[4])
                 - (np.exp(-up(13) / 10) - 5 * np.exp(-up(13)) + 3 * np.exp(-4 * up(13) / 10))),
    "19 Osborne 2": ([1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5], osborne2),
    "20 Watson": ([0] * 6, watson),
    "21 Rosenbrock, extended": ([-1.2, 1] * 10, lambda x: np.concatenate([10 * (pairs(x, 2)[1] - pairs(x, 2)[0] ** 2), 1 - pairs(x, 2)[0]])),
    "22 Powell, extended": ([3, -1, 0, 1] * 4, lambda x: np.concatenate([pairs(x, 4)[0] + 10 * pairs(x, 4)[1], np.sqrt(5) * (pairs(x, 4)[2] - pairs(x, 4)[3]),
                            (pairs(x, 4)[1] - 2 * pairs(x, 4)[2]) ** 2, np.sqrt(10) * (pairs(x, 4)[0] - pairs(x, 4)[3]) ** 2])),
    "23 Penalty I": (list(range(1, 11)), lambda x: np.concatenate([np.sqrt(1e-5) * (x - 1), [np.sum(x**2) - 0.25]])),
    "24 Penalty II": ([0.5] * 10, penalty2),
    "25 variably dimensioned": ([1 - j / 10 for j in range(1, 11)], variably),
    "27 Brown, almost linear": ([0.5] * 10, brown_linear),
    "28 boundary value": ([j / 11 * (j / 11 - 1) for j in range(1, 11)], boundary),
    "29 integral equation": ([j / 11 * (j / 11 - 1) for j in range(1, 11)], integral),
    "30 Broyden, tridiagonal": ([-1] * 10, tridiagonal),
    "31 Broyden, banded": ([-1] * 10, banded),
    "32 linear, full rank": ([1] * 10, lambda x: np.concatenate([x - np.sum(x) / 10 - 1, -np.sum(x) / 10 * np.ones(10) - 1])),
    "33 linear, rank 1": ([1] * 10, lambda x: up(20) * np.sum(up(10) * x) - 1),
}


def by_complex_steps(f):
    def both(x):
        gradient = [f(np.asarray(x, complex) + 1e-100j * row).imag / 1e-100 for row in np.eye(len(x))]
        return float(np.real(f(np.asarray(x, float) + 0j))), np.array(gradient)
    return both


def sum_of_squares(residuals):
    return by_complex_steps(lambda x: sum(np.array(residuals(x)) ** 2))


def steep(x):
    away = x - np.array([np.sqrt(2), -1])
    return float(np.sum(np.where(away < 0, -away, 2 * away))), np.where(away < 0, -1.0, 2.0)


def largest(x):
    parts = np.array([x[0] ** 2 + x[1] ** 4, (2 - x[0]) ** 2 + (2 - x[1]) ** 2, 2 * np.exp(x[1] - x[0])])
    gradients = [[2 * x[0], 4 * x[1] ** 3], [-2 * (2 - x[0]), -2 * (2 - x[1])], [-parts[2], parts[2]]]
    return float(parts.max()), np.array(gradients[int(parts.argmax())])


problems = {name: (x0, sum_of_squares(residuals)) for name, (x0, residuals) in MGH.items()}
problems |= {
    "logistic, badly scaled": ([0] * 8, by_complex_steps(logistic(0))),
    "logistic, badly scaled, with decay": ([0] * 8, by_complex_steps(logistic(1e-3))),
    "flat": ([1, 2], lambda x: (7.0, np.zeros(2))),
    "flat far away": ([30, -20], by_complex_steps(lambda x: np.sum(1 - np.exp(-(x**2) / 100)))),
    "flat at the minimum": ([1, 2, -3], by_complex_steps(lambda x: np.sum(x**8))),
    "unbounded, linear": ([0, 0, 0], lambda x: (float(-x.sum()), -np.ones(3))),
    "unbounded, quadratic": ([1, 2], by_complex_steps(lambda x: x[0] ** 2 - x[1] ** 2)),
    "unbounded, cubic": ([-1, 1], by_complex_steps(lambda x: np.sum(x**3))),
    "kinks": ([0, -3], steep),
    "maximum of three": ([1, -0.1], largest),
    "wrong sign": ([1000, 3], lambda x: (float(np.sum(x**2)), -2 * x)),
    "wrong sign of one": ([1, 1], lambda x: (float(np.sum(x**2)), np.array([2 * x[0], -20 * x[1]]))),
}

found = {}
for name, (x0, both) in problems.items():
    x0 = np.array(x0, float)
    with np.errstate(all="ignore"):
        value, gradient = both(x0)
        result = minimize(both, x0, jac=True, method="L-BFGS-B", options={"maxcor": 10, "ftol": 2.2e-9, "gtol": 1e-5, "maxiter": 1000})
    print(f"{name:35} {result.success!s:6} {result.fun:12.6g} {result.nit:5} {result.nfev:5} {np.abs(result.jac).max():9.2e} {result.message}")
    number = lambda v: float(v) if np.isfinite(v) else str(v)
    found[name] = {"x0": x0.tolist(), "value": value, "gradient": gradient.tolist(), "success": bool(result.success),
                   "least": number(result.fun), "iterations": int(result.nit), "evaluations": int(result.nfev)}

path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps({"scipy": scipy.__version__, "constants": constants, "problems": found}, indent=1) + "\n")
