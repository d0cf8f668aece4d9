"""Gradients of every op at special values, from PyTorch in float64: python3 test/golden/special.py (PyTorch 1.13)."""

import json
from pathlib import Path

import torch
from torch.nn import functional as F

INF, NAN = float("inf"), float("nan")
ODD = [0.0, -0.0, 1.0, -1.0, 2.5, INF, -INF, NAN]
calls = []


def flat(x):
    names = {INF: "Infinity", -INF: "-Infinity"}
    x = torch.zeros(x.shape) if x._is_zerotensor() else x.detach()
    return ["NaN" if v != v else names.get(v, v) for v in x.reshape(-1).tolist()]


def packed(x):
    return {"shape": list(x.shape), "int32": not x.is_floating_point(), "data": flat(x)}


def call(op, f, inputs, **options):
    """The value, the gradient of its sum in each float input, and that of the gradients' sum."""
    xs = [x.clone().requires_grad_() if x.is_floating_point() else x for x in inputs]
    leaves = [x for x in xs if x.requires_grad]
    y = f(*xs)
    first = torch.autograd.grad(y.sum(), leaves, create_graph=True, allow_unused=True) if y.requires_grad else [None] * len(leaves)
    total = sum(g.sum() for g in first if g is not None)
    again = getattr(total, "requires_grad", False)
    second = torch.autograd.grad(total, leaves, allow_unused=True) if again else [None] * len(leaves)

    def gradients(of):
        it = iter(of)
        taken = [next(it) if x.requires_grad else None for x in xs]
        return [None if not x.requires_grad else flat(torch.zeros_like(x) if g is None else g) for x, g in zip(xs, taken)]

    calls.append({"op": op, "inputs": [packed(x) for x in inputs], "options": options, "value": flat(y), "first": gradients(first), "second": gradients(second)})


def tensor(data, *shape):
    x = torch.tensor(data, dtype=torch.float64)
    return x.reshape(shape) if shape else x


def elementwise():
    x = tensor(ODD)
    unary = {
        "neg": torch.neg, "abs": torch.abs, "sign": torch.sign, "square": torch.square, "sqrt": torch.sqrt, "exp": torch.exp,
        "expm1": torch.expm1, "log": torch.log, "log1p": torch.log1p, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu,
        "softplus": lambda x: -F.logsigmoid(-x), "logSigmoid": F.logsigmoid, "leakyRelu": lambda x: F.leaky_relu(x, 0.01),
        "sigmoidGrad": lambda x: torch.sigmoid(x) * torch.sigmoid(-x),
        "thresholdRelu": lambda x: torch.where(x > 0, x, torch.zeros_like(x)), "silu": F.silu, "elu": F.elu,
    }  # fmt: skip
    for op, f in unary.items():
        call(op, f, [x])
        call(op, f, [tensor([], 2, 0)])
    a, b = (t.reshape(-1) for t in torch.meshgrid(x, x, indexing="ij"))
    binary = {
        "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "maximum": torch.maximum, "minimum": torch.minimum,
        "power": torch.pow, "reluBackward": lambda g, x: torch.where(x > 0, g, torch.zeros_like(g)),
        "sigmoidBackward": lambda g, y: g * (y * (1 - y)), "tanhBackward": lambda g, y: g * (1 - y * y),
        "mod": torch.remainder,
    }  # fmt: skip
    for op, f in binary.items():
        call(op, f, [a, b])
        call(op, f, [tensor([], 0, 3), tensor([1.0, 2.0, 3.0])])
        call(op, f, [tensor([1.0, 0.0, 1.0], 3, 1), tensor([1.0, 2.0])])
    call("where", lambda c, a, b: torch.where(c != 0, a, b), [tensor([1.0, 0.0, -0.0, NAN]), tensor([INF] * 4), tensor([NAN] * 4)])
    limits = [tensor([-1.0, 1.0, 0.0, -INF, 2.0, NAN]), tensor([1.0, 1.0, INF, 0.0, -2.0, 1.0])]
    for low, high in zip(*limits):
        call("clip", torch.clamp, [x, low.reshape(1), high.reshape(1)])


def reductions():
    functions = {"sum": torch.sum, "mean": torch.mean, "max": torch.amax, "min": torch.amin}
    ties = tensor([3, 1, 3, 3, 2, 2, 1, 1, 1, 3, 3, 0], 2, 3, 2)
    row = [tensor([0.0, -0.0]), tensor([INF, 1.0, INF]), tensor([-INF, -INF, 1.0]), tensor([NAN, 1.0, 2.0]), tensor([5.0])]
    for op, f in functions.items():
        for axis in [0, 1, 2, [0, 1], [0, 2], [1, 2], [0, 1, 2]]:
            call(op, lambda x: f(x, axis), [ties], axis=axis)
        for x in row:
            call(op, lambda x: f(x, 0), [x])
        call(op, lambda x: f(x, 1, keepdim=True), [tensor([1, 2, 3, 4], 4, 1)], axis=1, keepDims=True)
        call(op, lambda x: f(x, 1), [tensor([], 0, 3)], axis=1)
        if op in ("sum", "mean"):
            call(op, lambda x: f(x, 1), [tensor([], 2, 0)], axis=1)


def rows():
    x = tensor([0, 0, 0, INF, 0, 1, -INF, 0, 1, -INF, -INF, -INF, NAN, 0, 1, 800, -800, 0], 6, 3)
    weight = tensor([1.0, 2.0, 4.0])
    functions = {"softmax": torch.softmax, "logSoftmax": torch.log_softmax, "logSumExp": torch.logsumexp}
    for op, f in functions.items():
        for i in range(6):
            call(op, lambda x: f(x, 0), [x[i]])
            call("mul", lambda y, w: y * w, [f(x[i], 0), weight])
        call(op, lambda x: f(x, 1), [tensor([1.0, 2.0], 2, 1)], axis=1)
        call(op, lambda x: f(x, 1), [tensor([], 0, 3)], axis=1)
    for i in range(6):
        for label in range(3):
            call("softmaxCrossEntropy", F.cross_entropy, [x[i : i + 1], torch.tensor([label])], labels="indices")
    p = tensor([0.5, 0.25, 0.25, 1, 0, 0], 2, 3)
    call("softmaxCrossEntropy", F.cross_entropy, [tensor([1, 2, 3, 4, 5, 6], 2, 3), p], labels="probabilities")
    for logit in [0.0, 40.0, -40.0, INF, -INF, NAN]:
        for z in [0.0, 0.5, 1.0]:
            call("sigmoidCrossEntropy", F.binary_cross_entropy_with_logits, [tensor([logit]), tensor([z])])
    for a in ODD:
        for b in [0.0, INF, NAN]:
            call("meanSquaredError", F.mse_loss, [tensor([a]), tensor([b])])


def movement():
    for x in [tensor([1, 2, 3, 4, INF, NAN], 2, 1, 3), tensor([], 2, 0, 3)]:
        call("transpose", lambda x: x.permute(2, 0, 1), [x], axes=[2, 0, 1])
        call("reshape", lambda x: x.reshape(x.numel()), [x], shape=[x.numel()])
        call("slice", lambda x: x[1:, :, ::2], [x], starts=[1], steps=[1, 1, 2])
        call("concat", lambda a, b: torch.cat([a, b], 0), [x, x], axis=0)
        call("take", lambda x, i: x[i.long()], [x, torch.tensor([1, 0, 1])])
    call("astype", lambda x: x.float().double(), [tensor(ODD)], to="float64")
    call("broadcastTo", lambda x: x.expand(3, 2, 2), [tensor([INF, 1.0], 2, 1)], shape=[3, 2, 2])
    call("broadcastTo", lambda x: x.expand(0, 2), [tensor([1.0, 1.0])], shape=[0, 2])


def products():
    odd = tensor([INF, 0.0, NAN, 1.0], 2, 2)
    whole = tensor([1.0, 2.0, 3.0, 4.0], 2, 2)
    pairs = [(odd, whole), (whole, odd), (torch.zeros(2, 3, 0), torch.zeros(0, 4)), (torch.zeros(0, 3, 2), torch.zeros(2, 2)), (torch.ones(3, 1), torch.ones(1, 1)), (torch.zeros(2, 0), torch.zeros(0))]
    for a, b in pairs:
        call("matmul", torch.matmul, [a.double(), b.double()])
        if b.dim() == 2:
            call("linear", lambda x, w, b: x @ w + b, [a.double(), b.double(), torch.ones(b.shape[1]).double()])


elementwise()
reductions()
rows()
movement()
products()
path = Path(__file__).with_suffix(".json")
lines = [json.dumps(c, separators=(",", ":"), allow_nan=False).replace(".0,", ",").replace(".0]", "]") for c in calls]
path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
print(f"{path.name}: {len(calls)} calls, {path.stat().st_size} bytes")
