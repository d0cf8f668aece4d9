"""PyTorch's tasks. Must not know how they are asked for (protocol.py) or reported."""

import sys

import numpy as np
import torch
from protocol import Task, Worker


def product(a, b):
    out = torch.matmul(a, b)
    return {
        "matmul(a, b)": Task(lambda: torch.matmul(a, b)),
        "matmul(a, b, out)": Task(lambda: torch.matmul(a, b, out=out)),
    }


def product_nt(a, b):
    out = torch.matmul(a, b.T)
    return {"matmul(a, b.T, out)": Task(lambda: torch.matmul(a, b.T, out=out))}


def product_tn(a, b):
    out = torch.matmul(a.T, b)
    return {"matmul(a.T, b, out)": Task(lambda: torch.matmul(a.T, b, out=out))}


def linear(x, w, b):
    return {"addmm(b, x, w)": Task(lambda: torch.addmm(b, x, w))}


def linear_nt(x, w, b):
    return {"functional.linear(x, w, b)": Task(lambda: torch.nn.functional.linear(x, w, b))}


def sigmoid(x):
    out = torch.empty_like(x)
    return {"sigmoid(x)": Task(lambda: torch.sigmoid(x)), "sigmoid(x, out)": Task(lambda: torch.sigmoid(x, out=out))}


def relu(x):
    work = torch.empty_like(x)
    return {"relu(x)": Task(lambda: torch.relu(x)), "relu_(x)": Task(lambda: torch.relu_(work), lambda: work.copy_(x))}


def softmax(x):
    return {"softmax(x, 1)": Task(lambda: torch.softmax(x, 1))}


def snippet(x, a2, a3, theta2, sum2):
    m = len(x)

    def vectorised():
        delta3 = -(x - a3) * a3 * (1 - a3)
        delta2 = (delta3 @ theta2.T + sum2) * a2 * (1 - a2)
        return x.T @ delta2 / m, a2.T @ delta3 / m, delta2.sum(0) / m, delta3.sum(0) / m

    return {"vectorised": Task(vectorised)}


def with_gradients(parameters, loss):
    """The loss and its gradients."""
    value = loss()
    return value.detach(), torch.autograd.grad(value, parameters)


def autoencoder(x, **weights):
    rho, decay, beta = 0.01, 1e-4, 3.0
    parameters = [weights[name].requires_grad_() for name in ("w1", "b1", "w2", "b2")]
    w1, b1, w2, b2 = parameters

    def cost():
        a2 = torch.sigmoid(torch.addmm(b1, x, w1))
        a3 = torch.sigmoid(torch.addmm(b2, a2, w2))
        rho_hat = a2.mean(0)
        divergence = rho * torch.log(rho / rho_hat) + (1 - rho) * torch.log((1 - rho) / (1 - rho_hat))
        error = ((a3 - x) ** 2).sum() / (2 * len(x))
        return error + decay / 2 * ((w1**2).sum() + (w2**2).sum()) + beta * divergence.sum()

    def call():
        value, gradients = with_gradients(parameters, cost)
        return value, *gradients

    return {"autograd.grad": Task(call)}


def classifier(activation):
    """Loss and new parameters after one SGD step."""
    rate = 0.1

    def family(x, labels, **weights):
        parameters = [weights[name].requires_grad_() for name in ("w1", "b1", "w2", "b2")]
        w1, b1, w2, b2 = parameters
        classes = labels.long()

        def loss():
            hidden = activation(torch.addmm(b1, x, w1))
            return torch.nn.functional.cross_entropy(torch.addmm(b2, hidden, w2), classes)

        def step():
            value, gradients = with_gradients(parameters, loss)
            with torch.no_grad():
                return value, *(p.sub(g, alpha=rate) for p, g in zip(parameters, gradients))

        return {"autograd.grad and sub": Task(step)}

    return family


FAMILIES = {
    "product": product,
    "product-nt": product_nt,
    "product-tn": product_tn,
    "linear": linear,
    "linear-nt": linear_nt,
    "sigmoid": sigmoid,
    "relu": relu,
    "softmax": softmax,
    "snippet": snippet,
    "autoencoder": autoencoder,
    "classifier-relu": classifier(torch.relu),
    "classifier-sigmoid": classifier(torch.sigmoid),
}

if __name__ == "__main__":
    torch.set_num_threads(1)
    Worker(
        {"PyTorch": torch.__version__, "Python": sys.version.split()[0]},
        FAMILIES,
        place=lambda array, precision: torch.from_numpy(array.astype(getattr(np, precision))),
        read=lambda tensor: tensor.numpy(),
    ).serve()
