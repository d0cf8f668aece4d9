"""NumPy's and SciPy's side of the benchmark: one JSON command per line in, one JSON reply per line out.

Must not know how times are reported. Its name is not numpy.py, which `import numpy` would find instead of NumPy.

Every command is {"do": name, ...}; the reply is {"value": ...} or {"error": text}. Ends with its input.
"""

import json
import sys
import time

import numpy as np
import scipy
from scipy.special import expit

DIGEST_CHUNKS = 4096


def uniform(seed, shape, low, high):
    """What makeData in data.ts makes, bit for bit: mulberry32 is a hash of a counter."""
    count = int(np.prod(shape))
    state = np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x6D2B79F5) + np.uint32(seed)
    bits = (state ^ (state >> np.uint32(15))) * (state | np.uint32(1))
    bits ^= bits + (bits ^ (bits >> np.uint32(7))) * (bits | np.uint32(61))
    bits ^= bits >> np.uint32(14)
    return (low + (high - low) * (bits / float(2**32))).reshape(shape)


def digest(result):
    """See digestOf in check.ts."""
    flat = np.ravel(result).astype(np.float64)
    chunks = min(flat.size, DIGEST_CHUNKS)
    starts = np.arange(chunks + 1) * flat.size // chunks
    means = np.add.reduceat(flat, starts[:-1]) / np.diff(starts)
    return {"size": flat.size, "means": means.tolist(), "firsts": flat[starts[:-1]].tolist()}


class Task:
    """A call, and what restores its inputs before it; returns an array or a tuple of them."""

    def __init__(self, call, before=None):
        self.call = call
        self.before = before


# ---- the families: arrays of one dtype -> tasks by name ----


def snippet(x, a2, a3, theta2, sum2):
    m = len(x)

    def loop():
        partial1, partial2 = np.zeros_like(theta2.T), np.zeros_like(theta2)
        partial3, partial4 = np.zeros_like(sum2), np.zeros_like(x[0])
        for i in range(m):
            delta3 = -(x[i] - a3[i]) * a3[i] * (1 - a3[i])
            delta2 = (theta2 @ delta3 + sum2) * a2[i] * (1 - a2[i])
            partial1 += np.outer(x[i], delta2)
            partial2 += np.outer(a2[i], delta3)
            partial3 += delta2
            partial4 += delta3
        return partial1 / m, partial2 / m, partial3 / m, partial4 / m

    def vectorised():
        delta3 = -(x - a3) * a3 * (1 - a3)
        delta2 = (delta3 @ theta2.T + sum2) * a2 * (1 - a2)
        return x.T @ delta2 / m, a2.T @ delta3 / m, delta2.sum(axis=0) / m, delta3.sum(axis=0) / m

    return {"loop": Task(loop), "vectorised": Task(vectorised)}


def autoencoder(x, w1, b1, w2, b2):
    rho, decay, beta = 0.01, 1e-4, 3.0
    m = len(x)

    def cost_and_gradient():
        a2 = 1 / (1 + np.exp(-(x @ w1 + b1)))
        a3 = 1 / (1 + np.exp(-(a2 @ w2 + b2)))
        rho_hat = a2.mean(axis=0)
        divergence = rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))
        error = a3 - x
        cost = (
            (error**2).sum() / (2 * m)
            + decay / 2 * ((w1**2).sum() + (w2**2).sum())
            + beta * divergence.sum()
        )
        delta3 = error * a3 * (1 - a3) / m
        sparsity = beta / m * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))
        delta2 = (delta3 @ w2.T + sparsity) * a2 * (1 - a2)
        return (
            np.asarray(cost),
            x.T @ delta2 + decay * w1,
            delta2.sum(axis=0),
            a2.T @ delta3 + decay * w2,
            delta3.sum(axis=0),
        )

    return {"vectorised": Task(cost_and_gradient)}


def sigmoid(x):
    out = np.empty_like(x)
    return {
        "formula": Task(lambda: 1 / (1 + np.exp(-x))),
        "expit": Task(lambda: expit(x)),
        "expit-out": Task(lambda: expit(x, out=out)),
    }


def sigmoid_gradient(x):
    y = expit(x)
    return {"formula": Task(lambda: y * (1 - y))}


def relu(x):
    out, work = np.empty_like(x), np.empty_like(x)
    restore = lambda: np.copyto(work, x)  # noqa: E731

    def assign():
        work[work < 0] = 0
        return work

    return {
        "maximum": Task(lambda: np.maximum(x, 0)),
        "maximum-out": Task(lambda: np.maximum(x, 0, out=out)),
        "maximum-in-place": Task(lambda: np.maximum(work, 0, out=work), restore),
        "mask": Task(lambda: x * (x > 0)),
        "abs": Task(lambda: (abs(x) + x) / 2),
        "assign": Task(assign, restore),
    }


def relu_gradient(x):
    return {"mask": Task(lambda: (x > 0) * 1), "astype": Task(lambda: (x > 0).astype(x.dtype))}


def matmul(a, b):
    out = np.empty((a.shape[0], b.shape[1]), a.dtype)
    at, bt = np.ascontiguousarray(a.T), np.ascontiguousarray(b.T)
    operands = {"NN": (a, b), "NT": (a, bt.T), "TN": (at.T, b), "TT": (at.T, bt.T)}
    return {name: Task(lambda p=p, q=q: np.matmul(p, q, out=out)) for name, (p, q) in operands.items()}


FAMILIES = {
    "snippet": snippet,
    "autoencoder": autoencoder,
    "sigmoid": sigmoid,
    "sigmoid-gradient": sigmoid_gradient,
    "relu": relu,
    "relu-gradient": relu_gradient,
    "matmul": matmul,
}

# ---- the commands ----

tasks = {}


def versions():
    try:
        blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        blas = f"{blas['name']} {blas['version']}"
    except (TypeError, KeyError):  # before NumPy 1.26
        blas = "unknown BLAS"
    return {"python": sys.version.split()[0], "numpy": np.__version__, "scipy": scipy.__version__, "blas": blas}


def prepare(family, data, precisions):
    # Memory first: what the last table held goes before the next one's data comes.
    tasks.clear()
    arrays = {name: uniform(**spec) for name, spec in data.items()}
    for precision in precisions:
        own = {name: array.astype(precision) for name, array in arrays.items()}
        for name, task in FAMILIES[family](**own).items():
            tasks[name, precision] = task


def outputs(task, precision):
    chosen = tasks[task, precision]
    if chosen.before:
        chosen.before()
    result = chosen.call()
    return [digest(part) for part in (result if isinstance(result, tuple) else (result,))]


def time_batch(task, batch):
    """Milliseconds for `batch` calls."""
    call = task.call
    if task.before:
        task.before()
    start = time.perf_counter()
    for _ in range(batch):
        call()
    return (time.perf_counter() - start) * 1e3


def calibrate(task, precision, sampleMs):  # noqa: N803
    """See findBatch in harness.ts."""
    chosen = tasks[task, precision]
    if chosen.before:
        return 1
    batch = 1
    while True:
        elapsed = time_batch(chosen, batch)
        if elapsed >= sampleMs / 2:
            return max(1, round(batch * sampleMs / elapsed))
        batch *= 2


def sample(task, precision, batch, budgetMs):  # noqa: N803
    chosen, samples, spent = tasks[task, precision], [], 0.0
    while not samples or spent < budgetMs:
        elapsed = time_batch(chosen, batch)
        spent += elapsed
        samples.append(elapsed / batch)
    return samples


COMMANDS = {
    "versions": versions,
    "prepare": prepare,
    "outputs": outputs,
    "calibrate": calibrate,
    "sample": sample,
}


def main():
    np.seterr(all="ignore")
    for line in sys.stdin:
        command = json.loads(line)
        try:
            reply = json.dumps({"value": COMMANDS[command.pop("do")](**command)}, allow_nan=False)
        except Exception as error:  # whatever it is, the other side names it in its report
            reply = json.dumps({"error": f"{type(error).__name__}: {error}"})
        print(reply, flush=True)


if __name__ == "__main__":
    main()
