"""Small .npy and text files, and what NumPy reads from them.

    python3 test/golden/files.py

writes files.json beside itself. Needs NumPy; knows nothing of the readers it checks.
"""

import base64
import io
import json
import pathlib
import warnings

import numpy as np

warnings.simplefilter("ignore")  # headers of Python 2


def saved(array, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version)
    return file.getvalue()


def by_hand(header, data, version=1):
    text = (header + "\n").encode("latin1")
    length = len(text).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + length + text + data


values = np.array([[0, 1, 2], [3, 100, 127]])
halves = np.array([0, -0.0, 1, -1.5, 65504, 2**-24, 2**-14, 0.1], "<f2")
six = bytes(range(6))
npy = {}
for kind in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
    for order in "<>":
        npy[f"{order}{kind}"] = saved(values.astype(order + kind))
npy["bool"] = saved(values.astype(bool))
npy["half values"] = saved(halves)
npy["Fortran order, big-endian"] = saved(np.asfortranarray(values.astype(">i4")))
npy["version 2"] = saved(values.astype("<f4"), (2, 0))
npy["version 3"] = saved(values.astype("<f4"), (3, 0))
npy["scalar"] = saved(np.array(7.0))
npy["<u1"] = by_hand("{'descr': '<u1', 'fortran_order': False, 'shape': (2, 3), }", six)
npy["<i1"] = by_hand("{'descr': '<i1', 'fortran_order': False, 'shape': (2, 3), }", six)
npy["<b1"] = by_hand("{'descr': '<b1', 'fortran_order': False, 'shape': (2,), }", b"\1\0")
npy["native order"] = by_hand("{'descr': '=f4', 'fortran_order': False, 'shape': (1,), }", np.float32(5).tobytes())
npy["no order"] = by_hand("{'descr': 'u2', 'fortran_order': False, 'shape': (1,), }", b"\1\1")
npy["double quotes"] = by_hand('{"descr": "|u1", "fortran_order": False, "shape": (2, 3)}', six)
npy["other order, other blanks"] = by_hand("{ 'shape' :(2,3) ,'fortran_order' :True,'descr' : '|u1' }", six)
npy["sizes of Python 2"] = by_hand("{'descr': '|u1', 'fortran_order': False, 'shape': (2L, 3L), }", six)
npy["more data than needed"] = by_hand("{'descr': '|u1', 'fortran_order': False, 'shape': (5,), }", six)


def text(**options):
    file = io.BytesIO()
    np.savetxt(file, values / 4, **options)
    return file.getvalue()


texts = {
    "savetxt": text(),
    "savetxt, commas": text(delimiter=",", fmt="%g"),
    "savetxt, semicolons and a header": text(delimiter=";", header="a;b;c", fmt="%.2f"),
    "savetxt, tabs and a footer": text(delimiter="\t", header="a b c", footer="the end", fmt="%10.5f"),
}


def npy_case(name, data):
    array = np.load(io.BytesIO(data))
    return {
        "name": name,
        "bytes": base64.b64encode(data).decode(),
        "shape": array.shape,
        "values": array.astype(float).ravel().tolist(),
    }


def text_case(name, data):
    found = next((mark for mark in ";,\t" if mark in data.decode()), None)
    array = np.loadtxt(io.BytesIO(data), delimiter=found)
    return {"name": name, "text": data.decode(), "shape": array.shape, "values": array.ravel().tolist()}


cases = {
    "npy": [npy_case(*item) for item in npy.items()],
    "text": [text_case(*item) for item in texts.items()],
}
lines = [f'"{key}": [\n' + ",\n".join(json.dumps(case) for case in found) + "\n]" for key, found in cases.items()]
pathlib.Path(__file__).with_suffix(".json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
