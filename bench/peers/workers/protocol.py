"""The Python side of the benchmark's protocol: one JSON command per line in, one JSON reply per line out.

Must not know what is computed, nor how times are reported. Every command is {"do": name, ...}; the reply is
{"value": ...} or {"error": text}. Ends with its input.
"""

import json
import sys
import time

import numpy as np

DIGEST_CHUNKS = 4096


class Task:
    """A call, and what restores its inputs before it; returns an array or a tuple of them."""

    def __init__(self, call, before=None):
        self.call = call
        self.before = before


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


def time_batch(task, batch):
    """Milliseconds for `batch` calls."""
    call = task.call
    if task.before:
        task.before()
    start = time.perf_counter()
    for _ in range(batch):
        call()
    return (time.perf_counter() - start) * 1e3


class Worker:
    """The commands.

    families: names -> functions that make tasks (by name) of one dtype's arrays, given by name
    place: makes the library's array of a float64 array and a dtype's name
    read: makes a NumPy array of the library's
    """

    def __init__(self, versions, families, place, read):
        self._versions, self._families, self._place, self._read = versions, families, place, read
        self._tasks = {}

    def versions(self):
        return self._versions

    def prepare(self, family, data, precisions):
        # Memory first: what the last table held goes before the next one's data comes.
        self._tasks.clear()
        if family not in self._families:
            return []
        arrays = {name: uniform(**spec) for name, spec in data.items()}
        for precision in precisions:
            own = {name: self._place(array, precision) for name, array in arrays.items()}
            for name, task in self._families[family](**own).items():
                self._tasks[name, precision] = task
        return [{"task": task, "precision": precision} for task, precision in self._tasks]

    def outputs(self, task, precision):
        chosen = self._tasks[task, precision]
        if chosen.before:
            chosen.before()
        result = chosen.call()
        return [digest(self._read(part)) for part in (result if isinstance(result, tuple) else (result,))]

    def warm_up(self, task, precision, ms):
        self.sample(task, precision, 1, ms)

    def calibrate(self, task, precision, sampleMs):  # noqa: N803
        """See findBatch in runner.ts."""
        chosen = self._tasks[task, precision]
        if chosen.before:
            return 1
        batch = 1
        while True:
            elapsed = time_batch(chosen, batch)
            if elapsed >= sampleMs / 2:
                return max(1, round(batch * sampleMs / elapsed))
            batch *= 2

    def sample(self, task, precision, batch, budgetMs):  # noqa: N803
        chosen, samples, spent = self._tasks[task, precision], [], 0.0
        while not samples or spent < budgetMs:
            elapsed = time_batch(chosen, batch)
            spent += elapsed
            samples.append(elapsed / batch)
        return samples

    def serve(self):
        commands = {
            "versions": self.versions,
            "prepare": self.prepare,
            "outputs": self.outputs,
            "warmUp": self.warm_up,
            "calibrate": self.calibrate,
            "sample": self.sample,
        }
        for line in sys.stdin:
            command = json.loads(line)
            try:
                reply = json.dumps({"value": commands[command.pop("do")](**command)}, allow_nan=False)
            except Exception as error:  # whatever it is, the other side names it in its report
                reply = json.dumps({"error": f"{type(error).__name__}: {error}"})
            print(reply, flush=True)
