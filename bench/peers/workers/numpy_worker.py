"""NumPy's and SciPy's tasks. Must not know how they are asked for (protocol.py) or reported.

Its name is not numpy.py, which `import numpy` would find instead of NumPy.
"""

import sys

import numpy as np
import scipy
from protocol import Task, Worker
from scipy.special import expit, softmax

# ---- products, biases, activations ----


def product(a, b):
    out = np.matmul(a, b)
    return {"matmul(a, b)": Task(lambda: np.matmul(a, b)), "matmul(a, b, out)": Task(lambda: np.matmul(a, b, out=out))}


def product_nt(a, b):
    out = np.matmul(a, b.T)
    return {"matmul(a, b.T, out)": Task(lambda: np.matmul(a, b.T, out=out))}


def product_tn(a, b):
    out = np.matmul(a.T, b)
    return {"matmul(a.T, b, out)": Task(lambda: np.matmul(a.T, b, out=out))}


def product_orders(a, b):
    """The same product from operands stored either way."""
    out = np.empty((a.shape[0], b.shape[1]), a.dtype)
    at, bt = np.ascontiguousarray(a.T), np.ascontiguousarray(b.T)
    operands = {"NN": (a, b), "NT": (a, bt.T), "TN": (at.T, b), "TT": (at.T, bt.T)}
    return {name: Task(lambda p=p, q=q: np.matmul(p, q, out=out)) for name, (p, q) in operands.items()}


def linear(x, w, b):
    return {"x @ w + b": Task(lambda: x @ w + b)}


def linear_nt(x, w, b):
    return {"x @ w.T + b": Task(lambda: x @ w.T + b)}


def sigmoid(x):
    out = np.empty_like(x)
    return {
        "1 / (1 + exp(-x))": Task(lambda: 1 / (1 + np.exp(-x))),
        "with SciPy's expit(x)": Task(lambda: expit(x)),
        "with SciPy's expit(x, out)": Task(lambda: expit(x, out=out)),
    }


def sigmoid_gradient(x):
    y = expit(x)
    return {"y * (1 - y)": Task(lambda: y * (1 - y))}


def relu(x):
    out, work = np.empty_like(x), np.empty_like(x)
    return {
        "maximum(x, 0)": Task(lambda: np.maximum(x, 0)),
        "maximum(x, 0, out)": Task(lambda: np.maximum(x, 0, out=out)),
        "maximum(x, 0, out=x)": Task(lambda: np.maximum(work, 0, out=work), lambda: np.copyto(work, x)),
    }


def relu_forms(x):
    work = np.empty_like(x)

    def assign():
        work[work < 0] = 0
        return work

    return {
        **relu(x),
        "x * (x > 0)": Task(lambda: x * (x > 0)),
        "(abs(x) + x) / 2": Task(lambda: (abs(x) + x) / 2),
        "x[x < 0] = 0": Task(assign, lambda: np.copyto(work, x)),
    }


def relu_gradient(x):
    return {"(x > 0) * 1": Task(lambda: (x > 0) * 1), "(x > 0).astype(dtype)": Task(lambda: (x > 0).astype(x.dtype))}


def softmax_rows(x):
    return {"with SciPy's softmax(x, axis=1)": Task(lambda: softmax(x, axis=1))}


# ---- backprop by hand ----


def snippet(x, a2, a3, theta2, sum2):
    m = len(x)

    def vectorised():
        delta3 = -(x - a3) * a3 * (1 - a3)
        delta2 = (delta3 @ theta2.T + sum2) * a2 * (1 - a2)
        return x.T @ delta2 / m, a2.T @ delta3 / m, delta2.sum(axis=0) / m, delta3.sum(axis=0) / m

    return {"vectorised": Task(vectorised)}


def snippet_forms(x, a2, a3, theta2, sum2):
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

    return {**snippet(x, a2, a3, theta2, sum2), "per example": Task(loop)}


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

    return {"by hand": Task(cost_and_gradient)}


def classifier(activation, derivative):
    """Loss and new parameters after one SGD step; the derivative is of the activation's value."""
    rate = 0.1

    def family(x, labels, w1, b1, w2, b2):
        m = len(x)
        rows, classes = np.arange(m), labels.astype(np.intp)

        def step():
            h = activation(x @ w1 + b1)
            logits = h @ w2 + b2
            logits -= logits.max(axis=1, keepdims=True)
            p = np.exp(logits)
            total = p.sum(axis=1, keepdims=True)
            loss = (np.log(total[:, 0]) - logits[rows, classes]).mean()
            p /= total
            p[rows, classes] -= 1
            d2 = p / m
            d1 = (d2 @ w2.T) * derivative(h)
            return (
                np.asarray(loss),
                w1 - rate * (x.T @ d1),
                b1 - rate * d1.sum(axis=0),
                w2 - rate * (h.T @ d2),
                b2 - rate * d2.sum(axis=0),
            )

        return {"by hand": Task(step)}

    return family


def versions():
    try:
        blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        blas = f"{blas['name']} {blas['version']}"
    except (TypeError, KeyError):  # before NumPy 1.26
        blas = "unknown"
    return {"NumPy": np.__version__, "SciPy": scipy.__version__, "BLAS": blas, "Python": sys.version.split()[0]}


FAMILIES = {
    "product": product,
    "product-nt": product_nt,
    "product-tn": product_tn,
    "product-orders": product_orders,
    "linear": linear,
    "linear-nt": linear_nt,
    "sigmoid": sigmoid,
    "sigmoid-gradient": sigmoid_gradient,
    "relu": relu,
    "relu-forms": relu_forms,
    "relu-gradient": relu_gradient,
    "softmax": softmax_rows,
    "snippet": snippet,
    "snippet-forms": snippet_forms,
    "autoencoder": autoencoder,
    "classifier-relu": classifier(lambda z: np.maximum(z, 0), lambda h: h > 0),
    "classifier-sigmoid": classifier(lambda z: 1 / (1 + np.exp(-z)), lambda h: h * (1 - h)),
}

if __name__ == "__main__":
    np.seterr(all="ignore")
    Worker(versions(), FAMILIES, place=lambda array, precision: array.astype(precision), read=np.asarray).serve()
