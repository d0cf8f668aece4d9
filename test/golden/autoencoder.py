"""Golden values for the sparse autoencoder's cost and gradient, and for its minimum.

    python3 test/golden/autoencoder.py

writes autoencoder.json beside itself. Needs NumPy and SciPy; knows nothing of the implementations it checks.

Inputs and weights are rounded to four decimals, so that the JSON holds exactly what was computed with. Everything is
float64, written so that it reads back exactly. Matrices are lists of rows.
"""

import json
from pathlib import Path

import numpy as np
import scipy
from scipy.optimize import minimize

ROWS, INPUTS, HIDDEN = 40, 64, 5
RHO, LAMBDA, BETA = 0.01, 1e-4, 3.0
SHAPES = {"w1": (INPUTS, HIDDEN), "b1": (HIDDEN,), "w2": (HIDDEN, INPUTS), "b2": (INPUTS,)}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cost_and_gradient(p, x):
    m = x.shape[0]
    a2 = sigmoid(x @ p["w1"] + p["b1"])
    a3 = sigmoid(a2 @ p["w2"] + p["b2"])
    rho_hat = a2.mean(axis=0)
    divergence = RHO * np.log(RHO / rho_hat) + (1 - RHO) * np.log((1 - RHO) / (1 - rho_hat))
    cost = (
        ((a3 - x) ** 2).sum() / (2 * m)
        + LAMBDA / 2 * ((p["w1"] ** 2).sum() + (p["w2"] ** 2).sum())
        + BETA * divergence.sum()
    )
    delta3 = (a3 - x) * a3 * (1 - a3) / m
    sparsity = BETA / m * (-RHO / rho_hat + (1 - RHO) / (1 - rho_hat))
    delta2 = (delta3 @ p["w2"].T + sparsity) * a2 * (1 - a2)
    gradient = {
        "w1": x.T @ delta2 + LAMBDA * p["w1"],
        "b1": delta2.sum(axis=0),
        "w2": a2.T @ delta3 + LAMBDA * p["w2"],
        "b2": delta3.sum(axis=0),
    }
    return cost, gradient


def pack(p):
    return np.concatenate([p[name].ravel() for name in SHAPES])


def unpack(vector):
    parts, start = {}, 0
    for name, shape in SHAPES.items():
        size = int(np.prod(shape))
        parts[name] = vector[start : start + size].reshape(shape)
        start += size
    return parts


def minimum(method, options, start, x):
    def objective(vector):
        cost, gradient = cost_and_gradient(unpack(vector), x)
        return cost, pack(gradient)

    result = minimize(objective, start, jac=True, method=method, options=options)
    return {
        "cost": float(result.fun),
        "iterations": int(result.nit),
        "evaluations": int(result.nfev),
        "largestGradient": float(np.abs(result.jac).max()),
    }


def main():
    rng = np.random.default_rng(7)
    # Patches with structure, as images have it: waves of random direction and phase, within 0.1 .. 0.9.
    row, col = np.divmod(np.arange(INPUTS), 8)
    fx, fy, phase = rng.uniform(-1, 1, (3, ROWS, 1))
    x = np.round(0.5 + 0.4 * np.sin(fx * col + fy * row + 3 * phase), 4)
    r = np.sqrt(6 / (HIDDEN + INPUTS + 1))
    # Biases start at 0 in the exercise; here not, so that an error in them shows.
    p = {name: np.round(rng.uniform(-r, r, shape), 4) for name, shape in SHAPES.items()}
    cost, gradient = cost_and_gradient(p, x)
    tight = {"maxiter": 100000, "maxfun": 1000000, "ftol": 1e-16, "gtol": 1e-9, "maxcor": 20}
    golden = {
        "made": f"autoencoder.py, NumPy {np.__version__}, SciPy {scipy.__version__}",
        "rows": ROWS,
        "inputs": INPUTS,
        "hidden": HIDDEN,
        "rho": RHO,
        "lambda": LAMBDA,
        "beta": BETA,
        "x": x.tolist(),
        "parameters": {name: value.tolist() for name, value in p.items()},
        "cost": float(cost),
        "gradient": {name: value.tolist() for name, value in gradient.items()},
        "minimum": {
            "lbfgs400": minimum("L-BFGS-B", {**tight, "maxiter": 400}, pack(p), x),
            "lbfgs": minimum("L-BFGS-B", tight, pack(p), x),
            "bfgs": minimum("BFGS", {"maxiter": 100000, "gtol": 1e-8}, pack(p), x),
        },
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(json.dumps({"cost": golden["cost"], "minimum": golden["minimum"]}, indent=2))


if __name__ == "__main__":
    main()
