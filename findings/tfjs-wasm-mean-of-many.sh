#!/usr/bin/env bash
# @tensorflow/tfjs-backend-wasm 4.22.0 (with @tensorflow/tfjs 4.22.0, Node).
# Belief: a mean is accurate to a few roundings, whatever the backend; the cpu backend's is.
# Seen: on wasm the mean of 2^25 elements 0.1 is 0.0625, and a sum of ones stops at 2^24: one float32 accumulator takes all elements.
# Matters: a loss or a statistic over many million elements is off by a third, without a word.
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
    const x = tf.fill([2 ** 25], 0.1);
    seen[backend] = [tf.mean(x).dataSync()[0], tf.sum(tf.ones([2 ** 24 + 8])).dataSync()[0]].map((v) => +v.toFixed(4));
  }
  console.log(JSON.stringify(seen));
})();
CODE
expected='{"cpu":[0.1,16777224],"wasm":[0.0625,16777216]}'
actual=$(node run.cjs 2>/dev/null | grep '^[[{]' | tail -n 1)
echo "$actual"
if [ "$actual" != "$expected" ]; then
  echo "changed: expected $expected" >&2
  exit 1
fi
