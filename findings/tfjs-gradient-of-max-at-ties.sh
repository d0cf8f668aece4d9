#!/usr/bin/env bash
# @tensorflow/tfjs 4.22.0, cpu and wasm.
# Belief: the gradient of max shares out 1 (JAX: equally among ties; PyTorch: the same), and that of |x| at 0 is 0.
# Seen: each tied element gets the whole gradient, [1, 1, 0], whose sum is 2, and the derivative of |x| at 0 is -1.
# Matters: max pooling over equal pixels multiplies the gradient, and L1 penalties push weights away from 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --ignore-scripts "@tensorflow/tfjs@4.22.0" "@tensorflow/tfjs-backend-wasm@4.22.0"
cat >run.cjs <<'CODE'
const tf = require("@tensorflow/tfjs");
const wasm = require("@tensorflow/tfjs-backend-wasm");
const { join } = require("node:path");
wasm.setWasmPaths(join(process.cwd(), "node_modules/@tensorflow/tfjs-backend-wasm/dist/"));
const seen = {};
(async () => {
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    const show = (f, x) => Array.from(tf.grad(f)(tf.tensor1d(x)).dataSync());
    seen[backend] = { max: show((x) => tf.max(x), [1, 1, 0]), abs: show((x) => tf.abs(x), [0]) };
  }
  console.log(JSON.stringify(seen));
})();
CODE
expected='{"cpu":{"max":[1,1,0],"abs":[-1]},"wasm":{"max":[1,1,0],"abs":[-1]}}'
actual=$(node run.cjs 2>/dev/null | grep '^[[{]' | tail -n 1)
echo "$actual"
if [ "$actual" != "$expected" ]; then
  echo "changed: expected $expected" >&2
  exit 1
fi
