#!/usr/bin/env bash
# @tensorflow/tfjs-backend-wasm 4.22.0 (with @tensorflow/tfjs 4.22.0, Node).
# Belief: maximum and clipByValue pass NaN on, as in NumPy and on the cpu backend.
# Seen: on wasm, maximum(1, NaN) is 1 while maximum(NaN, 1) is NaN, and clipByValue turns NaN into the lower bound.
# Matters: clipping gradients or activations hides the NaN that says that training has diverged.
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
    const show = (x) => Array.from(x.dataSync(), String);
    seen[backend] = {
      maximum: show(tf.maximum(tf.tensor1d([NaN, 1]), tf.tensor1d([1, NaN]))),
      clipped: show(tf.clipByValue(tf.tensor1d([NaN]), 0, 1)),
    };
  }
  console.log(JSON.stringify(seen));
})();
CODE
expected='{"cpu":{"maximum":["NaN","NaN"],"clipped":["NaN"]},"wasm":{"maximum":["NaN","1"],"clipped":["0"]}}'
actual=$(node run.cjs 2>/dev/null | grep '^[[{]' | tail -n 1)
echo "$actual"
if [ "$actual" != "$expected" ]; then
  echo "changed: expected $expected" >&2
  exit 1
fi
